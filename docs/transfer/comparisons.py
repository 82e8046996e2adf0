"""What the records say together: how well every method ranks the sources of each target."""

from __future__ import annotations

import dataclasses
import json
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy

from allennlp_heads.analysis import holm
from allennlp_heads.analysis.transfer import (
    KINDS,
    RANDOM,
    Factors,
    LayerMap,
    MethodDifference,
    MethodEvaluation,
    allowed_sources,
    compare_methods,
    coverage,
    evaluate,
    explain_gains,
    kind_of,
    layer_map,
    of_sources,
    ranking_measures,
    ranking_methods,
)
from allennlp_heads.reports.transfer.matrix import TransferMatrix
from docs.runs.records import Record
from docs.transfer.plan import (
    HEAD_GRIDS,
    MAIN,
    MARGINS,
    PUBLISHED_SIZE,
    SETTINGS,
    SHOWN,
    TASK,
    in_setting,
)
from docs.transfer.record import (
    EMBEDDINGS,
    MATRIX,
    matrix_of,
    read_embeddings_record,
    read_matrix_record,
    table_of,
)
from docs.transfer.shared_texts import above_limit
from docs.transfer.study import published_sizes

TESTED = ("ndcg", "best_rank")
"""The two measures of the study: tests are made of these, the others are shown."""


class Against(NamedTuple):
    """
    A method against another on all targets.

    # Parameters

    method, reference, measure : `str`
    found : `MethodDifference`
        Its sign is that of the measure: negative is better where the best rank is 1.
    adjusted : `float`
        The p-value after Holm's correction for the tests of the same question, of all measures
        together.
    """

    method: str
    reference: str
    measure: str
    found: MethodDifference
    adjusted: float

    @property
    def gain(self) -> tuple[float, float, float]:
        """Difference and its interval, turned so that positive is better."""
        found = self.found
        if ranking_measures()[self.measure].higher_is_better:
            return found.difference, found.lower, found.upper
        return -found.difference, -found.upper, -found.lower


