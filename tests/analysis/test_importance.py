"""Scores of heads from what single examples say of them."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.analysis.importance import aggregate, bootstrap, normalise
from allennlp_heads.analysis.masks import bottom_mask, top_mask

RNG = numpy.random.default_rng(0)
VALUES = RNG.normal(size=(40, 2, 3))
EXISTS = numpy.array([[True, False, True], [True, True, True]])


def test_aggregate() -> None:
    assert numpy.allclose(aggregate(VALUES), abs(VALUES).mean(0))
    assert numpy.allclose(aggregate(VALUES, "squared"), (VALUES**2).mean(0))
    assert numpy.allclose(aggregate(VALUES, "signed"), -VALUES.mean(0))
    assert numpy.allclose(aggregate(abs(VALUES), "per_token"), abs(VALUES).mean(0))
    with pytest.raises(ValueError, match="'measure' is 'best': choose one of absolute"):
        aggregate(VALUES, "best")
    with pytest.raises(ValueError, match="no examples"):
        aggregate(VALUES[:0])


def test_normalise_by_layer() -> None:
    scores = numpy.array([[3.0, 100.0, 4.0], [0.0, 0.0, 0.0]])
    found = normalise(scores, EXISTS, by_layer=True)
    assert numpy.allclose(found, [[0.6, 0, 0.8], [0, 0, 0]])


def test_normalise_min_max() -> None:
    scores = numpy.array([[-1.0, 100.0, 1.0], [0.0, 3.0, 1.0]])
    found = normalise(scores, EXISTS, min_max=True)
    assert numpy.allclose(found, [[0, 0, 0.5], [0.25, 1, 0.5]])
    assert not normalise(numpy.ones((2, 3)), min_max=True).any()
    both = normalise(scores, EXISTS, by_layer=True, min_max=True)
    assert both[EXISTS].min() == 0 and both[EXISTS].max() == 1 and both[0, 1] == 0


def test_normalise_many_grids_at_once() -> None:
    for options in ({"by_layer": True}, {"min_max": True}):
        together = normalise(VALUES, EXISTS, **options)
        alone = numpy.stack([normalise(grid, EXISTS, **options) for grid in VALUES])
        assert numpy.allclose(together, alone)


def test_bootstrap_intervals() -> None:
    """Against the normal approximation of means."""
    values = numpy.random.default_rng(1).normal(2.0, 1.0, size=(400, 2, 3))
    found = bootstrap(values, 0.5, draws=2000)
    mean, error = abs(values).mean(0), abs(values).std(0) / 20
    assert numpy.allclose(found.lower, mean - 1.96 * error, atol=0.02)
    assert numpy.allclose(found.upper, mean + 1.96 * error, atol=0.02)
    assert numpy.allclose(found.selected.sum(), 3)


def test_bootstrap_of_sets() -> None:
    """Heads far apart are always selected, two equal ones every other time."""
    values = numpy.zeros((300, 1, 4))
    values[:, 0, 0] = 10.0
    values[:, 0, 1:3] = numpy.random.default_rng(2).normal(5, 1, size=(300, 2))
    values[:, 0, 2] += values[:, 0, 1].mean() - values[:, 0, 2].mean()
    found = bootstrap(values, 0.5, draws=1500)
    assert found.selected[0, 0] == 1 and found.selected[0, 3] == 0
    assert 0.4 < found.selected[0, 1] < 0.6
    assert 0.7 < found.overlap < 0.8


def test_agreement_of_samples_is_that_of_their_sets() -> None:
    """Against the sets of all pairs of samples, where the heads are hard to tell apart."""
    values = numpy.random.default_rng(4).exponential(size=(60, 4, 6))
    found = bootstrap(values, 0.25, draws=80, seed=3)
    generators = [numpy.random.default_rng([3, draw]) for draw in range(80)]
    samples = [values[generator.integers(60, size=60)] for generator in generators]
    sets = [set(numpy.argsort(-sample.mean(axis=0).ravel())[:6].tolist()) for sample in samples]
    common = [len(one & other) / 6 for one in sets for other in sets]
    assert found.overlap == pytest.approx(numpy.mean(common))
    assert found.overlap < 0.8


def test_bootstrap_goes_the_way_of_the_scores() -> None:
    values = VALUES + numpy.linspace(0, 3, 6).reshape(2, 3)
    for options in ({"by_layer": True}, {"min_max": True}, {"measure": "signed"}):
        found = bootstrap(values, 0.5, exists=EXISTS, draws=50, **options)  # type: ignore[arg-type]
        assert found.selected[0, 1] == 0 and numpy.isclose(found.selected.sum(), 2)
        assert (found.lower <= found.upper).all()
    again = bootstrap(values, 0.5, draws=50)
    assert again.overlap == bootstrap(values, 0.5, draws=50).overlap


@pytest.mark.parametrize("wrong", [{"draws": 0}, {"confidence": 1.0}, {"alpha": 0.1}])
def test_bootstrap_errors(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        bootstrap(VALUES, **{"alpha": 0.5, **wrong})  # type: ignore[arg-type]


@given(
    scores=st.lists(st.integers(-3, 3), min_size=12, max_size=12),
    alphas=st.tuples(st.floats(0.1, 1.0), st.floats(0.1, 1.0)),
)
@settings(max_examples=100, deadline=None)
def test_top_masks(scores: list[int], alphas: tuple[float, float]) -> None:
    """Against sorting in plain Python; nested over alphas."""
    grid = numpy.array(scores, dtype=float).reshape(3, 4)
    cells = [(layer, head) for layer in range(3) for head in range(4)]
    masks = []
    for alpha in sorted(alphas):
        number = int(alpha * 12 + 1e-9)
        for mask, sign in ((top_mask(grid, alpha), -1), (bottom_mask(grid, alpha), 1)):
            best = sorted(cells, key=lambda cell: sign * grid[cell])[:number]
            assert {tuple(cell) for cell in numpy.argwhere(mask).tolist()} == set(best)
        masks.append(top_mask(grid, alpha))
    assert not (masks[0] & ~masks[1]).any()


def test_top_masks_of_existing_heads() -> None:
    scores = numpy.array([[1.0, 9.0, 2.0], [0.0, 3.0, numpy.nan]])
    exists = EXISTS & ~numpy.isnan(scores)
    assert top_mask(scores, 0.5, exists).tolist() == [[False, False, True], [False, True, False]]
    with pytest.raises(ValueError, match="not a number"):
        top_mask(scores, 0.5, EXISTS)
    many = top_mask(numpy.stack([scores, -scores]), 0.5, exists)
    assert many[1].tolist() == bottom_mask(scores, 0.5, exists).tolist()


@pytest.mark.parametrize(
    "alpha, heads, number", [(0.3, 144, 43), (0.2, 384, 76), (0.3, 10, 3), (1.0, 7, 7)]
)
def test_numbers_of_heads(alpha: float, heads: int, number: int) -> None:
    """The first two are the paper's."""
    assert top_mask(numpy.arange(float(heads))[None], alpha).sum() == number


@pytest.mark.parametrize("alpha, message", [(0.0, "above 0"), (1.1, "at most 1"), (0.1, "none of")])
def test_alphas_that_cannot_be(alpha: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        top_mask(numpy.ones((2, 3)), alpha)
