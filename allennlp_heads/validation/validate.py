"""A configuration, looked at before it costs hours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.markup import plural
from allennlp_heads.validation import grids, other_verbs, training
from allennlp_heads.validation.as_text import other_lines, training_lines
from allennlp_heads.validation.checked import check_written
from allennlp_heads.validation.devices import without_missing_gpus
from allennlp_heads.validation.explained import explain
from allennlp_heads.validation.files import without_starts
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.written import GRID, TRAIN, Written

SCHEMA, VERSION = "validation", 1


@dataclass(frozen=True)
class Validation:
    """
    What a configuration comes to.

    # Parameters

    name : `str`
        The file.
    verb : `str`, optional
        `"train"`, `"transfer"`, `"fewshot"`, `"probe"` or `"grid"`: what reads it; `None` where it
        cannot be evaluated.
    summary : `Dict[str, Any]`
        As far as everything could be built.
    findings : `Findings`
    """

    name: str
    verb: str | None
    summary: dict[str, Any]
    findings: Findings

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "schema": {"name": SCHEMA, "version": VERSION},
            "configuration": self.name,
            "verb": self.verb,
            "summary": self.summary,
            "findings": self.findings.as_dicts(),
        }

    def as_text(self) -> str:
        """For a person: the summary, then a line for each finding."""
        lines = training_lines if self.verb == TRAIN else other_lines
        text = [self.name, *(lines(self.summary) if self.verb else ()), *map(str, self.findings)]
        number = plural(len(self.findings), "finding")
        return "\n".join([*text, number if self.findings else "no findings", ""])


def validate(file: str, overrides: str = "", steps: int = 0) -> Validation:
    """
    Look for mistakes in a configuration. Nothing is left behind, and no network is used.

    # Parameters

    file : `str`
        Jsonnet that `allennlp train`, or one of the verbs `transfer`, `fewshot`, `probe` and
        `grid`, reads.
    overrides : `str`, optional (default = `""`)
        JSON, as for `allennlp train`.
    steps : `int`, optional (default = `0`)
        Train so many steps, for an estimate of the time.

    # Returns

    `Validation`
    """
    findings = Findings()
    try:
        written = Written.read(file, overrides)
    except ConfigurationError as error:
        findings.error("configuration", error.message)
        return Validation(file, None, {}, findings)
    config, verb = written.config, written.verb
    if verb == GRID:
        summary = grids.look_at(file, overrides, findings)
        return Validation(file, verb, summary, findings)
    checked = check_written(config, findings, training=verb == TRAIN)
    if verb != TRAIN:
        summary = other_verbs.look_at(written, checked.here, overrides, findings)
    else:
        whole = checked.here if checked.complete else None
        whole = whole and without_starts(whole, checked.missing)
        whole = whole and without_missing_gpus(whole, findings)
        summary = {} if whole is None else training.look_at(whole, findings, steps)
    explain(findings, config)
    return Validation(file, verb, summary, findings)
