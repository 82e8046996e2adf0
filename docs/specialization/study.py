"""The figures of the study beside ours, where both have one."""

from __future__ import annotations

import statistics

from docs.runs.records import Record
from docs.specialization.comparisons import Masked, Results
from docs.specialization.masks_page import title
from docs.specialization.plan import ALL, FIVE, IMPORTANT, PAIR

# Li et al. 2023: Table 3 (D recomputed by Eq. 7), section 4.2, and Table 5
_D = {"mnli": 7.24, "qqp": 5.26, "qnli": 9.83, "sst2": 3.28}
_MEAN_OF_FIVE, _OTHER_PARADIGM, _GAIN = 7.34, 12.65, 0.8


def beside_the_study(masked: Masked, setting: str) -> list[str]:
    """
    A paragraph, or nothing where the study has no such figure.

    # Parameters

    masked : `Masked`
    setting : `str`
        The training that was masked.
    """
    found = masked.standard.mean
    if setting == FIVE:
        shared = [task for task in found.tasks if task in _D]
        numbers = ", ".join(
            f"{title(task)} {_D[task]:.2f} ({found.d[task]:.2f})" for task in shared
        )
        first = (
            f"The study's D for BERT-base at 30 %, beside it in brackets ours: {numbers}; mean of "
            f"five tasks {_MEAN_OF_FIVE:.2f} ({found.mean:.2f}), its fifth being AG News and ours "
            "CoLA."
        )
    elif setting == PAIR:
        first = (
            "The study gives no figure for this pair; over its six pairs of different input "
            f"paradigm, of which this is one, the mean D of BERT-base is {_OTHER_PARADIGM:.2f} "
            f"(ours {found.mean:.2f})."
        )
    else:
        return []
    return [
        f"{first} The study has 144 heads and hundreds of thousands of examples, we have "
        f"{int(masked.data.exists.sum())} heads and a few thousand: only signs and order are "
        "comparable.",
        "",
    ]


def training_beside_the_study(results: Results) -> list[str]:
    """A paragraph about what training the important heads gains over training all heads."""
    own, others = results.scored(IMPORTANT), results.scored(ALL)
    seeds = sorted(own.keys() & others.keys())
    if not seeds:
        return []
    gains = [100 * (_mean(own[seed]) - _mean(others[seed])) for seed in seeds]
    by_seed = ", ".join(f"{gain:+.2f}" for gain in gains)
    return [
        f"In the study, training important heads raises BERT-base's mean over GLUE's test sets by "
        f"{_GAIN} points, with one submission a system and no training of equal length on other "
        f"heads beside it. Here it is {statistics.mean(gains):+.2f} points over training all heads "
        f"for as long, by seed {by_seed}: the mean over five tasks, on development data.",
        "",
    ]


def _mean(run: Record) -> float:
    return statistics.mean(run["scored"]["scores"].values())
