"""The part of `docs/results.md` about removed heads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from allennlp_heads.reports.overlap import Overlap
from docs.five_tasks import record as five_tasks
from docs.five_tasks.comparisons import ALONE, TOGETHER
from docs.pruning import overlap
from docs.pruning.comparisons import AGAINST, BEFORE, COLUMNS, REMOVED, Compared, Results
from docs.pruning.plan import GATED, MAGNITUDE, RANDOM, kept_of
from docs.pruning.record import STAGES, read_records
from docs.pruning.sizes import sizes
from docs.pruning.stages import THRESHOLD
from docs.runs import paired
from docs.runs.records import Record
from docs.runs.tables import markdown, origin, spread

LEVEL = 0.05
_SAME = ("sentences", "epochs", "overlay", "test_sentences")
"""What must be equal before heads are removed; the settings differ in the gates' learning rate."""

_READING = """Learned gates close {share:g} % of the heads during the training; what they close is
then removed from the model. Scores of the main metric on the test sentences:

- *before*: the same training without gates, with all {heads} heads (the table above);
- *gated*: with the gates as they were trained, some of them between 0 and 1;
- *binarised*: the same weights, gates above {threshold} set to 1 and all others to 0;
- *removed*: the archive without the heads whose gate is 0, reloaded and scored by itself;
- *random*, *magnitude*: baselines, trained from the first update on with {kept} of {heads} heads,
  chosen at random (by the run's seed) or by the size of their weights in the pretrained encoder.

Data and budget are the same everywhere, and so are the seeds of a line: mean +- standard deviation
over them, a single number where there was one. Of the five tasks on one encoder, `all_shared` has
one set of gates for all, `all_per_task` one for each; the baselines of both have one mask for all
tasks."""

_TESTS = """*removed* against *random*, *magnitude* and *before*, on the same test sentences,
between runs of the same seeds. The p-value is of approximate randomisation (10,000 exchanges,
two-sided), beside it stands that after Holm's correction for all {number} comparisons; the interval
is of the paired bootstrap. Both take the trained models as given. The last column shows what seeds
change; where it has one number, nothing is known of that."""


def section(folder: Path, before: Path, images: str, gates: Overlap | None = None) -> list[str]:
    """
    The lines of the section.

    # Parameters

    folder : `Path`
        Of the records about removed heads.
    before : `Path`
        Of the records of the five tasks.
    images : `str`
        Link to the folder of the pictures.
    gates : `Overlap`, optional (default = `None`)
        What the gates of the runs have in common.

    Raises `ValueError` that names the file of a record that is wrong.
    """
    records = read_records(folder)
    open_heads = five_tasks.read_records(before)
    _check_budgets(records, open_heads)
    results = Results(records, open_heads)
    lines = ["## Heads removed: learned gates, random heads and magnitude", ""]
    if not results.rows():
        return [*lines, "There are baselines so far, but no run with learned gates.", ""]
    lines += [*_reading(records), "", *_table(results), ""]
    lines += [
        f"![the same scores as dots, one a run]({images}/scores.png)",
        "",
        *_losses(results),
        "",
    ]
    lines += [*sizes(results), "", *_tests(results.compared()), ""]
    if gates is not None:
        lines += overlap.section(gates, images)
    return [*lines, *_runs(records), *origin(records.values())]


def _reading(records: dict[str, Record]) -> list[str]:
    budget = next(iter(records.values()))["budget"]
    every = [found for record in records.values() for found in record["sets"].values()]
    heads = every[0]["heads"]
    text = _READING.format(
        share=100 * budget["target"],
        kept=kept_of(heads, budget["target"]),
        heads=heads,
        threshold=THRESHOLD,
    )
    return text.splitlines()


def _table(results: Results) -> list[str]:
    table = [["training", "task", *COLUMNS, "seeds"]]
    for row in results.rows():
        seeds = len(results.seeds(row, REMOVED))
        scores = [_cell(results.scores(row, column), seeds) for column in COLUMNS]
        table.append([row.training, row.task.upper(), *scores, str(seeds)])
    return markdown(table)


def _cell(scores: list[float], seeds: int) -> str:
    """With the number of scores where the line has another number of seeds."""
    fewer = f" ({len(scores)} of {seeds} seeds)" if 0 < len(scores) < seeds else ""
    return f"{spread(scores)}{fewer}"


def _losses(results: Results) -> list[str]:
    """What binarising and removing change by themselves: nothing that was trained changes there."""
    gated, binarised, removed = STAGES
    return [
        f"Binarising changes a run's score by {_most(results, gated, binarised)} at most, removing "
        f"the closed heads by another {_most(results, binarised, removed)}."
    ]


def _most(results: Results, one: str, other: str) -> str:
    changes = [
        abs(first - second)
        for row in results.rows()
        for first, second in zip(results.scores(row, one), results.scores(row, other), strict=True)
    ]
    return f"{max(changes, default=0):.4f}"


def _tests(rows: list[Compared]) -> list[str]:
    if not rows:
        return ["No two runs of one seed have counts of the same test sentences: no paired test."]
    header = ["training", "task", "against", "difference", "95 % interval", "p", "p (Holm)"]
    table = [[*header, "by seed"]]
    for row in rows:
        names = [row.row.training, row.row.task.upper(), row.other]
        table.append([*names, *paired.cells(row.found, row.adjusted)])
    text = _TESTS.format(number=len(rows)).splitlines()
    return [*text, "", *markdown(table), "", *_verdicts(rows)]


def _verdicts(rows: list[Compared]) -> Iterator[str]:
    names = {
        RANDOM: "random heads at equal count",
        MAGNITUDE: "the heads with the largest weights",
        BEFORE: "all heads",
    }
    for other in AGAINST:
        found = [row for row in rows if row.other == other]
        provable = [row.found.difference for row in found if row.adjusted < LEVEL]
        better = sum(difference > 0 for difference in provable)
        higher = sum(row.found.difference > 0 for row in found)
        if found:
            yield (
                f"- Against {names[other]}: higher in {higher} of {len(found)}; at the level "
                f"{LEVEL} after correction better in {better}, worse in {len(provable) - better}."
            )


def _runs(records: dict[str, Record]) -> list[str]:
    lines = [f"- all {len(records)} runs: {_minutes(list(records.values()))}"]
    for kind in (GATED, RANDOM, MAGNITUDE):
        runs = [record for record in records.values() if record["kind"] == kind]
        if runs:
            lines.append(f"- {kind}: {len(runs)} run{'s' * (len(runs) > 1)}, {_minutes(runs)}")
    return lines


def _minutes(runs: list[Record]) -> str:
    resumed = sum(record["resumed"] for record in runs)
    cut = f"; {resumed} of them were cut off, their first part is not counted" if resumed else ""
    total = sum(record["minutes"] for record in runs)
    return f"{total:.1f} minutes of training, tests and removal{cut}"


def _check_budgets(records: dict[str, Record], before: dict[str, Record]) -> None:
    first: dict[str, str] = {}
    for name, record in records.items():
        first.setdefault(json.dumps(record["budget"], sort_keys=True), f"pruning/{name}.json")
    if len(first) > 1:
        raise ValueError(f"{' and '.join(first.values())} differ in budget: run one of them again")
    budget = next(iter(records.values()))["budget"]
    for name, record in before.items():
        ours = record["system"] in (ALONE, TOGETHER)
        if ours and any(record["budget"][key] != budget[key] for key in _SAME):
            file = next(iter(first.values()))
            raise ValueError(f"{file} and five_tasks/{name}.json differ in budget")
