"""The best items of rows, one row after the other."""

import torch

from allennlp_heads.nn import best_of_rows, places_of

NOTHING = float("-inf")


def test_row_by_row():
    """Few different scores, so that there are many ties: the first of equals wins."""
    torch.manual_seed(0)
    lengths = torch.randint(1, 12, (50,))
    scores = torch.randint(0, 4, (50, 12)).float()
    scores = scores.masked_fill(torch.arange(12) >= lengths.unsqueeze(1), NOTHING)
    counts = (lengths.double() * torch.rand(50)).ceil().long()
    indices, mask = best_of_rows(scores, counts)
    for row, (length, count) in enumerate(zip(lengths.tolist(), counts.tolist())):
        values = scores[row, :length].tolist()
        expected = sorted(sorted(range(length), key=lambda item: -values[item])[:count])
        assert indices[row][mask[row]].tolist() == expected
        assert not indices[row][~mask[row]].any()
    wider = torch.cat([scores, torch.full((50, 3), NOTHING)], 1)
    assert torch.equal(best_of_rows(wider, counts)[0], indices)


def test_nothing_to_keep():
    indices, mask = best_of_rows(torch.zeros(2, 3), torch.zeros(2, dtype=torch.long))
    assert indices.shape == mask.shape == (2, 0)
    assert best_of_rows(torch.zeros(0, 3), torch.zeros(0, dtype=torch.long))[0].shape == (0, 0)


def test_places_are_the_inverse():
    indices = torch.tensor([[1, 4, 0], [0, 2, 3]])
    mask = torch.tensor([[True, True, False], [True, True, True]])
    expected = [[-1, 0, -1, -1, 1], [0, -1, 1, 2, -1]]
    assert places_of(indices, mask, 5).tolist() == expected
