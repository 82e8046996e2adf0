"""
What answers score that look at nothing: the most frequent label of the training data and, where a
part of a text is asked for, its first sentence or any part that is as long as answers are.
"""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy
from allennlp.common import Params
from allennlp.data import DatasetReader, Instance

from allennlp_heads.training.metrics.answer_scores import answer_scores
from docs.qa_nli_sa.plan import SQUAD

MAJORITY, ANY_SPAN, FIRST_SENTENCE = "majority", "any span", "first sentence"
_SENTENCE = re.compile(r".*?[.!?](?=\s|$)", re.DOTALL)
_WORD = re.compile(r"\S+")


def floor_counts(config: dict[str, Any]) -> dict[str, dict[str, numpy.ndarray]]:
    """
    Task -> what is answered -> the counts `[examples, 3]` of all development examples.

    # Parameters

    config : `Dict[str, Any]`
        The configuration of a run, which says what is read.
    """
    found = {}
    for task, reader in config["dataset_reader"]["readers"].items():
        read = DatasetReader.from_params(Params(reader).duplicate()).read
        train, dev = (
            list(read(config[f"{part}_data_path"][task])) for part in ("train", "validation")
        )
        found[task] = _answered(train, dev) if task == SQUAD else {MAJORITY: _majority(train, dev)}
    return found


def any_span(context: str, answers: Sequence[str], words: int) -> list[float]:
    """
    The mean F1 and exact match of all parts of a context that have so many words, or of the whole
    of a shorter one.
    """
    places = [word.span() for word in _WORD.finditer(context)]
    ends = places[words - 1 :] or places[-1:]
    spans = [context[start:end] for (start, _), (_, end) in zip(places, ends)]
    return numpy.mean(
        [answer_scores(span, answers, version2=False) for span in spans], axis=0
    ).tolist()


def first_sentence(context: str) -> str:
    """Up to the first full stop, question or exclamation mark before a blank."""
    found = _SENTENCE.match(context)
    return found[0] if found else context


def _answered(train: list[Instance], dev: list[Instance]) -> dict[str, numpy.ndarray]:
    given = [_metadata(instance)["answers"] for instance in train]
    words = round(statistics.median(len(_WORD.findall(answers[0])) for answers in given if answers))
    rows: dict[str, list[list[float]]] = {ANY_SPAN: [], FIRST_SENTENCE: []}
    for instance in dev:
        context, answers = (_metadata(instance)[key] for key in ("context", "answers"))
        rows[ANY_SPAN].append([*any_span(context, answers, words), 1.0])
        first = answer_scores(first_sentence(context), answers, version2=False)
        rows[FIRST_SENTENCE].append([*first, 1.0])
    return {name: numpy.array(found) for name, found in rows.items()}


def _majority(train: list[Instance], dev: list[Instance]) -> numpy.ndarray:
    ((label, _),) = Counter(map(_label, train)).most_common(1)
    right = [int(_label(instance) == label) for instance in dev]
    return numpy.array([right, [1] * len(dev), [1] * len(dev)]).T


def _label(instance: Instance) -> Any:
    return instance["label"].label  # type: ignore[attr-defined]


def _metadata(instance: Instance) -> dict[str, Any]:
    return instance["metadata"].metadata  # type: ignore[attr-defined]
