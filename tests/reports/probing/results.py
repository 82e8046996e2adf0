"""Made-up results of probes, as real ones look: few good heads, many labels, most of them rare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy

from allennlp_heads.analysis.probing.choice import Fold
from allennlp_heads.analysis.probing.hits import ItemHits
from allennlp_heads.analysis.probing.result import (
    HeadCentroids,
    LabelScore,
    OverallScore,
    ProbeResult,
    TreeScore,
)
from allennlp_heads.analysis.probing.score import build

Scored = TypeVar("Scored", LabelScore, OverallScore)

ODD = ["$", "``", "a|b", "100%", r"C:\x", "_SP", "#1 & {more}", "<unk>", "nsubj:pass", "x^2~"]
"""Names that tables must escape."""


def names(number: int) -> list[str]:
    """Odd ones, short ones, and one that is far too long."""
    short = [f"rel{place}" for place in range(number)]
    return [*ODD, "a-label-with-a-name-that-no-cell-can-hold", *short][:number]


def probe_result(
    labels: Sequence[str] = ("nsubj", "obj", "det", "punct"),
    shape: tuple[int, int] = (3, 4),
    kind: str = "dependency",
    items: int = 400,
    seed: int = 0,
) -> ProbeResult:
    """A result with everything that a result can have; head 1 of layer 0 is not there."""
    random = numpy.random.default_rng(seed)
    chance = random.beta(1.2, 4, (len(labels), *shape))
    good = random.integers(0, numpy.prod(shape), len(labels))
    chance.reshape(len(labels), -1)[numpy.arange(len(labels)), good] = random.beta(
        4, 2, len(labels)
    )
    weights = 1 / numpy.arange(1, len(labels) + 1)
    exists = numpy.ones(shape, dtype=bool)
    if shape[1] > 1:
        exists[0, 1] = False

    def hits() -> ItemHits:
        label = random.choice(len(labels), items, p=weights / weights.sum())
        label[: len(labels)] = numpy.arange(len(labels))
        correct = random.random((items, *shape)) < chance[label]
        return ItemHits(correct & exists, label, numpy.sort(random.integers(0, items // 8, items)))

    choice = hits().tally(len(labels))
    if len(labels) > 2:  # a label without items to choose by
        choice.correct[-1], choice.count[-1] = 0, 0
    found = build(kind, labels, exists, [Fold(choice, hits())], draws=50, seed=seed)
    arcs = kind in ("dependency", "srl")
    return replace(
        found,
        labels=[_beside(score, place, arcs) for place, score in enumerate(found.labels)],
        overall={name: _overall(score, arcs) for name, score in found.overall.items()},
        statistics={"entropy": random.random(shape), "offset": random.normal(size=shape)},
        tree=TreeScore(0.42, 0.4, 0.44, 1, 2, "to_head", 0.2, 0.3, 0.25, 900) if arcs else None,
        centroids=None if arcs else _centroids(found, random),
        options={"direction": "either", "held_out": True, "rare": 20},
        samples={"choice": {"sentences": 40, "items": items}},
        notes={**found.notes, "arcs left out: their head is ROOT": 12},
        epoch=3,
    )


def _beside(score: LabelScore, place: int, arcs: bool) -> LabelScore:
    return replace(
        score,
        offset=(None if not arcs else "root" if place == 0 else -place),
        offset_accuracy=0.5 * score.accuracy if arcs else None,
        random_weights=0.1,
        control=None if place % 5 == 2 else 0.25 * score.accuracy,
        share=1.0 if place % 3 else 0.6,
    )


def _overall(score: OverallScore, arcs: bool) -> OverallScore:
    beside: dict[str, float] = {"random_weights": 0.1, "control": 0.2}
    return replace(score, offset_accuracy=0.5 * score.accuracy if arcs else None, **beside)


def _centroids(found: ProbeResult, random: numpy.random.Generator) -> HeadCentroids:
    labels, heads = [score.label for score in found.labels], list(found.chosen())
    vectors = random.normal(size=(len(heads), len(labels), 6)).astype(numpy.float32)
    return HeadCentroids(labels, heads, vectors)


def without_numbers(score: Scored) -> Scored:
    """The same, with nan wherever a number must be."""
    nan = float("nan")
    return replace(score, accuracy=nan, low=nan, high=nan, random_head=nan, random_head_std=nan)
