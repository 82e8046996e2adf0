"""What `allennlp heads rank --matrix` wrote: rankings against measured transfer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy

from allennlp_heads.analysis.transfer import BASELINES, KINDS
from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.cells import UNDEFINED, filled, number, p_cell, times_100
from allennlp_heads.reports.page.charts import dots, lines
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.task_maps import gains_chart
from allennlp_heads.reports.transfer.evaluation_tables import NAMES
from allennlp_heads.reports.transfer.matrix import TransferMatrix, read_matrix
from allennlp_heads.reports.transfer.numbers import best_named, best_source

_REGRESSIONS = {"all": "over all cells", "within_targets": "each target with its own intercept"}

_TIMES_100 = ("ndcg", "hit@")
_ENDS = ("mean", "lower", "upper")


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """A section for each evaluation of rankings."""
    measured = [read_matrix(report.path) for run in runs for report in run.reports("transfer")]
    blocks = partial(_blocks, measured)
    return section_of_each(runs, "evaluation", "Rankings against measured transfer", blocks)


def _blocks(measured: Sequence[TransferMatrix], report: Report) -> list[Block]:
    content = report.content
    methods: Mapping[str, Any] = content["methods"]
    main = {name: one for name, one in methods.items() if _is_main(name)}
    components = {name: one for name, one in methods.items() if name not in main}
    blocks: list[Block] = [Text(_legend(content)), *map(Text, content["notes"])]
    blocks += [_chart(main), _methods(main, "Methods and baselines."), *_differences(content)]
    if components:
        blocks.append(_methods(components, "Single components, and families of them."))
    blocks += [*_layers(content["layers"]), _targets(content)]
    if not any(_is_of(matrix, content) for matrix in measured):
        performance, baseline = filled(content["performance"]), filled(content["baseline"])
        blocks.append(gains_chart(content["tasks"], content["classes"], performance, baseline))
    return [*blocks, *_factors(content["factors"])]


def _is_of(matrix: TransferMatrix, content: Mapping[str, Any]) -> bool:
    """Whether the page shows the matrix with the gains of an evaluation anyway."""
    if not set(content["tasks"]) <= set(matrix.tasks):
        return False
    places = [matrix.tasks.index(task) for task in content["tasks"]]
    found, wanted = matrix.performance[numpy.ix_(places, places)], filled(content["performance"])
    return numpy.allclose(found, wanted, equal_nan=True)


def _is_main(method: str) -> bool:
    return method in (*KINDS, *BASELINES) or "+" in method


def _legend(content: Mapping[str, Any]) -> str:
    chosen = content["methods"][content["method"]]["chosen"]
    targets = plural(sum(source is not None for source in chosen), "target")
    within = "of the target's own class" if content["within_class"] else "of all classes"
    return (
        f"Regime {content['regime']}, sources {within}. Means over {targets} with 95 % intervals "
        "of the bootstrap over targets; chance is a random order. The p-value of NDCG is "
        "one-sided: how often the same scores rank as well when the names of the tasks in them are "
        "exchanged at random. NDCG and hit@k times 100; regret@k in percent of the best score."
    )


def _chart(methods: Mapping[str, Any]) -> Chart:
    found = {name: one["measures"]["ndcg"] for name, one in methods.items()}
    rows = [
        {"method": name, "p": p_cell(one["p_value"]), **{key: times_100(one[key]) for key in _ENDS}}
        for name, one in found.items()
    ]
    chance = times_100(next(iter(found.values()))["chance"])
    title, details = "NDCG times 100", {"p": "p against exchanged names"}
    spec = dots(rows, "method", *_ENDS, None, title, rule=chance, details=details)
    return Chart(
        "How well each method ranks the sources",
        spec,
        "NDCG of each method, the mean over targets with its 95 % interval; the broken line is "
        f"what a random order reaches, {number(chance, 1)}. The table below has the numbers.",
    )


def _methods(methods: Mapping[str, Any], caption: str) -> Table:
    rows = [
        [
            name,
            *(_with_interval(measure, found["measures"][measure], "mean") for measure in NAMES),
            p_cell(found["measures"]["ndcg"]["p_value"]),
        ]
        for name, found in methods.items()
    ]
    chance = next(iter(methods.values()))["measures"]
    rows.append(["chance", *(_text(name, chance[name]["chance"]) for name in NAMES), UNDEFINED])
    return Table(["method", *NAMES.values(), "p (NDCG)"], rows, caption)


def _with_interval(measure: str, found: Mapping[str, Any], of: str, sign: bool = False) -> str:
    texts = [_text(measure, found[key], sign) for key in (of, "lower", "upper")]
    return texts[0] if found["lower"] is None else f"{texts[0]} ({texts[1]} to {texts[2]})"


def _text(measure: str, value: float | None, sign: bool = False) -> str:
    if measure.startswith(_TIMES_100):
        return number(times_100(value), 1, sign)
    return number(value, 2, sign)


def _differences(content: Mapping[str, Any]) -> Iterator[Block]:
    compared = {measure: tests for measure, tests in content["differences"].items() if tests}
    if not compared:
        return
    methods = dict.fromkeys(name for tests in compared.values() for name in tests)
    rows = []
    for method in methods:
        cells = [method]
        for measure, tests in compared.items():
            shown = _with_interval(measure, tests[method], "difference", sign=True)
            cells += [shown, p_cell(tests[method]["adjusted"])]
        rows.append(cells)
    names = ["method", *(name for key in compared for name in (NAMES[key], "p (Holm)"))]
    caption = f"Differences to {content['reference']}; p is of the signed-rank test over targets."
    yield Table(names, rows, caption)


def _layers(layers: Mapping[str, Any] | None) -> Iterator[Block]:
    """Single components of layers; in texts layers count from 1."""
    if layers is None:
        return
    rows = [
        {
            "layer": layer + 1,
            "component": family,
            **{key: times_100(layers[key][row][column]) for key in _ENDS},
        }
        for column, family in enumerate(layers["families"])
        for row, layer in enumerate(layers["layers"])
    ]
    band = ("lower", "upper")
    yield Chart(
        "NDCG of the components of single layers",
        lines(rows, "layer", "mean", "component", "layer", "NDCG times 100", band),
        "How well each layer's component ranks the sources by itself, with 95 % intervals; a "
        f"random order reaches {number(times_100(layers['chance']), 1)}.",
    )


def _targets(content: Mapping[str, Any]) -> Table:
    tasks, performance = content["tasks"], filled(content["performance"])
    chosen = content["methods"][content["method"]]["chosen"]
    rows = []
    for place, target in enumerate(tasks):
        column, own = performance[:, place], chosen[place]
        best = best_source(column)
        row = [target, number(content["baseline"][place], 1)]
        row.append(best_named(tasks, column) or UNDEFINED)
        row.append(UNDEFINED if best is None else number(column[best], 1))
        row.append(own or UNDEFINED)
        row.append(UNDEFINED if own is None else number(column[tasks.index(own)], 1))
        rows.append(row)
    names = ["target", "no source", "best source", "after it", "chosen source", "after it"]
    caption = f"Scores of targets, times 100; {content['method']} chooses the source."
    return Table(names, rows, caption)


def _factors(factors: Mapping[str, Any]) -> Iterator[Block]:
    if not factors:
        return
    features = dict.fromkeys(name for found in factors.values() for name in found["factors"])
    rows = [
        [name, *(_factor(found["factors"].get(name)) for found in factors.values())]
        for name in features
    ]
    explained = [None if f["r2"] is None else 100 * f["r2"] for f in factors.values()]
    rows.append(["variance explained, %", *(number(share, 1) for share in explained)])
    rows.append(["cells", *(str(found["cells"]) for found in factors.values())])
    caption = (
        "What goes with the gain: its change in percent with a standard deviation of the feature, "
        "and the 95 % interval of the bootstrap over targets."
    )
    yield Table(["feature", *(_REGRESSIONS[name] for name in factors)], rows, caption)


def _factor(found: Mapping[str, float | None] | None) -> str:
    if found is None:
        return UNDEFINED
    scale = 100 * (found["deviation"] or 0.0)
    values = (found["coefficient"], found["lower"], found["upper"])
    shown = [number(None if one is None else scale * one, sign=True) for one in values]
    return shown[0] if found["lower"] is None else f"{shown[0]} ({shown[1]} to {shown[2]})"
