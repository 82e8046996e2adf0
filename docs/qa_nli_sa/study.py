"""
What the study reports (Sharma, *Understanding Multitask Learning with Transfer Learning*, Tables 1
to 3): one run each, of BERT-base on the full data, in percent. Its tables call every score EM; of
SST-2 and MNLI that is accuracy, and of SQuAD its text says F1, which is also what fits: 87.4 is
near the F1 of BERT-base and far from its exact match.
"""

from __future__ import annotations

from docs.qa_nli_sa.comparisons import Compared, Results
from docs.qa_nli_sa.names import MEASURES, TITLES, row_of
from docs.qa_nli_sa.plan import MNLI, SQUAD, SST2, half_of
from docs.qa_nli_sa.verdicts import LEVEL, UNDECIDED, verdict, verdict_and_seeds
from docs.runs.tables import markdown

SCORES = {
    (SST2, "sst2"): 90.825,
    (SST2, "sst2_mnli"): 93.577,
    (SST2, "squad_sst2_squad"): 92.087,
    (MNLI, "mnli"): 83.529,
    (MNLI, "sst2_mnli"): 84.264,
    (MNLI, "squad_mnli_squad"): 83.311,
    (SQUAD, "squad"): 87.398,
    (SQUAD, "squad_sst2_squad"): 88.135,
}
"""(task, setting) -> its score in percent. Across domains it switches, QA first and last."""

MISSING = (SQUAD, "squad_mnli_squad")
"""The only cell of its own settings that it does not report."""

GAINS = {
    (task, setting): score - SCORES[task, task]
    for (task, setting), score in SCORES.items()
    if setting != task
}
"""The same as differences to the task alone."""


def heading(task: str) -> str:
    """Of the column of its scores."""
    return "the study (F1)" if task == SQUAD else "the study"


def shown(task: str, setting: str) -> str:
    """A cell of the tables."""
    if (task, setting) == MISSING:
        return "not reported"
    score = SCORES.get((task, setting))
    return "" if score is None else f"{score / 100:.5f}"


def beside_the_study(results: Results) -> list[str]:
    """The study's differences to the task alone with ours, and how often the two agree."""
    header = ["task", "training", "the study's gain", "measure", "ours", "verdict"]
    table = [[*header, "ours against half the updates", "verdict"]]
    agree: list[bool] = []
    decided: list[bool] = []
    for (task, setting), gain in [*GAINS.items(), (MISSING, None)]:
        for measure in results.measures(task) if task in results.metrics else ():
            alone, halved = (
                _row(results, task, measure, setting, against) for against in (task, half_of(task))
            )
            if alone is None:
                continue
            is_main = measure == results.metrics[task]
            theirs = "not reported" if gain is None else f"{gain / 100:+.5f}" * is_main
            names = [TITLES[task], row_of(setting, task), theirs, MEASURES.get(measure, measure)]
            table.append([*names, *_cells(alone), *_cells(halved)])
            if gain is not None and is_main:
                agree.append(alone.found.examples.difference * gain > 0)
                decided.append(verdict(alone) != UNDECIDED)
    if len(table) == 1:
        return []
    sure = sum(map(all, zip(agree, decided)))
    sentence = (
        f"The sign is that of the study in {sum(agree)} of the {len(agree)} cells that it has. At "
        f"the level {LEVEL} after correction {sum(decided)} of these {len(agree)} differences are "
        f"decided here, {sure} of them in the study's favour."
    )
    return ["Gains over the task alone:", "", *markdown(table), "", sentence, ""]


def _row(results: Results, task: str, measure: str, setting: str, against: str) -> Compared | None:
    wanted = (task, measure, setting, against)
    return next((row for row in results.compared if row[:4] == wanted), None)


def _cells(row: Compared | None) -> list[str]:
    if row is None:
        return ["", ""]
    return [f"{row.found.examples.difference:+.4f}", verdict_and_seeds(row)]
