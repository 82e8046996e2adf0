"""The parts of `docs/reliability.md` that come from the records."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.chaos.compare import KINDS, TRAINING
from docs.chaos.record import FAULTS, GRID, read_record
from docs.runs.records import Record

_SHOWN = 3


def with_results(text: str, folder: Path) -> str:
    """
    The page's text with the parts between `<!-- faults -->` and `<!-- end of faults -->`, and the
    same for `grid`, made anew from the records that are there. Raises `ValueError` for a record
    that is wrong, and for a page without the marks.
    """
    for name, lines in ((FAULTS, faults_lines), (GRID, grid_lines)):
        path = folder / f"{name}.json"
        if path.is_file():
            text = _with_part(text, name, "\n".join([*lines(read_record(path)), ""]))
    return text


def _with_part(text: str, name: str, part: str) -> str:
    begin, end = (f"<!-- {mark}{name} -->" for mark in ("", "end of "))
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"docs/reliability.md has no {begin} with its {end}")
    return f"{before}{begin}\n{part}{end}{after}"


def faults_lines(record: Record) -> list[str]:
    """A row a fault, for all parts of the project in which the same came of it."""
    alike: dict[tuple[str, ...], list[Record]] = {}
    for row in sorted(record["rows"], key=lambda row: (row["fault"], row["part"])):
        lost = row["moments"] - row["withstood"]
        key = (row["fault"], _outline(row["came"]), f"{lost or ''}", row["part"] * bool(lost))
        alike.setdefault(key, []).append(row)
    lines = ["", "| fault | in | tried | what came of it |", "|---|---|---|---|"]
    for (fault, _, lost_times, _), rows in alike.items():
        parts = ", ".join(row["part"] for row in rows).replace("`, `heads ", "`, `")
        came = rows[0]["came"].replace("|", "\\|")
        came = f"**not withstood {lost_times} times** {came}" if lost_times else came
        lines.append(f"| {fault} | {parts} | {sum(row['moments'] for row in rows)} | {came} |")
    skipped = sorted(set(record["skipped"].values()))
    said = f"{record['tests']} trials in {record['minutes']:.0f} min, "
    said += f"{len(record['not_withstood'])} not withstood"
    said += f"; left out: {'; '.join(skipped)}" if skipped else ""
    return [*lines, "", f"{said}. {record['hardware']}."]


def _outline(came: str) -> str:
    """A message without what differs from file to file."""
    return " ".join(word for word in came.split() if not re.search(r"[/\d]", word))[:60]


def grid_lines(record: Record) -> list[str]:
    """What was compared, the log of the kills, and a row a run."""
    runs, minutes, budget = record["runs"], record["minutes"], record["budget"]
    lines = [
        "",
        f"{len(runs)} runs of `{record['experiment']}` with {record['encoder']}, "
        f"{budget['sentences']} sentences a task and {budget['epochs']} epochs: "
        f"{minutes['undisturbed']:.1f} minutes undisturbed, {minutes['disturbed']:.1f} with "
        f"{len(record['kills'])} kills. {record['hardware']}.",
        "",
        "| compared | runs in which all is equal to the bit |",
        "|---|---|",
    ]
    lines += [
        f"| {kind}: {KINDS[kind]} | {equal} of {len(runs)} |"
        for kind, equal in record["kinds"].items()
    ]
    return [*lines, "", *_differences(runs), *_kills(record), "", *_runs(runs)]


def _differences(runs: Record) -> Iterator[str]:
    for kind in KINDS:
        names = [name for name, run in runs.items() if kind in run["differences"]]
        if not names:
            continue
        listed = ", ".join(f"`{name}`" for name in names)
        if kind == TRAINING:
            yield (
                "The training metrics of an epoch in whose middle a run went on cover the batches "
                f"after that alone, which is so in {listed}."
            )
        else:
            first = "; ".join(runs[names[0]]["differences"][kind][:_SHOWN])
            yield f"**{kind} differ** in {listed}: {first}."
        yield ""


def _kills(record: Record) -> Iterator[str]:
    yield "| kill | after | processes | complete | under way, with epochs and newest checkpoint | "
    yield "|---|---|---|---|---|"
    for number, kill in enumerate(record["kills"], 1):
        under_way = [
            f"`{name}` {run['epochs']}, {run['checkpoint'] or 'none yet'}"
            for name, run in kill["running"].items()
        ]
        under_way += [f"half-written: `{name}`" for name in kill["half"][:_SHOWN]]
        cells = (
            f"{number}",
            f"{kill['after']:.0f} s",
            f"{kill['processes']}",
            f"{kill['complete']} of {len(record['runs'])}",
            "; ".join(under_way) or "nothing",
        )
        yield f"| {' | '.join(cells)} |"
    left = record["left"]
    yield ""
    yield (
        f"Half-written files left in the end: {', '.join(f'`{name}`' for name in left)}."
        if left
        else "No half-written file was left in the end."
    )


def _runs(runs: Record) -> Iterator[str]:
    """One row for all seeds."""
    yield "| runs | score, seed by seed | heads open | attempts |"
    yield "|---|---|---|---|"
    for name, of_name in itertools.groupby(sorted(runs), key=lambda run: run.rpartition(".")[0]):
        found = [runs[run] for run in of_name]
        cells = (
            name or "one run",
            _each(f"{run['score']:.4f}" for run in found),
            _each(f"{run['open']}" for run in found),
            _each(f"{run['attempts']}" for run in found),
        )
        yield f"| {' | '.join(cells)} |"


def _each(values: Iterator[str] | Sequence[str]) -> str:
    return " ".join(values)
