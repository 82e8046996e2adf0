"""The file `probe_examples.json`."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing.examples import ExampleSentence, Item
from allennlp_heads.reports.probing.examples import NAME, read_examples
from allennlp_heads.reports.probing.files import write_probe
from tests.reports.probing.results import probe_result

WORDS = ["<script>", "שלום", "👩‍🔬", '"']


def sentence(shape: tuple[int, int] = (3, 4), words: list[str] = WORDS) -> ExampleSentence:
    nodes = len(words) + 1
    attended = numpy.random.default_rng(0).integers(0, nodes, (*shape, nodes)).astype(numpy.int16)
    attended[0, 1] = -1  # no such head
    attended[..., 2] = -1  # no such word
    return ExampleSentence(7, words, [Item("</script>", 0, 1, 1), Item("x", 2, 3, 4)], attended)


def written(folder: Path) -> Path:
    results = {
        "a/b": replace(probe_result(), examples=[sentence(), sentence(words=["one"] * 4)]),
        "c": probe_result(),
    }
    names = write_probe(folder, results, {"encoder": "tiny"}, seed=3, figures=False)
    assert NAME in names and NAME in json.loads((folder / "probe.json").read_text())["files"]
    return folder / NAME


def test_read_as_written(tmp_path: Path) -> None:
    path = written(tmp_path)
    report = json.loads(path.read_text("utf-8"))
    assert report["seed"] == 3 and report["encoder"] == "tiny"
    assert report["tasks"]["a/b"]["direction"] == "either"
    assert report["tasks"]["a/b"]["sentences"][0]["attended"][0][1] is None
    found = read_examples(path)
    assert list(found) == ["a/b"]
    for one, wanted in zip(found["a/b"], [sentence(), sentence(words=["one"] * 4)], strict=True):
        assert (one.number, one.words, one.gold) == (wanted.number, wanted.words, wanted.gold)
        numpy.testing.assert_array_equal(one.attended, wanted.attended)


def test_nothing_without_examples(tmp_path: Path) -> None:
    """And what an earlier probe left is gone."""
    path = written(tmp_path)
    write_probe(tmp_path, {"c": probe_result()}, {}, figures=False)
    assert not path.exists() and (tmp_path / "probe.json").exists()


def test_small(tmp_path: Path) -> None:
    """Eight sentences, each as long as they may be, of 12 layers with 12 heads."""
    many = [sentence((12, 12), ["word"] * 40)] * 8
    results = {"dep": replace(probe_result(), examples=many)}
    write_probe(tmp_path, results, {}, figures=False)
    assert (tmp_path / NAME).stat().st_size < 300_000


DAMAGES: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "no words": ("'words' is missing", lambda one: one.pop("words")),
    "a word too many": ("does not fit", lambda one: one["words"].append("!")),
    "outside": ("outside its 4 words", lambda one: one["attended"][2][3].__setitem__(0, 5)),
    "gold outside": ("outside its 4 words", lambda one: one["gold"][0].update(last=9)),
    "no list": ("damaged", lambda one: one.update(attended=3)),
    "uneven": ("does not fit", lambda one: one["attended"][2][3].pop()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged(damage: str, tmp_path: Path) -> None:
    path = written(tmp_path)
    report = json.loads(path.read_text("utf-8"))
    message, change = DAMAGES[damage]
    change(report["tasks"]["a/b"]["sentences"][0])
    path.write_text(json.dumps(report))
    with pytest.raises(ConfigurationError, match=message) as caught:
        read_examples(path)
    assert str(path) in str(caught.value)
