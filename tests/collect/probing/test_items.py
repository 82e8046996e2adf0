"""What of a labelled sentence is probed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from nltk import Tree

from allennlp_heads.analysis.probing.examples import Item
from allennlp_heads.collect.probing.head_words import HeadWords
from allennlp_heads.collect.probing.items import items_of, kind_of, word_form
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.data.dataset_readers import (
    BioColumnsReader,
    BracketedTreesReader,
    ConlluReader,
    OntonotesReader,
)
from tests.collect.probing import probes
from tests.collect.probing.by_hand import items

WORDS = ["the", "old", "dog", "saw", "Anna"]
TREE = "(TOP (S (NP (DT the) (JJ old) (NN dog)) (VP (VBD saw) (NP (NNP Anna)))))"


def sentence(**gold: Any) -> Any:
    return OntonotesReader().text_to_instance(WORDS, **gold)


def test_words_and_names() -> None:
    tagged = sentence(tags=["D", "J", "N", "V", "N"])
    assert kind_of(tagged) == "tagger"
    assert items_of(tagged, "tagger")[1:3] == [Item("J", 2, 2, 2), Item("N", 3, 3, 3)]
    named = sentence(spans=[(0, 2, "DOG"), (4, 4, "PER")])
    assert kind_of(named) == "span_ner"
    assert items_of(named, "span_ner") == [Item("DOG", 1, 1, 3), Item("PER", 5, 5, 5)]
    assert word_form(WORDS, Item("DOG", 1, 1, 3)) == "the old dog"
    bio = BioColumnsReader().text_to_instance(WORDS, ["O", "B-DOG", "I-DOG", "O", "B-PER"])
    assert kind_of(bio) == "tagger", "tags are tags unless it is said that they are entities"
    assert items_of(bio, "span_ner") == [Item("DOG", 2, 2, 3), Item("PER", 5, 5, 5)]


def test_constituents() -> None:
    """Lowest phrases have only parts of speech below them; else every phrase, by its height."""
    parsed = BracketedTreesReader().text_to_instance(WORDS, tree=Tree.fromstring(TREE))
    assert kind_of(parsed) == "constituency"
    assert items_of(parsed, "constituency") == [Item("NP", 1, 1, 3), Item("NP", 5, 5, 5)]
    assert items_of(parsed, "constituency", ProbeOptions(phrases="all")) == [
        Item("NP-3", 1, 1, 3),
        Item("NP-3", 5, 5, 5),
        Item("VP-4", 4, 4, 5),
        Item("S-5", 1, 1, 5),
        Item("TOP-6", 1, 1, 5),
    ]


def test_arcs() -> None:
    parsed = ConlluReader("dependency").text_to_instance(
        WORDS, heads=[3, 3, 4, 0, 4], relations=["det", "amod", "nsubj", "root", "obj"]
    )
    assert kind_of(parsed) == "dependency"
    assert items_of(parsed, "dependency")[2:4] == [Item("nsubj", 4, 3, 3), Item("root", 0, 4, 4)]


TREEBANK = """1\tthe\t_\tD\t_\t_\t3\tdet\t_\t_
2\told\t_\tJ\t_\t_\t3\tamod\t_\t_
3\tdog\t_\tN\t_\t_\t4\tnsubj\t_\t_
4\tsaw\t_\tV\t_\t_\t0\troot\t_\t_
5\tAnna\t_\tN\t_\t_\t4\tobj\t_\t_

1\t(\t_\tP\t_\t_\t2\tpunct\t_\t_
2\tyes\t_\tI\t_\t_\t0\troot\t_\t_

"""


@pytest.mark.parametrize(("which", "word"), [("any", None), ("first", 1), ("last", 3), ("head", 3)])
def test_words_of_arguments(which: str, word: int | None, tmp_path: Path) -> None:
    (tmp_path / "trees.conllu").write_text(TREEBANK)
    roles = sentence(predicates=[3], arguments=[(3, 0, 2, "ARG0"), (3, 4, 4, "ARG1")])
    assert kind_of(roles) == "srl"
    path = str(tmp_path / "*.conllu")
    options = ProbeOptions(span_words=which, head_words=path if which == "head" else None)
    found = items_of(roles, "srl", options, HeadWords(path))
    first, last = (1, 3) if word is None else (word, word)
    assert found == [Item("ARG0", 4, first, last), Item("ARG1", 4, 5, 5)]


def test_head_words(tmp_path: Path) -> None:
    (tmp_path / "trees.conllu").write_text(TREEBANK)
    trees = HeadWords(str(tmp_path))
    assert trees.of_span(["-LRB-", "yes"], 1, 2) == 2, "escapes do not matter"
    assert trees.of_span(WORDS, 1, 2) == 1, "both have their head outside: the first"
    with pytest.raises(ConfigurationError, match="has no tree of the sentence 'no such'"):
        trees.of_span(["no", "such"], 1, 1)


@pytest.mark.parametrize("task", probes.KINDS)
def test_as_read_by_hand(task: str, tiny_bert: str, fixtures_root: Path) -> None:
    kind, found = probes.KINDS[task], 0
    for instance in probes.sentences(task, tiny_bert, fixtures_root, "train"):
        assert kind_of(instance) == kind
        expected = items(instance, kind)
        assert [tuple(item) for item in items_of(instance, kind)] == expected
        found += len(expected)
    assert found


def test_errors() -> None:
    bare = sentence()
    with pytest.raises(ConfigurationError, match="have no gold labels to probe heads with"):
        kind_of(bare)
    with pytest.raises(
        ConfigurationError, match="kind 'dependency' needs the field 'head_indices'"
    ):
        items_of(bare, "dependency")
    with pytest.raises(ConfigurationError, match="kind 'constituency' needs the field"):
        items_of(sentence(spans=[]), "constituency")
    outside = ConlluReader("dependency").text_to_instance(
        ["a", "b"], heads=[0, 3], relations=["x", "y"]
    )
    with pytest.raises(
        ConfigurationError, match="'y' .*3, 2, 2.* is outside its sentence of 2 words"
    ):
        items_of(outside, "dependency")
    longer = sentence(spans=[(0, 1, "X")])
    longer["spans"].spans.append((3, 8, "Y"))
    with pytest.raises(ConfigurationError, match="'Y' .* is outside its sentence of 5 words"):
        items_of(longer, "span_ner")
