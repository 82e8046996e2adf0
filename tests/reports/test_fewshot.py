"""The tables, tests and picture of a few-shot experiment, from given scores."""

from __future__ import annotations

import numpy
import pytest
from scipy.stats import wilcoxon

from allennlp_heads.analysis import holm
from allennlp_heads.reports.fewshot_figure import fewshot_figure
from allennlp_heads.reports.fewshot_results import FewShotScores, compared
from allennlp_heads.reports.fewshot_tables import csv_table, markdown_table


def scores(seeds: int = 12, per_class: bool = False) -> FewShotScores:
    generator = numpy.random.default_rng(0)
    values = generator.normal(0.6, 0.05, (3, 2, seeds))
    values[1] += 0.2
    starts = ["plain", "important heads", "random"]
    return FewShotScores("scitail", "accuracy", "+", starts, [4, 16], per_class, values, 0.5)


def test_every_start_is_compared_with_the_first() -> None:
    found = scores()
    comparisons = compared(found)
    assert [(test.start, test.examples) for test in comparisons] == [
        ("important heads", 4),
        ("important heads", 16),
        ("random", 4),
        ("random", 16),
    ]
    p_values = [
        wilcoxon(found.scores[row, column], found.scores[0, column], method="exact").pvalue
        for row in (1, 2)
        for column in (0, 1)
    ]
    assert [test.test.p_value for test in comparisons] == pytest.approx(p_values)
    assert [test.p_value_holm for test in comparisons] == pytest.approx(holm(p_values))


def test_a_row_a_start_as_in_the_study() -> None:
    found = scores()
    lines = markdown_table(found, compared(found)).splitlines()
    assert lines[0] == "| start | 4 | 16 |"
    mean, std = 100 * found.scores[1, 0].mean(), 100 * found.scores[1, 0].std(ddof=1)
    assert lines[3].startswith(f"| important heads | {mean:.2f} ± {std:.1f}\\* |")
    assert "\\*" not in lines[2] and "\\*" not in lines[4]
    assert lines[5] == "| most frequent label | 50.00 | 50.00 |"
    assert "over 12 seeds" in lines[-1] and "for 4 comparisons" in lines[-1]
    assert "of each class" in markdown_table(scores(per_class=True), [])


def test_one_seed_has_neither_spread_nor_stars() -> None:
    found = scores(seeds=1)
    text = markdown_table(found, compared(found))
    assert "±" not in text.split("\n\n")[0] and "\\*" not in text.split("\n\n")[0]
    assert all(test.test.p_value == 1 for test in compared(found))
    assert csv_table(found, compared(found)).splitlines()[1].split(",")[4] == ""
    assert fewshot_figure(found).axes[0].has_data()


def test_the_picture_has_a_line_a_start_and_the_baseline() -> None:
    axes = fewshot_figure(scores()).axes[0]
    assert len(axes.containers) == 3
    for row, bars in enumerate(axes.containers):
        assert bars[0].get_ydata() == pytest.approx(100 * scores().mean[row])
    assert axes.lines[-1].get_ydata() == [50, 50]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["4", "16"]
