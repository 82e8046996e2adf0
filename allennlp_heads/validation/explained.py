"""Errors of AllenNLP's in the words of the other findings: with the whole key, and what to do."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from allennlp.common import Registrable

from allennlp_heads.validation.findings import Finding, Findings
from allennlp_heads.validation.trainer_keys import meant, options_of
from allennlp_heads.validation.unregistered import Unregistered
from allennlp_heads.validation.written import Config, walk

_EXTRA = re.compile(r"Extra parameters passed to (\w+): (\{.*\})", re.DOTALL)
_NO_SIGN = "metric_name must start with + or -"
_NO_REGEX = re.compile(r"'(.*)' is no regular expression")


def explain(findings: Findings, config: Config) -> None:
    """Put the key that is wrong, and a cure, into those findings that only quote AllenNLP."""
    findings[:] = [new for finding in findings for new in _explained(finding, config)]


def _explained(finding: Finding, config: Config) -> Iterator[Finding]:
    message = finding.message
    if found := _EXTRA.match(message):
        yield from _extra(finding, found[1], found[2], config)
    elif unknown := Unregistered.in_message(message):
        key = _key(finding, config, unknown.name)
        yield replace(finding, key=key, message=unknown.message, cure=unknown.cure)
    elif message.startswith(_NO_SIGN):
        cure = 'Write "+" in front of it if more is better, else "-".'
        yield replace(finding, key="trainer.validation_metric", cure=cure)
    elif found := _NO_REGEX.match(message):
        yield replace(finding, key=_key(finding, config, found[1]))
    else:
        yield finding


def _extra(finding: Finding, of: str, found: str, config: Config) -> Iterator[Finding]:
    try:
        options: dict[str, Any] = ast.literal_eval(found)
    except ValueError:  # objects among the values
        yield finding
        return
    known = _options(of)
    for name, value in options.items():
        key = _key(finding, config, value, name)
        message, cure = f"{of} has no option '{name}'", meant(name, known)
        yield replace(finding, key=key, message=message, cure=cure)


def _key(finding: Finding, config: Config, value: Any, name: str | None = None) -> str:
    """The one place of a value, under a name if given; the finding's key where it has several."""
    places = [key for key, own, below in walk(config) if below == value and name in (None, own)]
    return places[0] if len(places) == 1 else finding.key


def _options(name: str) -> set[str]:
    """What the constructors of registered classes of that name take."""
    return {
        option
        for registry in Registrable._registry.values()
        for found, constructor in registry.values()
        if found.__name__ == name
        for option in options_of(found, constructor)
    }
