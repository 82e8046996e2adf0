"""The records, from what the stages have left."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from allennlp_heads.reports.files import package_versions
from docs.chaos.compare import KINDS, differences, weights_digest
from docs.chaos.kills import half_written
from docs.chaos.plan import DISTURBED, UNDISTURBED, ChaosBudget
from docs.chaos.run import JUNIT, kills_of, seconds_of
from docs.runs.budget import command_of
from docs.runs.records import Record

_ELSEWHERE = {
    "test_resume::test_killed_at": (
        "a kill between two steps",
        "a training",
        "`--recover` ends with the same weights, gates, scores and files",
    ),
    "test_resume::test_killed_by_the_operating_system": (
        "`kill -9` in the middle of a checkpoint",
        "a training",
        "`--recover` goes on from the one before, and ends with the same numbers",
    ),
    "test_experiment::test_two_processes_killed_and_gone_on_in_one": (
        "`kill -9`",
        "`heads transfer --jobs 2`",
        "repeated, it goes on, and ends with the same numbers",
    ),
    "test_experiment::test_a_process_that_is_killed": (
        "a worker killed",
        "`heads transfer --jobs 2`",
        "one message; finished cells stay",
    ),
}
"""Tests of other rooms that belong into the table."""


def faults_content(out: Path, budget: ChaosBudget, hardware: str) -> Record:
    """What the tests of faults found. Raises `ValueError` where they have not run."""
    file = out / JUNIT
    if not file.is_file():
        raise ValueError(f"there is no {file}: do the stage 'faults' first")
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    failed, skipped, tests, seconds = [], {}, 0, 0.0
    for case in ElementTree.parse(file).getroot().iter("testcase"):
        name, said = _name(case), _properties(case)
        seconds += float(case.get("time", 0))
        reason = case.find("skipped")
        if reason is not None:
            skipped[name] = reason.get("message", "")
            continue
        tests += 1
        bad = case.find("failure") is not None or case.find("error") is not None
        if bad:
            failed.append(name)
        if "fault" not in said and name.partition("[")[0] in _ELSEWHERE:
            said = dict(zip(("fault", "part", "came"), _ELSEWHERE[name.partition("[")[0]]))
        if "fault" in said or bad:
            key = said.get("fault", "a fault"), said.get("part", f"`{name}`")
            row = rows.setdefault(key, {"came": "", "moments": 0, "withstood": 0})
            row["moments"] += 1
            row["withstood"] += not bad
            row["came"] = row["came"] or said.get("came", "")
    return {
        "rows": [{"fault": fault, "part": part, **row} for (fault, part), row in rows.items()],
        "not_withstood": failed,
        "skipped": skipped,
        "tests": tests,
        "minutes": round(seconds / 60, 2),
        **_about(budget, hardware),
    }


def grid_content(out: Path, budget: ChaosBudget, hardware: str) -> Record:
    """
    What the grid in peace and the one under fire have in common. Raises `ValueError` where one of
    them is not complete.
    """
    one, other = out / UNDISTURBED, out / DISTURBED
    peace, fire = (_complete(folder) for folder in (one, other))
    if peace.keys() != fire.keys():
        raise ValueError(f"{one} and {other} have other runs")
    kills, seconds = kills_of(out, budget)
    runs = {
        name: {
            **_run(one / name, run),
            "attempts": fire[name]["attempts"],
            "differences": {k: v for k, v in differences(one / name, other / name).items() if v},
        }
        for name, run in peace.items()
    }
    config = json.loads((one / next(iter(runs)) / "config.json").read_text("utf-8"))
    return {
        "runs": runs,
        "kinds": {
            kind: sum(kind not in run["differences"] for run in runs.values()) for kind in KINDS
        },
        "kills": kills,
        "left": half_written(other),
        "minutes": {
            "undisturbed": round(seconds_of(out) / 60, 2),
            "disturbed": round(seconds / 60, 2),
        },
        "experiment": budget.settings,
        "encoder": config["model"]["backbone"]["transformer_model"],
        **_about(budget, hardware),
    }


def _about(budget: ChaosBudget, hardware: str) -> Record:
    return {
        "command": command_of("docs.chaos", budget),
        "budget": asdict(budget),
        "hardware": hardware,
        "versions": {"python": platform.python_version(), **package_versions()},
    }


def _complete(folder: Path) -> dict[str, Any]:
    file = folder / "grid.json"
    runs: dict[str, Any] = json.loads(file.read_text("utf-8"))["runs"] if file.is_file() else {}
    left = sorted(name for name, run in runs.items() if run["state"] != "complete")
    if not runs or left:
        raise ValueError(f"{folder} is not complete ({', '.join(left) or 'no runs'}): go on first")
    return runs


def _run(folder: Path, summary: dict[str, Any]) -> Record:
    gates = json.loads((folder / "heads" / "gates.json").read_text("utf-8"))
    return {
        "tasks": summary["tasks"],
        "seed": summary["seed"],
        "score": summary["metrics"]["best_validation_score"],
        "open": sum(found["open"] for found in gates["final"]["sets"].values()),
        "weights_sha256": weights_digest(folder),
    }


def _name(case: ElementTree.Element) -> str:
    return f"{case.get('classname', '').rpartition('.')[2]}::{case.get('name', '')}"


def _properties(case: ElementTree.Element) -> dict[str, str]:
    return dict(_pairs(case))


def _pairs(case: ElementTree.Element) -> Iterator[tuple[str, str]]:
    for one in case.iter("property"):
        yield one.get("name", ""), one.get("value", "")
