"""How much a training has trained so far, by epoch: updates, and batches and examples by task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

Epoch = dict[str, Any]
"""`updates`, and `batches` and `examples` by task."""


class TrainedCounts:
    """
    Counts updates of the optimizer, and the batches and examples that went into them.

    # Parameters

    state : `Mapping[str, Any]`, optional (default = `None`)
        What `state` gave, to go on from there.
    """

    def __init__(self, state: Mapping[str, Epoch] | None = None) -> None:
        self._epochs: dict[str, Epoch] = deepcopy(dict(state or {}))

    def add(self, epoch: int, tasks: Sequence[Sequence[str]]) -> None:
        """
        Add an update.

        # Parameters

        epoch : `int`
        tasks : `Sequence[Sequence[str]]`
            The task of each example of each batch that was accumulated to the update.
        """
        counts = self._epochs.setdefault(str(epoch), {"updates": 0, "batches": {}, "examples": {}})
        counts["updates"] += 1
        for batch in tasks:
            for task in dict.fromkeys(batch):
                counts["batches"][task] = counts["batches"].get(task, 0) + 1
            for task in batch:
                counts["examples"][task] = counts["examples"].get(task, 0) + 1

    def state(self) -> dict[str, Epoch]:
        """A copy of what was counted, of numbers only, for a checkpoint."""
        return deepcopy(self._epochs)

    def report(self) -> dict[str, Any]:
        """
        For `scores.json`: `epochs`, `updates` of each, and `tasks`, each with its `batches` and
        `examples` of each epoch.
        """
        every = self._epochs.values()
        names = sorted({task for counts in every for task in counts["examples"]})
        return {
            "epochs": [int(epoch) for epoch in self._epochs],
            "updates": [counts["updates"] for counts in every],
            "tasks": {
                task: {
                    kind: [counts[kind].get(task, 0) for counts in every]
                    for kind in ("batches", "examples")
                }
                for task in names
            },
        }
