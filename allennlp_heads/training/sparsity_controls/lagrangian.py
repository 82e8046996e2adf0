"""A target as a constraint: multipliers that grow for as long as it is missed."""

import math
from typing import NamedTuple

from allennlp_heads.training.sparsity_controls.sparsity_control import (
    Measured,
    Progress,
    SparsityControl,
    check_option,
)

_BOUND = 10.0
"""Of the ascent: multipliers end at 1e4 times their unit, and come back from there in time."""


class Multipliers(NamedTuple):
    """
    The penalty `linear * (s - target) + quadratic * (s - target)^2` at one moment, with `s` the
    expected share of closed heads.
    """

    linear: float
    quadratic: float
    target: float


@SparsityControl.register("lagrangian")
class Lagrangian(SparsityControl):
    """
    The penalty `l1 * (s - t) + l2 * (s - t)^2` of CoFi (Xia, Zhong and Chen 2022, Eq. 4 and 5;
    Wang, Wohlwend and Lei 2020), where `s` is the expected share of closed heads and `t` its
    target. Gates descend it and both multipliers ascend. For the gates the multipliers are
    constants, so its gradient is that of the expected L0 norm (the mean over layers of the sum over
    heads) with the coefficient `-(l1 + 2 * l2 * (s - t)) * layers / heads`, and this is all that
    the control sets. It may be negative, and then opens heads.

    Three things differ from CoFi, so that the number of heads that a threshold closes arrives, in
    runs of any length:

    - *What drives the multipliers.* A gate exactly at the threshold 0.5 is open with probability
      0.69, so the expectation can be right and the count far off. The multipliers are driven by the
      border instead: of the heads sorted by log alpha, the last one to be closed has to be below
      the threshold and the next one above, both by `margin`. The violation is the log alpha that
      is missing, within -1 and 1. It says which way to go long before the first head closes, and is
      exactly 0, so that the multipliers rest and settled heads stay, once the heads have parted.
    - *Ascent by exponents.* Losses of tasks differ by orders of magnitude, and so do multipliers
      that balance them. Ascended are `y1` and `y2`, with `l1 = -u * sinh(y1)`, `l2 = u * sinh(y2)`
      and `u = unit * heads / layers` (mirror ascent with the hyperbolic entropy; Ghai, Hazan and
      Singer 2020): ordinary ascent around 0, exponential beyond, of either sign. `y1` and `y2` are
      bounded, so that a target out of reach does not wind them up.
    - *Foresight.* `y1` is read `lookahead` violations further than ascent has brought it (the
      proportional term of Stooke, Achiam and Abbeel 2020), without which gates, that need many
      updates from open to closed, overshoot and swing.

    The target moves linearly from where the gates start to the wanted share over the first part of
    the training, `warmup`, and so does the border. Rates are per length of this part rather than
    per update, so that they suit short and long trainings alike.

    Registered as a `SparsityControl` with name `"lagrangian"`, the default.

    # Parameters

    warmup : `float`, optional (default = `0.5`)
        Share of all updates in which the target moves, above 0 and at most 1. Gates have to be fast
        enough to follow: their learning rate times the updates of this part should be 5 or more.
    rate : `float`, optional (default = `10.0`)
        By how much `y1` grows in `warmup` under a violation of 1.
    quadratic_rate : `float`, optional (default = `3.0`)
        The same of `y2`, which grows with the square of the violation.
    lookahead : `float`, optional (default = `4.0`)
    margin : `float`, optional (default = `0.5`)
        In units of log alpha.
    unit : `float`, optional (default = `0.01`)
        The coefficient up to which ascent is about linear.

    Raises `ConfigurationError` for a number out of range.
    """

    def __init__(
        self,
        warmup: float = 0.5,
        rate: float = 10.0,
        quadratic_rate: float = 3.0,
        lookahead: float = 4.0,
        margin: float = 0.5,
        unit: float = 0.01,
    ) -> None:
        self._warmup = check_option("lagrangian", "warmup", warmup, 1e-3, 1)
        self._rate = check_option("lagrangian", "rate", rate, 0)
        self._quadratic_rate = check_option("lagrangian", "quadratic_rate", quadratic_rate, 0)
        self._lookahead = check_option("lagrangian", "lookahead", lookahead, 0)
        self._margin = check_option("lagrangian", "margin", margin, 0)
        self._unit = check_option("lagrangian", "unit", unit, 1e-12)
        self._linear = 0.0
        self._quadratic = 0.0
        self._first_border = 0.0
        self._first_expected = 0.0

    def start(self, measured: Measured, coefficient: float) -> None:
        ends = [x for x in (measured.lower, measured.upper) if math.isfinite(x)]
        self._first_border = sum(ends) / len(ends)
        self._first_expected = measured.expected

    def advance(self, measured: Measured, progress: Progress) -> None:
        violation = self._violation(measured, progress)
        step = 1 / max(1.0, self._warmup * progress.total)
        self._linear = _bounded(self._linear + self._rate * step * violation)
        self._quadratic = _bounded(self._quadratic + self._quadratic_rate * step * violation**2)

    def multipliers(self, measured: Measured, progress: Progress) -> Multipliers:
        """The multipliers and the target of the next update."""
        unit = self._unit * measured.heads / measured.layers
        foreseen = _bounded(self._linear + self._lookahead * self._violation(measured, progress))
        wanted = measured.wanted / measured.heads
        return Multipliers(
            linear=-unit * math.sinh(foreseen),
            quadratic=unit * math.sinh(self._quadratic),
            target=wanted + (self._first_expected - wanted) * self._to_go(progress),
        )

    def coefficient(self, measured: Measured, progress: Progress) -> float:
        linear, quadratic, target = self.multipliers(measured, progress)
        slope = linear + 2 * quadratic * (measured.expected - target)
        return -slope * measured.layers / measured.heads

    def state_dict(self) -> dict[str, float]:
        return {
            "linear": self._linear,
            "quadratic": self._quadratic,
            "first_border": self._first_border,
            "first_expected": self._first_expected,
        }

    def load_state_dict(self, state: dict[str, float]) -> None:
        self._linear = state["linear"]
        self._quadratic = state["quadratic"]
        self._first_border = state["first_border"]
        self._first_expected = state["first_expected"]

    def _violation(self, measured: Measured, progress: Progress) -> float:
        border = self._first_border * self._to_go(progress)
        too_open = max(0.0, measured.lower - border + self._margin)
        too_closed = max(0.0, border + self._margin - measured.upper)
        return max(-1.0, min(1.0, too_open - too_closed))

    def _to_go(self, progress: Progress) -> float:
        return max(0.0, 1 - progress.share() / self._warmup)


def _bounded(ascent: float) -> float:
    return max(-_BOUND, min(_BOUND, ascent))
