"""Words from pieces against a loop."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.modules import pool_words


@settings(max_examples=50, deadline=None)
@given(
    widths=st.lists(st.lists(st.integers(1, 4), min_size=1, max_size=6), min_size=1, max_size=3),
    seed=st.integers(0, 9),
)
@pytest.mark.parametrize("mode", ["avg", "first"])
def test_against_a_loop(mode: str, widths: list[list[int]], seed: int) -> None:
    words, length = max(map(len, widths)), max(map(sum, widths)) + 2
    pieces = torch.randn(len(widths), length, 5, generator=torch.Generator().manual_seed(seed))
    offsets, mask = (
        torch.zeros(len(widths), words, 2, dtype=torch.long),
        torch.zeros(len(widths), words).bool(),
    )
    expected = torch.zeros(len(widths), words, 5)
    for row, own in enumerate(widths):
        start = 1
        for word, width in enumerate(own):
            offsets[row, word] = torch.tensor([start, start + width - 1])
            mask[row, word] = True
            span = pieces[row, start : start + width]
            expected[row, word] = span.mean(dim=0) if mode == "avg" else span[0]
            start += width
    assert torch.allclose(pool_words(pieces, offsets, mask, mode), expected, atol=1e-6)


def test_word_without_pieces_is_zero() -> None:
    pieces = torch.ones(1, 3, 2)
    offsets = torch.tensor([[[1, 1], [-1, -1]]])
    for mode in ("avg", "first"):
        assert pool_words(pieces, offsets, torch.ones(1, 2).bool(), mode).tolist() == [
            [[1, 1], [0, 0]]
        ]
