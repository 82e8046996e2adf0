"""Beginning again in the middle of a training: heads, moments and learning rates."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer
from allennlp.training.optimizers import MultiOptimizer

from allennlp_heads.models.multitask_heads import MultiTaskHeads
from allennlp_heads.training.learning_rate_schedulers import LinearWithFractionalWarmup

State = dict[str, torch.Tensor]


def initial_weights(trainer: GradientDescentTrainer, tasks: Iterable[str]) -> dict[str, State]:
    """Copies of the present state of the tasks' heads, on the CPU."""
    return {
        task: {
            name: tensor.detach().cpu().clone()
            for name, tensor in _head(trainer, task).state_dict().items()
        }
        for task in tasks
    }


def reset_head(trainer: GradientDescentTrainer, task: str, weights: State) -> None:
    """Give a head these weights, in moving averages too, and forget its moments."""
    head = _head(trainer, task)
    head.load_state_dict(weights)
    average = trainer._moving_average
    own = {id(parameter) for parameter in head.parameters()}
    # distributed training has other names for them, and so has the average
    for name, parameter in trainer._pytorch_model.named_parameters():
        if average is not None and id(parameter) in own and name in average._shadows:
            average._shadows[name].copy_(parameter.detach())
    for optimizer in _optimizers(trainer):
        for parameter in head.parameters():
            optimizer.state.pop(parameter, None)


def reset_optimizer(trainer: GradientDescentTrainer) -> None:
    """Forget the moments of all parameters."""
    for optimizer in _optimizers(trainer):
        optimizer.state.clear()


def restart_schedule(trainer: GradientDescentTrainer, updates: Iterable[int]) -> None:
    """
    Let the learning rate's schedule start again after so many updates each.

    Raises `ConfigurationError` for a schedule that cannot.
    """
    restarts = sorted(set(updates) - {0})  # every schedule starts at 0
    if not restarts:
        return
    schedule = trainer._learning_rate_scheduler
    knows_how = schedule is None or isinstance(schedule, LinearWithFractionalWarmup)
    if not knows_how or trainer._momentum_scheduler is not None:
        raise ConfigurationError(
            "data_loader.sampler.phases reset the optimizer, with which the schedule must start "
            "again: use the learning_rate_scheduler 'linear_with_fractional_warmup', or none, and "
            "no momentum_scheduler"
        )
    if isinstance(schedule, LinearWithFractionalWarmup):
        schedule.start_again_after(restarts)


def _head(trainer: GradientDescentTrainer, task: str) -> torch.nn.Module:
    if not isinstance(trainer.model, MultiTaskHeads) or task not in trainer.model.heads:
        raise ConfigurationError(
            f"data_loader.sampler.phases reset the head of '{task}', but the model has no such "
            "head: use the model 'multitask_heads' with a head for this task"
        )
    return trainer.model.heads[task]


def _optimizers(trainer: GradientDescentTrainer) -> list[torch.optim.Optimizer]:
    optimizer = trainer.optimizer
    if isinstance(optimizer, MultiOptimizer):
        return list(optimizer.optimizers.values())
    return [optimizer]
