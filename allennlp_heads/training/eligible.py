"""Which epochs may be the best one, when the score alone must not decide."""

from collections.abc import Callable

from allennlp.common.checks import ConfigurationError
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer
from allennlp.training.metric_tracker import MetricTracker

Condition = Callable[[], bool]


class EligibleTracker(MetricTracker):
    """
    A metric tracker for which an epoch counts only if, at the end of its validation, all
    `conditions` hold. Of the epochs that count, AllenNLP's rules pick the best one and measure
    patience; the others are passed over. As long as none has counted, the latest epoch stands in
    as the best, so that a run always ends with an archive.

    Its state has AllenNLP's keys: before the first epoch that counts, `best_so_far` is `None`.

    # Parameters

    tracker : `MetricTracker`
        Whose metrics, patience and state are taken over.
    """

    def __init__(self, tracker: MetricTracker) -> None:
        signs = {1.0: "+", -1.0: "-"}
        names = [signs[factor] + name for factor, name in tracker.tracked_metrics]
        super().__init__(names, tracker._patience)
        self.load_state_dict(tracker.state_dict())
        self.conditions: list[Condition] = []

    def add_metrics(self, metrics: dict[str, float]) -> None:
        """Record the metrics of an epoch, if it counts."""
        if all(condition() for condition in self.conditions):
            super().add_metrics(metrics)
            return
        self._is_best_so_far = self._best_so_far is None
        if self._is_best_so_far:
            self.best_epoch = self._epoch_number
        self._epoch_number += 1


def require(trainer: GradientDescentTrainer, condition: Condition) -> None:
    """
    From now on choose the best epoch of a run among those at the end of whose validation
    `condition` holds; several conditions must hold together. To be called in `on_start` of a
    callback, whether the run is new or resumed.

    # Parameters

    trainer : `GradientDescentTrainer`
        Its metric tracker is replaced, with its state, by an `EligibleTracker`.
    condition : `Callable[[], bool]`
        Called after each validation and before the callbacks' `on_epoch`, in every worker: it must
        give the same answer in all of them.

    Raises `ConfigurationError` when the trainer has no validation data to choose on.
    """
    if trainer._validation_data_loader is None:
        raise ConfigurationError(
            "validation_data_path is missing: the best epoch is chosen by its validation score "
            "among those that are final in form. Give validation data"
        )
    if not isinstance(trainer._metric_tracker, EligibleTracker):
        trainer._metric_tracker = EligibleTracker(trainer._metric_tracker)
    trainer._metric_tracker.conditions.append(condition)
