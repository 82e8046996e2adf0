"""One attempt at a training, in this process."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from allennlp_heads.grid import attempt
from allennlp_heads.grid.attempt import attempt_run
from allennlp_heads.grid.executor import BEGINS, DONE, FAILED, MISTAKEN, PlannedRun
from allennlp_heads.grid.folders import Progress, progress_of
from tests.grid.configs import training
from tests.grid.fake import finish, planned


@pytest.fixture
def run(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> PlannedRun:
    config = training(tiny_bert, fixtures_root)
    config["data_loader"]["max_instances"] = config["validation_data_loader"]["max_instances"] = 4
    return replace(planned(tmp_path, "one"), config=config)


def test_it_trains_and_its_log_has_all_that_is_said(
    run: PlannedRun, capfd: pytest.CaptureFixture[str]
) -> None:
    assert attempt_run(run) == DONE
    os.write(1, b"after\n")
    assert progress_of(run) is Progress.COMPLETE
    said = Path(run.log).read_text()
    assert said.startswith(BEGINS) and "archiving weights" in said
    assert capfd.readouterr().out == "after\n"
    assert attempt_run(run) == DONE  # nothing to do: no second training
    assert Path(run.log).read_text().count("archiving weights") == 1


def test_a_mistake_costs_nothing_that_was_there(run: PlannedRun) -> None:
    kept = Path(run.folder) / "kept.txt"
    kept.parent.mkdir()
    kept.write_text("weeks of work")  # without a readable configuration
    missing = {key: "nowhere.conllu" for key in ("pos", "dep")}
    wrong = replace(run, config={**run.config, "train_data_path": missing})
    assert attempt_run(wrong) == MISTAKEN
    assert kept.read_text() == "weeks of work" and not Path(run.aside).exists()
    assert "nowhere.conllu" in Path(run.log).read_text()
    assert attempt_run(run) == DONE
    assert (Path(run.aside) / "kept.txt").read_text() == "weeks of work"


def test_a_value_of_the_wrong_type_is_a_mistake(run: PlannedRun) -> None:
    optimizer = {**run.config["trainer"]["optimizer"], "lr": "abc"}
    trainer = {**run.config["trainer"], "optimizer": optimizer}
    assert attempt_run(replace(run, config={**run.config, "trainer": trainer})) == MISTAKEN
    assert "Expected lr to be numeric" in Path(run.log).read_text().splitlines()[-1]


def test_what_is_put_aside_is_never_replaced(run: PlannedRun) -> None:
    for text in ("weeks of work", "more of it"):
        kept = Path(run.folder) / "kept.txt"
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(text)
        (kept.parent / "config.json").unlink(missing_ok=True)
        assert attempt_run(run) == DONE
    assert (Path(run.aside) / "kept.txt").read_text() == "weeks of work"
    assert (Path(f"{run.aside}.2") / "kept.txt").read_text() == "more of it"


def test_anew_leaves_what_could_be_recovered_aside(run: PlannedRun) -> None:
    assert attempt_run(run) == DONE
    (Path(run.folder) / "metrics.json").unlink()
    assert attempt_run(run, anew=True) == DONE
    assert progress_of(run) is Progress.COMPLETE
    assert (Path(run.aside) / "best.th").is_file()


def test_no_two_work_in_one_folder(run: PlannedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "_PATIENCE", 0.1)
    Path(run.lock).parent.mkdir(parents=True)
    with FileLock(run.lock):
        assert attempt_run(run) == FAILED
    assert "Another process still works in" in Path(run.log).read_text()
    assert not Path(run.folder).exists()


def test_what_another_has_completed_meanwhile_is_left_alone(run: PlannedRun) -> None:
    finish(run)
    before = (Path(run.folder) / "model.tar.gz").stat().st_mtime_ns
    assert attempt_run(run) == DONE
    assert (Path(run.folder) / "model.tar.gz").stat().st_mtime_ns == before
