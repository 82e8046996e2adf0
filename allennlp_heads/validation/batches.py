"""The batches of a training, and a few examples of the largest one of each task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from allennlp.data import DataLoader

from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models.rows import select_rows
from allennlp_heads.validation.split_data import ONLY

LOOKED_AT = 200
"""Batches of a loader other than ours, which makes each of them when it is asked."""


@dataclass
class Batches:
    """
    The batches of one task in one loader.

    # Parameters

    count : `int`, optional
        `None` where the loader does not say.
    longest : `int`
        Pieces (or other tokens) of the longest text.
    largest : `Dict[str, Any]`
        The batch with most of them, padding included.
    """

    count: int | None
    longest: int
    largest: dict[str, Any]

    @property
    def examples(self) -> int:
        """Of the largest batch."""
        return batch_size(self.largest)

    @property
    def pieces(self) -> int:
        """Of the largest batch, padding included."""
        return max(map(torch.Tensor.numel, _texts(self.largest)), default=0)

    def sample(self, examples: int) -> dict[str, Any]:
        """
        Some examples of the largest batch, padded as in it: from the first, the longest where
        batches are sorted, to the last.
        """
        count = min(examples, self.examples)
        rows = torch.linspace(0, self.examples - 1, count).round().long()
        shared = {k: v for k, v in self.largest.items() if k == "loader_tasks"}
        own = {k: v for k, v in self.largest.items() if k not in shared}
        return {**select_rows(own, rows), **shared}


def batches_of(loader: DataLoader) -> dict[str, Batches]:
    """The batches of an indexed loader by task, `ONLY` where batches are of no task."""
    found: dict[str, Batches] = {}
    for task, batch in _all_batches(loader):
        one = Batches(1, _longest(batch), batch)
        before = found.get(task)
        if before is not None:
            most = max(before, one, key=lambda batches: batches.pieces)
            longest = max(before.longest, one.longest)
            one = Batches((before.count or 0) + 1, longest, most.largest)
        found[task] = one
    if not isinstance(loader, MultiTaskBucketed):
        for batches in found.values():
            batches.count = None
    return found


def batch_size(batch: dict[str, Any]) -> int:
    """Number of examples."""
    return next(len(value) for value in _leaves(batch))


def _all_batches(loader: DataLoader) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(loader, MultiTaskBucketed):
        for task in loader.tasks:
            for batch in loader.prebuilt(task):
                yield task, {**batch, "loader_tasks": loader.tasks}
        return
    for batch in islice(iter(loader), LOOKED_AT):
        yield ONLY, batch


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for below in value.values():
            yield from _leaves(below)
    else:
        yield value


def _texts(batch: dict[str, Any]) -> list[torch.Tensor]:
    """What indexers make of texts, `[batch, ..., tokens]`."""
    return [
        value
        for text in batch.values()
        if isinstance(text, dict)
        for indexer in text.values()
        if isinstance(indexer, dict)
        for name, value in indexer.items()
        if isinstance(value, torch.Tensor) and value.dim() > 1 and name != "offsets"
    ]


def _longest(batch: dict[str, Any]) -> int:
    return max((text.size(-1) for text in _texts(batch)), default=0)