class Results:
    """
    The records of the page.

    # Parameters

    folder : `Path`
        Of the records.
    draws : `int`, optional (default = `10000`)
        Of bootstraps and random rankings.

    Raises `ValueError` without the matrix, for a record that is wrong, and where records differ in
    encoder or budget.
    """

    def __init__(self, folder: Path, draws: int = 10_000) -> None:
        self.draws = draws
        self.record = read_matrix_record(folder / f"{MATRIX}.json")
        self.measured = matrix_of(self.record)
        """All cells that were done."""
        self.shared = above_limit(self.record["shared"])
        """(source, target, share) of those whose scored data are partly trained on."""
        self.matrix = _without(self.measured, self.shared)
        """The cells that are evaluated."""
        self.embeddings: dict[str, Record] = {}
        for setting in SETTINGS:
            path = folder / f"{setting}.{EMBEDDINGS}.json"
            if path.is_file():
                self.embeddings[setting] = self._fitting(path)
        tasks = self.matrix.tasks
        self.similar = {
            setting: {name: table_of(record, name, tasks) for name in record["components"]}
            for setting, record in self.embeddings.items()
        }
        """Setting -> component -> `[tasks, tasks]`."""

    @property
    def classes(self) -> list[str]:
        """Of each task."""
        return [self.matrix.classes[task] for task in self.matrix.tasks]

    @cached_property
    def methods(self) -> dict[str, numpy.ndarray]:
        """All methods among all sources; those of another setting have it in their names."""
        return self._methods(within=False)

    @cached_property
    def evaluations(self) -> dict[str, MethodEvaluation]:
        """Of all methods, every task a source."""
        return self._evaluated(self.methods, within=False)

    @cached_property
    def within(self) -> dict[str, MethodEvaluation]:
        """The same among sources of the target's class only; empty where no class has enough."""
        allowed = allowed_sources(self.classes, within=True)
        if not coverage(self.matrix.performance, allowed).candidates.any():
            return {}
        return self._evaluated(self._methods(within=True), within=True)

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Of how many numbers the embeddings are that a method looks at; without the baselines."""
        found = {
            in_setting(setting): sum(_sizes(record).values())
            for setting, record in self.embeddings.items()
            if setting != MAIN
        }
        main = _sizes(self.embeddings[MAIN]) if MAIN in self.embeddings else {}
        for method in self.methods:
            parts = method.split("+")
            sizes = [
                size
                for name, size in main.items()
                if not {name, name.split(".")[0], kind_of(name)}.isdisjoint(parts)
            ]
            if sizes:
                found[method] = sum(sizes)
        return found

    @property
    def shown(self) -> list[str]:
        """The methods of the tables, in their order."""
        return [name for name in SHOWN if name in self.methods]

    @property
    def kinds(self) -> list[str]:
        """Those of which there are embeddings."""
        return [kind for kind in KINDS if self.similarity(kind) is not None]

    @property
    def leading(self) -> str | None:
        """The kind whose choices are drawn: that of the study where there is one."""
        return TASK if TASK in self.kinds else next(iter(self.kinds), None)

    @property
    def layers(self) -> LayerMap | None:
        """NDCG of single layers' components; `None` where there are none."""
        try:
            return layer_map(self.evaluations)
        except ValueError:
            return None

    @cached_property
    def about_heads(self) -> list[Against]:
        """A number for each head against the whole of TaskEmb: the question of the page."""
        return self._against(TASK, [name for name in HEAD_GRIDS if name in self.methods])

    @cached_property
    def about_others(self) -> list[Against]:
        """Every other method of the tables against TaskEmb."""
        others = [name for name in self.shown if name not in (*HEAD_GRIDS, TASK, RANDOM)]
        return self._against(TASK, others)

    def margin(self, measure: str) -> float:
        """The largest loss against TaskEmb that counts as none, see `MARGINS`."""
        score = self.evaluations[TASK].measures[measure]
        ahead = score.mean - score.chance
        if not ranking_measures()[measure].higher_is_better:
            ahead = -ahead
        return max(0.0, min(MARGINS[measure], ahead / 2))

    @cached_property
    def above_chance(self) -> dict[tuple[str, str], float]:
        """(method, measure) -> the p-value against random rankings, after Holm's correction."""
        cells = [(name, measure) for name in self.shown if name != RANDOM for measure in TESTED]
        values = [self.evaluations[name].measures[measure].p_value for name, measure in cells]
        return dict(zip(cells, holm(values))) if cells else {}

    @cached_property
    def by_restart(self) -> dict[str, dict[str, float]]:
        """
        Method -> measure -> its mean over restarts, where a ranking is evaluated on one restart at
        a time: of the methods of the tables, and of the performance that the other restarts have.
        Empty with a single restart, and where no two have the same cells.
        """
        scores = 100 * self.matrix.scores
        number = scores.shape[-1]
        if number < 2:
            return {}
        found: dict[str, dict[str, list[float]]] = {}
        for place in range(number):
            others = numpy.delete(scores, place, axis=-1)
            methods = {OTHER_RESTARTS: others.mean(axis=-1)}
            methods |= {name: self.methods[name] for name in self.shown}
            known = numpy.where(numpy.isnan(methods[OTHER_RESTARTS]), numpy.nan, scores[..., place])
            if not coverage(known, self._allowed(False)).candidates.any():
                continue  # a restart that has not begun, or no other one has its cells
            evaluated = evaluate(methods, known, self._allowed(False), draws=1)
            for name, evaluation in evaluated.items():
                for measure, score in evaluation.measures.items():
                    found.setdefault(name, {}).setdefault(measure, []).append(score.mean)
        return {
            name: {measure: float(numpy.mean(values)) for measure, values in measures.items()}
            for name, measures in found.items()
        }

    def similarity(self, kind: str) -> numpy.ndarray | None:
        """`[tasks, tasks]`: the mean of the cosines of a kind's components, or of one component."""
        tables = [
            table
            for name, table in self.similar.get(MAIN, {}).items()
            if kind in (name, kind_of(name))
        ]
        if not tables:
            return None
        stacked = numpy.stack(tables)
        known = numpy.isfinite(stacked)
        sums = numpy.where(known, stacked, 0.0).sum(axis=0)
        return numpy.where(known.any(axis=0), sums / numpy.maximum(known.sum(axis=0), 1), numpy.nan)

    def factors(self, gains: numpy.ndarray) -> Factors | None:
        """
        What goes with the gain within targets: the logarithm of the number of examples in the
        source's file, the similarity of each kind and whether the classes are the same. `None`
        where the cells are too few.
        """
        tasks = self.matrix.tasks
        sizes = numpy.log2([self.matrix.available[task] for task in tasks])
        features: dict[str, numpy.ndarray] = {"log2 of the size of the source's cut file": sizes}
        for kind in KINDS:
            table = self.similarity(kind)
            if table is not None:
                features[f"similarity by {kind}"] = table
        features["same class"] = allowed_sources(self.classes, within=True).astype(float)
        try:
            allowed = self._allowed(False)
            return explain_gains(gains, features, allowed, within_targets=True, draws=self.draws)
        except ValueError:
            return None

    def _methods(self, within: bool) -> dict[str, numpy.ndarray]:
        matrix, allowed = self.matrix, self._allowed(within)
        main = self.similar.get(MAIN, {})
        methods = ranking_methods(main, matrix.available, matrix.curves, matrix.tasks, allowed)
        published = of_sources(published_sizes(), matrix.tasks)
        methods[PUBLISHED_SIZE] = numpy.where(allowed, published, numpy.nan)
        for setting, tables in self.similar.items():
            if setting != MAIN:
                ranked = ranking_methods(tables, None, None, matrix.tasks, allowed)
                methods[in_setting(setting)] = ranked[TASK]
        return methods

    def _evaluated(
        self, methods: dict[str, numpy.ndarray], within: bool
    ) -> dict[str, MethodEvaluation]:
        performance = self.matrix.performance
        return evaluate(methods, performance, self._allowed(within), draws=self.draws)

    def _allowed(self, within: bool) -> numpy.ndarray:
        return allowed_sources(self.classes, within)

    def _against(self, reference: str, methods: list[str]) -> list[Against]:
        if reference not in self.evaluations or not methods:
            return []
        of_these = {name: self.evaluations[name] for name in [reference, *methods]}
        compared = compare_methods(of_these, reference, TESTED, self.draws)
        rows = [
            (method, measure, found)
            for measure, differences in compared.items()
            for method, found in differences.items()
        ]
        adjusted = holm([found.p_value for *_, found in rows]) if rows else []
        return [
            Against(method, reference, measure, found, p_value)
            for (method, measure, found), p_value in zip(rows, adjusted)
        ]

    def _fitting(self, path: Path) -> Record:
        record = read_embeddings_record(path)
        for key in ("encoder", "budget"):
            if _text(record[key]) != _text(self.record[key]):
                raise ValueError(
                    f"{path}: its {key} is not that of {MATRIX}.json; make one of them again"
                )
        return record


OTHER_RESTARTS = "the other restarts"
"""The ranking by what was measured with other seeds."""


def _without(matrix: TransferMatrix, shared: list[tuple[str, str, float]]) -> TransferMatrix:
    scores = matrix.scores.copy()
    for source, target, _ in shared:
        scores[matrix.tasks.index(source), matrix.tasks.index(target)] = numpy.nan
    return dataclasses.replace(matrix, scores=scores)


def _sizes(record: Record) -> dict[str, int]:
    return {name: found["size"] for name, found in record["components"].items()}


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
