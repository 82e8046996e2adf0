"""Made-up records about removed heads."""

from __future__ import annotations

from typing import Any

from docs.pruning.plan import GATED, all_runs, kept_of
from docs.pruning.record import MASKED, STAGES
from docs.runs.records import Record
from tests.docs.grid import METRICS, SEEDS, counts

HEADS, LAYERS = 4, 3
BUDGET = {"epochs": 2, "sentences": None, "overlay": "{}", "test_sentences": None, "target": 0.5}
QUALITY = {"gated": 0.72, "binarised": 0.71, "removed": 0.71, "random": 0.5, "magnitude": 0.7}


def stage(name: str, tasks: tuple[str, ...], seed: int) -> dict[str, Any]:
    """Scores and counts."""
    found = {task: counts(task, seed, QUALITY[name]) for task in tasks}
    scores = {
        f"{task}_{METRICS[task]}": sum(found[task]["correct"]) / sum(found[task]["gold"])
        for task in tasks
    }
    return {"scores": scores, "counts": found}


def heads(kept: int) -> dict[str, Any]:
    """A set that keeps the first heads."""
    cells = range(LAYERS * HEADS)
    rows = [[cell % HEADS for cell in cells[:kept] if cell // HEADS == n] for n in range(LAYERS)]
    return {"kept": rows, "heads": LAYERS * HEADS}


def removal(kept: int) -> dict[str, Any]:
    """What pruning says of such a set."""
    return {
        "threshold": 0.5,
        "parameters": {"encoder": {"before": 20_000_000, "after": 10_000_000 + kept * 500_000}},
        "bytes": {"before": 90_000_000, "after": 70_000_000},
        "largest_difference": {"removed": 2e-7, "reloaded": 4e-7},
        "cost": {"expected_speedup": 1.2, "attention_projections_share": 0.32},
        "measured": {"speedup": 1.1, "batch": 8, "tokens": 128},
        "transformers": {"folder": "transformers", "reason": None},
    }


def record(kind: str, setting: str, tasks: tuple[str, ...], seed: int, kept: int = 6) -> Record:
    """One record; `gated` ones keep one head more with a higher seed."""
    if kind == GATED:
        kept += seed - SEEDS[0]
        stages = {name: stage(name, tasks, seed) for name in STAGES}
        names = tasks if setting == "all_per_task" else ("gates",)
        sets = {name: heads(kept) | {"pruning": removal(kept)} for name in names}
    else:
        stages, sets = {MASKED: stage(kind, tasks, seed)}, {"gates": heads(kept_of(12, 0.5))}
    return {
        "kind": kind,
        "setting": setting,
        "tasks": list(tasks),
        "metric": {task: METRICS[task] for task in tasks},
        "experiment": f"training_configs/stem_cell/gate/{setting}.jsonnet",
        "command": "python -m docs.pruning --epochs 2",
        "seed": seed,
        "encoder": "tiny",
        "hardware": "one core",
        "minutes": 2.5,
        "resumed": False,
        "budget": BUDGET,
        "data": {},
        "versions": {"torch": "9.9"},
        "dev": {},
        "stages": stages,
        "sets": sets,
    }


def grid() -> dict[str, Record]:
    """Every run of the table."""
    runs = all_runs(list(SEEDS), list(SEEDS[:1]))
    return {run.name: record(run.kind, run.setting, run.tasks, run.seed) for run in runs}
