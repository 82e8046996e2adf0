"""
What peers predict, counted by this project's rules: for each test sentence how many items are
right, predicted and gold. Gold is what this project's readers read.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy
from allennlp.data import DatasetReader, Instance

from allennlp_heads.data.dataset_readers import ConlluReader, OntonotesReader
from allennlp_heads.data.span_codings import spans_of_tags
from allennlp_heads.data.trees import read_bracketed
from allennlp_heads.training.metrics.attachment_scores import is_punctuation
from allennlp_heads.training.metrics.bracket_scores import BracketScores

Prediction = dict[str, Any]
Counts = tuple[int, int, int]

METRIC = {"pos": "accuracy", "ner": "f1", "dep": "LAS", "con": "f1", "srl": "f1"}
"""The name of each task's main metric, as the heads have it."""


def counts(
    task: str, data: str, predictions: Iterator[Prediction], limit: int | None = None
) -> numpy.ndarray:
    """
    # Parameters

    task : `str`
    data : `str`
        The folder of the test files.
    predictions : `Iterator[Dict[str, Any]]`
        As `benchmarks.peers.training.predictions` gives them: one entry a sentence in the order of
        the test file; of `srl` one a predicate, and one for a sentence without any.
    limit : `int`, optional (default = `None`)
        How many sentences of the test file, `None` for all.

    # Returns

    `numpy.ndarray`
        Shape `[sentences, 3]`, integers: correct, predicted and gold. Raises `ValueError` when the
        peer has more or fewer sentences than the test file.
    """
    reader, path = _gold(task, data, limit)
    try:
        rows = [_COUNT[task](instance, predictions) for instance in reader.read(path)]
    except StopIteration:
        raise ValueError(f"{path} has more sentences than the peer's test file") from None
    if next(predictions, None) is not None:
        raise ValueError(f"{path} has fewer sentences than the peer's test file")
    return numpy.array(rows, dtype=numpy.int64).reshape(len(rows), 3)


def main_score(found: numpy.ndarray) -> float:
    """F1 over all sentences, or accuracy where there is a prediction for each gold item."""
    correct, predicted, gold = found.sum(axis=0).tolist()
    return 2 * correct / max(predicted + gold, 1)


def _gold(task: str, data: str, limit: int | None) -> tuple[DatasetReader, str]:
    if task in ("pos", "dep"):
        view = {"pos": "upos", "dep": "dependency"}[task]
        return ConlluReader(view, max_instances=limit), f"{data}/test.conllu"
    return OntonotesReader(task, max_instances=limit), f"{data}/test.gold_conll"


def _tags(gold: Instance, predictions: Iterator[Prediction]) -> Counts:
    labels = gold["tags"].labels  # type: ignore[attr-defined]
    # `simple_tagger` gives tags of the padding too
    said = _checked(gold, next(predictions)["tags"][: len(labels)])
    return sum(a == b for a, b in zip(said, labels)), len(labels), len(labels)


def _arcs(gold: Instance, predictions: Iterator[Prediction]) -> Counts:
    output = next(predictions)
    arcs = (gold["head_indices"].labels, gold["head_tags"].labels)  # type: ignore[attr-defined]
    said = (_checked(gold, output["predicted_heads"]), output["predicted_dependencies"])
    rows = zip(_words(gold), zip(*arcs), zip(*said), strict=True)
    right = [mine == theirs for word, mine, theirs in rows if not is_punctuation(word)]
    return sum(right), len(right), len(right)


def _spans(gold: Instance, predictions: Iterator[Prediction]) -> Counts:
    said = spans_of_tags(_checked(gold, next(predictions)["tags"]))
    return _common(set(said), {tuple(span) for span in gold["spans"].spans})  # type: ignore[attr-defined]


def _brackets(gold: Instance, predictions: Iterator[Prediction]) -> Counts:
    tree = read_bracketed(gold["metadata"].metadata["tree"])  # type: ignore[attr-defined]
    said = next(predictions)["trees"]
    _checked(gold, said.leaves())
    correct, predicted, there = BracketScores()([said], [tree])[0].tolist()
    return correct, predicted, there


def _arguments(gold: Instance, predictions: Iterator[Prediction]) -> Counts:
    """
    The predicates are given: they are at the gold `V`. A sentence has an entry for each of them.
    """
    there = {tuple(argument) for argument in gold["arguments"].spans}  # type: ignore[attr-defined]
    said: set[tuple[Any, ...]] = set()
    for _ in range(max(1, sum(gold["predicates"].labels))):  # type: ignore[attr-defined]
        output = next(predictions)
        given = output["metadata"]["gold_tags"]
        if "B-V" in given:
            spans = spans_of_tags(_checked(gold, output["tags"]))
            said |= {(given.index("B-V"), *span) for span in spans if span[2] not in ("V", "C-V")}
    return _common(said, there)


def _common(said: set[Any], there: set[Any]) -> Counts:
    return len(said & there), len(said), len(there)


def _words(gold: Instance) -> list[str]:
    words: list[str] = gold["metadata"].metadata["words"]  # type: ignore[attr-defined]
    return words


def _checked(gold: Instance, said: Sequence[Any]) -> Sequence[Any]:
    if len(said) != len(_words(gold)):
        raise ValueError(f"{len(said)} predictions for the words {' '.join(_words(gold))}")
    return said


_COUNT: dict[str, Callable[[Instance, Iterator[Prediction]], Counts]] = {
    "pos": _tags,
    "ner": _spans,
    "dep": _arcs,
    "con": _brackets,
    "srl": _arguments,
}
