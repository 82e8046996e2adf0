"""Which task a training trained when, for trainings in phases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each

_BEST = {
    "last_phase": "Only epochs that end in the last phase could become the best one.",
    "any": "Every epoch could become the best one, also one before the last phase.",
}
_RESETS = {"head": "weights of the head", "optimizer": "moments of the optimizer"}

Phase = Mapping[str, Any]


def sections(run: RunFolder) -> list[Section]:
    """A section for each `phases.json`."""
    return section_of_each([run], "phases", "Phases", _blocks)


def _blocks(report: Report) -> list[Block]:
    content = report.content
    phases = content["phases"]
    planned = phases[-1]["last_update"] + 1
    done = content["trained_updates"]
    about = (
        f"One task is trained after the other: {plural(len(phases), 'phase')} in "
        f"{plural(content['rounds'], 'round')}, {plural(planned, 'update')} over "
        f"{plural(content['epochs'], 'epoch')}. {_BEST.get(content['best'], '')}"
    )
    if done < planned:
        about += f" {done} of the updates are done."
    return [Text(about.strip()), _table(phases, content["rounds"]), _chart(phases)]


def _table(phases: Sequence[Phase], rounds: int) -> Table:
    columns = [
        "phase",
        "round",
        "task",
        "its data, %",
        "batches",
        "updates",
        "epochs",
        "starts anew",
    ]
    rows = [
        [
            str(number + 1),
            str(phase["round"] + 1),
            phase["task"],
            " to ".join(f"{100 * share:g}" for share in phase["part"]),
            str(phase["batches"]),
            _from_to(phase, "update"),
            _from_to(phase, "epoch"),
            ", ".join(what for key, what in _RESETS.items() if phase[key] != "keep"),
        ]
        for number, phase in enumerate(phases)
    ]
    left_out = {1} if rounds == 1 else set()
    if not any(row[-1] for row in rows):
        left_out.add(len(columns) - 1)
    kept = [place for place in range(len(columns)) if place not in left_out]
    return Table([columns[i] for i in kept], [[row[i] for i in kept] for row in rows])


def _from_to(phase: Phase, unit: str) -> str:
    first, last = (phase[f"{end}_{unit}"] + 1 for end in ("first", "last"))
    return f"{first}" if first == last else f"{first} to {last}"


def _chart(phases: Sequence[Phase]) -> Chart:
    rows = [
        {
            "phase": number + 1,
            "task": phase["task"],
            "first": phase["first_update"],
            "end": phase["last_update"] + 1,
        }
        for number, phase in enumerate(phases)
    ]
    task = {"field": "task", "type": "nominal", "sort": None, "title": None}
    first = {"field": "first", "type": "quantitative", "title": "updates"}
    bars = {
        "mark": {"type": "bar", "stroke": "white"},
        "encoding": {
            "x": first,
            "x2": {"field": "end"},
            "y": task,
            "tooltip": [{"field": field} for field in ("phase", "task", "first", "end")],
        },
    }
    spec = {
        "data": {"values": rows},
        "width": "container",
        "height": 28 * len({phase["task"] for phase in phases}),
        "autosize": {"type": "fit-x", "contains": "padding"},
        **bars,
    }
    about = "When each task is trained, in updates; the table above has the numbers."
    return Chart("Tasks over the training", spec, about)
