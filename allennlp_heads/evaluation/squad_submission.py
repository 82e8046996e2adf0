"""Answers to a file of questions, in the files that SQuAD's own scripts take."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.null_threshold import BestThreshold, best_null_threshold
from allennlp_heads.collect.trained import Trained
from allennlp_heads.data.paths import resolve
from allennlp_heads.evaluation.predicted import Said, predictions
from allennlp_heads.models.archival import PathLike
from allennlp_heads.models.heads import SpanQaHead
from allennlp_heads.predictors.head_predictor import heads_of
from allennlp_heads.training.metrics.answer_scores import answer_scores

READER = "squad_json"
"""The type of the readers whose tasks are questions on texts."""


def questions_of(source: Trained, key: str, given: PathLike | None) -> Path:
    """
    The file of questions that a task is asked.

    # Parameters

    source : `Trained`
    key : `str`
        The archive's name of the task.
    given : `PathLike`, optional
        By default the validation data of the archive's configuration.

    Raises `ConfigurationError` when there is none, and for another head than `span_qa`.
    """
    head = heads_of(source.model)[key]
    if not isinstance(head, SpanQaHead):
        raise ConfigurationError(
            f"{source.name}: the task '{key}' needs the head 'span_qa' to answer questions, not "
            f"{type(head).__name__}"
        )
    configured = source.config.get("validation_data_path") or {}
    named = given or (configured.get(key) if isinstance(configured, dict) else configured)
    if not named:
        raise ConfigurationError(
            f"{source.name} names no validation data of '{key}': give a file with --questions"
        )
    path = Path(resolve(str(named)))
    if not path.is_file():
        raise ConfigurationError(
            f"'{key}': there is no file {path}: give one in SQuAD's form with --questions, or "
            "leave the task out with --task"
        )
    return path


def set_null_threshold(source: Trained, keys: Iterable[str], value: float) -> None:
    """
    Replace the null threshold of the heads of some tasks. Raises `ConfigurationError` when it is
    not a number.
    """
    if math.isnan(value):
        raise ConfigurationError("--null-threshold is not a number; 'inf' always answers")
    for key in keys:
        head = heads_of(source.model)[key]
        assert isinstance(head, SpanQaHead)
        head.null_threshold = value


def write_answers(
    source: Trained, key: str, path: Path, folder: Path
) -> tuple[int, BestThreshold | None]:
    """
    Answer all questions of a file and write `<task>.json`, an object with the answer to every
    question id, and, where the head may say that there is none, `<task>.na_prob.json` with the
    probability of that: the logistic function of the head's `no_answer_score`. These are what
    SQuAD's own `evaluate-v1.1.py` and `evaluate-v2.0.py` (with `--na-prob-file`) take.

    # Parameters

    source : `Trained`
    key : `str`
        The archive's name of the task.
    path : `Path`
        In SQuAD's form; the answers may be missing.
    folder : `Path`
        Where to write.

    # Returns

    `Tuple[int, Optional[BestThreshold]]`
        The number of questions, and where their answers are given and the head may answer none, the
        null threshold with the best `token_f1` on them.

    Raises `ConfigurationError` for what is wrong with the file, and for predictions that are no
    numbers.
    """
    head = heads_of(source.model)[key]
    answers: dict[str, str] = {}
    no_answer: dict[str, float] = {}
    scores: list[tuple[float, float, float]] = []
    for instance, said in predictions(source, key, path):
        metadata = instance["metadata"].metadata  # type: ignore[attr-defined]
        answers[metadata["id"]] = said["answer"]
        if head.null_threshold is not None:
            no_answer[metadata["id"]] = _logistic(said["no_answer_score"])
            if "answers" in metadata:
                scores.append((said["no_answer_score"], *_both_ways(said, metadata["answers"])))
    _write(folder / f"{key}.json", answers)
    if no_answer:
        _write(folder / f"{key}.na_prob.json", no_answer)
    return len(answers), best_null_threshold(*numpy.array(scores).T) if scores else None


def _both_ways(said: Said, gold: list[str]) -> tuple[float, float]:
    """What a question scores with its best answer, and without one."""
    best = next((one["answer"] for one in said["n_best"] if one["offsets"] is not None), "")
    return answer_scores(best, gold, version2=True)[0], answer_scores("", gold, version2=True)[0]


def _logistic(score: float) -> float:
    return (1 + math.tanh(score / 2)) / 2  # which never overflows


def _write(path: Path, content: dict[str, Any]) -> None:
    # in ASCII, since texts may have halves of characters, which no encoding can write
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
