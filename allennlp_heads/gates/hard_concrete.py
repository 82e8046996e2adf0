"""Learned gates: the stretched binary concrete distribution and its expected L0 norm."""

import math
from typing import Any, NamedTuple, Optional, Union

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.gates.head_gates import HeadGates
from allennlp_heads.gates.learned import LearnedGates

_NOISE_EPSILON = 1e-6
OPEN = 2.5
"""At 2.5 the evaluation gate is exactly 1 (it is from 2.398 on) and can still be trained."""


class Shape(NamedTuple):
    """
    What besides log alpha describes the distribution; a gate parameter carries it as
    `hard_concrete`.
    """

    temperature: float
    low: float
    high: float
    mask: torch.Tensor


def open_probability(log_alpha: torch.Tensor, shape: Shape) -> torch.Tensor:
    """
    The probability that a gate is not zero, `sigmoid(log_alpha - temperature * log(-low / high))`
    (Louizos, Welling and Kingma 2018, Eq. 12), clamped to [1e-6, 1 - 1e-6], and 0 where there is no
    head.

    # Parameters

    log_alpha : `torch.Tensor`
        `[layers, heads]`.
    shape : `Shape`

    # Returns

    `torch.Tensor`
        `[layers, heads]`.
    """
    probability = torch.sigmoid(log_alpha - shape.temperature * math.log(-shape.low / shape.high))
    probability = probability.clamp(_NOISE_EPSILON, 1 - _NOISE_EPSILON)
    return probability * shape.mask.to(probability)


def expected_l0(log_alpha: torch.Tensor, shape: Shape) -> torch.Tensor:
    """
    Expected number of open heads of a layer, averaged over layers (the scale of The Stem Cell
    Hypothesis): the mean of the sums of [`open_probability`](#open_probability). Layers without
    heads count as 0.

    # Parameters

    log_alpha : `torch.Tensor`
        `[layers, heads]`.
    shape : `Shape`

    # Returns

    `torch.Tensor`
        A scalar.
    """
    return open_probability(log_alpha, shape).sum(dim=1).mean()


@HeadGates.register("hard_concrete")
class HardConcreteGates(LearnedGates):
    """
    Learned gates that are exactly 0 or 1 with positive probability (Louizos, Welling and Kingma
    2018, Eq. 10-11; for heads: Voita et al. 2019).

    In training one sample is drawn for each head and forward pass and shared by the batch: `s =
    sigmoid((log u - log(1 - u) + log_alpha) / temperature)`, `gate = clip((high - low) * s + low,
    0, 1)`. In evaluation the gate is `clip((high - low) * sigmoid(log_alpha) + low, 0, 1)`. Heads
    rank by log alpha; once binarised, those kept come first.

    Give `log_alpha` a learning rate of its own (about 1e-3 for runs of many thousand updates, 0.05
    to 0.1 for short ones) and no weight decay, by a parameter group with the regex `log_alpha`.

    Registered as `"hard_concrete"`.

    # Parameters

    heads : `List[int]`
        Number of heads of each layer, given by the encoder.
    coefficient : `float`, optional (default = `0.01`)
        Factor of the expected L0 norm in `penalty`. Inside a model other than `multitask_heads`
        the regularizer `hard_concrete_l0` asks for the penalty, with a coefficient of its own. The
        attribute of this name may be changed in training.
    temperature : `float`, optional (default = `0.33`)
    stretch : `Tuple[float, float]`, optional (default = `(-0.1, 1.1)`)
    start : `str` or `float`, optional (default = `"open"`)
        First log alpha: `"open"` (2.5), `"xavier"` (uniform in +-sqrt(6 / (heads + 1)), the
        half-closed start of the original code), or a number.
    """

    def __init__(
        self,
        heads: list[int],
        coefficient: float = 0.01,
        temperature: float = 0.33,
        stretch: tuple[float, float] = (-0.1, 1.1),
        start: Union[str, float] = "open",
    ) -> None:
        super().__init__(heads)
        if temperature <= 0 or len(stretch) != 2 or not (stretch[0] < 0 and stretch[1] > 1):
            raise ConfigurationError(
                "gates 'hard_concrete': 'temperature' must be positive and 'stretch' "
                "reach below 0 and above 1"
            )
        if not (math.isfinite(coefficient) and coefficient >= 0):
            raise ConfigurationError(
                f"gates 'hard_concrete': 'coefficient' is {coefficient}: give a number from 0 "
                "upwards; the larger, the more heads close"
            )
        self.coefficient = coefficient
        self._shape = Shape(temperature, stretch[0], stretch[1], self.mask)
        self.log_alpha = torch.nn.Parameter(_first(start, self.mask))
        self._tag()

    def sample(self) -> torch.Tensor:
        uniform = torch.rand_like(self.log_alpha).clamp(_NOISE_EPSILON, 1 - _NOISE_EPSILON)
        noise = uniform.log() - (-uniform).log1p()
        return self._stretched(torch.sigmoid((noise + self.log_alpha) / self._shape.temperature))

    def evaluation(self) -> torch.Tensor:
        return self._stretched(torch.sigmoid(self.log_alpha.detach())) * self.mask

    def penalty(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        if self.binary:
            return self.log_alpha.new_zeros(())
        return self.coefficient * expected_l0(self.log_alpha, self._shape._replace(mask=self.mask))

    def open_probability(self, task: Optional[str] = None) -> torch.Tensor:
        if self.binary:
            return self.deterministic()
        return open_probability(self.log_alpha, self._shape._replace(mask=self.mask))

    def ranking(self, task: Optional[str] = None) -> torch.Tensor:
        values = self.log_alpha.detach()
        if self.binary:
            # by rank, since a sum of log alpha and an offset would lose small differences
            distinct, rank = values.unique(return_inverse=True)
            values = rank + self.kept * len(distinct)
        return values.masked_fill(~self.mask, float("-inf"))

    def _tag(self) -> None:
        # lets the regularizer compute the penalty from the parameter alone
        self.log_alpha.hard_concrete = self._shape  # type: ignore[attr-defined]

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._tag()  # which a copy of a parameter does not take over

    def _stretched(self, s: torch.Tensor) -> torch.Tensor:
        return ((self._shape.high - self._shape.low) * s + self._shape.low).clamp(0, 1)


def _first(start: Union[str, float], mask: torch.Tensor) -> torch.Tensor:
    if start == "xavier":
        bound = math.sqrt(6 / (mask.size(1) + 1))
        return torch.empty(mask.shape).uniform_(-bound, bound)
    if start == "open":
        start = OPEN
    if isinstance(start, str):
        raise ConfigurationError(
            f"gates 'hard_concrete': 'start' is '{start}': give 'open', 'xavier' or a number"
        )
    return torch.full(mask.shape, float(start))
