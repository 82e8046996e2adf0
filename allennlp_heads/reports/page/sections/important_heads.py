"""What important-head training wrote: the heads that each task trains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy

from allennlp_heads.reports.page.blocks import Block, Grid, HeadGrids, Section, Table, Text
from allennlp_heads.reports.page.cells import filled
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each

_KIND = "important_head_training"
_CHOSEN = {
    "important": "those that are most important to it",
    "bottom": "those that are least important to it",
    "random": "drawn at random for it",
    "all": "all of them",
}


def sections(run: RunFolder) -> list[Section]:
    """A section where the training has come to this phase."""
    return section_of_each([run], _KIND, "Heads that each task trains", _blocks)


def _blocks(report: Report) -> list[Block]:
    content = report.content
    choices: Sequence[Mapping[str, Any]] = content["choices"]
    if not choices:
        return []
    chosen = content["chosen"]
    text = (
        f"After the first {choices[0]['update']:,} updates each task trains a share of the heads "
        f"only ({100 * content['alpha']:g} %): {_CHOSEN.get(chosen, chosen)}."
    )
    names = [f"after {choice['update']:,} updates" for choice in choices]
    frames = names if len(choices) > 1 else []
    grids = list(_grids(content, choices, bool(frames)))
    shown = HeadGrids("Heads that a task trains", grids, "share of trained", frames, limits=(0, 1))
    return [Text(text), shown, _counts(choices, names)]


def _grids(
    content: Mapping[str, Any], choices: Sequence[Mapping[str, Any]], framed: bool
) -> Iterator[Grid]:
    exists = numpy.array(content["exists"], dtype=bool)

    def of_frames(arrays: list[numpy.ndarray]) -> numpy.ndarray:
        values = numpy.where(exists, numpy.stack(arrays), numpy.nan)
        return values if framed else values[0]

    tasks = list(choices[0]["masks"])
    masks = {task: [filled(choice["masks"][task]) for choice in choices] for task in tasks}
    for task in tasks:
        # heads that are drawn, or all, are chosen without it
        measured = [choice["importance"][task] for choice in choices if choice["importance"]]
        importance = {"importance": of_frames(list(map(filled, measured)))} if measured else {}
        yield Grid(task, of_frames(masks[task]), importance)
    if len(tasks) > 1:
        shares = [numpy.mean(of_choice, axis=0) for of_choice in zip(*masks.values())]
        yield Grid("share of the tasks", of_frames(shares))


def _counts(choices: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Table:
    tasks = list(choices[0]["heads_of_task"])
    several = len(tasks) > 1
    rows = []
    for name, choice in zip(names, choices, strict=True):
        counts = [choice["heads_of_task"][task] for task in tasks]
        if several:
            counts += [choice["heads_of_all_tasks"], choice["heads_of_no_task"]]
        rows.append([name, *map(str, counts)])
    columns = ["chosen", *tasks, *(["all tasks", "no task"] if several else [])]
    return Table(columns, rows, "How many heads.")
