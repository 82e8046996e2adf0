"""What `allennlp heads dissociate` wrote: what is left of a task without the heads of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy

from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.page.blocks import Block, Chart, Grid, HeadGrids, Section, Table, Text
from allennlp_heads.reports.page.cells import (
    interval,
    number,
    p_cell,
    spread,
    times_100,
)
from allennlp_heads.reports.page.charts import lines, matrix
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import isolated

_RANDOM, _NONE = "random heads", "no heads"


def sections(run: RunFolder) -> list[Section]:
    """A section for each report."""
    return section_of_each([run], "dissociation", "Dissociation of tasks", _blocks)


def _blocks(report: Report) -> list[Block]:
    content = report.content
    results: Sequence[Mapping[str, Any]] = content["results"]
    blocks: list[Block] = [Text(_legend(content))]
    for result in results:
        blocks += [_relative(content, result), _scores(content, result)]
        blocks += [_own(content, result), *_pairs(content, result)]
    if len(results) > 1:
        blocks.append(_curves(content, results))
    arrays = report.arrays()
    masks = _masks(content, arrays["own_masks"], arrays["exists"])
    return [*blocks, masks]


def _legend(content: Mapping[str, Any]) -> str:
    return (
        "The heads of each task are masked in turn, and all tasks are scored without them; beside "
        f"it as many random heads, {plural(content['draws'], 'mask')} a run. D, in percent: how "
        "much more a task loses without its own heads than without those of the others. "
        f"{plural(len(content['runs']), 'run')}; intervals of "
        f"{100 * content['options']['confidence']:g} % are by the bootstrap over examples."
    )


def _named(content: Mapping[str, Any], result: Mapping[str, Any]) -> str:
    return f"{result['masked']} of {content['heads']} heads masked"


def _relative(content: Mapping[str, Any], result: Mapping[str, Any]) -> Chart:
    masks = {f"heads of {task}": shares for task, shares in result["relative"].items()}
    masks[_RANDOM] = result["relative_random"]
    rows = [
        {"masked": mask, "task": task, "left": times_100(share)}
        for mask, shares in masks.items()
        for task, share in shares.items()
    ]
    spec = matrix(rows, "task", "masked", "left", limits=(0.0, 100.0), digits=1)
    title = f"What is left of each task's score, in percent: {_named(content, result)}"
    return Chart(
        title,
        spec,
        "In percent of the score with all heads; rows are the heads that are masked, columns the "
        "tasks that are scored. The table below has the scores.",
    )


def _scores(content: Mapping[str, Any], result: Mapping[str, Any]) -> Table:
    tasks = content["tasks"]
    rows = [
        [f"heads of {mask}", *(_score(scores[task]) for task in tasks)]
        for mask, scores in result["pruned"].items()
    ]
    rows += [
        [name, *(_score(result[key][task]) for task in tasks)]
        for name, key in ((_RANDOM, "random"), (_NONE, "base"))
    ]
    metrics = ", ".join(f"{isolated(task)}: {content['metrics'][task]}" for task in tasks)
    caption = f"{_named(content, result)}: scores times 100 ({metrics})."
    return Table(["masked", *tasks], rows, caption)


def _score(found: Mapping[str, Any]) -> str:
    return spread(times_100(found["mean"]), times_100(found["std"]))


def _own(content: Mapping[str, Any], result: Mapping[str, Any]) -> Table:
    rows = []
    for task in content["tasks"]:
        found, test = result["d"][task], result["against_random"][task]
        rows.append(
            [
                task,
                *(number(found["value"]), interval(found["lower"], found["upper"])),
                *(number(test["relative"]), interval(test["lower"], test["upper"])),
                p_cell(test["p_value_holm"]),
            ]
        )
    mean = result["mean_d"]
    caption = (
        f"{_named(content, result)}: each task without its own heads. Against random heads: by how "
        "many percent of its score it loses more, and p after Holm's correction. Mean D: "
        f"{number(mean['value'])} ({interval(mean['lower'], mean['upper'])})."
    )
    names = ["task", "D", "interval of D", "against random", "interval", "p"]
    return Table(names, rows, caption)


def _pairs(content: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[Table]:
    rows = [
        [
            *pair["tasks"],
            *map(number, pair["d_by_task"]),
            *(number(pair["d"]), interval(pair["lower"], pair["upper"]), pair["verdict"]),
        ]
        for pair in result["pairs"]
    ]
    if rows:
        names = ["A", "B", "D of A", "D of B", "D", "interval of D", "dissociation"]
        yield Table(names, rows, f"{_named(content, result)}: pairs of tasks.")


def _curves(content: Mapping[str, Any], results: Sequence[Mapping[str, Any]]) -> Chart:
    rows = [
        {
            "masked": 100 * result["alpha"],
            "task": task,
            "d": result["d"][task]["value"],
            "low": result["d"][task]["lower"],
            "high": result["d"][task]["upper"],
        }
        for result in results
        for task in content["tasks"]
    ]
    title = "D over the share of masked heads"
    spec = lines(rows, "masked", "d", "task", "masked heads, %", "D, %", band=("low", "high"))
    about = "D of each task at each share of masked heads; the tables above have the numbers."
    return Chart(title, spec, about)


def _masks(content: Mapping[str, Any], masks: numpy.ndarray, exists: numpy.ndarray) -> HeadGrids:
    """`masks` `[runs, alphas, tasks, layers, heads]`, `exists` `[layers, heads]`."""
    several = len(content["results"]) > 1
    shares = numpy.where(exists, masks.mean(axis=0), numpy.nan)
    grids = [
        Grid(task, shares[:, place] if several else shares[0, place])
        for place, task in enumerate(content["tasks"])
    ]
    frames = [_named(content, result) for result in content["results"]] if several else ()
    return HeadGrids(
        "Heads that are masked for each task", grids, "share of the runs", frames, limits=(0, 1)
    )
