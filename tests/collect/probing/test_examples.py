"""Sentences that are kept to be looked at, with the words that every head looks at most."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest

from allennlp_heads.analysis.probing import ProbeResult, span_hits
from allennlp_heads.collect.probing import examples
from allennlp_heads.collect.probing.items import items_of, words_of
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.probe import probe_task
from allennlp_heads.modules import GatedEncoder
from tests.collect.probing import probes
from tests.collect.probing.probes import FAST, probed

ALL = 1000


def kept(result: ProbeResult) -> list[Any]:
    """The examples as lists, which can be compared."""
    return [
        (one.number, list(one.words), list(one.gold), one.attended.tolist())
        for one in result.examples
    ]


def accuracies(result: ProbeResult) -> numpy.ndarray:
    """Of every label and head, by the gold and the attended words of all sentences."""
    found: dict[str, list[numpy.ndarray]] = {}
    for one in result.examples:
        spans = numpy.array([(0, *item[1:]) for item in one.gold])
        hits = span_hits(one.attended[:, :, None], spans, result.options["direction"])
        for item, right in zip(one.gold, hits, strict=True):
            found.setdefault(item.label, []).append(right)
    return numpy.array([numpy.mean(found[score.label], axis=0) for score in result.labels])


@pytest.mark.parametrize("task", ["dep", "srl"])
@pytest.mark.parametrize("files", [("train", "validation", "test"), ("test",)])
def test_scores_follow_from_them(
    task: str, files: tuple[str, ...], tiny_bert: str, fixtures_root: Path
) -> None:
    """All sentences, of all folds: exactly what the probe scored."""
    options: dict[str, Any] = {"examples": ALL, "diagonal": False, "direction": "to_head"}
    result = probed(tiny_bert, fixtures_root, task, files, **options)
    assert max(len(one.words) for one in result.examples) <= examples.LONGEST
    numpy.testing.assert_allclose(accuracies(result), result.accuracy)
    assert kept(result) == kept(probed(tiny_bert, fixtures_root, task, files, **options))


def test_the_first_that_are_not_too_long(
    tiny_bert: str, fixtures_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examples, "LONGEST", 15)
    test = probes.sentences("dep", tiny_bert, fixtures_root, "test")
    wanted = [one for one in test if len(words_of(one)) <= 15][:5]
    assert any(len(words_of(one)) > 15 for one in test[: test.index(wanted[-1])])
    found = probed(tiny_bert, fixtures_root, "dep", examples=5).examples
    assert [one.words for one in found] == [words_of(one) for one in wanted]
    assert [one.gold for one in found] == [items_of(one, "dependency") for one in wanted]
    assert [one.number for one in found] == [test.index(one) for one in wanted]


def test_only_where_attention_is_recorded(tiny_bert: str, fixtures_root: Path) -> None:
    assert len(probed(tiny_bert, fixtures_root, "dep").examples) == 8
    assert not probed(tiny_bert, fixtures_root, "dep", examples=0).examples
    assert not probed(tiny_bert, fixtures_root, "pos").examples
    described = probed(tiny_bert, fixtures_root, "pos", statistics=True, examples=2).examples
    assert len(described) == 2 and not any(one.gold for one in described)


def test_removed_heads_attend_to_nothing(tiny_bert: str, fixtures_root: Path) -> None:
    encoder = GatedEncoder(tiny_bert, removed_heads={1: [0, 1, 2, 3], 2: [3]})
    data = probes.data("dep", tiny_bert, fixtures_root)
    result = probe_task(encoder, data, "dep", ProbeOptions(**FAST))
    for one in result.examples:
        there = one.attended >= 0
        assert there.all(axis=-1).tolist() == there.any(axis=-1).tolist() == result.exists.tolist()
