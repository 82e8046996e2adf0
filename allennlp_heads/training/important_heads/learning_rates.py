"""How much learning rate a training's last updates will have."""

from __future__ import annotations

import copy
import logging
import warnings
from types import SimpleNamespace

import torch
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.training.important_heads.phase import Phase

logger = logging.getLogger(__name__)


def foretell(
    trainer: GradientDescentTrainer, phase: Phase, parameter: torch.nn.Parameter
) -> float | None:
    """
    Log how much the weights can move in the phase, with a warning where it is next to nothing: less
    than half of the phase's share of the updates. After a linear decay to 0 without warm-up, the
    last tenth of the updates has a hundredth of the summed learning rate.

    # Parameters

    trainer : `GradientDescentTrainer`
        Before its first update.
    phase : `Phase`
    parameter : `torch.nn.Parameter`
        Whose learning rate counts.

    # Returns

    `float`, or `None` where nobody knows
        See `rate_share`.
    """
    groups = trainer.optimizer.param_groups
    of_parameter = [n for n, g in enumerate(groups) if any(p is parameter for p in g["params"])]
    share = rate_share(trainer, phase, of_parameter[0] if of_parameter else 0)
    if share is None:
        return None
    numbers = (phase.first, phase.total, 100 * phase.share, 100 * share)
    text = (
        "Important-head training begins after %d of %d updates: %.1f %% of the updates, with "
        "%.2f %% of the summed learning rate"
    )
    if share < phase.share / 2:
        text += ", so weights can hardly move in it; let the learning rate decay less, or start "
        logger.warning(text + "earlier", *numbers)
    else:
        logger.info(text, *numbers)
    return share


def rate_share(trainer: GradientDescentTrainer, phase: Phase, group: int) -> float | None:
    """
    The share of the learning rate, summed over all updates, that falls into the phase: how far
    weights can still move. After a linear decay to 0 the phase's share of the updates, squared.

    # Parameters

    trainer : `GradientDescentTrainer`
        Before its first update. Its learning rate scheduler is copied and run ahead.
    phase : `Phase`
    group : `int`
        The optimizer's parameter group to look at.

    # Returns

    `float`, or `None` where nobody knows, as with schedulers that follow the validation score.
    """
    scheduler = trainer._learning_rate_scheduler
    if scheduler is None:
        return phase.share
    optimizer = trainer.optimizer
    groups = [{**settings, "params": []} for settings in optimizer.param_groups]
    stand_in = SimpleNamespace(param_groups=groups, step=optimizer.step)
    rates = []
    try:
        ahead = copy.deepcopy(scheduler, {id(optimizer): stand_in})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of steps that the stand-in has not taken
            for update in range(1, phase.total + 1):
                ahead.step_batch(update)
                rates.append(float(groups[group]["lr"]))
                if update % phase.epoch_updates == 0:
                    ahead.step()
    except Exception:
        logger.debug("The learning rates of %s cannot be foretold", type(scheduler), exc_info=True)
        return None
    return sum(rates[phase.first :]) / sum(rates) if sum(rates) else None
