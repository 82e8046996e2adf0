"""Trees to spans and back, exactly."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk import Tree

from allennlp_heads.data.trees import (
    binarized_spans,
    bracketed,
    located,
    normalized,
    read_bracketed,
    tree_of_spans,
)

LABELS = [
    "NP",
    "S",
    "-LRB-",
    "A+B",
    "X|<>",
    "X|",
    "<>",
    "|<>",
    "+",
    "NP-SBJ",
    "50%",
    "%2B",
    "",
    "é",
]
preterminals = st.builds(
    lambda tag, word: Tree(tag, [word]),
    st.sampled_from(["NN", ",", "-RRB-", "A+B", "X|<>"]),
    st.sampled_from(["dog", "-LRB-", "+", "|<>"]),
)
phrases = st.recursive(
    preterminals,
    lambda children: st.builds(
        Tree, st.sampled_from(LABELS), st.lists(children, min_size=1, max_size=4)
    ),
    max_leaves=12,
)


def spans_of(text: str) -> set[tuple[int, int, str]]:
    return set(binarized_spans(Tree.fromstring(text)))


def back(tree: Tree) -> Tree:
    words, pos = zip(*tree.pos())
    return tree_of_spans(binarized_spans(tree), words, pos)


@settings(max_examples=300, deadline=None)
@given(tree=phrases)
def test_every_tree_comes_back(tree):
    before = tree.copy(deep=True)
    assert back(tree) == tree == before
    spans = binarized_spans(tree)
    words = len(tree.leaves())
    if not (len(tree) == 1 and isinstance(tree[0], str)):
        # One label a span, and the spans are those of a binary tree.
        assert len({span[:2] for span in spans}) == len(spans) == 2 * words - 1
    shuffled = sorted(spans, key=hash)
    assert tree_of_spans(shuffled, *zip(*tree.pos())) == tree


@pytest.mark.parametrize(
    "text",
    [
        "(TOP (NP (NN dog)))",
        "(NN dog)",
        "(TOP (S (NP (DT the) (JJ old) (NN dog)) (VP (VBD barked) (ADVP (RB loudly))) (. .)))",
        "(TOP (NP (NN a)) (, ,) (NP (NN b)) (. .))",
        "(TOP (NN a) (NN b))",
        "(TOP (S (S (S (VP (VB go))))))",
        "(TOP (PRN (-LRB- -LRB-) (NP (NN x)) (-RRB- -RRB-)))",
    ],
)
def test_examples_come_back(text):
    tree = Tree.fromstring(text)
    assert back(tree) == tree
    assert bracketed(tree) == text


def test_the_binary_tree():
    spans = spans_of("(TOP (S (NP (DT the) (JJ old) (NN dog)) (VP (VBD barked)) (. .)))")
    assert spans == {
        (0, 4, "TOP+S"),
        (0, 3, "S|<>"),
        (0, 2, "NP"),
        (0, 1, "NP|<>"),
        (0, 0, "NP|<>"),
        (1, 1, "NP|<>"),
        (2, 2, "NP|<>"),
        (3, 3, "VP"),
        (4, 4, "S|<>"),
    }


def test_it_is_nltks_binary_tree():
    tree = Tree.fromstring(
        "(TOP (S (NP (DT a) (JJ b) (NN c)) (VP (V d) (NP (N e)) (PP (P f)) (. .))))"
    )
    binary = tree.copy(deep=True)
    for node in list(binary.subtrees(lambda node: len(node) > 1)):
        for place, child in enumerate(node):
            if isinstance(child[0], str):
                node[place] = Tree(f"{node.label()}|<>", [child])
    binary.chomsky_normal_form(factor="left", horzMarkov=0)
    binary.collapse_unary(collapseRoot=True)
    expected = {(i, j, node.label()) for node, i, j in located(binary) if node.height() > 2}
    assert set(binarized_spans(tree)) == expected


def test_a_thousand_levels_and_words():
    tree = Tree("NN", ["w"])
    for level in range(1000):
        tree = Tree(f"L{level}", [tree, Tree("NN", ["w"])])
    chain = Tree("NN", ["w"])
    for level in range(3000):
        chain = Tree(f"L{level}", [chain])
    for deep in (tree, chain):
        leaves = ["w"] * (1 + sum(len(node) - 1 for node, *_ in located(deep)))
        spans = binarized_spans(deep)
        again = tree_of_spans(spans, leaves, ["NN"] * len(leaves))
        assert bracketed(again) == bracketed(deep)
        assert binarized_spans(again) == spans


def test_predicted_spans_that_no_tree_has():
    assert bracketed(tree_of_spans([(0, 0, "NP|<>")], ["a"])) == "(NP (XX a))"
    spans = [(0, 0, "S|<>"), (1, 1, "NP"), (0, 1, "S|<>")]
    assert bracketed(tree_of_spans(spans, ["a", "b"])) == "(S (XX a) (NP (XX b)))"
    assert (
        bracketed(tree_of_spans([(1, 2, "NP")], list("abc"))) == "(TOP (XX a) (NP (XX b) (XX c)))"
    )


def test_mistakes():
    with pytest.raises(ValueError, match="2 words and 1 parts of speech"):
        tree_of_spans([], ["a", "b"], ["NN"])
    with pytest.raises(ValueError, match="0 words"):
        tree_of_spans([], [])
    with pytest.raises(ValueError, match=r"the span 1..2 crosses another"):
        tree_of_spans([(0, 1, "A"), (1, 2, "B")], list("abc"))
    with pytest.raises(ValueError, match=r"the span 0..3 is not in a sentence of 3"):
        tree_of_spans([(0, 3, "A")], list("abc"))
    for broken in (Tree("S", []), Tree("S", ["a", "b"]), Tree("S", [Tree("NN", ["a"]), "b"])):
        for work in (binarized_spans, bracketed, normalized):
            with pytest.raises(ValueError, match="the node 'S' has the children"):
                work(Tree("TOP", [broken]))


def test_normalized():
    tree = Tree.fromstring(
        "( (S (NP-SBJ-1 (-NONE- *T*)) (NP=2 (PRP-X I)) (VP-A=B (VB go) (NP (NP (-NONE- *))))"
        " (-LRB- -LRB-)))"
    )
    plain = "(TOP (S (NP (PRP-X I)) (VP (VB go)) (-LRB- -LRB-)))"
    assert bracketed(normalized(tree)) == plain
    assert tree.label() == "" and len(tree[0]) == 4
    kept = bracketed(normalized(tree, function_tags=True, traces=True))
    assert kept.startswith("(TOP (S (NP-SBJ-1 (-NONE- *T*)) (NP=2 (PRP-X I)) (VP-A=B")
    assert normalized(normalized(tree)) == normalized(tree)
    with pytest.raises(ValueError, match="without words"):
        normalized(Tree.fromstring("(S (NP (-NONE- *)))"))


def test_words_that_are_no_words_of_brackets():
    tree = Tree("TOP", [Tree("-LRB-", ["("]), Tree(")", [":)"]), Tree("CD", ["1 1/2"])])
    text = bracketed(tree)
    assert text == "(TOP (-LRB- -LRB-) (-RRB- :-RRB-) (CD 1_1/2))"
    assert bracketed(Tree.fromstring(text)) == text


@pytest.mark.parametrize("split", ["train", "dev", "test"])
def test_a_treebank_comes_back(heads_data: Path, split: str):
    for line in (heads_data / "ewt" / f"{split}.mrg").read_text(encoding="utf-8").splitlines():
        tree = Tree.fromstring(line)
        assert back(tree) == tree == normalized(tree) == Tree.fromstring(bracketed(tree))


def test_a_backslash_is_a_word_like_any_other() -> None:
    tree = Tree("TOP", [Tree("A", ["\\"]), Tree("B\\", ["x\\"]), Tree("C", [Tree("D", ["y"])])])
    assert read_bracketed(bracketed(tree)) == tree
