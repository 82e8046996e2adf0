"""Cutting long inputs: nothing dropped, nothing doubled, every piece with the best context."""

from __future__ import annotations

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.modules.windows import cut


@settings(max_examples=200, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=4),
    limit=st.integers(6, 30),
    ends=st.sampled_from([(1, 1), (0, 0), (1, 0), (2, 2)]),
)
def test_split_and_join_give_every_piece_back(lengths, limit, ends) -> None:
    head, tail = ends
    lengths = [length + head + tail for length in lengths]
    longest = max(lengths)
    position = torch.arange(longest)
    mask = position < torch.tensor(lengths)[:, None]
    special = (position < head) | (position >= torch.tensor(lengths)[:, None] - tail) & mask
    pieces = 1 + torch.arange(len(lengths) * longest).view(len(lengths), longest)

    windows = cut(mask, special & mask, limit)
    rows = windows.split(pieces)
    assert rows.size(1) <= limit
    assert torch.equal(windows.join(rows[..., None])[..., 0][mask], pieces[mask])
    for row, exists, example in zip(rows, windows.mask, windows.examples.tolist()):
        own = row[exists].tolist()
        # special pieces stand at both ends of each window, and the pieces between are neighbours
        assert own[:head] == pieces[example, :head].tolist()
        if tail:
            assert (
                own[-tail:] == pieces[example, lengths[example] - tail : lengths[example]].tolist()
            )
        content = own[head : len(own) - tail]
        assert content == list(range(content[0], content[0] + len(content)))


def test_pieces_are_read_where_they_have_most_context() -> None:
    mask = torch.ones(1, 22, dtype=torch.bool)
    special = torch.zeros_like(mask)
    special[0, [0, -1]] = True
    windows = cut(mask, special, 10)  # content 20, room 8, stride 4
    starts = [int(row[1]) - 1 for row in windows.pieces]
    assert starts == [0, 4, 8, 12]
    for piece in range(20):
        chosen = starts[int(windows.take_row[0, piece + 1])]
        poorer = [
            min(piece - start, start + 7 - piece) if start <= piece < start + 8 else -1
            for start in starts
        ]
        # at the ends of the input only one side can be poor
        if 4 <= piece < 16:
            assert min(piece - chosen, chosen + 7 - piece) == max(poorer)


def test_too_narrow() -> None:
    mask = torch.ones(1, 9, dtype=torch.bool)
    special = torch.zeros_like(mask)
    special[0, [0, 1, -1]] = True
    with pytest.raises(ConfigurationError, match="'max_length' leaves room for 1 pieces"):
        cut(mask, special, 4)
