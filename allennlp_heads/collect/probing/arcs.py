"""Arc probes: whether a head's attention is highest from one end of a gold item to the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.probing.arcs import best_keys, span_hits
from allennlp_heads.analysis.probing.baselines import Offsets
from allennlp_heads.analysis.probing.choice import Fold
from allennlp_heads.analysis.probing.offsets import offset_choices, offset_hits
from allennlp_heads.collect.encoder_of import existing_heads
from allennlp_heads.collect.probing.data import Roles
from allennlp_heads.collect.probing.folds import PartHits, fold_of, with_items
from allennlp_heads.collect.probing.gold import Gold
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.passes import Passes, Watch, WordBatch
from allennlp_heads.collect.word_heads import in_original
from allennlp_heads.modules import GatedEncoder


class ArcFolds(NamedTuple):
    """
    # Parameters

    folds : `List[Fold]`
        Of the heads.
    control : `List[Fold]`, optional
        Of the control task: the same hits, other labels.
    offsets : `Offsets`
    """

    folds: list[Fold]
    control: list[Fold] | None
    offsets: Offsets


def arc_folds(
    passes: Passes,
    gold: Gold,
    roles: Roles,
    options: ProbeOptions,
    root: bool,
    control: bool,
    watches: Sequence[Watch] = (),
) -> ArcFolds:
    """
    One pass over the data: maps of attention are gone after their batch, sums by label stay, and of
    what is scored a byte for each item and head (two with the control task).

    # Parameters

    passes : `Passes`
        That record attention.
    gold : `Gold`
    roles : `Roles`
    options : `ProbeOptions`
        `direction`, `diagonal` and `max_offset`.
    root : `bool`
        Whether items may have ROOT as their head.
    control : `bool`
        Whether to probe the control task as well.
    watches : `Sequence[Callable[[int, WordBatch], None]]`, optional (default = `()`)
        Look at each batch, with the number of its part.
    """
    encoder = passes.encoder
    tally = _Tally(gold, roles, options, root, control, existing_heads(encoder).shape)
    for part in roles.used:
        for batch in passes.batches(part, gold.parts[part], roles.purpose(part)):
            best = _best(encoder, batch, options.diagonal)
            tally.add(part, batch, span_hits(best, batch.spans, options.direction))
            for watch in watches:
                watch(part, batch)
    return tally.folds()


class _Tally:
    """What heads get right, by the labels and by those of the control task, and fixed offsets."""

    def __init__(
        self,
        gold: Gold,
        roles: Roles,
        options: ProbeOptions,
        root: bool,
        control: bool,
        shape: tuple[int, ...],
    ) -> None:
        self._roles, self._direction = roles, options.direction
        self._offsets = offset_choices(options.max_offset, root)

        def empty(shape: tuple[int, ...], relabelled: bool = False) -> dict[int, PartHits]:
            labels = len(gold.labels)
            return {
                part: PartHits(gold.parts[part], labels, shape, part in roles.scored, relabelled)
                for part in roles.used
            }

        self._heads, self._fixed = empty(shape), empty((len(self._offsets),))
        self._control = empty(shape, relabelled=True) if control else None

    def add(self, part: int, batch: WordBatch, hits: numpy.ndarray) -> None:
        """`hits` `[items, layers, heads]`: of the batch's items."""
        self._heads[part].add(batch.items, hits)
        if self._control is not None:
            self._control[part].add(batch.items, hits)
        fixed = offset_hits(batch.spans, self._offsets, self._direction)
        self._fixed[part].add(batch.items, fixed)

    def folds(self) -> ArcFolds:
        return ArcFolds(
            self._of(self._heads),
            None if self._control is None else self._of(self._control),
            Offsets(self._offsets, self._of(self._fixed)),
        )

    def _of(self, hits: dict[int, PartHits]) -> list[Fold]:
        return with_items([fold_of(split, hits, None) for split in self._roles.splits])


def _best(encoder: GatedEncoder, batch: WordBatch, diagonal: bool) -> numpy.ndarray:
    """`[layers, original heads, batch, nodes]`; -1 for heads that are no longer there."""
    layers = [best_keys(maps, batch.mask, diagonal) for maps in batch.attention()]
    return in_original(encoder, layers, axis=0, fill=-1)
