"""What is drawn for an example depends on nothing but its seed, and on chances."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.nn import ExampleSampler


def chances(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return (3 * torch.randn(*shape, generator=generator)).log_softmax(-1)


def test_frequencies() -> None:
    wanted = torch.tensor([0.5, 0.0, 0.3, 0.2, 0.0])
    drawn = ExampleSampler([7]).categorical(wanted.log().expand(1, 20_000, 5))
    found = torch.bincount(drawn[0], minlength=5) / 20_000
    torch.testing.assert_close(found, wanted, atol=0.015, rtol=0)
    assert found[1] == found[4] == 0


@given(
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    padding=st.integers(0, 4),
    more=st.integers(0, 3),
)
def test_neighbours_and_padding_do_not_matter(lengths: list[int], padding: int, more: int) -> None:
    width = max(lengths) + padding
    together = torch.full((len(lengths), width, 4 + more), float("-inf"))
    together[:, :, 0] = 0.0
    rows = [chances(length, 4, seed=place) for place, length in enumerate(lengths)]
    for place, row in enumerate(rows):
        together[place, : len(row), :4] = row
    sampler = ExampleSampler(range(len(rows)))
    drawn = [sampler.categorical(together) for _ in range(2)]
    for place, row in enumerate(rows):
        alone = ExampleSampler([place])
        for each in drawn:
            assert alone.categorical(row[None])[0].tolist() == each[place, : len(row)].tolist()


def test_calls_and_seeds_differ() -> None:
    sampler, same = ExampleSampler([3, 4]), chances(1, 50, 9).expand(2, 50, 9)
    first, second = sampler.categorical(same), sampler.categorical(same)
    assert not torch.equal(first, second) and not torch.equal(first[0], first[1])
    again = ExampleSampler([3, 4])
    assert torch.equal(again.categorical(same), first)


def test_normal() -> None:
    mean = torch.linspace(0, 9, 5000)
    noise = ExampleSampler(range(5000)).normal(mean, 0.5) - mean
    assert abs(float(noise.mean())) < 0.03 and float(noise.std()) == pytest.approx(0.5, abs=0.02)
    assert noise.dtype == torch.float32


def test_as_many_seeds_as_examples() -> None:
    with pytest.raises(ValueError, match="2 examples, but seeds of 3"):
        ExampleSampler([1, 2, 3]).categorical(chances(2, 4))
