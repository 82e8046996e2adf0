"""Chunks of trees: each rule by hand, and what holds of every tree."""

from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk import Tree

from allennlp_heads.data.chunks import LABELS, chunks
from allennlp_heads.data.span_codings import tags_of_spans
from allennlp_heads.data.trees import is_preterminal, located

OUTSIDE = {"``", "''", ",", ".", ":", "-LRB-", "-RRB-", "NFP", "CC"}
EXAMPLES = {
    "phrases next to each other": (
        "(S (NP (DT The) (NN dog)) (VP (VBD ran) (PP (IN into) (NP (DT the) (NN house)))) (. .))",
        "[NP The dog] [VP ran] [PP into] [NP the house] .",
    ),
    "modifiers before the word": (
        "(NP (DT a) (ADJP (RB very) (JJ old)) (NML (NN stone)) (NN house))",
        "[NP a very old stone house]",
    ),
    "modifiers after it": (
        "(S (NP (NNS Men)) (VP (VBP are) (ADJP (ADVP (RB quite)) (JJ old)) (ADVP (RB now))))",
        "[NP Men] [VP are] [ADJP quite old] [ADVP now]",
    ),
    "an adjective phrase that ends a noun phrase": (
        "(NP (NP (NNS tools)) (ADJP (JJ available)))",
        "[NP tools] [ADJP available]",
    ),
    "numbers": (
        "(NP (NP (QP (RB about) (CD 30))) (PP (IN of) (NP (DT the) (QP (CD 90) (CC or) (CD 95)))))",
        "[NP about 30] [PP of] [NP the 90 or 95]",
    ),
    "verbs that go on": (
        "(S (NP (PRP She)) (VP (MD would) (RB not) (VP (VB be) (VP (VBN told) (S (VP (TO to) "
        "(VP (VB leave) (NP (PRP it)))))))))",
        "[NP She] [VP would not be told to leave] [NP it]",
    ),
    "verbs with something between": (
        "(VP (VBD asked) (NP (PRP him)) (S (VP (TO to) (VP (VB go)))))",
        "[VP asked] [NP him] [VP to go]",
    ),
    "a clause of its own": (
        "(VP (VBD saw) (S (NP (PRP him)) (VP (VB go))))",
        "[VP saw] [NP him] [VP go]",
    ),
    "adverbs among verbs": (
        "(VP (VBZ is) (ADVP (RB now)) (VP (ADVP (RB widely)) (VBN read)))",
        "[VP is now widely read]",
    ),
    "verbs side by side": (
        "(VP (VP (VBD came)) (, ,) (VP (VBD saw)) (CC and) (ADVP (RB then)) (VP (VBD won)))",
        "[VP came] , [VP saw] and [ADVP then] [VP won]",
    ),
    "verbs side by side below another": (
        "(VP (VBD had) (VP (VP (VBN come)) (CC and) (VP (VBN gone))))",
        "[VP had come] and [VP gone]",
    ),
    "owners": (
        "(NP (NP (NNP Anna) (POS 's)) (ADJP (RB very) (JJ old)) (NN house))",
        "[NP Anna] [NP 's very old house]",
    ),
    "a possessive that nothing follows": ("(S (NP (NNP Anna) (POS 's)))", "[NP Anna 's]"),
    "relative clauses": (
        "(NP (NP (DT the) (NN man)) (SBAR (WHNP (WP who)) (S (VP (VBD knew) (SBAR (IN that) "
        "(S (NP (PRP it)) (VP (VBD rained))))))))",
        "[NP the man] [NP who] [VP knew] [SBAR that] [NP it] [VP rained]",
    ),
    "of which, where": (
        "(S (WHPP (IN of) (WHNP (WDT which))) (WHADVP (WRB where)) (WHADJP (WRB how) (JJ big)))",
        "[PP of] [NP which] [ADVP where] [ADJP how big]",
    ),
    "conjunctions and punctuation": (
        "(S (NP (`` ``) (NNS cats) (, ,) (NNS dogs) (CC and) (NNS cows) ('' '')) (CC or) "
        "(NP (NN rain)) (: ...) (PRN (, ,) (NP (PRP you)) (, ,)))",
        "`` [NP cats , dogs and cows] '' or [NP rain] ... , [NP you] ,",
    ),
    "particles and the like": (
        "(S (INTJ (UH Oh)) (VP (VBD took) (PRT (RP off)) (CONJP (RB as) (RB well) (IN as))))",
        "[INTJ Oh] [VP took] [PRT off] [CONJP as well as]",
    ),
    "words of clauses": ("(SQ (VBZ Is) (NP (PRP it)) (ADJP (JJ old)))", "Is [NP it] [ADJP old]"),
    "function tags": ("(S (NP-SBJ-1 (NN rain)) (VP=2 (VBZ falls)))", "[NP rain] [VP falls]"),
    "equal phrases": (
        "(S (NP (DT a) (NN b)) (NP (DT a) (NN b)))",
        "[NP a b] [NP a b]",
    ),
    "nothing but a part of speech": ("(NN rain)", "rain"),
}


