"""Selecting spans against doing it one by one."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.nn import decode_spans, select_spans
from allennlp_heads.nn.span_selection import pad_spans, span_mask
from tests.nn import plain_selection

SPANS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(0, 3), st.booleans()), max_size=12
)


@given(st.lists(SPANS, min_size=1, max_size=4), st.booleans())
def test_selection_is_greedy(examples, nested):
    """Few different scores, so that there are ties; spans come twice, and not all may be taken."""
    width = max(map(len, examples))
    rows = [[(min(a, b), max(a, b), s, c) for a, b, s, c in example] for example in examples]
    padded = [row + [(0, 0, 0, False)] * (width - len(row)) for row in rows]
    tensor = torch.tensor(padded, dtype=torch.long).view(len(rows), width, 4)
    scores, candidates = tensor[..., 2].float(), tensor[..., 3] > 0
    accepted = select_spans(scores, tensor[..., 0], tensor[..., 1], candidates, nested)
    for row, kept in zip(rows, accepted):
        places = [place for place, span in enumerate(row) if span[3]]
        chosen = [row[place] for place in places]
        plain = plain_selection.select(chosen, [span[2] for span in chosen], nested)
        assert kept.nonzero().flatten().tolist() == [places[place] for place in plain]


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=4),
    st.integers(0, 2**20),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
)
def test_decoding_is_the_plain_one(lengths, seed, types, ties, nested):
    generator = torch.Generator().manual_seed(seed)
    words = max(lengths)
    scores = torch.randn(len(lengths), 1 + types, words, words, generator=generator)
    scores = scores.round() if ties else scores
    mask = torch.arange(words)[None, :] < torch.tensor(lengths)[:, None]
    spans = decode_spans(scores, mask, nested)
    assert spans.size(0) == len(lengths) and spans.size(2) == 3
    found = [[tuple(span) for span in row.tolist() if span[0] >= 0] for row in spans]
    assert spans.size(1) == max(map(len, found))
    for row, length in enumerate(lengths):
        assert found[row] == plain_selection.decode(scores[row].tolist(), length, nested)


@pytest.mark.parametrize("nested, kept", [(False, [0, 5]), (True, [0, 1, 4, 5])])
def test_flat_and_nested_by_hand(nested, kept):
    #               best   inside crosses  same  around  beside
    spans = torch.tensor([[[2, 4], [3, 4], [4, 6], [2, 4], [1, 6], [0, 0]]])
    scores = torch.tensor([[6.0, 5.0, 4.0, 3.0, 2.0, 1.0]])
    everything = torch.ones(1, 6, dtype=torch.bool)
    accepted = select_spans(scores, spans[..., 0], spans[..., 1], everything, nested)
    assert accepted[0].nonzero().flatten().tolist() == kept


def test_no_score_is_enough_to_be_a_span():
    """Before the first update all scores are zero; later some may be no numbers at all."""
    mask = torch.ones(2, 3, dtype=torch.bool)
    assert decode_spans(torch.zeros(2, 4, 3, 3), mask).shape == (2, 0, 3)
    assert decode_spans(torch.full((2, 4, 3, 3), float("nan")), mask).shape == (2, 0, 3)


def test_padding_rows():
    rows = torch.tensor([[1, 2], [3, 4], [5, 6]])
    padded = pad_spans(rows, torch.tensor([0, 2, 2]), 3)
    assert padded.tolist() == [[[1, 2], [-1, -1]], [[-1, -1]] * 2, [[3, 4], [5, 6]]]
    assert pad_spans(rows[:0], torch.tensor([], dtype=torch.long), 2).shape == (2, 0, 2)
    assert pad_spans(rows[:0], torch.tensor([], dtype=torch.long), 0).shape == (0, 0, 2)


def test_spans_of_a_mask():
    mask = torch.tensor([[True, True, False], [False] * 3])
    assert span_mask(mask).nonzero().tolist() == [[0, 0, 0], [0, 0, 1], [0, 1, 1]]
