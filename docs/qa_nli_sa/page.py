"""The part of `docs/results.md` about answered questions beside classified texts."""

from __future__ import annotations

from docs.qa_nli_sa import checks, study, tables, verdicts
from docs.qa_nli_sa.comparisons import Results
from docs.qa_nli_sa.names import TITLES
from docs.qa_nli_sa.plan import SETTINGS
from docs.runs.tables import minutes, origin

_READING = """The study (Sharma, *Understanding Multitask Learning with Transfer Learning*) asks
whether sentiment (SST-2), inference (MNLI) and questions about a passage (SQuAD 1.1) help one
another: within a domain (SST-2 with MNLI) by one encoder for tasks that are mixed, across domains
by training one task, then another, then the first again. It says neither how many seeds it has, nor
at which rates it trains, nor how tasks are mixed, and gives one number a cell, in percent; they
stand here as shares beside ours. The header of its tables calls every score EM, but those of SQuAD
are F1, as its text says: 87.4 fits the F1 of BERT-base, 88.5, and not its EM of 81.2.

Here every training makes {updates:,} updates of at most {batch} examples, but for those of half the
length.
*Mixed*: each update takes one task, drawn at random, all alike. *Switched*: a quarter of the
updates on one half of a task's data, half of them on another task, a quarter on the other half;
*last* is the task with which this ends, *not last* the one in the middle. A task of a pair so gets
half of the updates, one of three a third: what it gains by the others is mixed with what fewer
updates cost it. It is therefore compared with the task alone twice, with all the updates and with
half of them.

Scores are those after the last update, on all development examples, mean +- standard deviation over
seeds; nothing was chosen by them. **They cannot be compared with the study's as such**: the data is
cut (the questions of both parts are from SQuAD's development data, the pairs of both from MNLI's
training data; only SST-2's development data is whole), the encoder is smaller than BERT-base, and
the training is short. Our development questions have one gold answer each, of which the official
ones have several to choose the best from, so EM and F1 are lower here. What can be compared is the
sign of a difference.

*untrained*: the heads as they begin, on the pretrained encoder; *majority*: always the most
frequent label; *any span*: the mean over all spans of the passage with as many words as the median
answer; *first sentence*: that of the passage.

Differences are those on the same examples between runs of the same seeds. p is of approximate
randomisation ({rounds:,} exchanges, two-sided), p (Holm) the same after correction for all {number}
comparisons of the three tasks; intervals are of the paired bootstrap over examples, the trained
models as given. p (seeds) is of the exact signed-rank test over seeds, uncorrected. *Better* and
*worse* are said at the level {level} of p (Holm), of everything else that it is undecided. They
rest on examples, the seeds as given: *not in all seeds* is added where the seeds do not agree on
the sign."""

_KINDS = """Trainings of all tasks by what they are (accuracy, of SQuAD F1), against the task alone
with all its updates and with half of them:"""

_ORDER = """The task that is not last is scored by an encoder that moved on since. Mean over seeds
after each quarter of the training, of which the second and third train the task in the middle:"""


def section(results: Results, picture: str) -> list[str]:
    """
    The lines of the section.

    # Parameters

    results : `Results`
        At least one record.
    picture : `str`
        Link to the picture.

    Raises `ValueError` where settings were not scored on the same examples.
    """
    lines = ["## Questions answered beside classified texts: SST-2, MNLI and SQuAD", ""]
    lines += [*_reading(results), "", *_verdicts(results)]
    lines += [f"![the same scores as dots, one a run]({picture})", ""]
    for task in results.tasks:
        lines += [f"### {TITLES[task]} alone, mixed and switched", ""]
        for table in (tables.scores_table(results, task), tables.tests_table(results, task)):
            lines += [*table, ""] if table else []
    if phases := tables.phases_table(results):
        lines += ["### The task that is not last", "", *_ORDER.splitlines(), "", *phases, ""]
        lines += [*checks.about_order(results), ""]
    return [*lines, *_runs(results), *origin(results.records.values())]


def _reading(results: Results) -> list[str]:
    first = next(iter(results.records.values()))
    return _READING.format(
        updates=first["budget"]["updates"],
        batch=first["batch_size"],
        rounds=results.rounds,
        number=len(results.compared),
        level=verdicts.LEVEL,
    ).splitlines()


def _verdicts(results: Results) -> list[str]:
    found = [*verdicts.counted(results), *checks.about_floor(results)]
    lines = ["### What can be said", "", *found, ""] if found else []
    if kinds := verdicts.by_kind(results):
        lines += [*_KINDS.splitlines(), "", *kinds]
    return [*lines, *study.beside_the_study(results)]


def _runs(results: Results) -> list[str]:
    every = list(results.records.values())
    seeds = sorted({record["seed"] for record in every})
    lines = [f"- all {len(every)} runs, seeds {', '.join(map(str, seeds))}: {minutes(every)}"]
    for setting in SETTINGS:
        lacking = [str(seed) for seed in seeds if seed not in results.runs(setting)]
        if lacking:
            lines.append(
                f"- not trained: `{setting}`, seed{'s' * (len(lacking) > 1)} {', '.join(lacking)}"
            )
    return lines
