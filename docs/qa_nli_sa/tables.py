"""The tables of scores, of tests and of phases."""

from __future__ import annotations

import statistics
from collections.abc import Iterable

from allennlp_heads.analysis.measures import measure_of
from allennlp_heads.reports.comparing.spent import spent_on
from docs.qa_nli_sa import study
from docs.qa_nli_sa.comparisons import Results
from docs.qa_nli_sa.names import MEASURES, TITLES, row_of, settings_of
from docs.qa_nli_sa.plan import SETTINGS, UNTRAINED
from docs.runs import paired
from docs.runs.records import Record
from docs.runs.tables import markdown, spread

_PHASES = 4


def scores_table(results: Results, task: str) -> list[str]:
    """Every setting of a task beside the study's, with what it cost, and what looks at nothing."""
    measures = results.measures(task)
    names = [MEASURES.get(measure, measure) for measure in measures]
    spent = [f"updates on {TITLES[task]}", "its examples", "updates of all"]
    table = [["training", study.heading(task), *names, *spent, "seeds"]]
    for setting in settings_of(task):
        runs = results.runs(setting)
        if runs:
            cells = [spread(results.scores(task, setting, measure)) for measure in measures]
            row = [row_of(setting, task), study.shown(task, setting), *cells]
            table.append([*row, *_spent(runs.values(), task), str(len(runs))])
    if runs := results.runs(UNTRAINED):
        cells = [spread(results.scores(task, UNTRAINED, measure)) for measure in measures]
        table.append([UNTRAINED, "", *cells, "0", "0", "0", str(len(runs))])
    for name, counts in results.floor(task).items():
        cells = [f"{float(measure_of(measure).of_examples(counts)):.4f}" for measure in measures]
        table.append([name, "", *cells, "", "", "", ""])
    return markdown(table)


def tests_table(results: Results, task: str) -> list[str]:
    """Every setting of a task against the task alone."""
    several = len(results.measures(task)) > 1
    header = [*["measure"] * several, "training", "against", "difference", "95 % interval", "p"]
    table = [[*header, "p (Holm)", "by seed", "p (seeds)"]]
    for row in results.compared:
        if row.task == task:
            measure = [MEASURES[row.measure]] if several else []
            names = [row_of(row.setting, task), row_of(row.against, task)]
            cells = paired.cells(row.found.examples, row.adjusted)
            over = row.found.over_seeds
            table.append([*measure, *names, *cells, f"{over.p_value:.4f}" if over else ""])
    return markdown(table) if len(table) > 1 else []


def phases_table(results: Results) -> list[str]:
    """What every task scores after each quarter of a training that switches."""
    quarters = [f"{place}/{_PHASES}" for place in range(1, _PHASES + 1)]
    table = [["trained", "scored", "measure", *quarters]]
    for setting, found in SETTINGS.items():
        runs = results.runs(setting)
        if found.switching and runs:
            order = ", ".join(TITLES[task] for task in found.phases)
            for task in found.tasks:
                for measure in results.measures(task):
                    means = quarterly(runs.values(), task, measure)
                    cells = [f"{mean:.4f}" for mean in means]
                    table.append([order, TITLES[task], MEASURES.get(measure, measure), *cells])
    return markdown(table) if len(table) > 1 else []


def quarterly(runs: Iterable[Record], task: str, measure: str) -> list[float]:
    """The mean over runs of a task's scores after each quarter of the training."""
    scores = [run["scores"][task][measure] for run in runs]
    length = len(scores[0]) // _PHASES
    return [statistics.mean(column) for column in zip(*scores)][length - 1 :: length]


def _spent(runs: Iterable[Record], task: str) -> list[str]:
    """Means over the seeds: updates on a task and its examples, and updates in all."""
    spent = spent_on(task, [run["trained"] for run in runs])
    if spent is None:
        return ["-", "-", "-"]
    return [f"{number:,.0f}" for number in (spent.batches, spent.examples, spent.updates)]
