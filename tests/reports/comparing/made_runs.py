"""Folders of finished runs with scores of examples, written as a training writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.reports.score_history import ScoreHistory, Scores
from allennlp_heads.training.trained_counts import TrainedCounts

Counts = numpy.ndarray
DIGEST = "0123456789abcdef"


def some_counts(seed: int, examples: int = 30, right: float = 0.6) -> Counts:
    """Correct, predicted and gold units `[examples, 3]`; the gold does not depend on the seed."""
    gold = numpy.random.default_rng(0).integers(1, 6, examples)
    correct = numpy.random.default_rng(seed).binomial(gold, right)
    return numpy.stack([correct, gold, gold], axis=1)


def configuration(tasks: Sequence[str], seed: int, **changes: Any) -> dict[str, Any]:
    """What `config.json` says of a run of these tasks; `changes` are further keys."""
    return {
        "pytorch_seed": seed,
        "dataset_reader": {"readers": {task: {"type": "conllu"} for task in tasks}},
        "train_data_path": {task: f"data/{task}.train" for task in tasks},
        "validation_data_path": {task: f"data/{task}.dev" for task in tasks},
        "model": {
            "type": "multitask_heads",
            "backbone": {"transformer_model": "tiny"},
            "heads": {task: {"type": "tagger"} for task in tasks},
        },
        "trainer": {"num_epochs": 1, "callbacks": ["example_scores", "exact_resume"]},
        **changes,
    }


def write_run(
    folder: Path,
    scores: Mapping[str, Counts | Sequence[Counts]],
    seed: int = 1,
    metrics: Mapping[str, str] | None = None,
    digests: Mapping[str, str | None] | None = None,
    updates: int | None = 4,
    finished: bool = True,
    **changes: Any,
) -> str:
    """
    A run of the tasks of `scores`: counts `[examples, K]`, or those of several epochs, the last
    but one being the best. `updates` were batches of 8 examples of each task; `None`: not counted.
    """
    config = configuration(list(scores), seed, **changes)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    if finished:
        (folder / "metrics.json").write_text("{}")
    files = {path: f"{DIGEST}{path}" for path in config["validation_data_path"].values()}
    history = ScoreHistory(seed=seed, data_files={**files, **(digests or {})})
    history.metrics = {task: (metrics or {}).get(task, "accuracy") for task in scores}
    for task, counts in scores.items():
        epochs = [counts] if isinstance(counts, numpy.ndarray) else counts
        for epoch, of_epoch in enumerate(epochs):
            history.add(task, epoch, scores_of(of_epoch))
        history.best_epoch = max(0, len(epochs) - 2)
    if updates is not None:
        trained = TrainedCounts()
        for _ in range(updates):
            trained.add(0, [[task] * 8 for task in scores])
        history.trained = trained.report()
    history.write(folder / "heads" / "scores")
    return str(folder)


def scores_of(counts: Counts) -> Scores:
    number = len(counts)
    ones = numpy.ones(number)
    return Scores(numpy.arange(number), counts, ones.astype("float32"), ones.astype(int))
