"""What `allennlp heads overlap` wrote: which heads groups of runs open, and who shares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy

from allennlp_heads.reports.markup import p_text, plural
from allennlp_heads.reports.page.blocks import Block, Chart, Grid, HeadGrids, Section, Table, Text
from allennlp_heads.reports.page.cells import filled, number, p_cell, times_100
from allennlp_heads.reports.page.charts import dots, lines, matrix
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each
from allennlp_heads.reports.page.sections.names import listed


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """A section for each overlap of gates."""
    return section_of_each(runs, "overlap", "Overlap of open heads", _blocks)


def _blocks(report: Report) -> list[Block]:
    content, arrays = report.content, report.arrays()
    blocks: list[Block] = [_text(content), _groups(content), _gates(content, arrays)]
    if content["claims"] is not None:
        claimed = numpy.where(arrays["exists"], arrays["claimed_by"], numpy.nan)
        blocks += _claims(content["claims"], claimed)
    blocks.append(_layers(content))
    if len(content["groups"]) > 1:
        blocks.append(_correlations(content["correlation"]))
    return [*blocks, *_jaccard(content["jaccard"])]


def _text(content: Mapping[str, Any]) -> Text:
    heads = f"{content['heads']} heads in {plural(content['layers'], 'layer')}"
    return Text(
        f"A head is open when its gate is above {content['threshold']:g}. A group of runs claims a "
        f"head that more than half of its runs open. The encoder has {heads}."
    )


def _groups(content: Mapping[str, Any]) -> Table:
    agreement = content["correlation"]["run_to_run_pearson"]
    rows = [
        [
            *(group["name"], str(len(group["runs"])), number(group["open"], 1)),
            *(number(times_100(group["open_share"]), 1), number(group["mean_gate"])),
            *(str(group["claimed"]), number(between)),
        ]
        for group, between in zip(content["groups"], agreement, strict=True)
    ]
    names = ["group", "runs", "open heads", "open, %", "mean gate", "claimed", "r between runs"]
    caption = "Open heads and gates are means over runs; r is Pearson's, of the gates of two runs."
    return Table(names, rows, caption)


def _gates(content: Mapping[str, Any], arrays: Mapping[str, numpy.ndarray]) -> HeadGrids:
    exists, of_run = arrays["exists"], arrays["group_of_run"]
    # in single precision, as the report counts
    is_open = arrays["runs"].astype(numpy.float32) > numpy.float32(content["threshold"])
    grids = []
    for place, group in enumerate(content["groups"]):
        runs = is_open[of_run == place]
        details = {f"open in so many of {plural(len(runs), 'run')}": runs.sum(axis=0)}
        grids.append(_grid(group["name"], arrays["group_means"][place], exists, details))
    if len(content["counted"]) > 1:
        name = f"mean of {', '.join(content['counted'])}"
        details = {"groups that claim it": arrays["claimed_by"]}
        grids.append(_grid(name, arrays["mean"], exists, details))
    description = "The mean gate of each head over the runs of a group."
    return HeadGrids("Mean gates", grids, "gate", limits=(0, 1), description=description)


def _grid(
    name: str,
    values: numpy.ndarray,
    exists: numpy.ndarray,
    details: Mapping[str, numpy.ndarray],
) -> Grid:
    cells = {key: numpy.where(exists, array, numpy.nan) for key, array in details.items()}
    return Grid(name, numpy.where(exists, values, numpy.nan), cells)


def _claims(claims: Mapping[str, Any], claimed_by: numpy.ndarray) -> Iterator[Block]:
    groups = len(claims["by"])
    common = claims["by_all"]
    heads = ", ".join(f"{head['layer'] + 1}.{head['head'] + 1}" for head in common["heads"])
    found = f"{plural(common['observed'], 'head')} claimed by all of {listed(claims['by'])}"
    yield Text(
        f"{found}{f': {heads} (layer.head, both from 1)' if heads else ''}. By chance it would be "
        f"{number(common['by_chance'], 1)} ({p_text(common['p_value_exact'])}), if each group "
        "claimed as many heads as it does, anywhere."
    )
    grid = Grid("all groups", claimed_by)
    yield HeadGrids("Heads that groups share", [grid], "groups that claim it", limits=(0, groups))
    yield _beside_chance(claims["k"], claims["exactly"])
    exactly, at_least = claims["exactly"], claims["at_least"]
    rows = [
        [
            *(str(k), str(exactly["observed"][k]), number(exactly["by_chance"][k], 1)),
            f"{exactly['chance_2.5_percent'][k]:.3g} to {exactly['chance_97.5_percent'][k]:.3g}",
            *(str(at_least["observed"][k]), number(at_least["by_chance"][k], 1)),
            p_cell(at_least["p_value"][k]),
        ]
        for k in claims["k"]
    ]
    names = ["groups", "heads", "by chance", "95 % of chance"]
    names += ["heads of so many or more", "by chance", "p"]
    yield Table(names, rows, "How many heads are claimed by so many groups.")


def _beside_chance(numbers: Sequence[int], exactly: Mapping[str, Any]) -> Chart:
    rows = []
    for k in numbers:
        ends = {"low": exactly["chance_2.5_percent"][k], "high": exactly["chance_97.5_percent"][k]}
        of_chance = {"heads": exactly["by_chance"][k], "of": "by chance, with 95 %", **ends}
        label = f"claimed by {k}"
        rows += [
            {"groups": label, "heads": exactly["observed"][k], "of": "observed"},
            {"groups": label, **of_chance},
        ]
    return Chart(
        "Heads that so many groups claim",
        dots(rows, "groups", "heads", "low", "high", "of", "heads", zero=True),
        "For each number of groups, how many heads are claimed by so many of them, beside what "
        "chance gives. The table below has the numbers.",
    )


def _layers(content: Mapping[str, Any]) -> Chart:
    rows = [
        {"layer": layer, "open": heads, "group": group["name"]}
        for group in content["groups"]
        for layer, heads in enumerate(group["open_per_layer"], start=1)
    ]
    return Chart(
        "Open heads by layer",
        lines(rows, "layer", "open", "group", "layer", "open heads, mean over runs"),
        "How many heads each group opens in each layer, the mean over its runs.",
    )


def _correlations(found: Mapping[str, Any]) -> Chart:
    names, table = found["names"], filled(found["pearson"])
    numpy.fill_diagonal(table, filled(found["run_to_run_adjusted_r"]))
    rows = [
        {"row": one, "column": other, "r": table[row, column]}
        for row, one in enumerate(names)
        for column, other in enumerate(names)
    ]
    return Chart(
        "Correlation of gates between groups",
        matrix(rows, "column", "row", "r", True, value_title="Pearson's r", limits=(-1, 1)),
        "Pearson's r of the mean gates of two groups over all heads; on the diagonal how well runs "
        "of one group agree, as the root of the adjusted R².",
    )


def _jaccard(found: Mapping[str, Any]) -> Iterator[Block]:
    """How much the open heads of two runs have in common, between groups and within them."""
    names = found["names"]
    rows = [
        [
            *(names[row], names[column] if column != row else "its own runs"),
            *(number(found[key][row][column]) for key in ("mean", "by_chance")),
            *(p_cell(found[key][row][column]) for key in ("p_value", "p_value_holm")),
        ]
        for row in range(len(names))
        for column in range(row, len(names))
        if found["mean"][row][column] is not None
    ]
    if rows:
        caption = (
            "Open heads in common: Jaccard's index of two runs, the mean over pairs of runs; by "
            "chance if each run opened as many heads of each layer as it does, any of them."
        )
        columns = ["group", "and", "Jaccard", "by chance", "p", "p (Holm)"]
        yield Table(columns, rows, caption)
