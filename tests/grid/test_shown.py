"""What is seen while a grid is going, and what verbs take of it."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.failures import tail, write_failures
from allennlp_heads.grid.runs_of import runs_of
from allennlp_heads.grid.shown import shown
from allennlp_heads.grid.state import RunState, State
from allennlp_heads.grid.summary import write_summary
from tests.grid.fake import begin, finish, planned


class Terminal(io.StringIO):
    """A screen that keeps all that is drawn."""

    def isatty(self) -> bool:
        return True


def states_in(out: Path) -> list[RunState]:
    """A run in each state."""
    found = [RunState(planned(out, state.value), state) for state in State]
    for one in found:
        begin(one.run) if one.state is State.RUNNING else None
        finish(one.run) if one.state is State.COMPLETE else None
        one.reason = "because" if one.state is State.FAILED else ""
    return found


def test_a_terminal_has_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    for name, value in {"COLUMNS": "120", "LINES": "30", "TERM": "xterm"}.items():
        monkeypatch.setenv(name, value)
    with shown(states_in(tmp_path), plain=False) as table:
        table.looked()
    drawn = screen.getvalue()
    assert "1 of 5 complete, 1 running, 1 failed, 1 blocked" in drawn
    for words in ("waiting", "running", "complete", "1/2", "1.0000", "because"):
        assert words in drawn


def test_elsewhere_there_are_lines(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    states = states_in(tmp_path)
    with caplog.at_level(logging.INFO), shown(states, plain=True) as lines:
        lines.changed(states[3])
    [said] = caplog.messages
    assert said.startswith("failed failed: because (1 of 5 complete")


def test_the_folder_of_a_grid_stands_for_its_runs(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "out"
    states = states_in(out)
    write_summary(out, "grid.jsonnet", states, {})
    write_failures(out, states)
    assert runs_of(["first", str(out)]) == ["first", str(out / "complete")]
    assert "4 of 5 runs are not complete and are left out: blocked, failed" in caplog.text
    wanted = [str(out / name) for name in ("complete", "running")]
    assert runs_of([str(out)], unfinished=True) == wanted
    everything = sorted(str(path) for path in out.glob("[!.]*"))
    assert len(everything) == 4 and runs_of(everything) == wanted
    write_summary(out, "grid.jsonnet", states[:1], {})
    with pytest.raises(ConfigurationError, match="no run of this grid is complete"):
        runs_of([str(out)])


def test_a_log_is_read_from_its_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * 100_000 + b"\nlast but one\n\xff last\n")
    assert tail(str(log), 2) == ["last but one", "\ufffd last"]
    assert tail(str(tmp_path / "missing")) == []
