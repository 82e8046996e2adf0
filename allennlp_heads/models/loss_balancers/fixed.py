"""Loss weights that never change."""

import math

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.models.loss_balancers.loss_balancer import LossBalancer


@LossBalancer.register("fixed")
class FixedWeights(LossBalancer):
    """
    Multiplies the loss of each task by a weight of its own.

    Registered as a `LossBalancer` with name "fixed".

    # Parameters

    tasks : `List[str]`
        Given by the model.
    weights : `Dict[str, float]`
        At least 0; 1 for tasks that are not named. Raises a `ConfigurationError` for tasks that the
        model has not, and for other values.
    """

    def __init__(self, tasks: list[str], weights: dict[str, float]) -> None:
        super().__init__(tasks)
        unknown = sorted(set(weights) - set(tasks))
        if unknown:
            raise ConfigurationError(
                f"model.loss_balancer.weights has {unknown}, which are no tasks of the model: "
                f"model.heads has {self.tasks}."
            )
        for task, weight in weights.items():
            if not (math.isfinite(weight) and weight >= 0):
                raise ConfigurationError(
                    f"model.loss_balancer.weights.{task} is {weight}, but must be a number from 0 "
                    "upwards."
                )
        self.weights = {task: float(weights.get(task, 1.0)) for task in self.tasks}

    def forward(self, losses: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {task: loss.new_tensor(self.weights[task]) for task, loss in losses.items()}
