"""A grid's folder and the data and runs that it was made from."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.grid import ended, recalled
from allennlp_heads.grid.runs_of import runs_of
from allennlp_heads.grid.state import RunState, State
from allennlp_heads.grid.summary import read_earlier, write_summary
from allennlp_heads.grid.unchanged import check_data, check_sources
from tests.grid.fake import begin, finish, planned


def noted(tmp_path: Path, **environment: str) -> RunState:
    """A run of data that a variable names, as a command reads it back."""
    run = planned(tmp_path, "one", train_data_path="${HEADS_DATA}/train")
    run = replace(run, environment=environment)
    [state] = recalled([run], read_earlier(tmp_path))
    check_data([state])
    write_summary(tmp_path, "grid.jsonnet", [state], {})
    return state


@pytest.mark.parametrize("file", ["train", "train/a.mrg"])
def test_other_data_are_an_error_where_something_was_trained(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("old", "new"):
        (tmp_path / name / file).parent.mkdir(parents=True)
        (tmp_path / name / file).write_text(name)
    monkeypatch.setenv("HEADS_DATA", str(tmp_path / "new"))
    noted(tmp_path)
    monkeypatch.setenv("HEADS_DATA", str(tmp_path / "old"))
    first = noted(tmp_path)  # nothing was trained before
    begin(first.run)
    assert noted(tmp_path).data_files == first.data_files
    monkeypatch.setenv("HEADS_DATA", str(tmp_path / "new"))
    with pytest.raises(ConfigurationError, match="one: .*/train is not what it was when"):
        noted(tmp_path)
    # the run's own environment counts
    assert noted(tmp_path, HEADS_DATA=str(tmp_path / "old")).data_files == first.data_files


def test_what_was_trained_from_a_run_that_is_gone(tmp_path: Path) -> None:
    source = planned(tmp_path, "a")
    weights = {"weights_file_path": str(tmp_path / "a" / "model.tar.gz")}
    target = planned(tmp_path, "b", ("a",), model=weights)
    later = planned(tmp_path, "c", ("a",), model={"weights_file_path": str(tmp_path / "ab.th")})
    runs = [source, target, later]
    check_sources(runs)
    finish(later)  # its order only
    check_sources(runs)
    begin(target)
    with pytest.raises(ConfigurationError, match="b was trained from a, which is to be trained"):
        check_sources(runs)
    begin(source)
    check_sources(runs)


@pytest.mark.parametrize("text", ["", '{"schema', '{"schema": {"name": "grid", "version": 1}}'])
def test_a_damaged_summary_is_written_anew(
    text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "grid.json").write_text(text)
    with pytest.raises(ConfigurationError, match=r"grid\.json.* is damaged"):
        runs_of([str(tmp_path)])
    with caplog.at_level(logging.WARNING):
        assert read_earlier(tmp_path) == {}
    assert "written anew" in caplog.text


def test_another_verbs_summary_is_not_replaced(tmp_path: Path) -> None:
    schema = {"name": "transfer_grid", "version": 1}
    (tmp_path / "grid.json").write_text(json.dumps({"schema": schema}))
    with pytest.raises(ConfigurationError, match="'transfer_grid' version 1"):
        read_earlier(tmp_path)


def test_failures_of_runs_that_a_command_leaves_out(tmp_path: Path) -> None:
    states = [RunState(planned(tmp_path, name)) for name in "abc"]
    states[0].state, states[0].reason = State.FAILED, "was killed"
    states[1].state = State.COMPLETE
    write_summary(tmp_path, "grid.jsonnet", states, {})
    earlier = read_earlier(tmp_path)
    [found] = ended(recalled([one.run for one in states], earlier), earlier)
    assert (found.run.name, found.state, found.reason) == ("a", State.FAILED, "was killed")
