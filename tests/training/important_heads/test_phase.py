"""When the phase begins, when masks are due, and how much learning rate is left."""

from __future__ import annotations

import logging
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.training.learning_rate_schedulers import LearningRateScheduler
from allennlp.training.learning_rate_schedulers.learning_rate_scheduler import (
    _PyTorchLearningRateSchedulerWithMetricsWrapper,
)
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.training.important_heads import Phase, foretell
from allennlp_heads.training.important_heads.learning_rates import rate_share

BY_SCORE = {"type": "reduce_on_plateau"}


@pytest.mark.parametrize(
    ("start", "first"), [(0.0, 0), (0.29, 29), (0.7, 70), (0.9, 90), (0.999, 99)]
)
def test_shares_are_rounded_down_and_the_phase_is_never_empty(start: float, first: int) -> None:
    assert Phase.from_share(start, 10, 10, None).first == first


@given(start=st.floats(0, 1, exclude_max=True), epochs=st.integers(1, 5), size=st.integers(1, 9))
def test_masks_are_made_once(start: float, epochs: int, size: int) -> None:
    phase = Phase.from_share(start, epochs, size, None)
    due = [updates for updates in range(phase.total + 1) if phase.masks_due(updates)]
    assert due == [phase.first] and phase.first < phase.total


def test_masks_are_made_anew() -> None:
    def due(every: int | str) -> list[int]:
        phase = Phase(5, 12, 4, every)
        return [updates for updates in range(13) if phase.masks_due(updates)]

    assert due(3) == [5, 8, 11]
    assert due("epoch") == [5, 8]


def trainer(scheduler: dict[str, Any] | None, epochs: int, size: int) -> Any:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.5)
    made: Any = None
    if scheduler == BY_SCORE:  # AllenNLP's own does not construct with today's torch
        plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
        made = _PyTorchLearningRateSchedulerWithMetricsWrapper(plateau)
    elif scheduler is not None:
        made = LearningRateScheduler.from_params(
            Params(scheduler), optimizer=optimizer, num_epochs=epochs, num_steps_per_epoch=size
        )
    return SimpleNamespace(optimizer=optimizer, _learning_rate_scheduler=made)


@pytest.mark.parametrize(
    ("scheduler", "share"),
    [
        (None, 0.1),
        ({"type": "linear_with_fractional_warmup", "warmup": 0.0}, 0.01),
        ({"type": "linear_with_warmup", "warmup_steps": 0}, 0.01),
        ({"type": "constant"}, 0.1),
        ({"type": "step", "step_size": 9, "gamma": 0.0}, 0.0),
        (BY_SCORE, None),
    ],
)
def test_learning_rate_of_the_phase(scheduler: dict[str, Any] | None, share: float | None) -> None:
    made = trainer(scheduler, 10, 100)
    before = repr(made.optimizer.param_groups), repr(vars(made._learning_rate_scheduler or object))
    found = rate_share(made, Phase.from_share(0.9, 10, 100, None), 0)
    assert found is None if share is None else found == pytest.approx(share, abs=2e-4)
    after = repr(made.optimizer.param_groups), repr(vars(made._learning_rate_scheduler or object))
    assert after == before


def test_next_to_no_learning_rate_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    def told(scheduler: dict[str, Any] | None) -> list[tuple[int, str]]:
        made = trainer(scheduler, 10, 10)
        caplog.clear()
        with caplog.at_level(logging.INFO):
            foretell(made, Phase(90, 100, 10), made.optimizer.param_groups[0]["params"][0])
        return [(record.levelno, record.getMessage()) for record in caplog.records]

    [(level, text)] = told(None)
    assert level == logging.INFO and "10.00 % of the summed learning rate" in text
    [(level, text)] = told({"type": "linear_with_fractional_warmup", "warmup": 0.0})
    assert level == logging.WARNING and "1.09 % of the summed learning rate" in text
    assert told(BY_SCORE) == []
