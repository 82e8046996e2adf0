"""Loss weights that bring the losses of all tasks to about the same size."""

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.models.loss_balancers.loss_balancer import LossBalancer

_SMALLEST_MEAN = 1e-8
"""A task whose loss has vanished keeps a finite weight."""


@LossBalancer.register("moving_average")
class MovingAverageBalancer(LossBalancer):
    """
    Weighs task `t` by `w_t = sum_k m_k / m_t`, where `m_t` is the mean of its last losses, that of
    the present batch among them, and `k` goes over the tasks seen so far. Every weighted loss is
    then about as large as all losses together, whatever the scale of the task's own (He and Choi
    2021, The Stem Cell Hypothesis). Losses are taken to be positive.

    Registered as a `LossBalancer` with name "moving_average".

    # Parameters

    tasks : `List[str]`
        Given by the model.
    window : `int`, optional (default = `5`)
        How many of a task's losses its mean covers. Raises a `ConfigurationError` below 1.
    intrinsic : `bool`, optional (default = `False`)
        Multiply the weight further by `loss_t / m_t`: batches that are harder than the task's
        others count more.
    """

    history: torch.Tensor
    """The last losses of each task, `[tasks, window]`, in the order of the tasks' names; a loss
    takes the place of the oldest."""
    seen: torch.Tensor
    """How many losses each task has had, `[tasks]`."""

    def __init__(self, tasks: list[str], window: int = 5, intrinsic: bool = False) -> None:
        super().__init__(tasks)
        if window < 1:
            raise ConfigurationError(
                f"model.loss_balancer.window is {window}, but must be at least 1."
            )
        self.window = window
        self.intrinsic = intrinsic
        self._row = {task: row for row, task in enumerate(self.tasks)}
        self.register_buffer("history", torch.zeros(len(tasks), window))
        self.register_buffer("seen", torch.zeros(len(tasks), dtype=torch.long))

    @torch.no_grad()
    def forward(self, losses: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        for task, loss in losses.items():
            self._remember(self._row[task], loss)
        # places that no loss has taken yet are 0 and so is the mean of a task not seen yet
        means = self.history.sum(dim=1) / self.seen.clamp(1, self.window)
        total = means.sum()
        weights = {}
        for task, loss in losses.items():
            mean = means[self._row[task]].clamp(min=_SMALLEST_MEAN)
            weights[task] = total / mean
            if self.intrinsic:
                weights[task] = weights[task] * loss / mean
        return weights

    def _remember(self, row: int, loss: torch.Tensor) -> None:
        # an index on the device: no number of it that the program would have to wait for
        place = (self.seen[row] % self.window).view(1)
        self.history[row].index_copy_(0, place, loss.to(self.history).view(1))
        self.seen[row] += 1
