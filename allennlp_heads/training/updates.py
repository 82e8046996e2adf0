"""How many updates a training has."""

import math

from allennlp.common.checks import ConfigurationError
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer


def updates_of_an_epoch(trainer: GradientDescentTrainer, callback: str) -> int:
    """
    The number of updates, each of the accumulated batches, in one epoch.

    # Parameters

    trainer : `GradientDescentTrainer`
    callback : `str`
        The registered name of the callback that must know, for the message.

    Raises `ConfigurationError` when the data loader cannot count its batches.
    """
    try:
        batches = len(trainer.data_loader)
    except TypeError as error:
        raise ConfigurationError(
            f"trainer.callbacks, '{callback}' must know the number of updates: set "
            "'batches_per_epoch' of a data loader that cannot count its batches"
        ) from error
    return max(1, math.ceil(batches / trainer._num_gradient_accumulation_steps))
