"""A grid of trainings: whether it can be planned, and the files and keys of its runs."""

from __future__ import annotations

import os
from typing import Any

from allennlp_heads.grid.plan import plan_runs
from allennlp_heads.validation.data_checks import check_same_paths
from allennlp_heads.validation.encoders import check_same_encoder, on_this_machine
from allennlp_heads.validation.files import check_files
from allennlp_heads.validation.findings import Finding, Findings
from allennlp_heads.validation.stages import attempted
from allennlp_heads.validation.top_keys import check_top_keys
from allennlp_heads.validation.trainer_keys import (
    check_callback_order,
    check_patience,
    check_trainer_keys,
)
from allennlp_heads.validation.written import Config

_OUT = "OUT"


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
    summary: dict[str, Any] = {"command": f"allennlp heads grid {file} -s {_OUT}"}
    if overrides:
        findings.error("--overrides", "a grid takes none", "Put them into its runs.")
    runs = attempted(findings, file, plan_runs, file, _OUT)
    if runs is None:
        return summary
    said: set[Finding] = set()
    for run in runs:
        for one in _checked(dict(run.config)):
            if one not in said and not _comes_from_another_run(one):
                findings.append(Finding(one.severity, f"{run.name}.{one.key}", *_told(one)))
            said.add(one)
    readers = [(run.config.get("dataset_reader") or {}).get("readers") or {} for run in runs]
    tasks = sorted({task for reader in readers for task in reader})
    return {**summary, "tasks": tasks, "runs": len(runs)}


def _checked(config: Config) -> Findings:
    found = Findings()
    check_files(config, found)
    check_same_encoder(config, found)
    check_top_keys(config, found)
    check_trainer_keys(config, found)
    check_patience(config, found)
    check_callback_order(config, found)
    check_same_paths(config, found)
    on_this_machine(config, found)
    return found


def _told(one: Finding) -> tuple[str, str]:
    return one.message, one.cure


def _comes_from_another_run(one: Finding) -> bool:
    """A file that is not there yet, since the grid has not trained what leaves it."""
    return one.message.startswith(os.path.join(os.path.abspath(_OUT), ""))
