import random

import numpy
import torch

from allennlp_heads.data.data_loaders.randomness import reseed_generators, seeded

Draws = tuple[float, float, float]


def _draws(*state: int) -> Draws:
    reseed_generators(*state)
    return random.random(), float(numpy.random.rand()), float(torch.rand(()))


def test_state_depends_on_every_argument_and_nothing_else() -> None:
    states = [(1, 0, 0, 0), (2, 0, 0, 0), (1, 1, 0, 0), (1, 0, 1, 0), (1, 0, 0, 1), (-1, 0, 0, 0)]
    first = [_draws(*state) for state in states]
    assert len(set(first)) == len(states)
    assert [_draws(*state) for state in reversed(states)] == first[::-1]


def test_large_seeds() -> None:
    assert _draws(2**64 - 1, 0, 0) == _draws(2**64 - 1, 0, 0)


def test_own_generators_leave_the_global_ones_alone() -> None:
    before = random.getstate()
    one = seeded("order", 1).random()
    assert random.getstate() == before
    # the same on every machine and in every version of Python
    assert one == seeded("order", 1).random() == 0.8876326976402816
