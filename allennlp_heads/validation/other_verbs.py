"""Configurations that are not for training: what reads them, and whether it can."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from allennlp.common import Params

from allennlp_heads.collect.probing.configuration import ProbeConfiguration
from allennlp_heads.fewshot.options import FewShotExperiment
from allennlp_heads.transfer.configuration import grid_of
from allennlp_heads.transfer.plan import cells_of
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.stages import attempted
from allennlp_heads.validation.written import FEWSHOT, GRID, PROBE, TRANSFER, Config, Written

OUT = "OUT"
"""The folder in the commands, for the user to choose."""

COMMANDS = {
    TRANSFER: f"allennlp heads transfer {{}} -s {OUT}",
    FEWSHOT: f"allennlp heads fewshot {{}} -s {OUT}",
    PROBE: f"allennlp heads probe {{}} -o {OUT}",
    GRID: f"allennlp heads grid {{}} -s {OUT}",
}
"""How the verbs are called, by name."""


def look_at(
    written: Written, here: Config | None, overrides: str, findings: Findings
) -> dict[str, Any]:
    """
    Check that the verb that reads a configuration accepts it, without reading data.

    # Parameters

    written : `Written`
    here : `Dict[str, Any]`, optional
        Its configuration with encoders that are on this machine; `None` where they are not.
    overrides : `str`
        As the user gave them.
    findings : `Findings`

    # Returns

    `Dict[str, Any]`
        The summary.
    """
    verb, config = written.verb, written.config
    summary: dict[str, Any] = {"command": COMMANDS[verb].format(written.name)}
    if verb == PROBE:
        attempted(findings, written.name, _probe, written, overrides)
        return {**summary, "tasks": sorted((config.get("dataset_reader") or {}).get("readers", {}))}
    if verb == TRANSFER:
        summary["tasks"] = sorted(config.get("tasks") or ())
        grid = here and attempted(findings, written.name, grid_of, here)
        return {**summary, "cells": len(cells_of(grid))} if grid else summary
    task = config.get("task")
    summary["tasks"] = [task["name"]] if isinstance(task, dict) and "name" in task else []
    found = here and attempted(findings, written.name, _few_shot, here)
    if found:
        summary["starts"] = list(found.starts)
        summary["runs"] = len(found.starts) * len(found.examples) * found.seeds
    return summary


def _few_shot(config: Config) -> FewShotExperiment:
    return FewShotExperiment.from_params(Params(deepcopy(config)))


def _probe(written: Written, overrides: str) -> bool:
    configuration = ProbeConfiguration.read(written.name, overrides)
    if configuration.get("archive") is None:  # else its training says the rest
        experiment = configuration.experiment({})
        experiment.options(experiment.tasks)
    return True
