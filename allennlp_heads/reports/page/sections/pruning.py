"""What removing heads made of a model: which heads are gone, its size, speed and scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy

from allennlp_heads.pruning.report import kept_array
from allennlp_heads.reports.files import read_report
from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.page.blocks import Block, Chart, Grid, HeadGrids, Section, Table, Text
from allennlp_heads.reports.page.cells import UNDEFINED, interval, number, times_100
from allennlp_heads.reports.page.charts import bars
from allennlp_heads.reports.page.run_folder import VERSIONS, Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import (
    damage_named,
    inside,
    section_of_each,
)
from allennlp_heads.reports.page.sections.names import isolated
from allennlp_heads.reports.page.sections.prunings import compared
from allennlp_heads.reports.page.task_scores import TaskScores, read_task_scores

_DIGITS = 4
_SCORE_COLUMNS = [
    *("evaluation", "task", "metric"),
    *("before", "95 % interval", "after", "95 % interval"),
]
_SCORE_CAPTION = "Scores times 100 of the same examples, before and after."

Content = Mapping[str, Any]


def sections(run: RunFolder) -> list[Section]:
    """One section: of `pruned/`, of a folder that `prune` wrote, or of several of them."""
    title, reports = "Heads removed", run.reports("pruning")
    if len(reports) < 2:
        return section_of_each([run], "pruning", title, partial(_blocks, run))
    by_name = {inside(run, report) or run.name: report for report in reports}
    named = {name: by_name[name] for name in sorted(by_name)}
    with damage_named(", ".join(str(report.path) for report in reports)):
        contents = {name: report.content for name, report in named.items()}
        blocks = compared(contents, _chosen, partial(_kept, run))
        scores = [
            [name, *row] for name, report in named.items() for row in _score_rows(run, report)
        ]
    if scores:
        blocks.append(Table(["model", *_SCORE_COLUMNS], scores, _SCORE_CAPTION))
    return [Section("pruning", title, blocks)]


def _blocks(run: RunFolder, report: Report) -> list[Block]:
    content = report.content
    blocks: list[Block] = []
    if "heads" in content:
        blocks.append(Text(_outcome(content)))
    if "kept" in content:
        blocks.append(_grid(run, content))
    rows = list(_sizes(content))
    if rows:
        blocks.append(Table(["size", "before", "after", "after, %"], rows))
    if "cost" in content:
        blocks += _speed(content)
    return blocks + list(_scores(run, report))


def _outcome(content: Content) -> str:
    heads = content["heads"]
    text = f"{heads['after']} of {heads['before']} heads are kept, {_chosen(content)}."
    if heads["after"] == heads["before"]:
        text += " That is all of them: nothing was removed."
    difference = (content.get("largest_difference") or {}).get("reloaded")
    if difference is not None:
        text += (
            " Their weights are gone for good; the smaller encoder computes what the whole one "
            f"does with these heads set to zero (largest difference {difference:.1e})."
        )
    return text


def _chosen(content: Content) -> str:
    task, keep = content.get("task"), content.get("keep")
    if keep is None:
        chosen = f"those with a gate above {content['threshold']:g}"
    elif isinstance(keep, int):
        chosen = f"the {keep} with the highest gates"
    else:
        chosen = f"the {100 * keep:g} % with the highest gates"
    return chosen + (f" for the task {isolated(task)}" if task else "")


def _kept(run: RunFolder, content: Content, name: str) -> Grid:
    kept = kept_array(content["kept"], content["original"])
    values = numpy.where(kept, 1.0, numpy.nan)
    return Grid(name, values, _gates(run, content, values.shape))


def _grid(run: RunFolder, content: Content) -> HeadGrids:
    grid = _kept(run, content, content.get("task") or "kept heads")
    about = "A head that is kept is 1; one that is removed has no number and is hatched."
    return HeadGrids("Kept heads", [grid], "kept", limits=(0.0, 1.0), description=about)


def _gates(run: RunFolder, content: Content, shape: tuple[int, ...]) -> dict[str, numpy.ndarray]:
    """The archived gates that the choice was made by, where the run has them."""
    for report in run.reports("gates"):
        arrays, serves = report.arrays(), report.content.get("tasks_of_set") or {}
        of_task = (one for one, tasks in serves.items() if content.get("task") in tasks)
        key = next(of_task, next(iter(report.content["sets"])))
        final = arrays.get(f"final/{key}")
        if final is not None and final.shape == shape:
            return {"gate": final.astype(float).round(_DIGITS)}
    return {}


def _sizes(content: Content) -> Iterator[list[str]]:
    parameters, cost = content.get("parameters") or {}, content.get("cost") or {}
    found = {
        "heads": content.get("heads"),
        "parameters of the encoder": parameters.get("encoder"),
        "parameters of the model": parameters.get("model"),
        "bytes of the weights": content.get("bytes"),
    }
    if "multiply_adds" in cost:
        found[f"multiply-adds of a text of {cost['tokens']} pieces"] = cost["multiply_adds"]
    for name, size in found.items():
        if size is not None:
            before, after = size["before"], size["after"]
            share = f"{100 * after / before:.1f}"
            yield [name, f"{before:,}", f"{after:,}", share]


def _speed(content: Content) -> list[Block]:
    cost, measured = content["cost"], content.get("measured")
    text = (
        f"Expected is {_times(cost['expected_speedup'])} the speed of the encoder, by counting "
        f"multiply-adds in texts of {plural(cost['tokens'], 'piece')}. Attention's projections are "
        f"{100 * cost['attention_projections_share']:.0f} % of them and all else stays, so that "
        f"without any heads it would be {_times(cost['speedup_without_heads'])}, never more."
    )
    if measured is None:
        text += " Nothing was measured."
    else:
        seconds = measured["seconds"]
        text += (
            f" Measured were {_times(measured['speedup'])}: {seconds['masked']:.4f} s with the "
            f"heads set to zero and {seconds['removed']:.4f} s without them, for "
            f"{measured['batch']} texts of {plural(measured['tokens'], 'piece')} on "
            f"{measured['device']} with {plural(measured['threads'], 'thread')}. That is this one "
            "machine; task heads, reading and data are not in it."
        )
    return [Text(text), _speed_chart(cost, measured)]


def _speed_chart(cost: Content, measured: Content | None) -> Chart:
    speeds = {"expected": cost["expected_speedup"]}
    if measured is not None:
        speeds["measured"] = measured["speedup"]
    speeds["without any heads"] = cost["speedup_without_heads"]
    rows = [{"what": what, "speed": speed} for what, speed in speeds.items()]
    words = ", ".join(f"{what} {_times(speed)}" for what, speed in speeds.items())
    spec = bars(rows, "what", "speed", value_title="speed, before the removal 1")
    return Chart("Speed of the encoder", spec, f"Before the removal it is 1: {words}.")


def _times(speed: float) -> str:
    return f"{speed:.2f} times"


def _scores(run: RunFolder, report: Report) -> Iterator[Block]:
    rows = list(_score_rows(run, report))
    if rows:
        yield Table(_SCORE_COLUMNS, rows, _SCORE_CAPTION)


def _score_rows(run: RunFolder, report: Report) -> Iterator[list[str]]:
    """Evaluations of the smaller model beside those of the run on the same files."""
    folder = report.path.parent.parent
    if folder == run.path:
        return  # a folder of the smaller model alone
    before = {
        (one.task, one.digest): one
        for found in run.reports("scores")
        for one in read_task_scores(found)
    }
    for path in sorted(folder.glob("scores.*.json")):
        content = read_report(path, "scores", VERSIONS["scores"])
        for one in read_task_scores(Report(path, content)):
            other = before.get((one.task, one.digest))
            if other is not None and one.digest is not None:
                yield [one.data, one.task, one.metric, *_scored(other), *_scored(one)]


def _scored(scores: TaskScores) -> list[str]:
    ends = scores.interval()
    shown = UNDEFINED if ends is None else interval(100 * ends[0], 100 * ends[1], 1)
    return [number(times_100(scores.score), 1), shown]
