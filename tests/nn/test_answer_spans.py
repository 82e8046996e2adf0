"""Answers to questions against a look at every span of every window."""

from typing import Any, NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from allennlp_heads.nn import (
    best_answer_spans,
    characters_of_spans,
    no_answer_scores,
    places_in_windows,
)
from allennlp_heads.nn.answer_spans import probabilities

NONE = float("-inf")


class Questions(NamedTuple):
    """A batch, as `best_answer_spans` takes it."""

    start: Tensor
    end: Tensor
    candidates: Tensor
    characters: Tensor


def questions(windows: list[int], pieces: int, ties: bool, seed: int, parts: int = 1) -> Questions:
    """
    Windows that overlap; some have no candidates at all. `parts`: how many pieces a character is
    split into.
    """
    generator = torch.Generator().manual_seed(seed)
    shape = (len(windows), max(windows), pieces)
    start, end = (torch.randn(shape, generator=generator) for _ in range(2))
    if ties:
        start, end = start.round(), end.round()
    exists = torch.arange(max(windows)) < torch.tensor(windows)[:, None]
    first, last = (torch.randint(0, pieces, shape[:2], generator=generator) for _ in range(2))
    place = torch.arange(pieces)
    inside = (place >= first[..., None]) & (place <= last[..., None]) & exists[..., None]
    begin = (place + 2 * torch.arange(max(windows))[:, None]) // parts  # each two pieces further
    characters = torch.stack([begin, begin + 1], -1).expand(*shape, 2)
    return Questions(start, end, inside, characters.masked_fill(~inside[..., None], -1))


def by_force(given: Questions, row: int, max_length: int, n_best: int) -> list[tuple[Any, ...]]:
    """(score, first character, next after it, window, first piece, last piece), the best first."""
    start, end, candidates, characters = (tensor[row].tolist() for tensor in given)
    found: dict[tuple[int, int], tuple[Any, ...]] = {}
    for window, inside in enumerate(candidates):
        for first in range(len(inside)):
            for last in range(first, min(first + max_length, len(inside))):
                if not (inside[first] and inside[last]):
                    continue
                score = start[window][first] + end[window][last]
                name = (characters[window][first][0], characters[window][last][1])
                if name not in found or score > found[name][0]:
                    found[name] = (score, *name, window, first, last)
    return sorted(found.values(), key=lambda span: (-span[0], span[1], span[2]))[:n_best]


@settings(max_examples=200)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.integers(1, 9),
    st.integers(1, 5),
    st.integers(1, 12),
    st.booleans(),
    st.integers(1, 4),
    st.integers(0, 2**20),
)
def test_the_best_spans_are_those_of_all(windows, pieces, max_length, n_best, ties, parts, seed):
    """Few different scores, so that there are ties; spans that stand in several windows."""
    batch = questions(windows, pieces, ties, seed, parts)
    spans, scores = best_answer_spans(*batch, max_length, n_best)
    assert spans.shape == (len(windows), n_best, 3) and scores.shape == spans.shape[:2]
    characters = characters_of_spans(spans, batch.characters)
    for row in range(len(windows)):
        plain = by_force(batch, row, max_length, n_best)
        padding = n_best - len(plain)
        assert scores[row].tolist() == [span[0] for span in plain] + [NONE] * padding
        assert spans[row].tolist() == [list(span[3:]) for span in plain] + [[-1] * 3] * padding
        wanted = [list(span[1:3]) for span in plain] + [[-1] * 2] * padding
        assert characters[row].tolist() == wanted


@given(st.integers(1, 3), st.booleans(), st.integers(0, 2**20), st.integers(0, 3))
def test_padding_and_neighbours_change_nothing(rows, ties, seed, padding):
    batch = questions([3] * rows, 7, ties, seed)
    spans, scores = best_answer_spans(*batch, 4, 6)
    wider = Questions(*(_padded(tensor, padding) for tensor in batch))
    again, same = best_answer_spans(*wider, 4, 6)
    moved = spans.clone()
    moved[..., 0] += padding * (spans[..., 0] >= 0)
    assert torch.equal(again, moved) and torch.equal(same, scores)
    for row in range(rows):
        single = Questions(*(tensor[row : row + 1] for tensor in batch))
        alone = best_answer_spans(*single, 4, 6)
        assert torch.equal(alone[0][0], spans[row]) and torch.equal(alone[1][0], scores[row])


