"""Rankings against a measured matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.transfer import (
    Factors,
    LayerMap,
    MethodDifference,
    MethodEvaluation,
    compare_methods,
    coverage,
    evaluate,
    explain_gains,
    layer_map,
)
from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.transfer.matrix import TransferMatrix
from allennlp_heads.reports.transfer.ranking import Ranking

_REFERENCES = ("task", "text", "heads")
_LISTED = 10


@dataclass(frozen=True)
class RankingEvaluation:
    """
    # Parameters

    ranking : `Ranking`
    regime : `str`
        Of the matrix.
    restarts : `int`
    performance : `numpy.ndarray`
        `[sources, targets]` in points, tasks as in the ranking; `nan` where not measured.
    baseline : `numpy.ndarray`
        `[targets]`: direct fine-tuning, in points.
    gains : `numpy.ndarray`
        `[sources, targets]`: relative to the baseline.
    methods : `Mapping[str, MethodEvaluation]`
        Of all methods, single components included.
    reference : `str`
        The method that the others are compared with.
    differences : `Mapping[str, Mapping[str, MethodDifference]]`
        Measure -> method -> against the reference; the main methods only.
    layers : `LayerMap`, optional
        NDCG of single components; `None` where none belongs to a layer.
    factors : `Mapping[str, Factors]`
        What goes with the gain, `"all"` cells and `"within_targets"`; empty where there are too few
        cells, which a note says.
    notes : `Sequence[str]`
    seed, draws : `int`
        Of the bootstrap, and of exchanges of names.
    """

    ranking: Ranking
    regime: str
    restarts: int
    performance: numpy.ndarray
    baseline: numpy.ndarray
    gains: numpy.ndarray
    methods: Mapping[str, MethodEvaluation]
    reference: str
    differences: Mapping[str, Mapping[str, MethodDifference]]
    layers: LayerMap | None
    factors: Mapping[str, Factors]
    notes: Sequence[str]
    seed: int
    draws: int

    @property
    def candidates(self) -> numpy.ndarray:
        """`[sources, targets]`, `bool`: allowed and measured, of targets that are evaluated."""
        return coverage(self.performance, self.ranking.allowed).candidates

    def chosen(self, method: str) -> list[int | None]:
        """
        Of each target the place of the source that a method ranks first; `None` for targets left
        out, and those of which it says nothing.
        """
        return [None if place < 0 else int(place) for place in self.methods[method].chosen]


def measure_evaluation(
    ranking: Ranking,
    matrix: TransferMatrix,
    reference: str | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> RankingEvaluation:
    """
    # Parameters

    ranking : `Ranking`
        Measured with the same matrix.
    matrix : `TransferMatrix`
    reference : `str`, optional (default = `None`)
        One of the ranking's main methods; by default the first of `"task"`, `"text"` and `"heads"`
        that is there.
    draws : `int`, optional (default = `10000`)
        Of the bootstrap, and at most of exchanges of names.
    seed : `int`, optional (default = `0`)

    # Returns

    `RankingEvaluation`

    Raises `ConfigurationError` for an unknown reference, and where no target has two measured
    sources.
    """
    if reference is None:
        reference = next(name for name in _REFERENCES if name in ranking.kinds)
    elif reference not in ranking.main:
        raise ConfigurationError(f"--reference {reference}: choose from {', '.join(ranking.main)}")
    places = [matrix.tasks.index(task) for task in ranking.tasks]
    cells = numpy.ix_(places, places)
    performance, gains = matrix.performance[cells], matrix.gains[cells]
    try:
        methods = evaluate(ranking.methods, performance, ranking.allowed, seed, draws)
    except ValueError as error:
        raise ConfigurationError(f"the matrix cannot be used: {error}") from error
    main = {name: methods[name] for name in ranking.main}
    layered = any("." in name and name.rsplit(".", 1)[1].isdigit() for name in methods)
    factors, trouble = _factors(ranking, gains, draws, seed)
    return RankingEvaluation(
        ranking,
        matrix.regime,
        matrix.direct.shape[1],
        performance,
        matrix.baseline[places],
        gains,
        methods,
        reference,
        compare_methods(main, reference, rounds=draws, seed=seed),
        layer_map(methods) if layered else None,
        factors,
        [
            *_notes(ranking, performance, matrix.baseline[places], methods),
            *_uneven(matrix, places),
            *trouble,
        ],
        seed,
        draws,
    )


def _factors(
    ranking: Ranking, gains: numpy.ndarray, draws: int, seed: int
) -> tuple[dict[str, Factors], list[str]]:
    features: dict[str, numpy.ndarray] = {
        f"similarity ({kind})": ranking.of_kind(kind) for kind in ranking.kinds
    }
    classes = numpy.array([ranking.classes[task] for task in ranking.tasks])
    features["same class"] = (classes[:, None] == classes[None, :]).astype(float)
    if all(task in ranking.sizes for task in ranking.tasks):
        sizes = numpy.array([ranking.sizes[task] for task in ranking.tasks], dtype=float)
        features["log10 of source size"] = numpy.log10(numpy.maximum(sizes, 1))
    try:
        return {
            name: explain_gains(gains, features, ranking.allowed, inner, draws, seed)
            for name, inner in (("all", False), ("within_targets", True))
        }, []
    except ValueError as error:
        return {}, [f"No regression of the gain: {error}."]


def _notes(
    ranking: Ranking,
    performance: numpy.ndarray,
    baseline: numpy.ndarray,
    methods: Mapping[str, MethodEvaluation],
) -> list[str]:
    found = coverage(performance, ranking.allowed)
    notes = []
    if found.missing:
        cells = [
            f"{ranking.tasks[source]} → {ranking.tasks[target]}" for source, target in found.missing
        ]
        more = f" and {len(cells) - _LISTED} more" if len(cells) > _LISTED else ""
        notes.append(
            f"{plural(len(cells), 'cell')} of the matrix missing; evaluated over what is there: "
            f"{', '.join(cells[:_LISTED])}{more}."
        )
    if found.left_out:
        names = ", ".join(ranking.tasks[target] for target in found.left_out)
        notes.append(f"Targets left out, with fewer than two measured sources: {names}.")
    relative = [
        task
        for task, value, column in zip(ranking.tasks, baseline, performance.T)
        if not value > 0 and numpy.isfinite(column).any()
    ]
    if relative:
        notes.append(
            "Targets without gains, since direct fine-tuning is missing or not above 0: "
            f"{', '.join(relative)}."
        )
    unscored = {name: methods[name].unscored for name in ranking.main if methods[name].unscored}
    if unscored:
        counts = ", ".join(f"{name} {number}" for name, number in unscored.items())
        notes.append(f"Candidates that a method could not score, ranked last: {counts}.")
    for name in ranking.main:
        if methods[name].silent:
            targets = ", ".join(ranking.tasks[target] for target in methods[name].silent)
            notes.append(f"{name} says nothing of {targets}: it counts as a random order there.")
    return notes


def _uneven(matrix: TransferMatrix, places: Sequence[int]) -> list[str]:
    """Targets that have scores in more restarts than means can be over."""
    there = ~numpy.isnan(matrix.direct) | ~numpy.isnan(matrix.scores).all(axis=0)
    left_out = [
        f"{matrix.tasks[place]} {' '.join(map(str, numpy.flatnonzero(unused)))}"
        for place in places
        if (unused := there[place] & ~matrix.compared[place]).any()
    ]
    if not left_out:
        return []
    return [f"Restarts left out, which not all sources of the target have: {', '.join(left_out)}."]
