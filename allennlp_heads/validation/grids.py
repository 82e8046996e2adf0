"""A grid of trainings: whether it can be planned, and the files and keys of its runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from allennlp_heads.grid.plan import plan_runs
from allennlp_heads.validation.checked import check_written
from allennlp_heads.validation.explained import explain
from allennlp_heads.validation.findings import Finding, Findings
from allennlp_heads.validation.other_verbs import COMMANDS, OUT
from allennlp_heads.validation.stages import attempted
from allennlp_heads.validation.written import GRID, Config, walk


def look_at(file: str, overrides: str, findings: Findings) -> dict[str, Any]:
    """
    Plan the runs of a grid and check what their configurations say, without reading data. What is
    wrong with several runs is said of the first.

    # Parameters

    file : `str`
        Jsonnet of the grid.
    overrides : `str`
        As the user gave them; a grid has its own.
    findings : `Findings`

    # Returns

    `Dict[str, Any]`
        The summary.
    """
    summary: dict[str, Any] = {"command": COMMANDS[GRID].format(file)}
    if overrides:
        findings.error("--overrides", "a grid takes none", "Put them into its runs.")
    runs = attempted(findings, file, plan_runs, file, OUT)
    if runs is None:
        return summary
    said: set[Finding] = set()
    for run in runs:
        for one in _wrong_with(dict(run.config)):
            if one not in said:
                findings.append(replace(one, key=f"{run.name}.{one.key}"))
            said.add(one)
    readers = [(run.config.get("dataset_reader") or {}).get("readers") or {} for run in runs]
    tasks = sorted({task for reader in readers for task in reader})
    return {**summary, "tasks": tasks, "runs": len(runs)}


def _wrong_with(config: Config) -> Iterator[Finding]:
    found = Findings()
    check_written(config, found)
    explain(found, config)
    later = _of_other_runs(config)
    return (one for one in found if one.key not in later)


def _of_other_runs(config: Config) -> set[str]:
    """The keys of files that are not there yet: a run of the grid will leave them."""
    place = os.path.join(os.path.abspath(OUT), "")
    return {key for key, _, value in walk(config) if str(value).startswith(place)}
