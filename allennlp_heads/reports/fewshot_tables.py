"""The tables of a few-shot experiment: Markdown for people, CSV for programs."""

from __future__ import annotations

import csv
import io
import math

from allennlp_heads.reports.fewshot_results import Compared, FewShotScores

LEVEL = 0.05
"""Of the tests that earn a star, after Holm's adjustment."""


def markdown_table(found: FewShotScores, comparisons: list[Compared]) -> str:
    """A row a start, a column a number of examples: mean and standard deviation, times 100."""
    tests = {(test.start, test.examples): test for test in comparisons}
    lines = [
        "| start | " + " | ".join(map(str, found.examples)) + " |",
        "|---|" + "---|" * len(found.examples),
    ]
    for row, start in enumerate(found.starts):
        cells = [
            _cell(found.mean[row, column], found.std[row, column], tests.get((start, number)))
            for column, number in enumerate(found.examples)
        ]
        lines.append(f"| {start} | " + " | ".join(cells) + " |")
    if found.majority is not None:
        baseline = [f"{100 * found.majority:.2f}"] * len(found.examples)
        lines.append("| most frequent label | " + " | ".join(baseline) + " |")
    return "\n".join([*lines, "", _legend(found, comparisons), ""])


def csv_table(found: FewShotScores, comparisons: list[Compared]) -> str:
    """A row a start and number of examples; scores are shares, what is undefined is empty."""
    tests = {(test.start, test.examples): test for test in comparisons}
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    head = ["start", "examples", "seeds", "mean", "std", "min", "max"]
    compared = ["against", "difference", "lower", "upper", "better", "worse"]
    writer.writerow([*head, *compared, "p_value", "p_value_holm"])
    for row, start in enumerate(found.starts):
        for column, number in enumerate(found.examples):
            scores = found.scores[row, column]
            spread = [found.mean[row, column], found.std[row, column], scores.min(), scores.max()]
            cells = ["" if math.isnan(value) else f"{value:.6f}" for value in spread]
            other = _comparison(tests.get((start, number)))
            writer.writerow([start, number, len(scores), *cells, *other])
    return file.getvalue()


def _cell(mean: float, std: float, test: Compared | None) -> str:
    spread = "" if math.isnan(std) else f" ± {100 * std:.1f}"
    star = "\\*" if test is not None and test.p_value_holm < LEVEL else ""
    return f"{100 * mean:.2f}{spread}{star}"


def _legend(found: FewShotScores, comparisons: list[Compared]) -> str:
    seeds = found.scores.shape[-1]
    each = " of each class" if found.per_class else ""
    text = (
        f"{found.task}: {found.metric} × 100 by number of training examples{each}, mean ± "
        f"standard deviation over {seeds} seed{'s' * (seeds > 1)}. The number of updates is fixed "
        "beforehand; nothing is chosen on the examples that are scored."
    )
    if comparisons:
        text += (
            f" \\*: differs from {found.starts[0]} (Wilcoxon's signed-rank test over the same "
            f"seeds and examples, exact, p < {LEVEL} after Holm's adjustment for "
            f"{len(comparisons)} comparisons)."
        )
    return text


def _comparison(test: Compared | None) -> list[str]:
    if test is None:
        return [""] * 8
    found = test.test
    differences = (found.difference, found.lower, found.upper)
    return [
        test.against,
        *(f"{value:.6f}" for value in differences),
        *(str(found.better), str(found.worse)),
        *(f"{value:.6g}" for value in (found.p_value, test.p_value_holm)),
    ]
