"""Folders that verbs write of several runs or tasks, through the package's own writers."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.reports.comparing import (
    choose,
    compare_settings,
    notes_of,
    read_settings,
    write_comparison,
)
from allennlp_heads.reports.fewshot import write_fewshot
from allennlp_heads.reports.fewshot_results import FewShotScores
from allennlp_heads.reports.overlap import measure
from allennlp_heads.reports.overlap_files import write_overlap
from allennlp_heads.reports.overlap_groups import read_groups
from allennlp_heads.reports.probing.comparison import write_comparison as write_probe_comparison
from allennlp_heads.reports.search import SearchResults, Tried, write_search
from allennlp_heads.reports.task_similarity import measure_similarity, write_similarity
from allennlp_heads.reports.transfer import (
    Applied,
    measure_evaluation,
    measure_ranking,
    write_applied,
    write_evaluation,
    write_matrix,
    write_ranking,
)
from tests.reports.page.hostile import RUN, SCRIPT, TASKS, TEXTS
from tests.reports.probing.comparisons import comparison
from tests.reports.transfer.made import matrix, written_embeddings

ROUNDS = 100
"""Of resampling, wherever a verb has some."""


def write_verbs(folder: Path, runs: Sequence[str]) -> list[str]:
    """One folder a verb; `runs` have gates and scores, and the first a dissociation."""
    _overlap(folder / "overlap", runs)
    _comparison(folder / "comparison", runs)
    _probe_comparison(folder / "probe_comparison")
    _transfer(folder)
    _fewshot(folder / "fewshot")
    write_search(searched(["score", SCRIPT], [*TEXTS, SCRIPT]), folder / "search")
    names = ["overlap", "comparison", "probe_comparison", "embeddings", "transfer", "ranking"]
    return [str(folder / name) for name in [*names, "fewshot", "search"]]


def _overlap(out: Path, runs: Sequence[str]) -> None:
    write_overlap(measure(read_groups(runs), draws=ROUNDS), out)


def _comparison(out: Path, runs: Sequence[str]) -> None:
    settings, skipped = read_settings([f"{RUN}={runs[0]}", *runs[1:]])
    tables = compare_settings(choose(settings), ROUNDS)
    notes = notes_of(tables, settings, "validation", "best", skipped)
    about = {"data": "validation", "epoch": "best", "rounds": ROUNDS, "skipped": skipped}
    write_comparison(out, tables, settings, notes, about, seed=0)


def _probe_comparison(out: Path) -> None:
    groups = ["untrained", SCRIPT, "trained"]
    found = {task: comparison(["nsubj", *TEXTS], groups) for task in TASKS[:2]}
    runs = {name: [{"folder": f"out/{name}", "seed": 1}] for name in groups}
    write_probe_comparison(out, found, {"runs": runs}, seed=0)


def _transfer(folder: Path) -> None:
    embeddings = written_embeddings(folder / "embeddings", TASKS)
    measured, method = matrix(TASKS), "text+task+heads"
    write_matrix(folder / "transfer", measured)
    ranking = measure_ranking(embeddings, None, measured)
    write_ranking(folder / "ranking", ranking, TASKS, method)
    evaluation = measure_evaluation(ranking, measured, draws=ROUNDS)
    write_evaluation(folder / "ranking", evaluation, method)
    scores = {"ranked": [0.9, 0.8], "direct": [0.5, 0.6], "random": [0.9, 0.7]}
    used = [Applied(TASKS[0], "f1", "test", TASKS[1:3], [TASKS[3:5], TASKS[2:4]], scores)]
    about: dict[str, Any] = {"method": method, "sources": 2, "regime": measured.regime}
    write_applied(folder / "ranking", used, about)


def _fewshot(out: Path) -> None:
    random = numpy.random.default_rng(0)
    scores = random.normal(0.6, 0.05, (3, 3, 5))
    scores[1] += 0.2
    starts = ["plain", SCRIPT, "random heads"]
    found = FewShotScores(TASKS[1], "accuracy", "+", starts, [4, 16, 64], False, scores, 0.5)
    write_fewshot(found, {}, out)


def searched(metrics: Sequence[str], parameters: Sequence[str], trials: int = 6) -> SearchResults:
    """A search of made-up numbers: the last trial failed, the third was pruned."""
    random = numpy.random.default_rng(0)
    states = ["complete"] * trials
    states[2], states[-1] = "pruned", "failed"
    found = [
        Tried(
            number,
            state,
            None if state == "failed" else random.random(len(metrics)).tolist(),
            {name: random.random() if place else SCRIPT for place, name in enumerate(parameters)},
            number in (1, 3),
            1,
            SCRIPT if state == "failed" else None,
            f"trial_{number}",
            f".grid/logs/trial_{number}.log",
        )
        for number, state in enumerate(states)
    ]
    share = {name: 1 / len(parameters) for name in parameters}
    space = [{"type": "float", "attributes": {"name": name}} for name in parameters]
    about: dict[str, Any] = {
        "configuration": "x.jsonnet",
        "hyperparameters": space,
        "sampler": {},
        "pruner": None,
    }
    ways = {metric: ["maximize", "minimize"][place % 2] for place, metric in enumerate(metrics)}
    return SearchResults(ways, found, dict.fromkeys(metrics, share), {}, about, 0)


def write_task_similarity(out: Path, run: str, tasks: Sequence[str]) -> str:
    """D of the pairs of tasks of a run beside a made-up similarity; wants more than two tasks."""
    out.mkdir(parents=True)
    random = numpy.random.default_rng(0)
    with open(out / "given.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["", *tasks])
        numbers = random.random((len(tasks), len(tasks)))
        writer.writerows([task, *row] for task, row in zip(tasks, (numbers + numbers.T).tolist()))
    found = measure_similarity([run], str(out / "given.csv"), alpha=0.3, rounds=ROUNDS)
    write_similarity(found, out)
    return str(out)
