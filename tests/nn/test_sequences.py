"""Best sequences of tags and their likelihood against all sequences."""

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.nn import (
    constraint_scores,
    crf_negative_log_likelihood,
    decode_tags,
    log_partition,
)

TAGS = 3


def tensors(lengths: list[int], seed: int, ties: bool = False):
    generator = torch.Generator().manual_seed(seed)
    shapes = [(len(lengths), max(lengths), TAGS), (TAGS, TAGS), (TAGS,), (TAGS,)]
    made = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]
    if ties:
        made = [tensor.round() for tensor in made]
    mask = torch.arange(max(lengths))[None, :] < torch.tensor(lengths)[:, None]
    return made, mask


def total(tags, emissions, transitions, start, end) -> torch.Tensor:
    score = start[tags[0]] + end[tags[-1]]
    score = score + sum(emissions[word, tag] for word, tag in enumerate(tags))
    return score + sum(transitions[a, b] for a, b in zip(tags, tags[1:]))


def all_totals(words: int, emissions, *rest) -> torch.Tensor:
    return torch.stack(
        [total(tags, emissions, *rest) for tags in product(range(TAGS), repeat=words)]
    )


lengths = st.lists(st.integers(1, 4), min_size=1, max_size=3)


@settings(max_examples=30, deadline=None)
@given(lengths=lengths, seed=st.integers(0, 10**6), ties=st.booleans())
def test_no_sequence_is_better(lengths, seed, ties):
    (emissions, *rest), mask = tensors(lengths, seed, ties)
    emissions[~mask] = float("nan")
    decoded = decode_tags(emissions, mask, *rest)
    for row, scores, words in zip(decoded.tolist(), emissions, lengths):
        best = all_totals(words, scores, *rest).max()
        torch.testing.assert_close(total(row[:words], scores, *rest), best)
        assert not any(row[words:])


@settings(max_examples=30, deadline=None)
@given(lengths=lengths, seed=st.integers(0, 10**6))
def test_likelihood_of_all_sequences(lengths, seed):
    (emissions, *rest), mask = tensors(lengths, seed)
    emissions[~mask] = 1e4
    partition = log_partition(emissions, mask, *rest)
    tags = torch.randint(0, TAGS, mask.shape, generator=torch.Generator().manual_seed(seed))
    losses = crf_negative_log_likelihood(emissions, tags, mask, *rest)
    for row, words in enumerate(lengths):
        everything = all_totals(words, emissions[row], *rest).logsumexp(0)
        gold = total(tags[row, :words].tolist(), emissions[row], *rest)
        torch.testing.assert_close(partition[row], everything)
        torch.testing.assert_close(losses[row], everything - gold)


def test_unknown_tags_are_summed_over():
    (emissions, *rest), mask = tensors([4], seed=1)
    tags = torch.tensor([[2, -1, 0, -1]])
    loss = crf_negative_log_likelihood(emissions, tags, mask, *rest)
    agreeing = torch.stack(
        [total([2, a, 0, b], emissions[0], *rest) for a in range(TAGS) for b in range(TAGS)]
    ).logsumexp(0)
    torch.testing.assert_close(loss[0], log_partition(emissions, mask, *rest)[0] - agreeing)
    nothing = crf_negative_log_likelihood(emissions, tags.fill_(-1), mask, *rest)
    torch.testing.assert_close(nothing[0], torch.zeros((), dtype=torch.float64))


def test_gradients_of_the_likelihood():
    (emissions, *rest), mask = tensors([4, 2, 0], seed=2)
    tags = torch.tensor([[2, -1, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]])
    inputs = [tensor.requires_grad_() for tensor in (emissions, *rest)]

    def loss(emissions, *rest):
        return crf_negative_log_likelihood(emissions, tags, mask, *rest)

    assert torch.autograd.gradcheck(loss, inputs)
    (gradient,) = torch.autograd.grad(loss(*inputs).sum(), emissions)
    assert not gradient[~mask].any()


def test_without_neighbours_each_tag_is_best_by_itself():
    (emissions, *_), mask = tensors([4, 2], seed=3)
    expected = emissions.argmax(-1).masked_fill(~mask, 0)
    assert torch.equal(decode_tags(emissions, mask), expected)


def test_a_sentence_alone_gives_the_same_tags():
    (emissions, *rest), mask = tensors([7, 2, 5, 1], seed=4)
    together = decode_tags(emissions, mask, *rest)
    for row, words in enumerate([7, 2, 5, 1]):
        alone = decode_tags(emissions[row : row + 1, :words], mask[row : row + 1, :words], *rest)
        assert alone[0].tolist() == together[row, :words].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_only_allowed_transitions(seed):
    start, end = TAGS, TAGS + 1
    allowed = {(start, 0), (start, 1), (0, 0), (0, 1), (1, 2), (2, 2), (2, 0), (0, end), (2, end)}
    constraints = constraint_scores(allowed, TAGS)
    (emissions, *_), mask = tensors([4, 3, 1], seed)
    decoded = decode_tags(emissions, mask, *(c.double() for c in constraints))
    for row, scores, words in zip(decoded.tolist(), emissions, [4, 3, 1]):
        path = [start, *row[:words], end]
        assert set(zip(path, path[1:])) <= allowed
        possible = [
            total(tags, scores, *(c.double() for c in constraints))
            for tags in product(range(TAGS), repeat=words)
        ]
        torch.testing.assert_close(total(row[:words], scores, *constraints), max(possible))


def test_no_words():
    mask = torch.zeros(2, 0, dtype=torch.bool)
    assert decode_tags(torch.zeros(2, 0, TAGS), mask).shape == (2, 0)
