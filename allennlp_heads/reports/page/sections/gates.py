"""The gates of a run, epoch by epoch, and how many heads they leave open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy

from allennlp_heads.pruning.options import THRESHOLD
from allennlp_heads.reports.gate_history import BEFORE_TRAINING
from allennlp_heads.reports.gate_pictures import chosen_frames, moment
from allennlp_heads.reports.page.blocks import Block, Chart, Grid, HeadGrids, Section, Table, Text
from allennlp_heads.reports.page.cells import between
from allennlp_heads.reports.page.charts import lines, matrix
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import isolated, listed

_WHAT = (
    "A gate multiplies what its head computes: 1 leaves it as it is, 0 takes the head away. "
    "Here a head is open when its gate is above {threshold:g}; 'prune' by default keeps the heads "
    "with a gate above {kept:g}, which can be fewer. A closed head is one that this run does "
    "without, beside those that stay open: another seed may close others, and that a head is "
    "closed does not say what it computes."
)
_DIGITS = 4


def sections(run: RunFolder) -> list[Section]:
    """A section for each `gates.json`, with the arrays beside it."""
    return section_of_each([run], "gates", "Gates", _blocks)


def _blocks(report: Report) -> list[Block]:
    content = report.content
    names, epochs = _set_names(content), content["epochs"]
    arrays = report.arrays()
    about = _WHAT.format(threshold=content["threshold"], kept=THRESHOLD)
    blocks: list[Block] = [Text(about), Text(_outcome(content))]
    blocks.append(_table(content, arrays, names))
    blocks.append(_grids(content, arrays, names))
    if len(epochs) > 1:
        blocks.append(_open_by_epoch(epochs, names))
    blocks.append(_open_by_layer(_last(content), content["sets"], names))
    return blocks


def _set_names(content: Mapping[str, Any]) -> dict[str, str]:
    """What the page calls each set of gates: the tasks it serves, where that tells sets apart."""
    serves = content.get("tasks_of_set") or {}
    names = {key: " + ".join(serves.get(key) or [key]) for key in content["sets"]}
    return names if len(set(names.values())) == len(names) else {key: key for key in names}


def _last(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The archived gates; without an archive those of the latest epoch."""
    last: Mapping[str, Any] = content["final"] or content["epochs"][-1]
    return last


def _outcome(content: Mapping[str, Any]) -> str:
    last = _last(content)
    when, found = moment(last["epoch"]), open_heads(content, last)
    if content["final"]:
        return f"The archived model is that {when}. Open heads: {found}."
    return f"Open heads {when}: {found}."


def open_heads(content: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """
    # Parameters

    content : `Mapping[str, Any]`
        Of a `gates.json`.
    entry : `Mapping[str, Any]`
        One of its epochs, or the archived gates.

    # Returns

    `str`
        As `3 of 6`; of several sets of gates the fewest and the most.
    """
    sets = content["sets"]
    found = between([gates["open"] for gates in entry["sets"].values()])
    most = max(size["heads"] for size in sets.values())
    several = f" in {len(sets)} sets of gates" if len(sets) > 1 else ""
    return f"{found} of {most}{several}"


def _table(
    content: Mapping[str, Any], arrays: Mapping[str, numpy.ndarray], names: Mapping[str, str]
) -> Table:
    rows = []
    for key, name in names.items():
        found = _last(content)["sets"][key]
        heads = str(content["sets"][key]["heads"])
        gates = arrays[f"final/{key}"] if content["final"] else arrays[f"gates/{key}"][-1]
        above = int((gates > THRESHOLD)[arrays[f"exists/{key}"]].sum())
        rows.append([name, heads, str(found["open"]), str(above), f"{found['mean']:.3f}"])
    return Table(["gates of", "heads", "open", f"above {THRESHOLD:g}", "mean gate"], rows)


def _grids(
    content: Mapping[str, Any], arrays: Mapping[str, numpy.ndarray], names: Mapping[str, str]
) -> HeadGrids:
    epochs = arrays["epochs"].tolist()
    chosen = chosen_frames(len(epochs))
    frames = [moment(epochs[frame]) for frame in chosen]
    final = content["final"]
    if final:
        frames.append(f"archived ({moment(final['epoch'])})")
    grids = []
    for key, name in names.items():
        values = arrays[f"gates/{key}"][chosen]
        if final:
            values = numpy.concatenate([values, arrays[f"final/{key}"][None]])
        exists = arrays[f"exists/{key}"].astype(bool)
        shown = numpy.where(exists, values.astype(float).round(_DIGITS), numpy.nan)
        grids.append(Grid(name, shown))
    return HeadGrids("Gates of all heads", grids, "gate", frames, limits=(0.0, 1.0))


def _open_by_epoch(epochs: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Chart:
    by_course: dict[tuple[int, ...], list[str]] = {}
    for key, name in names.items():
        course = tuple(entry["sets"][key]["open"] for entry in epochs)
        by_course.setdefault(course, []).append(name)
    rows = [
        {
            "epochs": entry["epoch"] - BEFORE_TRAINING,
            "open": course[place],
            "gates": " = ".join(map(isolated, equal)),  # lines that would hide each other
        }
        for place, entry in enumerate(epochs)
        for course, equal in by_course.items()
    ]
    spec = lines(rows, "epochs", "open", "gates", "epochs of training", "open heads")
    first, last = (
        sum(found["open"] for found in entry["sets"].values()) for entry in (epochs[0], epochs[-1])
    )
    whose = "" if len(names) == 1 else f" of the {len(names)} sets of gates together"
    about = f"The number of open heads{whose} goes from {first} to {last}."
    for equal in by_course.values():
        if len(equal) > 1:
            about += f" Equal in all epochs, and one line: {listed(equal)}."
    return Chart("Open heads by epoch", spec, about)


def _open_by_layer(
    last: Mapping[str, Any], sizes: Mapping[str, Any], names: Mapping[str, str]
) -> Chart:
    rows: list[dict[str, Any]] = []
    for key, name in names.items():
        rows += [
            {"layer": layer, "gates": name, "open": count}
            for layer, count in enumerate(last["sets"][key]["open_per_layer"], start=1)
        ]
    most = max(max(sizes[key]["heads_per_layer"]) for key in names)
    limits = (0.0, float(most))
    spec = matrix(rows, "layer", "gates", "open", x_title="layer", limits=limits, digits=0)
    about = f"How many heads of each layer are open, of at most {most}."
    return Chart("Open heads by layer", spec, about)
