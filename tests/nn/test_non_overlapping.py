"""The best set of spans that do not overlap, against trying all sets."""

from itertools import combinations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.nn import best_non_overlapping


def by_force(spans: list[tuple[int, int]], scores: list[float]) -> float:
    """The highest sum of scores of a set of spans of which no two share a word."""
    best = 0.0
    for size in range(1, len(spans) + 1):
        for chosen in combinations(range(len(spans)), size):
            words = [word for i in chosen for word in range(spans[i][0], spans[i][1] + 1)]
            if len(words) == len(set(words)):
                best = max(best, sum(scores[i] for i in chosen))
    return best


def best(spans: list[tuple[int, int]], scores: list[list[float]]) -> torch.Tensor:
    """For one sentence."""
    starts, ends = torch.tensor(spans, dtype=torch.long).view(1, -1, 2).unbind(-1)
    return best_non_overlapping(starts, ends, torch.tensor([scores]).double())[0]


@settings(max_examples=120, deadline=None)
@given(data=st.data(), length=st.integers(1, 7))
def test_by_force(data, length):
    """Some spans of a sentence in any order, two sets of scores, ties and forbidden spans too."""
    every = [(start, end) for start in range(length) for end in range(start, length)]
    spans = data.draw(st.lists(st.sampled_from(every), min_size=1, max_size=8))
    score = st.integers(-3, 8).map(float) | st.just(float("-inf"))
    row = st.lists(score, min_size=len(spans), max_size=len(spans))
    rows = data.draw(st.lists(row, min_size=2, max_size=2))
    for scores, chosen in zip(rows, best(spans, rows).tolist()):
        kept = [i for i, taken in enumerate(chosen) if taken]
        words = [word for i in kept for word in range(spans[i][0], spans[i][1] + 1)]
        assert len(words) == len(set(words))
        assert all(scores[i] > 0 for i in kept)
        assert sum(scores[i] for i in kept) == by_force(spans, scores)


def test_batch_equals_one_at_a_time():
    """Padding spans stand anywhere and have a score of minus infinity."""
    torch.manual_seed(0)
    ends = torch.randint(0, 20, (6, 30))
    starts = (ends - torch.randint(0, 6, (6, 30))).clamp(min=0)
    scores = torch.randn(6, 4, 30).masked_fill(torch.rand(6, 1, 30) < 0.3, float("-inf"))
    chosen = best_non_overlapping(starts, ends, scores)
    for row in range(6):
        real = scores[row, 0] > float("-inf")
        for number in range(4):
            alone = best_non_overlapping(
                starts[row : row + 1, real],
                ends[row : row + 1, real],
                scores[row, number, real][None, None],
            )
            assert alone[0, 0].tolist() == chosen[row, number, real].tolist()
    assert not chosen[scores == float("-inf")].any()


def test_neighbours_and_ties():
    assert best([(0, 1), (2, 3), (1, 2)], [[1.0, 1.0, 1.9]]).tolist() == [[True, True, False]]
    assert best([(0, 1), (2, 3), (1, 2)], [[1.0, 1.0, 2.1]]).tolist() == [[False, False, True]]
    assert best([(0, 3), (0, 1)], [[1.0, 1.0]]).tolist() == [[False, True]]
    assert best([(0, 0), (1, 1)], [[0.0, -1.0]]).tolist() == [[False, False]]


@pytest.mark.parametrize("shape", [(2, 0, 3), (2, 3, 0), (0, 2, 3)])
def test_nothing_to_choose(shape):
    spans = torch.zeros(shape[0], shape[2], dtype=torch.long)
    assert best_non_overlapping(spans, spans, torch.zeros(shape)).shape == shape


def test_wrong_shapes():
    spans = torch.zeros(2, 3, dtype=torch.long)
    with pytest.raises(ValueError, match=r"\[batch, spans\]"):
        best_non_overlapping(spans, spans, torch.zeros(2, 3))
    with pytest.raises(ValueError, match=r"\[2, 2\]"):
        best_non_overlapping(spans, spans[:, :2], torch.zeros(2, 4, 3))