def shown(tree: Tree) -> str:
    """The sentence with its chunks in square brackets."""
    words = list(map(str, tree.leaves()))
    for start, end, label in chunks(tree):
        words[start] = f"[{label} {words[start]}"
        words[end] += "]"
    return " ".join(words)


@pytest.mark.parametrize("name", EXAMPLES)
def test_by_hand(name: str) -> None:
    text, expected = EXAMPLES[name]
    assert shown(Tree.fromstring(text)) == expected
    assert shown(Tree("TOP", [Tree.fromstring(text)])) == expected


words = st.builds(
    lambda tag: Tree(tag, [tag.lower()]),
    st.sampled_from("NN VB MD POS RB JJ CD CC DT , . ``".split()),
)
trees = st.recursive(
    words,
    lambda below: st.builds(
        Tree,
        st.sampled_from("NP VP S PP ADJP ADVP QP NML WHNP FRAG NP-SBJ UCP".split()),
        st.lists(below, min_size=1, max_size=4),
    ),
    max_leaves=14,
)


def check(tree: Tree) -> None:
    """What holds of every tree, whatever its labels."""
    found = chunks(tree)
    size = len(tree.leaves())
    assert found == sorted(found) and {label for *_, label in found} <= LABELS
    assert len(tags_of_spans(found, size)) == size  # an error where spans overlap
    tags = [tag for _, tag in tree.pos()]
    assert not OUTSIDE & {tags[place] for start, end, _ in found for place in (start, end)}
    inside = {place: span for span in found for place in range(span[0], span[1] + 1)}
    for node, start, end in located(tree):
        if is_preterminal(node) or not all(map(is_preterminal, node)):
            continue
        of_words = {tags[place] for place in range(start, end + 1)}
        if node.label() == "NP" and not of_words & (OUTSIDE | {"POS"}):
            # a noun phrase of nothing but words is in one chunk
            assert {inside[place] for place in range(start, end + 1)} == {inside[start]}
            assert inside[start][2] == "NP"
    for place in range(size):
        above = tree[tree.leaf_treeposition(place)[:-2]] if size > 1 else tree
        if above.label() == "VP" and tags[place][:2] in ("VB", "MD", "TO"):
            assert inside[place][2] == "VP"


@settings(max_examples=300, deadline=None)
@given(tree=trees)
def test_every_tree(tree: Tree) -> None:
    check(tree)


def test_trees_as_deep_as_they_like() -> None:
    tree = Tree("VP", [Tree("VB", ["go"])])
    for _ in range(500):
        tree = Tree("VP", [Tree("MD", ["may"]), tree])
    assert chunks(tree) == [(0, 500, "VP")]


@pytest.mark.parametrize("split", ["dev", "test"])
def test_a_treebank(heads_data: Path, split: str) -> None:
    lines = (heads_data / "ewt" / f"{split}.mrg").read_text("utf-8").splitlines()
    found = [chunks(Tree.fromstring(line)) for line in lines]
    for line in lines:
        check(Tree.fromstring(line))
    labels = [label for *_, label in chain(*found)]
    # Noun phrases are about half of all chunks of edited English, verb phrases a fifth.
    assert 0.4 < labels.count("NP") / len(labels) < 0.6
    assert 0.15 < labels.count("VP") / len(labels) < 0.25
