"""Rankings of sources against measured transfer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy

from allennlp_heads.analysis.transfer.candidates import coverage
from allennlp_heads.analysis.transfer.chance import chance_level
from allennlp_heads.analysis.transfer.measures import RankingMeasure, ranking_measures
from allennlp_heads.analysis.transfer.over_targets import MeasureScore, over_targets
from allennlp_heads.analysis.transfer.places import places
from allennlp_heads.analysis.transfer.renamings import MOST, renamings

_DIGITS = 9
"""Performances in points that agree to so many digits are equal on paper."""


class MethodEvaluation(NamedTuple):
    """
    # Parameters

    measures : `Dict[str, MeasureScore]`
        By the names of `ranking_measures`.
    ranks : `numpy.ndarray`
        `[sources, targets]`: the method's ranks among the candidates, 1 is first, equal ones share
        their mean; `nan` elsewhere.
    chosen : `numpy.ndarray`
        `[targets]`: the source it ranks first, the earliest of several; -1 for targets left out,
        and for those of which it scores no candidate.
    silent : `List[int]`
        The latter. Their measures are those of a random order.
    unscored : `int`
        Candidates of which the method could not say anything; these were ranked last.
    """

    measures: dict[str, MeasureScore]
    ranks: numpy.ndarray
    chosen: numpy.ndarray
    silent: list[int]
    unscored: int


def evaluate(
    methods: Mapping[str, numpy.ndarray],
    performance: numpy.ndarray,
    allowed: numpy.ndarray,
    seed: int = 0,
    draws: int = 10_000,
    scale: float = 1.0,
) -> dict[str, MethodEvaluation]:
    """
    Evaluate rankings of sources, each target by itself.

    The candidates of a target are the allowed sources whose transfer was measured; see `coverage`
    for the cells that are missing and the targets left out for lack of two candidates. Candidates a
    method cannot score (`nan`) come last. Sources of equal score are taken in every order: each
    measure is its expectation over these. What is chance for a method is found by exchanging the
    names of tasks in its scores; see `renamings`.

    # Parameters

    methods : `Mapping[str, numpy.ndarray]`
        Name -> scores `[sources, targets]`, higher is better.
    performance : `numpy.ndarray`
        `[sources, targets]`: performance of the target after the source, in points from 0 to 100;
        `nan` where it was not measured. Not the gain: gains of one target have the same order.
    allowed : `numpy.ndarray`
        `[sources, targets]`, `bool`, as `allowed_sources` gives it.
    seed : `int`, optional (default = `0`)
        Of bootstrap and renamings; all methods see the same draws.
    draws : `int`, optional (default = `10000`)
        Of the bootstrap, and of renamings, where there are more and as far as 2,000.
    scale : `float`, optional (default = `1.0`)
        Of the relevance in NDCG, times the performance: 1 takes points.

    # Returns

    `Dict[str, MethodEvaluation]`
        In the order of `methods`.

    Raises `ValueError` for scores of another shape, infinite numbers, sources that are not the
    targets, and where no target has two candidates.
    """
    performance = numpy.round(numpy.asarray(performance, dtype=float), _DIGITS)
    if draws < 1:
        raise ValueError(f"at least one draw is needed, not {draws}")
    for name, scores in methods.items():
        if numpy.shape(scores) != performance.shape:
            raise ValueError(
                f"the scores of '{name}' are {list(numpy.shape(scores))}, the performance is "
                f"{list(performance.shape)} (sources, targets)"
            )
    targets = _targets(performance, coverage(performance, allowed).candidates)
    performances = [target.performance for target in targets]
    chances = {
        name: _Chance(measure, chance_level(performances, measure))
        for name, measure in ranking_measures(scale).items()
    }
    names = renamings(allowed, min(draws, MOST), seed)
    return {
        name: _evaluate(numpy.asarray(scores, dtype=float), targets, chances, names, draws, seed)
        for name, scores in methods.items()
    }


class _Target(NamedTuple):
    column: int
    sources: numpy.ndarray
    performance: numpy.ndarray


class _Chance(NamedTuple):
    measure: RankingMeasure
    level: float


def _targets(performance: numpy.ndarray, candidates: numpy.ndarray) -> list[_Target]:
    found = []
    for column in numpy.flatnonzero(candidates.any(axis=0)):
        sources = numpy.flatnonzero(candidates[:, column])
        found.append(_Target(int(column), sources, performance[sources, column]))
    if not found:
        raise ValueError(
            "no target has two sources to choose from: their cells are missing, or no class has "
            "three tasks where sources are within the class"
        )
    return found


def _evaluate(
    scores: numpy.ndarray,
    targets: Sequence[_Target],
    chances: Mapping[str, _Chance],
    names: numpy.ndarray,
    draws: int,
    seed: int,
) -> MethodEvaluation:
    ranks = numpy.full(scores.shape, numpy.nan)
    chosen = numpy.full(scores.shape[1], -1)
    values = {name: numpy.full(names.shape, numpy.nan) for name in chances}
    silent, unscored = [], 0
    for column, sources, performance in targets:
        given = scores[names[:, sources], names[:, [column]]]  # [renamings, sources]
        ranked, missing = places(given), numpy.isnan(given[0])
        ranks[sources, column] = ranked.mean[0]
        if missing.all():
            silent.append(column)
        else:
            chosen[column] = sources[ranked.first[0].argmin()]
        unscored += int(missing.sum())
        for name, chance in chances.items():
            values[name][:, column] = chance.measure.of(ranked, performance)
    measures = {
        name: over_targets(values[name], level, measure.higher_is_better, draws, seed)
        for name, (measure, level) in chances.items()
    }
    return MethodEvaluation(measures, ranks, chosen, silent, unscored)
