"""`probe_examples.json`: what every head attends to in some of the scored sentences."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing.examples import ExampleSentence, Item
from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.files import read_report, write_report

SCHEMA, VERSION = "probe_examples", 1
NAME = f"{SCHEMA}.json"

PathLike = str | os.PathLike[str]


def write_examples(
    path: PathLike,
    results: Mapping[str, ProbeResult],
    about: Mapping[str, Any],
    seed: int | None = None,
) -> None:
    """
    Write the sentences of the tasks that have some, if any has: their words, their gold, and for
    each layer and head, numbered as in the pretrained encoder, the node that each node attends to
    most. Nodes are ROOT, which is 0, and the words; `null` for a head that is no longer there, -1
    for a node that does not exist.

    # Parameters

    path : `PathLike`
    results : `Mapping[str, ProbeResult]`
        By task.
    about : `Mapping[str, Any]`
        Further keys.
    seed : `int`, optional (default = `None`)
        Of the run.
    """
    tasks = {
        task: {
            "kind": result.kind,
            "direction": result.options.get("direction"),
            "sentences": [_content(one) for one in result.examples],
        }
        for task, result in results.items()
        if result.examples
    }
    if tasks:
        write_report(path, SCHEMA, VERSION, {**about, "tasks": tasks}, seed)


def read_examples(path: PathLike) -> dict[str, list[ExampleSentence]]:
    """
    Read back what `write_examples` wrote, by task. Raises `ConfigurationError` when there is no
    such report, or it is damaged.
    """
    return restored_examples(path, read_report(path, SCHEMA, VERSION))


def restored_examples(
    path: PathLike, report: Mapping[str, Any]
) -> dict[str, list[ExampleSentence]]:
    """The sentences of a report; `path` is for the message of the `ConfigurationError`."""
    try:
        return {
            task: [_sentence(one) for one in found["sentences"]]
            for task, found in report["tasks"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else error
        raise ConfigurationError(
            f"{path} is damaged ({told}): write it again with 'allennlp heads probe'"
        ) from error


def _content(sentence: ExampleSentence) -> dict[str, Any]:
    return {
        "number": sentence.number,
        "words": list(sentence.words),
        "gold": [arc._asdict() for arc in sentence.gold],
        "attended": [
            [nodes if (nodes >= 0).any() else None for nodes in layer]
            for layer in sentence.attended
        ],
    }


def _sentence(found: Mapping[str, Any]) -> ExampleSentence:
    number, words, nodes = found["number"], found["words"], len(found["words"]) + 1
    heads = [head for layer in found["attended"] for head in layer if head is not None]
    if any(len(head) != nodes for head in heads):
        raise ValueError(f"what is attended to in sentence {number} does not fit its words")
    gone = [-1] * nodes
    attended = numpy.array(
        [[gone if head is None else head for head in layer] for layer in found["attended"]],
        dtype=numpy.int16,
    )
    gold = [Item(**arc) for arc in found["gold"]]
    inside = all(0 <= arc.head < nodes and 1 <= arc.first <= arc.last < nodes for arc in gold)
    if not inside or attended.min(initial=-1) < -1 or attended.max(initial=-1) >= nodes:
        raise ValueError(f"sentence {number} has places outside its {len(words)} words")
    return ExampleSentence(number, words, gold, attended)
