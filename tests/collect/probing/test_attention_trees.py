"""Trees of attention against all trees there are."""

from __future__ import annotations

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.collect.probing.attention_trees import attention_trees, chain_trees, tree_hits
from allennlp_heads.nn import is_tree
from tests.nn.trees_by_force import best_total, total


def maps(
    words: list[int], heads: int, seed: int, rooted: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Random weights with rubbish on padding, and the mask of the nodes."""
    generator = torch.Generator().manual_seed(seed)
    nodes = max(words) + 2
    attention = torch.rand(len(words), heads, nodes, nodes, generator=generator)
    mask = torch.arange(nodes) <= torch.tensor(words)[:, None]
    attention = attention.masked_fill(~(mask[:, None, :, None] & mask[:, None, None]), 9)
    mask[:, 0] = rooted
    return attention, mask


CASES = (
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.integers(1, 2),
    st.integers(0, 1000),
    st.booleans(),
    st.sampled_from(["to_head", "to_dependent"]),
)


@given(*CASES)
def test_no_tree_weighs_more(
    words: list[int], heads: int, seed: int, rooted: bool, orientation: str
) -> None:
    attention, mask = maps(words, heads, seed, rooted)
    found = attention_trees(attention, mask, orientation)
    assert found.shape == (len(words), heads, mask.size(1) - 1)
    for sentence, length in enumerate(words):
        for head in range(heads):
            tree = found[sentence, head]
            scores = attention[sentence, head, : length + 1, : length + 1].double().log()
            if orientation == "to_dependent":
                scores = scores.T.contiguous()
            if not rooted:
                scores[:, 0] = 0
            assert is_tree(tree[None, :length], torch.ones(1, length, dtype=torch.bool))
            weight = total(scores, tree[:length])
            torch.testing.assert_close(weight, best_total(scores, True, False))
            assert not tree[length:].any()


@given(*CASES)
def test_heads_and_sentences_do_not_meet(
    words: list[int], heads: int, seed: int, rooted: bool, orientation: str
) -> None:
    attention, mask = maps(words, heads, seed, rooted)
    found = attention_trees(attention, mask, orientation)
    turned = attention_trees(attention.flip(1), mask, orientation)
    assert torch.equal(turned.flip(1), found)
    for sentence, length in enumerate(words):
        alone = attention[sentence : sentence + 1, :, : length + 1, : length + 1]
        tree = attention_trees(alone, mask[sentence : sentence + 1, : length + 1], orientation)
        assert torch.equal(tree[0], found[sentence, :, :length])


@pytest.mark.parametrize("rooted", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_a_word_that_does_not_exist(rooted: bool, seed: int) -> None:
    """Its weights are zero; the others get the heads that they have without it."""
    attention, mask = maps([4], 2, seed, rooted)
    without = attention_trees(attention, mask)
    nodes = torch.tensor([0, 1, 3, 4, 5, 6])  # what the nodes become; 2 does not exist
    wider = torch.zeros(1, 2, 7, 7)
    wider[:, :, nodes[:, None], nodes] = attention
    present = torch.zeros(1, 7, dtype=torch.bool)
    present[:, nodes] = mask
    found = attention_trees(wider, present)
    assert torch.equal(found[:, :, nodes[1:5] - 1], nodes[without[:, :, :4]])


def test_a_planted_tree() -> None:
    """What a head attends to is found, in the orientation it was planted in, and scored."""
    gold = torch.tensor([3, 3, 0, 5, 3])
    attention = torch.full((1, 2, 6, 6), 0.01)
    for word, head in enumerate(gold.tolist(), start=1):
        attention[0, 0, word, head] = 1
        attention[0, 1, head, word] = 1
    mask = torch.ones(1, 6, dtype=torch.bool)
    arcs = numpy.array([[0, word, head] for word, head in enumerate(gold.tolist(), start=1)])
    for head, orientation in enumerate(["to_head", "to_dependent"]):
        trees = attention_trees(attention, mask, orientation)
        assert trees[0, head].tolist() == gold.tolist()
        assert tree_hits(trees, arcs).shape == (5, 2)
        assert tree_hits(trees, arcs).all(0).tolist() == [head == 0, head == 1]
    assert tree_hits(chain_trees(mask, "left"), arcs).sum() == 2
    assert tree_hits(trees, numpy.zeros((0, 3), dtype=int)).shape == (0, 2)


def test_chains() -> None:
    mask = torch.tensor([[True, True, True, True], [False, True, True, False]])
    assert chain_trees(mask).tolist() == [[[0, 1, 2]], [[0, 1, 0]]]
    assert chain_trees(mask, "left").tolist() == [[[2, 3, 0]], [[2, 0, 0]]]


def test_unknown_choices() -> None:
    attention, mask = maps([2], 1, 0, True)
    with pytest.raises(ValueError, match="'orientation' is 'either': give one of to_head, to_dep"):
        attention_trees(attention, mask, "either")
    with pytest.raises(ValueError, match="'branching' is 'up': give left or right"):
        chain_trees(mask, "up")
