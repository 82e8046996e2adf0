"""From proportional sampling of tasks to nearly uniform sampling, in the course of the training."""

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.data_loaders.epoch_sampler import EpochSampler
from allennlp_heads.data.data_loaders.proportional_power import DrawnTasks, checked_exponent


@EpochSampler.register("annealed")
class Annealed(DrawnTasks):
    """
    Draws tasks as `proportional_power` does, with an exponent that goes from one value to another
    in equal steps from epoch to epoch and then stays there. With the defaults it is the annealed
    sampling of Stickland and Murray (2019, BERT and PALs): `1 - 0.8 * (e - 1) / (E - 1)` in
    epoch `e` of `E`, so that late in training all tasks count nearly alike.

    Registered as an `EpochSampler` with name "annealed".

    # Parameters

    epochs : `int`
        The epoch, counted from 1, that is the first with the exponent `last`: usually the trainer's
        `num_epochs`.
    first : `float`, optional (default = `1.0`)
        The exponent of the first epoch.
    last : `float`, optional (default = `0.2`)
        The exponent of the last epoch.

    Raises `ConfigurationError` when `epochs` is below 2 or an exponent is negative.
    """

    def __init__(self, epochs: int, first: float = 1.0, last: float = 0.2) -> None:
        if epochs < 2:
            raise ConfigurationError(
                f"data_loader.sampler.epochs is {epochs}, but annealing takes at least 2 epochs; "
                "for a single one use the sampler 'proportional_power'."
            )
        self.epochs = epochs
        self.first = checked_exponent("data_loader.sampler.first", first)
        self.last = checked_exponent("data_loader.sampler.last", last)

    def exponent_of(self, epoch: int) -> float:
        done = min(epoch / (self.epochs - 1), 1.0)
        return (1 - done) * self.first + done * self.last
