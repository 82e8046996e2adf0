"""Samplers that draw the task of every step from a distribution over the tasks' sizes."""

import math
from collections.abc import Mapping

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.data_loaders.epoch_sampler import EpochSampler
from allennlp_heads.data.data_loaders.randomness import seeded


def task_probabilities(counts: Mapping[str, int], exponent: float) -> dict[str, float]:
    """
    `p_t = n_t ** exponent / sum_k n_k ** exponent` for every task `t` with `n_t` batches.

    # Parameters

    counts : `Mapping[str, int]`
        Number of batches of each task.
    exponent : `float`
        0: all tasks alike. 1: in proportion to their batches.
    """
    largest = max(counts.values())
    # relative to the largest task, so that no exponent overflows
    shares = {task: (counts[task] / largest) ** exponent for task in sorted(counts)}
    total = math.fsum(shares.values())
    return {task: share / total for task, share in shares.items()}


class DrawnTasks(EpochSampler):
    """Every step's task is drawn on its own, with an exponent that may depend on the epoch."""

    def exponent_of(self, epoch: int) -> float:
        """The exponent of `task_probabilities` in an epoch (from 0)."""
        raise NotImplementedError

    def tasks(self, counts: Mapping[str, int], length: int, epoch: int, seed: int) -> list[str]:
        probabilities = task_probabilities(counts, self.exponent_of(epoch))
        generator = seeded("draws", seed, epoch)
        return generator.choices(list(probabilities), list(probabilities.values()), k=length)


@EpochSampler.register("proportional_power")
class ProportionalPower(DrawnTasks):
    """
    Draws the task of each step with a probability proportional to a power of its number of batches:
    `p_t = n_t ** exponent / sum_k n_k ** exponent`.

    An epoch of as many steps as there are batches does not hold every batch then: of a large task
    some are left out and those of a small one come more than once. What is left out comes in the
    next epochs before anything is repeated, see `BatchOrder`, so nothing is left out for good.

    Registered as an `EpochSampler` with name "proportional_power".

    # Parameters

    exponent : `float`, optional (default = `0.8`)
        At least 0. 0 draws all tasks alike, 1 in proportion to their batches. Raises a
        `ConfigurationError` for other values.
    """

    def __init__(self, exponent: float = 0.8) -> None:
        self.exponent = checked_exponent("data_loader.sampler.exponent", exponent)

    def exponent_of(self, epoch: int) -> float:
        return self.exponent


def checked_exponent(key: str, value: float) -> float:
    """The value, or a `ConfigurationError` that names the key if it is no exponent."""
    if not isinstance(value, (int, float)) or not (math.isfinite(value) and value >= 0):
        raise ConfigurationError(
            f"{key} is {value}, but must be a number from 0 (all tasks alike) upwards, "
            "where 1 means in proportion to the tasks' batches."
        )
    return float(value)
