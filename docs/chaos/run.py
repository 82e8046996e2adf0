"""The stages: the table of faults, the grid in peace, and the grid under fire."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from docs.chaos.kills import killed_after
from docs.chaos.plan import DISTURBED, UNDISTURBED, ChaosBudget, grid_of, moments_of
from docs.runs import console
from docs.runs.budget import ROOT

JUNIT, SECONDS, KILLS = "faults.xml", "undisturbed.seconds.json", "disturbed.kills.json"
"""What stages leave in the folder of the trials."""

_TESTS = (
    "tests/faults",
    "tests/disk",
    "tests/training/test_resume.py",
    "tests/transfer/test_experiment.py",
)


def try_faults(budget: ChaosBudget, out: Path, jobs: int, tests: tuple[str, ...] = _TESTS) -> None:
    """
    Try all faults. One that is not withstood does not stop the others, and is in the table. Raises
    `Failed` when the trial itself cannot be made.
    """
    out.mkdir(parents=True, exist_ok=True)
    report, log = out / JUNIT, out / "faults.log"
    report.unlink(missing_ok=True)
    words = [sys.executable, "-m", "pytest", "-q", *tests, "-p", "no:cacheprovider"]
    words += ["-n", str(jobs), "--dist", "loadfile", "--no-loadscope-reorder"] if jobs > 1 else []
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "HEADS_FAULT_MOMENTS": str(budget.moments),
    }
    with log.open("wb") as file:
        subprocess.run(
            [*words, f"--junitxml={report}"], cwd=ROOT, stdout=file, stderr=file, env=environment
        )
    if not report.is_file():
        raise console.Failed(f"the tests did not run: see {log}")


def train_in_peace(budget: ChaosBudget, out: Path, jobs: int) -> None:
    """Train the grid, or go on with it. Raises `Failed` when a run fails."""
    started, spent = time.monotonic(), out / SECONDS
    try:
        console.heads(_words(budget, out, UNDISTURBED, jobs), out / UNDISTURBED, threads=1)
    finally:
        before = float(_read(spent) or 0.0)
        _write(spent, before + time.monotonic() - started)


def train_under_fire(budget: ChaosBudget, out: Path, jobs: int) -> None:
    """
    Train the same grid, killing the command again and again, and at last let it end. Repeated, this
    goes on with the kills that are left. Raises `Failed` when the command ends too early or fails.
    """
    seconds = _read(out / SECONDS)
    if seconds is None:
        raise console.Failed(f"there is no {out / SECONDS}: do the stage '{UNDISTURBED}' first")
    words = _words(budget, out, DISTURBED, jobs)
    kills = _read(out / KILLS) or []
    if len(kills) > budget.kills:
        return  # the end is noted, too
    for moment in moments_of(budget, seconds)[len(kills) :]:
        kills.append({"drawn": round(moment, 1), **killed_after(words, out / DISTURBED, moment)})
        _write(out / KILLS, kills)
    started = time.monotonic()
    console.heads(words, out / DISTURBED, threads=1)
    _write(out / KILLS, [*kills, {"after": round(time.monotonic() - started, 1)}])


def kills_of(out: Path, budget: ChaosBudget) -> tuple[list[dict[str, Any]], float]:
    """The kills, and the seconds of all starts together. Raises `ValueError` for too few."""
    noted = _read(out / KILLS) or []
    if len(noted) <= budget.kills:
        raise ValueError(f"{out / KILLS} has no {budget.kills} kills and an end")
    return noted[: budget.kills], sum(float(one["after"]) for one in noted)


def seconds_of(out: Path) -> float:
    """What the grid took in peace."""
    return float(_read(out / SECONDS) or 0.0)


def _words(budget: ChaosBudget, out: Path, stage: str, jobs: int) -> list[str]:
    out.mkdir(parents=True, exist_ok=True)
    grid = out / "grid.jsonnet"
    text = grid_of(budget)
    if grid.is_file() and grid.read_text("utf-8") != text:
        raise console.Failed(f"{out} was made with other options: give these, or another --out")
    grid.write_text(text, "utf-8")
    folder = str(out / stage)
    return [
        "heads",
        "grid",
        str(grid),
        "-s",
        folder,
        "--jobs",
        str(jobs),
        "--file-friendly-logging",
    ]


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8")) if path.is_file() else None


def _write(path: Path, content: Any) -> None:
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
    unfinished.replace(path)
