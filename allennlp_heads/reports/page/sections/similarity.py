"""What `allennlp heads similarity` wrote: dissociation beside the similarity of tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from allennlp_heads.reports.markup import p_text
from allennlp_heads.reports.page.blocks import Block, Chart, Section, Table, Text
from allennlp_heads.reports.page.cells import number
from allennlp_heads.reports.page.charts import points
from allennlp_heads.reports.page.run_folder import Report, RunFolder
from allennlp_heads.reports.page.sections.each_report import section_of_each


def sections(run: RunFolder) -> list[Section]:
    """A section for each report."""
    title = "Dissociation and similarity of tasks"
    return section_of_each([run], "task_similarity", title, _blocks)


def _blocks(report: Report) -> list[Block]:
    content = report.content
    how = "all" if content["exact"] else f"{content['permutations']:,} random"
    text = (
        f"{len(content['pairs'])} pairs of {len(content['tasks'])} tasks: Pearson's r "
        f"{_correlation(content['pearson'])}, Spearman's rho {_correlation(content['spearman'])}; "
        f"the p-values are by {how} permutations of the tasks."
    )
    rows = [
        {"pair": ", ".join(pair["tasks"]), "d": pair["d"], "similarity": pair["similarity"]}
        for pair in content["pairs"]
    ]
    spec = points(rows, "similarity", "d", "similarity", "D, %", {"pair": "tasks"})
    chart = Chart("A point for each pair of tasks", spec, text)
    cells = [[row["pair"], number(row["d"]), number(row["similarity"], 3)] for row in rows]
    return [Text(text), chart, Table(["tasks", "D, %", "similarity"], cells)]


def _correlation(found: Mapping[str, Any]) -> str:
    return f"{number(found['r'], 3)} ({p_text(found['p_value'])})"
