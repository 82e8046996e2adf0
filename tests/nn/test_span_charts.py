"""Inside and CKY against all binary trees, against plain charts, and against themselves."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from allennlp_heads.nn import (
    decode_tree_spans,
    decode_tree_spans_by_risk,
    span_marginals,
    tree_log_partition,
)
from allennlp_heads.nn.span_charts import packed_spans
from tests.nn.plain_spans import all_trees, plain_cky, plain_inside


def span_batch(lengths: list[int], seed: int = 0, ties: bool = False) -> tuple[Tensor, Tensor]:
    """Scores `[batch, words, words]` with nonsense where no span is, and the mask."""
    generator = torch.Generator().manual_seed(seed)
    words = max(lengths)
    scores = torch.randn(len(lengths), words, words, generator=generator, dtype=torch.float64) * 3
    if ties:
        scores = scores.sign()
    mask = torch.arange(words)[None, :] < torch.tensor(lengths)[:, None]
    return scores.masked_fill(~(mask[:, :, None] & mask[:, None, :]), float("nan")), mask


def totals(scores: Tensor, trees: list[list[tuple[int, int]]]) -> Tensor:
    return torch.stack([sum(scores[i, j] for i, j in tree) for tree in trees])  # type: ignore[misc]


batches = st.builds(
    span_batch,
    lengths=st.lists(st.integers(0, 6), min_size=1, max_size=4).filter(any),
    seed=st.integers(0, 10**6),
    ties=st.booleans(),
)


@settings(max_examples=50, deadline=None)
@given(batch=batches)
def test_all_trees(batch):
    scores, mask = batch
    scores.requires_grad_()
    partition = tree_log_partition(scores, mask)
    (gradient,) = torch.autograd.grad(partition.sum(), scores)
    marginals = span_marginals(scores, mask)
    torch.testing.assert_close(gradient, marginals)
    decoded = decode_tree_spans(scores, mask)
    safest = decode_tree_spans_by_risk(scores, mask)
    for row, words in enumerate(mask.sum(-1).tolist()):
        if not words:
            assert partition[row] == 0 and not marginals[row].any() and not decoded[row].any()
            continue
        trees = list(all_trees(0, words - 1))
        weights = totals(scores.detach()[row], trees)
        torch.testing.assert_close(partition[row], weights.logsumexp(0))
        expected = torch.zeros_like(scores[row])
        for probability, tree in zip(weights.softmax(0), trees):
            for i, j in tree:
                expected[i, j] += probability
        torch.testing.assert_close(marginals[row], expected, rtol=1e-9, atol=1e-9)
        for chosen, values in ((decoded, scores.detach()), (safest, expected[None])):
            tree = [tuple(span) for span in chosen[row].nonzero().tolist()]
            assert tree in [sorted(tree) for tree in trees]
            found = totals(values[row % len(values)], [tree, *trees])
            torch.testing.assert_close(found[0], found[1:].max())


def test_seven_words():
    scores, mask = span_batch([7], seed=3)
    trees = list(all_trees(0, 6))
    assert len(trees) == 132
    weights = totals(scores[0], trees)
    torch.testing.assert_close(tree_log_partition(scores, mask)[0], weights.logsumexp(0))
    best = trees[int(weights.argmax())]
    assert decode_tree_spans(scores, mask)[0].nonzero().tolist() == sorted(map(list, best))


@pytest.mark.parametrize("seed", range(3))
def test_long_sentences_equal_the_plain_charts(seed):
    scores, mask = span_batch([25, 1, 17, 2], seed)
    partition, decoded = tree_log_partition(scores, mask), decode_tree_spans(scores, mask)
    for row, words in enumerate(mask.sum(-1).tolist()):
        sentence = scores[row, :words, :words].tolist()
        assert float(partition[row]) == pytest.approx(plain_inside(sentence))
        assert [tuple(span) for span in decoded[row].nonzero().tolist()] == plain_cky(sentence)


def test_gradients():
    scores, mask = span_batch([5, 1, 3, 0])
    scores = scores.nan_to_num(7.0).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: tree_log_partition(x, mask), scores)


def test_most_probable_and_least_risk_are_not_the_same():
    different = 0
    for seed in range(20):
        scores, mask = span_batch([6], seed)
        chosen = (decode_tree_spans(scores / 3, mask), decode_tree_spans_by_risk(scores / 3, mask))
        different += not torch.equal(*chosen)
    assert 0 < different < 20


def test_a_sentence_alone_gives_the_same():
    scores, mask = span_batch([9, 3, 0, 12, 1, 7], seed=5)
    together = tree_log_partition(scores, mask)
    marginals = span_marginals(scores, mask)
    decoded = decode_tree_spans_by_risk(scores, mask)
    for row, words in enumerate(mask.sum(-1).tolist()):
        alone = scores[row : row + 1, :words, :words]
        everything = torch.ones(1, words, dtype=torch.bool)
        torch.testing.assert_close(tree_log_partition(alone, everything)[0], together[row])
        inner = marginals[row, :words, :words]
        torch.testing.assert_close(span_marginals(alone, everything)[0], inner)
        assert marginals[row].sum() == pytest.approx(max(2 * words - 1, 0))
        chosen = decode_tree_spans_by_risk(alone, everything)[0]
        assert torch.equal(chosen, decoded[row, :words, :words])


def test_what_is_no_span_does_not_matter():
    scores, mask = span_batch([6, 4], seed=1)
    lower = torch.ones(6, 6, dtype=torch.bool).tril(-1)
    odd = scores.masked_fill(lower, float("inf")).requires_grad_()
    assert torch.equal(decode_tree_spans(odd, mask), decode_tree_spans(scores, mask))
    partition = tree_log_partition(odd, mask)
    assert torch.equal(partition, tree_log_partition(scores, mask))
    partition.sum().backward()
    assert not odd.grad[:, lower].any() and torch.isfinite(odd.grad).all()


@pytest.mark.parametrize("scale", [1e-3, 30.0, 1e4])
def test_single_precision(scale):
    """Sentences of 100 words, scores of all sizes."""
    scores, mask = span_batch([100, 60], seed=2)
    scores = scores * scale
    exact, single = tree_log_partition(scores, mask), tree_log_partition(scores.float(), mask)
    torch.testing.assert_close(single.double(), exact, rtol=1e-5, atol=1e-5)
    marginals = span_marginals(scores.float(), mask)
    assert torch.isfinite(marginals).all()
    if scale <= 30:
        torch.testing.assert_close(
            marginals.double(), span_marginals(scores, mask), atol=5e-3, rtol=0
        )
    assert decode_tree_spans_by_risk(scores.float(), mask).sum((1, 2)).tolist() == [199, 119]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_computed_in_single(dtype):
    scores, mask = span_batch([30, 8])
    half = scores.to(dtype).requires_grad_()
    partition = tree_log_partition(half, mask)
    assert partition.dtype == torch.float32
    torch.testing.assert_close(partition, tree_log_partition(half.detach().float(), mask))
    partition.sum().backward()
    assert half.grad.dtype == dtype


def test_no_words_at_all():
    scores, mask = torch.zeros(2, 0, 0), torch.zeros(2, 0, dtype=torch.bool)
    assert tree_log_partition(scores, mask).tolist() == [0, 0]
    assert decode_tree_spans_by_risk(scores, mask).shape == (2, 0, 0)


def test_packed_spans():
    chosen = torch.zeros(3, 2, 2, dtype=torch.bool)
    chosen[0, 0, 0] = chosen[2, 0, 0] = chosen[2, 0, 1] = chosen[2, 1, 1] = True
    none = [-1, -1]
    expected = [[[0, 0], none, none], [none, none, none], [[0, 0], [0, 1], [1, 1]]]
    assert packed_spans(chosen).tolist() == expected
