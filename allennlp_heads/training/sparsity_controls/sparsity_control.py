"""The interface of all control laws, and what they are told."""

import math
from typing import NamedTuple

from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError


class Measured(NamedTuple):
    """
    A set of gates after an update, as a control law sees it.

    # Parameters

    layers : `int`
    heads : `int`
        Of all layers.
    wanted : `int`
        Number of heads that shall be closed in the end, less than `heads`.
    closed : `int`
        Number of heads that are, by the threshold.
    expected : `float`
        Expected share of heads closed in training: 1 minus the mean probability of a gate above 0.
    lower, upper : `float`
        Of the heads sorted by log alpha the last one that shall be closed and the first one that
        shall stay open: how far their log alpha is above that of a gate at the threshold. As many
        heads as wanted are closed exactly if `lower <= 0 < upper`. With no head to close, `lower`
        is minus infinity.
    """

    layers: int
    heads: int
    wanted: int
    closed: int
    expected: float
    lower: float
    upper: float

    @property
    def reached(self) -> bool:
        """Whether the number of closed heads is the wanted one, or one head off."""
        return abs(self.closed - self.wanted) <= 1


class Progress(NamedTuple):
    """
    How far the training is.

    # Parameters

    updates : `int`
        Updates made so far.
    total : `int`
        Updates of the whole training, should it not stop early.
    epoch_updates : `int`
        Updates of one epoch.
    """

    updates: int
    total: int
    epoch_updates: int

    def share(self, by: str = "step") -> float:
        """Share of the training that is done, from 0 to 1; `by="epoch"` counts whole epochs."""
        updates = self.updates
        if by == "epoch":
            updates -= updates % self.epoch_updates
        return min(1.0, updates / self.total)


class SparsityControl(Registrable):
    """
    Says after every update what the coefficient of the expected L0 norm is in the next. Each set of
    gates has a control of its own.
    """

    default_implementation = "lagrangian"

    def start(self, measured: Measured, coefficient: float) -> None:
        """Called before a new training with its gates and the coefficient they are configured with;
        not before a resumed one."""

    def advance(self, measured: Measured, progress: Progress) -> None:
        """Called after each update that the gates had a part in."""

    def coefficient(self, measured: Measured, progress: Progress) -> float:
        """The coefficient for the next update. It changes nothing in the control."""
        raise NotImplementedError

    def state_dict(self) -> dict[str, float]:
        """What a resumed training needs."""
        raise NotImplementedError

    def load_state_dict(self, state: dict[str, float]) -> None:
        """Continue from what `state_dict` gave."""
        raise NotImplementedError


def check_option(control: str, key: str, value: float, low: float, high: float = math.inf) -> float:
    """
    `value`, when it is a number from `low` to `high`. Raises `ConfigurationError` otherwise, which
    names `key` of the control `control`.
    """
    if not (math.isfinite(value) and low <= value <= high):
        span = f"from {low:g} upwards" if high == math.inf else f"from {low:g} to {high:g}"
        raise ConfigurationError(
            f"trainer.callbacks, 'sparsity_target': '{key}' of the control '{control}' is "
            f"{value}: give a number {span}"
        )
    return value
