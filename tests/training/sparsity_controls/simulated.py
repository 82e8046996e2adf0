"""Gates, optimizer and a loss in which heads matter more or less: a training in milliseconds."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch

from allennlp_heads.gates import HardConcreteGates
from allennlp_heads.training.sparsity_controls import Measured, Progress, SparsityControl
from allennlp_heads.training.sparsity_sets import SparsitySet


class Outcome(NamedTuple):
    """What the end of a simulated training looks like."""

    measured: list[Measured]
    coefficients: list[float]
    masks: list[torch.Tensor]
    worth: torch.Tensor

    @property
    def miss(self) -> int:
        return abs(self.measured[-1].closed - self.measured[-1].wanted)

    def flips(self, last: int) -> int:
        """How often a head opened or closed in the last updates."""
        masks = self.masks[-last:]
        return sum(int((one != other).sum()) for one, other in zip(masks, masks[1:]))


def simulate(
    control: SparsityControl,
    target: float,
    heads: list[int],
    updates: int,
    rate: float,
    scale: float = 1.0,
    seed: int = 0,
    **options: Any,
) -> Outcome:
    """
    Train gates with Adam. Closing a head costs between 0.001 and 1 times `scale`, evenly on a
    logarithmic scale, and every gradient is noisy.
    """
    torch.manual_seed(seed)
    gates = HardConcreteGates(heads, **options)
    found = SparsitySet(gates, None, gates, target, 0.5)
    worth = scale * 10 ** (-3 * torch.rand(gates.mask.shape))
    optimizer = torch.optim.Adam([gates.log_alpha], lr=rate)
    measured = found.measure()
    control.start(measured, gates.coefficient)
    outcome = Outcome([], [], [], worth)
    for update in range(updates):
        progress = Progress(update, updates, updates)
        if update:
            control.advance(measured, progress)
        gates.coefficient = control.coefficient(measured, progress)
        open_share = gates()
        penalty = gates.penalty()
        assert open_share is not None and penalty is not None
        noise = worth * torch.randn(worth.shape) + 0.003 * scale * torch.randn(worth.shape)
        loss = (worth * (1 - open_share) ** 2 + noise * open_share)[gates.mask].sum() + penalty
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        measured = found.measure()
        outcome.measured.append(measured)
        outcome.coefficients.append(gates.coefficient)
        outcome.masks.append(gates.deterministic() > 0.5)
    return outcome
