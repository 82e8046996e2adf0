"""From what each head gets right to a result: heads chosen on some data and scored on other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy

from allennlp_heads.analysis.probing.baselines import Baselines, beside
from allennlp_heads.analysis.probing.choice import Chosen, Fold, choose_and_score, most_used
from allennlp_heads.analysis.probing.intervals import bootstrap, by_sentence
from allennlp_heads.analysis.probing.means import accuracy_of_heads, means_of
from allennlp_heads.analysis.probing.result import (
    ItemScores,
    LabelScore,
    OverallScore,
    ProbeResult,
)

OVERALL = ("weighted", "unweighted", "one_head")
"""Ways to speak of all labels at once; see `ProbeResult`."""
UNSEEN = "labels with the head that is best for all: none of their items to choose by"
UNSCORED = "labels left out: none of their items to score"


def build(
    kind: str,
    labels: Sequence[str],
    exists: numpy.ndarray,
    folds: Sequence[Fold],
    baselines: Baselines | None = None,
    rare: int = 20,
    draws: int = 1000,
    seed: int = 0,
    **further: Any,
) -> ProbeResult:
    """
    Choose a head for each label by the choice data of each fold, and score it on the fold's score
    data, which has no say in the choice.

    # Parameters

    kind : `str`
        Of the probe.
    labels : `Sequence[str]`
        What the hits' label numbers stand for.
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`: heads that are there and open. No other is ever chosen.
    folds : `Sequence[Fold]`
        One where the roles have data of their own, several with cross-fitting. For the transductive
        variant the choice is the tally of the score items.
    baselines : `Baselines`, optional (default = `None`)
        Beside random heads and the majority, which are always there. With offsets the majority is
        one offset for all labels, otherwise the most frequent label.
    rare : `int`, optional (default = `20`)
        Labels with fewer scored items are marked.
    draws : `int`, optional (default = `1000`)
        Of the bootstrap over sentences.
    seed : `int`, optional (default = `0`)
        Of the bootstrap.
    further : `Any`
        Other fields of `ProbeResult`: `options`, `samples`, `notes`, `statistics` and so on.

    # Returns

    `ProbeResult`
        Its `notes` also have the number of labels without an item to choose by (`UNSEEN`), and of
        those without one to score (`UNSCORED`), which are left out.

    Raises `ValueError` when there are no items to choose by or to score, no heads to choose from,
    or a baseline scores other items.
    """
    baselines = baselines or Baselines()
    baselines.check(folds)
    if not any(len(fold.score) for fold in folds):
        raise ValueError("there are no items to score heads on")
    score = reduce(add, [fold.score.tally(len(labels)) for fold in folds])
    chosen = choose_and_score(folds, exists)
    means, others = means_of(chosen, len(labels)), beside(baselines, folds, score, exists)
    order = sorted(
        numpy.flatnonzero(score.count).tolist(), key=lambda i: (-score.count[i], labels[i])
    )
    items = _items(chosen, order, len(labels))
    by_label, by_way = _intervals(items, len(order), draws, seed)
    scores = [
        LabelScore(
            label=labels[label],
            count=int(score.count[label]),
            **_accuracy(float(means.by_label[label]), by_label[:, place]),
            **others.label(label),
            **_chosen_for(label, chosen, folds, exists.shape),
            offset=others.offset[label],
            rare=bool(score.count[label] < rare),
        )
        for place, label in enumerate(order)
    ]
    notes = {**further.pop("notes", {}), **_notes(scores, folds, score.count)}
    return ProbeResult(
        kind=kind,
        labels=scores,
        accuracy=accuracy_of_heads(score, exists)[order],
        counts=score.count[order],
        exists=exists,
        overall={
            way: OverallScore(
                **_accuracy(getattr(means, way), by_way[way]),
                **others.overall(way),
                **(_head(chosen.one, exists.shape) if way == "one_head" else {}),
            )
            for way in OVERALL
        },
        items=items,
        notes=notes,
        **further,
    )


def _intervals(
    items: ItemScores, labels: int, draws: int, seed: int
) -> tuple[numpy.ndarray, dict[str, numpy.ndarray]]:
    """The two ends `[2, labels]`, and `[2]` for each of `OVERALL`."""
    correct, count, one_head = (
        by_sentence(values, items.label, items.sentence, labels)
        for values in (items.correct, numpy.ones(len(items.label)), items.one_head)
    )
    found = bootstrap(correct, count, draws, seed)
    one = bootstrap(one_head, count, draws, seed)
    ways = (found.weighted, found.unweighted, one.weighted)
    return found.by_label, dict(zip(OVERALL, ways, strict=True))


def _items(chosen: Chosen, order: Sequence[int], labels: int) -> ItemScores:
    place = numpy.full(labels, -1)
    place[order] = numpy.arange(len(order))
    return ItemScores(place[chosen.label], chosen.sentence, chosen.correct, chosen.one_correct)


def _accuracy(accuracy: float, interval: numpy.ndarray) -> dict[str, Any]:
    return {"accuracy": accuracy, "low": float(interval[0]), "high": float(interval[1])}


def _chosen_for(
    label: int, chosen: Chosen, folds: Sequence[Fold], shape: Sequence[int]
) -> dict[str, Any]:
    """The head of a label, and what it was chosen on."""
    of_label = chosen.label == label
    used = chosen.candidate[of_label]
    fitted = [0 if fold.fit is None else fold.fit[label] for fold in folds]
    return {
        **_head(used, shape),
        "share": float((used == most_used(used)).mean()),
        "choice_count": round(float(numpy.mean([fold.choice.count[label] for fold in folds]))),
        "fit_count": round(float(numpy.mean(fitted))),
        "chosen_on": "label" if chosen.seen[of_label].all() else "all labels",
    }


def _head(used: numpy.ndarray, shape: Sequence[int]) -> dict[str, Any]:
    layer, head = divmod(most_used(used), shape[1])
    return {"layer": layer, "head": head}


def _notes(
    scores: Sequence[LabelScore], folds: Sequence[Fold], count: numpy.ndarray
) -> dict[str, int]:
    known = reduce(add, [fold.known() for fold in folds])
    numbers = {
        UNSEEN: sum(score.chosen_on != "label" for score in scores),
        UNSCORED: int(((known > 0) & (count == 0)).sum()),
    }
    return {reason: number for reason, number in numbers.items() if number}
