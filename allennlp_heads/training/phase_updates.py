"""Which updates of the optimizer belong to which phase of a training."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.data_loaders import PlannedPhase


class PhaseUpdates:
    """
    The phases of a training, counted in updates.

    # Parameters

    plan : `List[PlannedPhase]`
        Counted in batches.
    epochs : `int`
    epoch_batches : `int`
    accumulated : `int`
        Batches of an update, of all workers; the last one of an epoch may have fewer.

    Raises `ConfigurationError` when a phase begins within an update.
    """

    def __init__(
        self, plan: Sequence[PlannedPhase], epochs: int, epoch_batches: int, accumulated: int
    ) -> None:
        self.plan = list(plan)
        self.epochs = epochs
        self.total_batches = epochs * epoch_batches
        self.epoch_updates = -(-epoch_batches // accumulated)
        self.total = epochs * self.epoch_updates
        self.starts: list[int] = []
        """How many updates come before each phase."""
        for planned in self.plan:
            epoch, batch = divmod(planned.first, epoch_batches)
            if batch % accumulated:
                raise ConfigurationError(
                    f"data_loader.sampler.phases: the phase of '{planned.phase.task}' that begins "
                    f"after {planned.first} batches would begin within an update of {accumulated} "
                    "batches (trainer.num_gradient_accumulation_steps, times the workers of "
                    "'distributed'): give the phases before it 'steps' that are multiples of it, "
                    "or data_loader.batches_per_epoch"
                )
            self.starts.append(epoch * self.epoch_updates + batch // accumulated)

    def at(self, update: int) -> int:
        """The place in `plan` of the phase that has this update, from 0."""
        return bisect_right(self.starts, update) - 1

    def rows(self, counts: Mapping[str, int]) -> list[dict[str, Any]]:
        """
        What each phase trains and when, for `phases.json`.

        # Parameters

        counts : `Mapping[str, int]`
            Number of batches of each task.
        """
        stops = [*self.starts[1:], self.total]
        batches = [*(planned.first for planned in self.plan[1:]), self.total_batches]
        return [
            {
                "phase": planned.number,
                "round": planned.round,
                "task": planned.phase.task,
                "part": planned.phase.part,
                "part_batches": planned.phase.size(counts[planned.phase.task]),
                "batches": until - planned.first,
                "head": planned.phase.head,
                "optimizer": planned.phase.optimizer,
                "first_update": start,
                "last_update": stop - 1,
                "first_epoch": start // self.epoch_updates,
                "last_epoch": (stop - 1) // self.epoch_updates,
            }
            for planned, start, stop, until in zip(
                self.plan, self.starts, stops, batches, strict=True
            )
        ]
