"""The tree decoders against all trees, against a plain chart, and against themselves."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.nn import decode_arborescence, decode_projective, is_projective, is_tree
from tests.nn.plain_eisner import plain_eisner
from tests.nn.score_batches import batches, score_batch
from tests.nn.trees_by_force import best_total, total

DECODERS = {"projective": decode_projective, "any": decode_arborescence}


@pytest.fixture(params=sorted(DECODERS))
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@settings(max_examples=60, deadline=None)
@given(batch=batches, single_root=st.booleans(), projective=st.booleans())
def test_no_tree_is_better(batch, single_root, projective):
    decode = decode_projective if projective else decode_arborescence
    heads = decode(batch.scores, batch.mask, single_root)
    assert heads.shape == batch.mask.shape
    assert is_tree(heads, batch.mask, single_root).all()
    assert is_projective(heads, batch.mask).all() or not projective
    assert not heads[~batch.mask].any()
    for row, scores in zip(heads, batch.sentences()):
        if len(scores) > 1:
            found = total(scores, row[: len(scores) - 1])
            best = best_total(scores, single_root, projective)
            torch.testing.assert_close(found, best, rtol=0, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("single_root", [True, False])
def test_six_words(kind, single_root, seed):
    batch = score_batch([6], seed)
    scores = batch.scores[0]
    scores[:, 0] += 4.0  # many would like to hang from ROOT
    heads = DECODERS[kind](batch.scores, batch.mask, single_root)
    best = best_total(scores, single_root, kind == "projective")
    torch.testing.assert_close(total(scores, heads[0]), best)


@pytest.mark.parametrize("seed", range(3))
def test_long_sentences_equal_the_plain_chart(seed):
    batch = score_batch([30, 1, 17, 24, 2], seed)
    heads = decode_projective(batch.scores, batch.mask)
    for row, scores in zip(heads.tolist(), batch.sentences()):
        assert row[: len(scores) - 1] == plain_eisner(scores.tolist())


def test_the_plain_chart_is_right():
    for seed in range(10):
        scores = score_batch([5], seed).scores[0]
        heads = torch.tensor(plain_eisner(scores.tolist()))
        torch.testing.assert_close(total(scores, heads), best_total(scores, True, True))


def test_a_sentence_alone_gives_the_same_tree(kind):
    batch = score_batch([9, 3, 0, 12, 1, 7], seed=5)
    together = DECODERS[kind](batch.scores, batch.mask)
    for row, scores in zip(together, batch.sentences()):
        words = len(scores) - 1
        alone = DECODERS[kind](scores[None], torch.ones(1, words, dtype=torch.bool))
        assert alone[0].tolist() == row[:words].tolist()


def test_best_heads_that_are_a_tree_are_kept(kind):
    heads = [2, 0, 2, 5, 3] if kind == "projective" else [2, 0, 5, 1, 2]
    scores = torch.zeros(1, 6, 6)
    scores[0, torch.arange(1, 6), torch.tensor(heads)] = 1.0
    assert DECODERS[kind](scores, torch.ones(1, 5, dtype=torch.bool)).tolist() == [heads]


def test_crossing_arcs_only_where_allowed():
    heads = torch.tensor([[3, 4, 0, 3]])  # 1 <- 3 crosses 2 <- 4
    scores = torch.zeros(1, 5, 5)
    scores[0, torch.arange(1, 5), heads[0]] = 1.0
    mask = torch.ones_like(heads, dtype=torch.bool)
    assert not is_projective(heads, mask)
    assert decode_arborescence(scores, mask).tolist() == heads.tolist()
    assert is_projective(decode_projective(scores, mask), mask)


@pytest.mark.parametrize("root", [1e3, 1e12, -1e12])
def test_scores_of_root_of_any_size(kind, root):
    """One child of ROOT, and the rest of the tree as exact as with small scores."""
    batch = score_batch([5], seed=3)
    scores = batch.scores[0]
    scores[:, 0] = root
    heads = DECODERS[kind](batch.scores, batch.mask)
    assert (heads == 0).sum() == 1
    scores[:, 0] = 0.0
    best = best_total(scores, True, kind == "projective")
    atol = 1e-9 if kind == "any" else 1e-3  # the chart adds ROOT's score up with the others
    torch.testing.assert_close(total(scores, heads[0]), best, rtol=0, atol=atol)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_other_types(kind, dtype):
    batch = score_batch([5, 3, 4], seed=2)
    scores = batch.scores.to(dtype)
    expected = DECODERS[kind](scores.double(), batch.mask)
    assert DECODERS[kind](scores, batch.mask).tolist() == expected.tolist()


def test_scores_are_left_alone(kind):
    batch = score_batch([6, 4])
    scores = batch.scores.nan_to_num().requires_grad_()
    before = scores.detach().clone()
    heads = DECODERS[kind](scores, batch.mask)
    assert torch.equal(scores.detach(), before)
    assert not heads.requires_grad


def test_nothing_to_decode(kind):
    for words in (0, 3):
        mask = torch.zeros(2, words, dtype=torch.bool)
        heads = DECODERS[kind](torch.randn(2, words + 1, words + 1), mask)
        assert heads.shape == (2, words)
        assert not heads.any()


def test_a_long_chain_of_cycles():
    """Each contraction makes the next cycle, through the whole sentence."""
    words = 300
    scores = torch.zeros(1, words + 1, words + 1)
    for word in range(1, words):
        scores[0, word, word + 1] = words + 1.0
        scores[0, word + 1, word] = word + 1.0
    heads = decode_arborescence(scores, torch.ones(1, words, dtype=torch.bool))
    assert heads.tolist() == [[*range(2, words + 1), 0]]
