"""How many updates a training has."""

from allennlp.common.checks import ConfigurationError
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.distributed.dealing import steps_of


def updates_of_an_epoch(trainer: GradientDescentTrainer, callback: str, workers: int = 1) -> int:
    """
    The number of updates, each of the accumulated batches, in one epoch.

    # Parameters

    trainer : `GradientDescentTrainer`
    callback : `str`
        The registered name of the callback that must know, for the message.
    workers : `int`, optional (default = `1`)
        Of those that will train together where the loader, as it is now, counts the batches of all.

    Raises `ConfigurationError` when the data loader cannot count its batches.
    """
    try:
        batches = len(trainer.data_loader)
    except TypeError as error:
        raise ConfigurationError(
            f"trainer.callbacks, '{callback}' must know the number of updates: set "
            "'batches_per_epoch' of a data loader that cannot count its batches"
        ) from error
    return max(1, steps_of(batches, workers * trainer._num_gradient_accumulation_steps))
