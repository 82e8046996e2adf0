"""The section with the arcs of single heads."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy
import pytest

from allennlp_heads.analysis.probing.examples import ExampleSentence, Item
from allennlp_heads.reports.page.blocks import Sentences
from allennlp_heads.reports.page.sections.arcs import sections
from allennlp_heads.reports.probing.examples import read_examples
from allennlp_heads.reports.probing.files import read_probe, write_probe
from tests.reports.page.hostile import TEXTS
from tests.reports.page.sections.looking import blocks_of, only, sections_of
from tests.reports.probing.results import probe_result


def test_heads_and_words(specimen: Path) -> None:
    (shown,) = blocks_of(only(sections_of(sections, specimen)), Sentences)
    ((task, examples),) = read_examples(specimen / "heads" / "probe_examples.json").items()
    result = read_probe(specimen)[task]
    chosen = {f"{layer}.{head}" for layer, head in result.chosen()}
    assert set(shown.heads[: len(chosen)]) == chosen
    first = result.labels[0]
    assert shown.heads[0] == f"{first.layer}.{first.head}"
    assert len(set(shown.heads)) == len(shown.heads) == result.exists.sum() == 71
    assert [one.words for one in shown.sentences] == [["ROOT", *one.words] for one in examples]
    for sentence, example in zip(shown.sentences, examples, strict=True):
        assert sentence.attended["2.3"] == example.attended[2, 3].tolist()
        assert sentence.gold[0] == (1, 0, TEXTS[0])
        assert sentence.attended.keys() == set(shown.heads)


@pytest.mark.parametrize("root", [True, False])
def test_arguments_and_words_without_pieces(root: bool, tmp_path: Path) -> None:
    """Without ROOT all words count from 0; what a word without pieces looks at is unknown."""
    attended = numpy.full((3, 4, 4), 2, dtype=numpy.int16)
    attended[..., 3] = -1
    if not root:
        attended[..., 0] = -1
    gold = [Item("ARG0", 3, 1, 2), Item("ARG1", 1, 3, 3)]
    example = ExampleSentence(0, ["a", "b", "c"], gold, attended)
    result = replace(probe_result(kind="srl"), examples=[example])
    write_probe(tmp_path, {"srl": result}, {}, figures=False)
    (shown,) = blocks_of(only(sections_of(sections, tmp_path)), Sentences)
    (sentence,) = shown.sentences
    if root:
        assert sentence.words == ["ROOT", "a", "b", "c"]
        assert sentence.attended["0.1"] == [2, 2, 2, None]
        assert sentence.gold == [(1, 3, "ARG0 (2 words)"), (3, 1, "ARG1")]
    else:
        assert sentence.words == ["a", "b", "c"]
        assert sentence.attended["0.1"] == [1, 1, None]
        assert sentence.gold == [(0, 2, "ARG0 (2 words)"), (2, 0, "ARG1")]


def test_without_the_probe_itself(specimen: Path, tmp_path: Path) -> None:
    (tmp_path / "probe_examples.json").write_bytes(
        (specimen / "heads" / "probe_examples.json").read_bytes()
    )
    (shown,) = blocks_of(only(sections_of(sections, tmp_path)), Sentences)
    assert list(shown.heads[:3]) == ["0.0", "0.2", "0.3"] and "chose" not in shown.description
