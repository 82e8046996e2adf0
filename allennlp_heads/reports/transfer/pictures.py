"""The heat maps of transfer: similarities, gains, ranks given against true ones, NDCG by layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from matplotlib.figure import Figure

from allennlp_heads.analysis.transfer import LayerMap, ranks
from allennlp_heads.reports.transfer.heat import Shades, Side, heat_map
from allennlp_heads.reports.transfer.numbers import mean_there

_NONE = "–"
_MINUS = "\N{MINUS SIGN}"
_CLOSE = 0.1
"""Where all similarities lie this near to each other, two digits would all be the same."""


def similarity_picture(
    tasks: Sequence[str],
    groups: Sequence[str],
    similarity: numpy.ndarray,
    title: str,
) -> Figure:
    """
    # Parameters

    tasks : `Sequence[str]`
        In the order of the picture.
    groups : `Sequence[str]`
        The class of each; none where the order is not by class.
    similarity : `numpy.ndarray`
        `[tasks, tasks]`: cosines; the shades go from the least to the greatest of different tasks.
    title : `str`
    """
    own = numpy.eye(len(tasks), dtype=bool)
    values = numpy.where(own, numpy.nan, 100 * similarity)
    there = values[numpy.isfinite(values)]
    digits = 1 if there.size and numpy.ptp(there) < 100 * _CLOSE else 0
    shades = Shades.grey(values, "cosine × 100")
    side = Side(tasks, "", groups)
    return heat_map(values, _texts(values, own, f".{digits}f"), side, side, shades, title, own)


def gain_picture(
    tasks: Sequence[str], groups: Sequence[str], gains: numpy.ndarray, title: str
) -> Figure:
    """
    # Parameters

    tasks, groups : `Sequence[str]`
        As in `similarity_picture`.
    gains : `numpy.ndarray`
        `[sources, targets]`: shares of the target's score without a source.
    title : `str`
    """
    own = numpy.eye(len(tasks), dtype=bool)
    values = 100 * gains
    small = numpy.nan_to_num(numpy.abs(values)).max(initial=0.0) < 10
    texts = _texts(values, own, "+.1f" if small else "+.0f")
    shades = Shades.diverging(values, "gain, %")
    rows, columns = Side(tasks, "source", groups), Side(tasks, "target", groups)
    return heat_map(values, texts, rows, columns, shades, title, own)


def rank_picture(
    targets: Sequence[str],
    groups: Sequence[str],
    scores: numpy.ndarray,
    performance: numpy.ndarray,
    title: str,
) -> Figure:
    """
    A row a target, its candidates from left to right by true rank; each cell is the rank that a
    method gives, so that a perfect one darkens evenly to the right.

    # Parameters

    targets, groups : `Sequence[str]`
        As in `similarity_picture`.
    scores : `numpy.ndarray`
        `[sources, targets]` of the method.
    performance : `numpy.ndarray`
        `[sources, targets]`, `nan` for what is no candidate.
    title : `str`
    """
    given = given_by_true(scores, performance)
    columns = Side([str(place + 1) for place in range(given.shape[1])], "true rank of the source")
    shades = Shades.grey(given, "rank given")
    texts = [["" if numpy.isnan(rank) else f"{rank:g}" for rank in row] for row in given]
    rows = Side(targets, "target", groups)
    return heat_map(given, texts, rows, columns, shades, title, numpy.isnan(given))


def given_by_true(scores: numpy.ndarray, performance: numpy.ndarray) -> numpy.ndarray:
    """
    `[targets, most candidates]`: the ranks that `scores` give to the candidates, in the order of
    their true ranks; `nan` behind the last, and for one that the method says nothing of. Truly
    equal candidates have the mean of their ranks, since no order of theirs is right or wrong.
    """
    candidates = numpy.isfinite(performance)
    given = ranks(numpy.where(candidates, scores, numpy.nan))
    for column in range(given.shape[1]):
        for score in numpy.unique(performance[candidates[:, column], column]):
            equal = performance[:, column] == score
            given[equal, column] = mean_there(given[equal, column], 0)
    order = numpy.argsort(numpy.where(candidates, -performance, numpy.inf), 0, kind="stable")
    ordered = numpy.take_along_axis(given, order, 0)
    return ordered[: candidates.sum(axis=0).max(initial=1)].T


def layer_picture(found: LayerMap, title: str) -> Figure:
    """A row a layer, from 1, a column a component; the shades begin at chance or below it."""
    table = 100 * found.mean
    rows = Side([str(layer + 1) for layer in found.layers], "layer")
    columns = Side([family.replace("_", " ") for family in found.families])
    shades = Shades.grey(numpy.append(table, 100 * found.chance), "NDCG × 100")
    texts = _texts(table, numpy.zeros(table.shape, dtype=bool), ".1f")
    return heat_map(table, texts, rows, columns, shades, title)


def _texts(values: numpy.ndarray, none: numpy.ndarray, form: str) -> list[list[str]]:
    return [
        [
            "" if absent else _NONE if numpy.isnan(value) else _number(value, form)
            for value, absent in zip(*row)
        ]
        for row in zip(values, none)
    ]


def _number(value: float, form: str) -> str:
    """Never a zero with a sign; what is only rounded to zero has another digit."""
    text, finer = (format(value, one) for one in (form, form.replace("0f", "1f")))
    if not text.strip("+-0."):
        text = finer if finer.strip("+-0.") else text.lstrip("+-")
    return text.replace("-", _MINUS)
