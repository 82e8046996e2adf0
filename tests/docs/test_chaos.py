"""The page about faults, and what is compared and drawn for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from docs.chaos.compare import GATES, KINDS, METRICS, SCORES, TRAINING, WEIGHTS
from docs.chaos.content import faults_content
from docs.chaos.page import with_results
from docs.chaos.plan import ChaosBudget, grid_of, moments_of
from docs.chaos.record import read_record, write_record
from docs.runs.budget import ROOT, configuration

PAGE = "Before\n<!-- faults -->\nold\n<!-- end of faults -->\n<!-- grid -->\n<!-- end of grid -->\n"
SHARED: dict[str, Any] = {
    "command": "python -m docs.chaos",
    "hardware": "two cores",
    "versions": {},
    "budget": {"sentences": 9, "epochs": 2},
}


def grid_record(**changes: Any) -> dict[str, Any]:
    run = {"score": 0.5, "open": 7, "attempts": 2, "differences": {}, "tasks": [], "seed": 1}
    return {
        "runs": {"pair.1": run, "pair.2": {**run, "score": 0.25, "attempts": 1}, **changes},
        "kinds": dict.fromkeys(KINDS, 2),
        "kills": [
            {
                "after": 12.4,
                "processes": 5,
                "complete": 1,
                "running": {"pair.2": {"epochs": 1, "checkpoint": "e1_b5"}},
                "half": ["pair.2/.model_state_e1_b10.th.7.tmp"],
            }
        ],
        "left": [],
        "minutes": {"undisturbed": 1.5, "disturbed": 2.0},
        "experiment": "pairs.jsonnet",
        "encoder": "tiny",
        **SHARED,
    }


def test_the_page_gets_the_grid(tmp_path: Path) -> None:
    write_record(tmp_path / "grid.json", grid_record())
    text = with_results(PAGE, tmp_path)
    assert text.startswith("Before\n<!-- faults -->\nold\n<!-- end of faults -->\n<!-- grid -->\n")
    assert "2 runs of `pairs.jsonnet` with tiny, 9 sentences a task and 2 epochs: 1.5" in text
    assert "| weights: of the archive | 2 of 2 |" in text
    kill = "| 1 | 12 s | 5 | 1 of 2 | `pair.2` 1, e1_b5; half-written: "
    assert kill + "`pair.2/.model_state_e1_b10.th.7.tmp` |" in text
    assert "| pair | 0.5000 0.2500 | 7 7 | 2 1 |" in text
    assert "No half-written file was left" in text and "differ" not in text
    assert with_results(text, tmp_path) == text
    with pytest.raises(ValueError, match="has no <!-- grid -->"):
        with_results("Before\n", tmp_path)


def test_differences_are_stated(tmp_path: Path) -> None:
    run = grid_record()["runs"]["pair.1"]
    found = {WEIGHTS: ["model.tar.gz"], TRAINING: ["metrics_epoch_1.json training_loss"]}
    record = grid_record(**{"pair.3": {**run, "differences": found}}) | {"left": ["x.tmp"]}
    write_record(tmp_path / "grid.json", record)
    text = with_results(PAGE, tmp_path)
    assert "**weights differ** in `pair.3`: model.tar.gz." in text
    assert "alone, which is so in `pair.3`." in text and "left in the end: `x.tmp`" in text


JUNIT = """<testsuites><testsuite>
<testcase classname="tests.faults.test_verbs" name="test_full_disk[0.6-prune]" time="30">
<properties><property name="fault" value="disk full"/><property name="part" value="`heads prune`"/>
<property name="came" value="a | b"/></properties></testcase>
<testcase classname="tests.faults.test_verbs" name="test_full_disk[0.2-prune]" time="29">
<properties><property name="fault" value="disk full"/><property name="part" value="`heads prune`"/>
<property name="came" value="later"/></properties></testcase>
<testcase classname="tests.faults.test_verbs" name="test_full_disk[0.6-rank]" time="0">
<properties><property name="fault" value="disk full"/><property name="part" value="`heads rank`"/>
<property name="came" value="a | b"/></properties></testcase>
<testcase classname="tests.faults.test_verbs" name="test_killed[rank]" time="1">
<failure message="lost"/></testcase>
<testcase classname="tests.faults.test_verbs" name="test_x" time="0"><skipped message="no root"/>
</testcase></testsuite></testsuites>"""


def test_the_table_of_faults(tmp_path: Path) -> None:
    (tmp_path / "faults.xml").write_text(JUNIT)
    record = faults_content(tmp_path, ChaosBudget(), "two cores")
    assert record["tests"] == 4 and record["minutes"] == 1.0
    assert record["not_withstood"] == ["test_verbs::test_killed[rank]"]
    write_record(tmp_path / "faults.json", record)
    assert read_record(tmp_path / "faults.json") == record
    text = with_results(PAGE, tmp_path)
    assert "| disk full | `heads prune`, `rank` | 3 | a \\| b |" in text and "old" not in text
    assert "| a fault | `test_verbs::test_killed[rank]` | 1 | **not withstood 1 times** " in text
    assert "4 trials in 1 min, 1 not withstood; left out: no root. two cores." in text
    with pytest.raises(ValueError, match="do the stage 'faults' first"):
        faults_content(tmp_path / "elsewhere", ChaosBudget(), "")


def test_all_kills_come_in_time() -> None:
    for seed in range(50):
        moments = moments_of(ChaosBudget(kill_seed=seed), 600.0)
        assert len(moments) == 5 and min(moments) >= 0 and sum(moments) < 600
    assert moments_of(ChaosBudget(), 600.0) == moments_of(ChaosBudget(), 600.0)


def test_the_grid_is_all_pairs_with_gates() -> None:
    found = configuration(grid_of(ChaosBudget(sentences=7, epochs=2)), with_tests=False)
    assert len(found["runs"]) * len(found["seeds"]) == 30
    for run in found["runs"].values():
        config = run["config"]
        assert config["model"]["backbone"]["gates"]["type"] == "hard_concrete"
        assert config["trainer"]["num_epochs"] == 2
        assert config["trainer"]["checkpointer"]["save_every_num_batches"] == 5
        assert config["data_loader"]["max_instances"] == 7
        assert {"type": "gate_report"} in config["trainer"]["callbacks"] or (
            "gate_report" in config["trainer"]["callbacks"]
        )


def test_the_page_has_its_marks_and_what_is_compared_is_said() -> None:
    text = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    assert with_results(text, ROOT / "nowhere") == text
    for mark in ("faults", "grid"):
        assert f"<!-- {mark} -->" in text and f"<!-- end of {mark} -->" in text
    assert {WEIGHTS, METRICS, GATES, SCORES, TRAINING} == set(KINDS)
    assert json.dumps(KINDS)
