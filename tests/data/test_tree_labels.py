"""Labels of the phrases above words, against tree positions as nltk has them."""

import pytest
from hypothesis import given, settings
from nltk import Tree

from allennlp_heads.data.tree_labels import LEVELS, ancestor_labels, paths
from tests.data.test_trees import phrases

SENTENCE = Tree.fromstring(
    "(TOP (S (NP (PRP She)) (VP (VBD said) (SBAR (IN that) (S (NP (DT the) (NN dog)) "
    "(VP (VBZ sleeps))))) (. .)))"
)


def above(tree: Tree, word: int, level: int) -> str:
    """By position: the last number of a leaf's is that below its part of speech."""
    place = tree.leaf_treeposition(word)[:-1]
    return str(tree[place[: max(0, len(place) - level)]].label())


def test_a_sentence() -> None:
    assert ancestor_labels(SENTENCE, 1) == ["NP", "VP", "SBAR", "NP", "NP", "VP", "S"]
    assert ancestor_labels(SENTENCE, 2) == ["S", "S", "VP", "S", "S", "S", "TOP"]
    assert ancestor_labels(SENTENCE, 3) == ["TOP", "TOP", "S", "SBAR", "SBAR", "SBAR", "TOP"]
    assert LEVELS == {"parent": 1, "gparent": 2, "ggparent": 3}


@settings(max_examples=200, deadline=None)
@given(tree=phrases)
def test_every_tree(tree: Tree) -> None:
    if isinstance(tree[0], str):
        assert ancestor_labels(tree, 1) == ["TOP"]
        return
    for level in (1, 2, 3, 9):
        expected = [above(tree, word, level) for word in range(len(tree.leaves()))]
        assert ancestor_labels(tree, level) == expected
    for path, word in zip(paths(tree), range(len(tree.leaves())), strict=True):
        position = tree.leaf_treeposition(word)
        assert [id(node) for node in path] == [
            id(tree[position[:depth]]) for depth in range(len(position))
        ]


def test_each_node_of_a_chain_is_a_step() -> None:
    tree = Tree.fromstring("(TOP (FRAG (NP (NP (NN Rain)))))")
    assert [ancestor_labels(tree, level)[0] for level in range(1, 6)] == [
        "NP",
        "NP",
        "FRAG",
        "TOP",
        "TOP",
    ]


def test_trees_as_deep_as_they_like() -> None:
    tree = Tree("NN", ["w"])
    for level in range(3000):
        tree = Tree(f"L{level}", [tree])
    assert ancestor_labels(tree, 3) == ["L2"]


def test_the_parent_is_the_lowest() -> None:
    with pytest.raises(ValueError, match="level 0"):
        ancestor_labels(SENTENCE, 0)
