"""Checks of head vectors against one word at a time."""

from itertools import product

import pytest
import torch

from allennlp_heads.nn.trees import (
    candidate_arcs,
    find_cycle,
    greedy_heads,
    is_projective,
    is_tree,
)
from tests.nn import trees_by_force
from tests.nn.score_batches import score_batch


def all_vectors(words: int) -> list[tuple[int, ...]]:
    return list(product(range(words + 1), repeat=words))


@pytest.mark.parametrize("words", [1, 2, 3, 4, 5])
def test_all_head_vectors(words):
    vectors = all_vectors(words)
    heads = torch.tensor(vectors)
    mask = torch.ones_like(heads, dtype=torch.bool)
    trees = [trees_by_force.is_tree(vector) for vector in vectors]
    single = [tree and vector.count(0) == 1 for tree, vector in zip(trees, vectors)]
    assert is_tree(heads, mask, single_root=False).tolist() == trees
    assert is_tree(heads, mask).tolist() == single
    # A sentence's trees are counted by Cayley's formula: an independent check of the oracle.
    assert sum(trees) == (words + 1) ** (words - 1)
    projective = is_projective(heads, mask).tolist()
    for vector, tree, answer in zip(vectors, trees, projective):
        if tree:
            assert answer == trees_by_force.is_projective(vector)


def test_padding_is_not_looked_at():
    heads = torch.tensor([[2, 0, 9, -4], [0, 1, 2, 3]])
    mask = torch.tensor([[True, True, False, False], [True] * 4])
    assert is_tree(heads, mask).tolist() == [True, True]
    crossing = torch.tensor([[0, 1, 1, 2], [0, 1, 1, 2]])
    mask = torch.tensor([[True] * 4, [True, True, True, False]])
    assert is_projective(crossing, mask).tolist() == [False, True]


@pytest.mark.parametrize("head", [-1, 3, 4])
def test_a_head_outside_the_sentence_is_no_tree(head):
    heads = torch.tensor([[0, head, 0, 0]])
    mask = torch.tensor([[True, True, False, False]])
    assert is_tree(heads, mask).tolist() == [False]


def test_no_words():
    none = torch.zeros(2, 0, dtype=torch.long)
    assert is_tree(none, none.bool()).tolist() == [True, True]
    assert is_projective(none, none.bool()).tolist() == [True, True]
    assert is_tree(torch.zeros(1, 3).long(), torch.zeros(1, 3).bool()).tolist() == [True]


@pytest.mark.parametrize("words", [1, 2, 3, 4])
def test_a_cycle_is_found_where_there_is_one(words):
    for heads in all_vectors(words):
        cycle = find_cycle(heads)
        assert bool(cycle) != trees_by_force.is_tree(heads)
        for word, head in zip(cycle, cycle[1:] + cycle[:1]):
            assert heads[word - 1] == head
        assert len(set(cycle)) == len(cycle)


def test_find_cycle_takes_unknown_heads_for_root():
    assert find_cycle([-1, 1, 99]) == []
    assert find_cycle([]) == []


def test_candidate_arcs():
    arcs = candidate_arcs(torch.tensor([[True, True, False]]))[0]
    assert arcs.nonzero().tolist() == [[1, 0], [1, 2], [2, 0], [2, 1]]


def test_greedy_heads_are_the_best_one_by_one():
    batch = score_batch([4, 0, 2])
    heads = greedy_heads(batch.scores, batch.mask)
    for row, scores in zip(heads.tolist(), batch.sentences()):
        words = len(scores) - 1
        for word in range(1, words + 1):
            others = [head for head in range(words + 1) if head != word]
            assert row[word - 1] == max(others, key=lambda head: scores[word, head])
        assert not any(row[words:])
