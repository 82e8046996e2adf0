import json
import math
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.training.metric_tracker import MetricTracker
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.training.eligible import EligibleTracker, require

EPOCHS = st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=12)


class Trainer:
    """The part of the trainer that `require` sees."""

    def __init__(self, patience: int | None = None, metric: Any = "+score") -> None:
        self._metric_tracker: Any = MetricTracker(metric, patience)
        self._validation_data_loader: Any = object()


class Run:
    """A trainer that validates, with a condition that is true in the epochs that are said to be."""

    def __init__(self, patience: int | None = None) -> None:
        self.trainer: Any = Trainer(patience)
        self.eligible = True
        require(self.trainer, lambda: self.eligible)

    @property
    def tracker(self) -> EligibleTracker:
        found = self.trainer._metric_tracker
        assert isinstance(found, EligibleTracker)
        return found

    def epoch(self, score: float, eligible: bool) -> None:
        self.eligible = eligible
        self.tracker.add_metrics({"score": score})


@given(EPOCHS)
def test_best_epoch_is_the_argmax_over_those_that_count(epochs: list[tuple[int, bool]]) -> None:
    run = Run()
    for now, (score, eligible) in enumerate(epochs):
        run.epoch(score, eligible)
        counting = [i for i, (_, counts) in enumerate(epochs[: now + 1]) if counts]
        best = max(counting, key=lambda i: (epochs[i][0], -i)) if counting else now
        assert run.tracker.best_epoch == best
        assert run.tracker.is_best_so_far() == (best == now)


@given(EPOCHS, st.integers(1, 4))
def test_patience_counts_only_epochs_that_count(
    epochs: list[tuple[int, bool]], patience: int
) -> None:
    run, alone = Run(patience), MetricTracker("+score", patience)
    for score, eligible in epochs:
        run.epoch(score, eligible)
        if eligible:
            alone.add_metrics({"score": score})
        assert run.tracker.should_stop_early() == alone.should_stop_early()


@given(EPOCHS, st.integers(0, 12))
def test_state_continues_and_has_the_keys_of_allennlp(
    epochs: list[tuple[int, bool]], cut: int
) -> None:
    whole, first, second = Run(2), Run(2), Run(2)
    for epoch in epochs:
        whole.epoch(*epoch)
    for epoch in epochs[:cut]:
        first.epoch(*epoch)
    state = json.loads(json.dumps(first.tracker.state_dict()))
    assert state.keys() == MetricTracker("+score").state_dict().keys()
    # the trainer loads the state before callbacks start
    second.trainer._metric_tracker = MetricTracker("+score", 2)
    second.trainer._metric_tracker.load_state_dict(state)
    require(second.trainer, lambda: second.eligible)
    for epoch in epochs[cut:]:
        second.epoch(*epoch)
    assert second.tracker.state_dict() == whole.tracker.state_dict()


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), max_size=8))
def test_several_conditions_hold_together(epochs: list[tuple[int, bool, bool]]) -> None:
    both, one = Run(), Run()
    other = [True]
    tracker = both.tracker
    require(both.trainer, lambda: other[0])
    assert both.tracker is tracker
    for score, first, second in epochs:
        other[0] = second
        both.epoch(score, first)
        one.epoch(score, first and second)
    assert both.tracker.state_dict() == one.tracker.state_dict()


def test_metrics_and_patience_are_taken_over() -> None:
    trainer: Any = Trainer(3, ["+f1", "-cost"])
    require(trainer, lambda: True)
    tracker = trainer._metric_tracker
    assert tracker.combined_score({"f1": 3.0, "cost": 1.0}) == 2.0
    assert tracker._patience == 3


def test_a_score_that_is_no_number_does_not_stop_better_ones_before_it_counts() -> None:
    run = Run()
    run.epoch(math.nan, False)
    run.epoch(0.5, True)
    assert run.tracker.best_epoch == 1


def test_without_validation_data_there_is_nothing_to_choose_on() -> None:
    trainer: Any = Trainer()
    trainer._validation_data_loader = None
    with pytest.raises(ConfigurationError, match="validation_data_path"):
        require(trainer, lambda: True)
