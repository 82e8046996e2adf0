"""The commands of a run, done in the test's own process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from allennlp.common import logging as allennlp_logging

import allennlp_heads_cli
from docs.runs import console

Words = list[list[str]]


def replace_heads(monkeypatch: pytest.MonkeyPatch) -> Words:
    """Commands run here instead of in a process of their own, on `fixtures/`; what they were."""
    commands: Words = []

    def run(words: list[str], log: Path, threads: int) -> None:
        commands.append(words)
        monkeypatch.setattr(sys, "argv", ["allennlp-heads", *words])
        assert allennlp_heads_cli.main() == 0

    monkeypatch.delenv("HEADS_DATA", raising=False)
    monkeypatch.setattr("allennlp.common.util.install_sigterm_handler", lambda: None)
    monkeypatch.setattr(allennlp_logging, "FILE_FRIENDLY_LOGGING", True)
    monkeypatch.setattr(console, "heads", run)
    return commands
