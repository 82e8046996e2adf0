"""The part of `docs/results.md` about specialised heads."""

from __future__ import annotations

from allennlp_heads.reports.overlap import Overlap
from docs.runs.tables import minutes, origin
from docs.specialization import agreement, branches_page, masks_page
from docs.specialization.comparisons import Masked, Results
from docs.specialization.masks_page import percent
from docs.specialization.overlap import with_gates
from docs.specialization.plan import ALPHA, CONTROLS, FIVE, PAIR, STRUCTURED
from docs.specialization.study import beside_the_study, training_beside_the_study

_READING = """How much a head matters to a task is the mean over training examples of |dL/d gate|,
the gate being a factor of the head's output and L the example's loss (Li et al. 2023, Eq. 4). Then
the most important heads of one task are masked (closed, nothing is trained again), and every task
is scored. RP is a score under a mask as a share of the score with all heads; D of a task is its
mean RP under the masks of the other tasks minus its RP under its own, in percent (Eq. 7), and of
two tasks the mean of both (Eq. 6). A pair dissociates doubly when each of the two loses more under
its own mask than under the other's, mildly when D is above 5 besides, distinctly from 10 on. Where
the masks of all tasks leave little more than guessing, D is near 0 however much heads matter.

Scores are mean +- standard deviation over {seeds} seeds, on {scored} examples of each task that
were not trained on. Intervals are of the bootstrap over these examples, the trained models as
given, or over examples and runs; with so few runs the latter is too narrow."""

_DEVELOPMENT = """GLUE's test files have no labels, so all tasks are scored on development examples,
from which the best epoch of the training was chosen as well. No mask was chosen by them."""

_TITLES = {
    FIVE: "Five sentence tasks",
    PAIR: "Two sentence tasks",
    STRUCTURED: "Five structured tasks",
}

_TESTS = """Whether a task needs its own heads more than others: {share} of the heads, its own
against random ones, on the same examples. The p-value is of approximate randomisation
({rounds:,} exchanges, two-sided), beside it that after Holm's correction for all {number}
comparisons; the interval is of the paired bootstrap. Every seed has random masks of its own."""

_BRANCHES = """From each archive of five sentence tasks four trainings go on from the same weights
for one more epoch, with the same data, order, rates and seed. They differ in the heads whose
queries, keys and values a task's batches change: all, or {share} of them: those most important to
the task, random ones (the same in all seeds), or the least important. All else is trained in all
four. Scores on all development examples; the archive is the best of {epochs} epochs on these, the
others are as they ended:"""

_BRANCH_TESTS = """Training the important heads against the others, on the same examples between
runs of the same seeds, tested as above with Holm's correction for all {number} comparisons:"""


def section(results: Results, images: str, gates: Overlap | None = None) -> list[str]:
    """
    The lines of the section.

    # Parameters

    results : `Results`
        At least one record.
    images : `str`
        Link to the folder of the pictures.
    gates : `Overlap`, optional (default = `None`)
        Which gates the structured tasks open, each trained alone.

    Raises `ValueError` that names the file of a record that is wrong.
    """
    lines = ["## Specialised heads: importance, dissociation, training of important heads", ""]
    lines += [*_reading(results), ""]
    for setting, name in _TITLES.items():
        masked = results.masked(setting)
        if masked is not None:
            lines += [f"### {name}", "", *_masked(masked, setting, images)]
            if setting == STRUCTURED:
                lines += with_gates(masked.standard.mean, gates)
    lines += _tests(results)
    if len(results.branches()) > 1:
        lines += _branches(results, images)
    return [*lines, *_runs(results), *origin(results.records.values())]


def _reading(results: Results) -> list[str]:
    seeds = {record["seed"] for record in results.records.values()}
    budget = next(iter(results.records.values()))["budget"]
    text = _READING.format(seeds=len(seeds), scored=budget["scored"])
    return [*text.splitlines(), "", *_DEVELOPMENT.splitlines()]


def _masked(masked: Masked, setting: str, images: str) -> list[str]:
    heads = int(masked.data.exists.sum())
    lines = [
        f"Scores with {masked.standard.masked} of {heads} heads masked:",
        "",
        *masks_page.scores_table(masked),
        "",
        *masks_page.about_unsure(masked),
        *masks_page.d_table(masked),
        "",
        f"Pairs at {percent(ALPHA)}:",
        "",
        *masks_page.pairs_table(masked),
        "",
        masks_page.verdicts(masked),
        "",
        f"![relative performance under every mask]({images}/{setting}.png)",
        "",
        "Importance of the heads in different seeds and for different tasks:",
        "",
        *agreement.table(masked.data),
        "",
        f"![importance of every head, mean over seeds]({images}/{setting}.importance.png)",
        "",
    ]
    return [*lines, *beside_the_study(masked, setting)]


def _tests(results: Results) -> list[str]:
    rows = results.tested()
    if not rows:
        return []
    text = _TESTS.format(share=percent(ALPHA), number=len(rows), rounds=results.rounds).splitlines()
    table = masks_page.tests_table(rows)
    return [
        "### Own heads against random ones",
        "",
        *text,
        "",
        *table,
        "",
        masks_page.tests_verdict(rows),
        "",
    ]


def _branches(results: Results, images: str) -> list[str]:
    budget = next(iter(results.records.values()))["budget"]
    text = _BRANCHES.format(share=percent(ALPHA), epochs=budget["epochs"]).splitlines()
    lines = [
        "### Training of important heads",
        "",
        *text,
        "",
        *branches_page.scores_table(results),
        "",
    ]
    lines += [f"![the same scores as dots, one a run]({images}/branches.png)", ""]
    if rows := results.compared():
        tests = _BRANCH_TESTS.format(number=len(rows)).splitlines()
        lines += [
            *tests,
            "",
            *branches_page.tests_table(rows),
            "",
            *branches_page.verdicts(rows),
            "",
        ]
    if table := branches_page.d_table(results):
        lines += [
            "Dissociation before and after, with importance and masks made anew:",
            "",
            *table,
            "",
        ]
    if table := branches_page.sweep_table(results):
        lines += [*table, ""]
    return [*lines, *training_beside_the_study(results)]


def _runs(results: Results) -> list[str]:
    every = list(results.records.values())
    lines = [f"- all {len(every)} runs: {minutes(every)}"]
    for names, text in (((FIVE, PAIR, STRUCTURED), "from the encoder"), (CONTROLS, "going on")):
        runs = [record for record in every if record["setting"] in names]
        if runs:
            lines.append(f"- {text}: {len(runs)} run{'s' * (len(runs) > 1)}, {minutes(runs)}")
    return lines
