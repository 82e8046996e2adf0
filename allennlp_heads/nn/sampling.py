"""Random labels that depend on their example, not on its batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
import torch


class ExampleSampler:
    """
    Draws for every example from a generator of its own, so that neither its neighbours nor padding
    change what it is given.

    # Parameters

    seeds : `Sequence[int]`
        One for each example, 0 or more.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self._seeds = list(seeds)
        self._calls = 0

    def categorical(self, log_probabilities: torch.Tensor) -> torch.Tensor:
        """
        # Parameters

        log_probabilities : `torch.Tensor`
            `[batch, n]`, or `[batch, units, n]` where padding is at the end; minus infinity for
            what may not be drawn.

        # Returns

        `torch.Tensor`
            `[batch]` or `[batch, units]`: indices below `n`.

        Raises `ValueError` where there are not as many examples as seeds.
        """
        scale = log_probabilities.detach().double().exp().cumsum(-1)
        drawn = self._random("random", scale.shape[:-1]).to(scale.device) * scale[..., -1]
        return (scale <= drawn.unsqueeze(-1)).sum(-1).clamp(max=scale.size(-1) - 1)

    def normal(self, mean: torch.Tensor, deviation: float) -> torch.Tensor:
        """
        Normally distributed numbers around `mean` `[batch]` with this standard deviation, of the
        same type; `[batch]`.
        """
        noise = self._random("standard_normal", mean.shape).to(mean)
        return mean.detach() + deviation * noise

    def _random(self, kind: str, shape: torch.Size) -> torch.Tensor:
        if shape[0] != len(self._seeds):
            raise ValueError(f"{shape[0]} examples, but seeds of {len(self._seeds)}")
        self._calls += 1  # two draws in a row must not be the same
        generators = [numpy.random.default_rng([seed, self._calls]) for seed in self._seeds]
        rows = [getattr(generator, kind)(tuple(shape[1:])) for generator in generators]
        return torch.from_numpy(numpy.stack(rows))