def _padded(tensor: Tensor, padding: int) -> Tensor:
    """Windows of nonsense in front, pieces of nonsense behind."""
    shape = list(tensor.shape)
    shape[2] += padding
    shape[1] += padding
    wider = torch.full(shape, 0 if tensor.dtype == torch.bool else 50, dtype=tensor.dtype)
    wider[:, padding:, : tensor.size(2)] = tensor
    return wider


def test_ties_go_to_the_earlier_and_shorter_span() -> None:
    zeros = torch.zeros(1, 2, 3)
    place = torch.arange(3)
    # the second window begins with the last character of the first one
    begin = torch.stack([place, place + 2])
    characters = torch.stack([begin, begin + 1], -1)[None]
    everywhere = torch.ones(1, 2, 3, dtype=torch.bool)
    spans, scores = best_answer_spans(zeros, zeros, everywhere, characters, 2, 20)
    found = characters_of_spans(spans, characters)[0].tolist()
    single = [[0, 1], [0, 2], [1, 2], [1, 3], [2, 3], [2, 4], [3, 4], [3, 5], [4, 5]]
    assert found == single + [[-1, -1]] * 11
    assert spans[0, 4].tolist() == [0, 2, 2]  # in both windows: the earlier one
    assert scores[0].tolist() == [0.0] * 9 + [NONE] * 11


def test_rounding_makes_no_ties() -> None:
    """In single precision, both sums would be 16777216."""
    start, end = torch.tensor([[[16777216.0, 16777216.0]]]), torch.tensor([[[0.0, 1.0]]])
    characters = torch.tensor([[[[0, 1], [1, 2]]]])
    spans, scores = best_answer_spans(
        start, end, torch.ones(1, 1, 2, dtype=torch.bool), characters, 1, 1
    )
    assert spans.tolist() == [[[0, 1, 1]]] and scores.tolist() == [[16777217.0]]


@pytest.mark.parametrize("value", [float("nan"), NONE])
def test_scores_that_say_nothing_end_the_search(value: float) -> None:
    batch = questions([2, 1], 5, False, 0)
    broken = batch._replace(start=torch.full_like(batch.start, value))
    spans, scores = best_answer_spans(*broken, 3, 4)
    assert (spans == -1).all() and (scores == NONE).all()


def test_no_answer_is_the_least_sure_window() -> None:
    start = torch.tensor(
        [[[1.0, 9.0], [3.0, 9.0], [-5.0, 9.0]], [[2.0, 9.0], [0.0, 0.0], [0.0, 0.0]]]
    )
    exists = torch.tensor([[True, True, False], [True, False, False]])
    assert no_answer_scores(start, 2 * start, exists).tolist() == [3.0, 6.0]
    assert no_answer_scores(start, start, ~exists & False).tolist() == [float("inf")] * 2


def test_probabilities_of_nothing_are_zero() -> None:
    scores = torch.tensor([[0.0, NONE], [NONE, NONE], [1.0, 1.0]])
    assert probabilities(scores).tolist() == [[1.0, 0.0], [0.0, 0.0], [0.5, 0.5]]


@given(st.integers(1, 4), st.integers(0, 2**20), st.integers(1, 2))
def test_places_of_an_answer_in_every_window(windows, seed, parts):
    batch = questions([windows], 8, False, seed, parts)
    spans, _ = best_answer_spans(*batch, 4, 1)
    places = places_in_windows(spans[:, 0], batch.candidates, batch.characters)[0].tolist()
    borders = characters_of_spans(spans, batch.characters)[0, 0].tolist()
    for window, (first, last) in enumerate(places):
        inside = batch.candidates[0, window]
        held = {c for p in range(8) if inside[p] for c in range(*batch.characters[0, window, p])}
        wanted = set(range(*borders))
        if borders[0] < 0 or not wanted <= held:
            assert (first, last) == (0, 0)
            continue
        assert inside[first] and inside[last] and first <= last
        characters = batch.characters[0, window]
        assert [int(characters[first, 0]), int(characters[last, 1])] == borders
