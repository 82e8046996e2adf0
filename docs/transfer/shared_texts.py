"""Texts of a source's training data that are scored again in a target: no transfer, but memory."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from allennlp.common import Params
from allennlp.data import DatasetReader, Instance

LEAST_WORDS = 6
"""Shorter sentences are often said twice."""

LIMIT = 0.01
"""Cells with a larger share of shared examples are left out."""

Sentence = tuple[str, ...]
Shares = dict[str, dict[str, float]]

_FIELDS = ("text", "text_pair", "question", "context")
_END = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"\w+")


def sentences_of(instance: Instance) -> set[Sentence]:
    """
    The sentences of an example's texts that have at least `LEAST_WORDS` words: lower-case words
    without punctuation, so that it does not matter how a file splits them.
    """
    kept = instance["metadata"].metadata  # type: ignore[attr-defined]
    texts = [" ".join(kept["words"])] if "words" in kept else [kept.get(key) for key in _FIELDS]
    sentences = (
        tuple(_WORD.findall(sentence.lower()))
        for text in texts
        if text
        for sentence in _END.split(text)
    )
    return {sentence for sentence in sentences if len(sentence) >= LEAST_WORDS}


def shared_texts(tasks: Mapping[str, Mapping[str, Any]]) -> Shares:
    """
    How much of each target's scored data has a sentence of a source's training data.

    # Parameters

    tasks : `Mapping[str, Mapping[str, Any]]`
        Name -> `reader`, `train_data_path` and `validation_data_path`, as in a grid.

    # Returns

    `Dict[str, Dict[str, float]]`
        Source -> target -> the share of the examples in the target's whole file, between 0 and 1;
        only of pairs that share some, never of a task with itself.
    """
    trained, scored = {}, {}
    for name, task in tasks.items():
        reader = DatasetReader.from_params(Params(deepcopy(task["reader"])))
        read = (reader.read(task[f"{part}_data_path"]) for part in ("train", "validation"))
        train, dev = ([sentences_of(instance) for instance in part] for part in read)
        trained[name], scored[name] = set().union(*train), dev
    found: Shares = {}
    for source, target in itertools.permutations(tasks, 2):
        known, examples = trained[source], scored[target]
        number = sum(not known.isdisjoint(sentences) for sentences in examples)
        if number:
            found.setdefault(source, {})[target] = round(number / len(examples), 4)
    return found


def above_limit(shares: Shares) -> list[tuple[str, str, float]]:
    """(source, target, share) of the cells to leave out."""
    return [
        (source, target, share)
        for source, row in shares.items()
        for target, share in row.items()
        if share > LIMIT
    ]
