"""The command, as a user types it."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from allennlp.commands import main


@pytest.fixture
def heads(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """`allennlp heads` with words, which gives its exit status."""
    monkeypatch.delenv("HEADS_DATA", raising=False)

    def run(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["allennlp", "heads", *words])
        try:
            main(prog="allennlp")
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    return run
