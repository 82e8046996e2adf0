"""The files `fewshot.*` that `allennlp heads fewshot` writes when all runs are finished."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy

from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.fewshot_figure import fewshot_figure
from allennlp_heads.reports.fewshot_results import Compared, FewShotScores, compared
from allennlp_heads.reports.fewshot_tables import csv_table, markdown_table
from allennlp_heads.reports.figures import save_figure
from allennlp_heads.reports.files import atomic_write, write_arrays, write_report

SCHEMA, VERSION, STEM = "fewshot", 1, "fewshot"


def write_fewshot(
    found: FewShotScores, arrays: Mapping[str, numpy.ndarray], folder: str | os.PathLike[str]
) -> str:
    """
    Write `fewshot.npz`, `.md`, `.csv`, `.png`, `.svg` and, last, `.json`.

    # Parameters

    found : `FewShotScores`
    arrays : `Mapping[str, numpy.ndarray]`
        What else the `.npz` holds: which examples were drawn and scored, and their counts.
    folder : `PathLike`

    # Returns

    `str`
        The table in Markdown.
    """
    comparisons = compared(found)
    table = markdown_table(found, comparisons)
    with drafted(folder, STEM, VERSION) as draft:
        stem = draft / STEM
        write_arrays(stem.with_suffix(".npz"), {"scores": found.scores, **arrays})
        for kind, text in (("md", table), ("csv", csv_table(found, comparisons))):
            with atomic_write(stem.with_suffix(f".{kind}")) as file:
                file.write(text.encode())
        save_figure(fewshot_figure(found), stem)
        write_report(stem.with_suffix(".json"), SCHEMA, VERSION, _content(found, comparisons))
    return table


def _content(found: FewShotScores, comparisons: list[Compared]) -> dict[str, Any]:
    return {
        "task": found.task,
        "metric": found.metric,
        "direction": found.direction,
        "examples": found.examples,
        "per_class": found.per_class,
        "seeds": list(range(found.scores.shape[-1])),
        **found.about,
        "majority": found.majority,
        "scores": {
            start: {
                str(number): {
                    "mean": found.mean[row, column],
                    "std": found.std[row, column],
                    "by_seed": found.scores[row, column],
                }
                for column, number in enumerate(found.examples)
            }
            for row, start in enumerate(found.starts)
        },
        "test": "Wilcoxon signed-rank over seeds, exact; interval: bootstrap over seeds, 95 %",
        "comparisons": [
            {
                "start": test.start,
                "against": test.against,
                "examples": test.examples,
                **test.test._asdict(),
                "p_value_holm": test.p_value_holm,
            }
            for test in comparisons
        ],
    }
