"""All folders of a page in one table: what was trained, what came of it, and what else there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from allennlp_heads.reports.comparing.encoders import named_encoder
from allennlp_heads.reports.page.blocks import Block, Section, Table
from allennlp_heads.reports.page.cells import UNDEFINED, interval, number
from allennlp_heads.reports.page.configured import at, task_heads
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.gates import open_heads
from allennlp_heads.reports.page.sections.names import listed
from allennlp_heads.reports.page.task_scores import VALIDATION, TaskScores, read_task_scores

_CAPTION = (
    "Scores are those of validation data, times 100, of the best epoch (of the latest one where no "
    "best one is known), with 95 % intervals of the bootstrap over examples where the scores of "
    "all examples were kept."
)

Cells = Iterator[tuple[str, str]]
"""Names of columns and texts."""


def across(runs: Sequence[RunFolder]) -> list[Section]:
    """One section: a row for each training, and one for each folder that has only reports."""
    found = {run.name: [dict(part(run)) for part in (_about, _scores, _heads)] for run in runs}
    trained = {name: parts for name, parts in found.items() if any(parts)}
    blocks: list[Block] = [_trained(trained)] if trained else []
    others = [run for run in runs if run.name not in trained]
    if others:
        rows = [[run.name, ", ".join(run.found).replace("_", " ") or UNDEFINED] for run in others]
        blocks.append(Table(["folder", "reports"], rows))
    return [Section("runs", "Runs", blocks)]


def _trained(runs: Mapping[str, Sequence[Mapping[str, str]]]) -> Table:
    """What no training has is no column."""
    by_part = zip(*runs.values(), strict=True)
    names = [list(dict.fromkeys(name for cells in part for name in cells)) for part in by_part]
    rows = [
        [
            run,
            *(
                cells.get(name, UNDEFINED)
                for cells, of_part in zip(parts, names)
                for name in of_part
            ),
        ]
        for run, parts in runs.items()
    ]
    columns = ["run", *(name for of_part in names for name in of_part)]
    return Table(columns, rows, _CAPTION if names[1] else "")


def _about(run: RunFolder) -> Cells:
    tasks = task_heads(run.config)
    if tasks:
        yield "trains", listed(tasks)
    encoder = named_encoder(at(run.config, "model"))
    if encoder:
        yield "encoder", encoder
    seed = at(run.config, "pytorch_seed")
    if seed is not None:
        yield "seed", str(seed)


def _scores(run: RunFolder) -> Cells:
    found = [one for report in run.reports("scores") for one in read_task_scores(report)]
    validated = [one for one in found if one.data == VALIDATION]
    for one in validated:
        yield f"{one.task}, {one.metric}", _score(one)
    if not validated:
        yield from _best_metrics(run)


def _score(found: TaskScores) -> str:
    sure = found.interval()
    score = number(100 * found.score, 1)
    return score if sure is None else f"{score} ({interval(100 * sure[0], 100 * sure[1], 1)})"


def _best_metrics(run: RunFolder) -> Cells:
    """What AllenNLP kept of the metrics that chose the best epoch."""
    chosen = at(run.config, "trainer", "validation_metric") or "-loss"
    for name in [chosen] if isinstance(chosen, str) else chosen:
        value = at(run.metrics, f"best_validation_{name[1:]}")
        if isinstance(value, (int, float)):
            # what a training makes small, as a loss, is no share
            yield name[1:], number(value, 3) if name[0] == "-" else number(100 * value, 1)


def _heads(run: RunFolder) -> Cells:
    gates = [text for report in run.reports("gates") for text in _open_heads(report)]
    if gates:
        yield "open heads", ", ".join(gates)
    pruned = [one.content["heads"] for one in run.reports("pruning") if "heads" in one.content]
    if pruned:
        removed = (f"{one['before'] - one['after']} of {one['before']}" for one in pruned)
        yield "removed heads", ", ".join(removed)


def _open_heads(report: Report) -> Iterator[str]:
    """Of all sets of gates: of the archived ones, else of the best epoch so far."""
    content = report.content
    best = [entry for entry in content["epochs"] if entry["best"]] or content["epochs"]
    for entry in [content["final"]] if content["final"] else best[-1:]:
        yield open_heads(content, entry)
