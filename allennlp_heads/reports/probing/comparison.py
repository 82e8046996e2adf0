"""The files `probe_comparison.*`: what training changes in what the heads know."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

from allennlp_heads.analysis.probing.paired_probes import ProbeComparison
from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.figures import save_figure
from allennlp_heads.reports.files import atomic_write, file_stems, write_report
from allennlp_heads.reports.probing.comparison_tables import (
    comparison_csv,
    comparison_latex,
    comparison_markdown,
)
from allennlp_heads.reports.probing.strip import strip_figure

SCHEMA, VERSION = "probe_comparison", 1


def write_comparison(
    folder: str | os.PathLike[str],
    found: Mapping[str, ProbeComparison],
    about: Mapping[str, Any],
    seed: int | None = None,
) -> list[str]:
    """
    Write compared probes, all files together or none: `probe_comparison.{json,md,csv,tex}`, and
    the picture `.{png,svg}` of each task, which with several tasks carries the task's name. Equal
    comparisons give equal bytes.

    # Parameters

    folder : `PathLike`
    found : `Mapping[str, ProbeComparison]`
        By task.
    about : `Mapping[str, Any]`
        Further keys of the JSON, such as the runs of each group.
    seed : `int`, optional (default = `None`)
        Of the tests.

    # Returns

    `List[str]`
        The names of the files.

    Raises `ConfigurationError` when the folder cannot be written.
    """
    tables = {"md": comparison_markdown, "csv": comparison_csv, "tex": comparison_latex}
    with drafted(folder, SCHEMA, VERSION) as draft:
        for kind, table in tables.items():
            with atomic_write(draft / f"{SCHEMA}.{kind}") as file:
                file.write(table(found).encode())
        for stem, (task, comparison) in zip(file_stems(found), found.items()):
            if len(comparison.by_label) > 1:
                suffix = f".{stem}" if len(found) > 1 else ""
                save_figure(strip_figure(task, comparison), draft / f"{SCHEMA}{suffix}")
        names = sorted([f"{SCHEMA}.json", *(path.name for path in draft.iterdir())])
        tasks = {task: dataclasses.asdict(comparison) for task, comparison in found.items()}
        content = {**about, "tasks": tasks, "files": names}
        write_report(draft / f"{SCHEMA}.json", SCHEMA, VERSION, content, seed)
    return names
