"""Warm-up over a fraction of the training, then linear decay."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.learning_rate_schedulers import LearningRateScheduler


@LearningRateScheduler.register("linear_with_fractional_warmup")
class LinearWithFractionalWarmup(LearningRateScheduler):
    """
    The learning rate of each parameter group rises linearly over a fraction of all updates to the
    group's `lr` and then falls linearly. Of `T` updates, of which `W = round(warmup * T)` are
    warm-up, update `n = 1 ... T` uses

    - `n <= W`: `lr * n / W`,
    - `n > W`: `lr * (T + 1 - n) / (T + 1 - max(W, 1))`.

    No update is wasted on a rate of 0, neither the first nor the last: the line would reach 0 one
    update after the end. `T` is the trainer's `num_epochs` times its updates in an epoch, that is
    batches divided by `num_gradient_accumulation_steps`, rounded up. A training that runs out of
    patience stops on its way down. Where the callback `phases` resets the optimizer, the schedule
    starts again, with `n` and `T` counted from there to the next reset.

    A parameter group of the optimizer may have a `warmup` of its own, and `decay: false` to stay at
    its `lr` after the warm-up:

    ```
    "optimizer": {
        "type": "adamw_fused", "lr": 1e-3,
        "parameter_groups": [
            [["transformer"], {"lr": 5e-5}],
            [["log_alpha"], {"lr": 0.1, "warmup": 0.0, "decay": false}]
        ]
    },
    "learning_rate_scheduler": {"type": "linear_with_fractional_warmup", "warmup": 0.1}
    ```

    Registered as a `LearningRateScheduler` with name "linear_with_fractional_warmup".

    # Parameters

    optimizer : `torch.optim.Optimizer`
    num_epochs : `int`
    num_steps_per_epoch : `int`
        These three are given by the trainer.
    warmup : `float`, optional (default = `0.1`)
        Fraction of all updates, from 0 to 1.

    Raises `ConfigurationError` when the number of epochs or of updates is not known, and for a
    fraction out of range.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        num_epochs: Optional[int] = None,
        num_steps_per_epoch: Optional[int] = None,
        warmup: float = 0.1,
    ) -> None:
        super().__init__(optimizer)
        if num_epochs is None or num_steps_per_epoch is None:
            raise ConfigurationError(
                "learning_rate_scheduler 'linear_with_fractional_warmup' must know 'num_epochs' "
                f"(it is {num_epochs}) and the updates of an epoch ({num_steps_per_epoch}). Set "
                "'num_epochs' of the trainer, and 'batches_per_epoch' of a data loader that cannot "
                "count its batches."
            )
        self._warmup = _fraction("learning_rate_scheduler.warmup", warmup)
        for group in optimizer.param_groups:
            _fraction("optimizer.parameter_groups: 'warmup'", group.get("warmup", warmup))
        self._total = num_epochs * num_steps_per_epoch
        self._starts = [0]
        self._updates = 0
        self.step_batch(1)

    def get_values(self) -> list[float]:
        """The learning rate of each parameter group in the present update."""
        return [
            base * self._factor(group)
            for base, group in zip(self.base_values, self.optimizer.param_groups)
        ]

    def step(self, metric: Optional[float] = None) -> None:
        """Nothing: learning rates change with updates, not with epochs."""

    def step_batch(self, batch_num_total: Optional[int] = None) -> None:
        """
        # Parameters

        batch_num_total : `int`, optional (default = the next one)
            The update, from 1, that comes next; the trainer says so before each.
        """
        self._updates = self._updates + 1 if batch_num_total is None else batch_num_total
        for group, value in zip(self.optimizer.param_groups, self.get_values()):
            group["lr"] = value

    def start_again_after(self, updates: Iterable[int]) -> None:
        """
        Follow the schedule several times, one after another. To be called before the first update,
        whether the training is new or resumed: it is no part of the state.

        # Parameters

        updates : `Iterable[int]`
            How many updates come before each new start; the first start is at 0 always. Each goes
            over the updates up to the next one, the last over those up to the training's end.
        """
        self._starts = sorted({0, *updates})
        self.step_batch(self._updates)

    def state_dict(self) -> dict[str, Any]:
        # all else comes from the configuration; the optimizer keeps its learning rates itself
        return {"updates": self._updates}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self._updates = state_dict["updates"]

    def _factor(self, group: dict[str, Any]) -> float:
        at = max(0, bisect_right(self._starts, self._updates - 1) - 1)
        total = [*self._starts[1:], self._total][at] - self._starts[at]
        update = self._updates - self._starts[at]
        warmup = round(group.get("warmup", self._warmup) * total)
        if update <= warmup:
            return update / warmup
        if not group.get("decay", True):
            return 1.0
        return max(0.0, (total + 1 - update) / (total + 1 - max(warmup, 1)))


def _fraction(key: str, value: float) -> float:
    if not 0 <= value <= 1:
        raise ConfigurationError(
            f"{key} is {value}, but must be a fraction of all updates, from 0 to 1; for a number "
            "of updates use the scheduler 'linear_with_warmup'."
        )
    return value
