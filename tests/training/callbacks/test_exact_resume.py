"""The parts of `exact_resume` that no run on a CPU shows; `test_resume*.py` has the others."""

import io
from typing import Any

import numpy
import pytest
import torch
from allennlp.training.metric_tracker import MetricTracker

from allennlp_heads.training.callbacks import ExactResume


class Trainer:
    def __init__(self, scaler: torch.amp.GradScaler | None = None, distributed: bool = False):
        self.model: Any = torch.nn.Module()
        object.__setattr__(self.model, "_regularizer", None)
        self._scaler = scaler
        self._distributed = distributed
        self._should_validate_this_epoch = True
        self._moving_average = None
        self._metric_tracker = MetricTracker("+score", patience=1)
        self._num_epochs = 10
        self._start_after_epochs_completed = 3
        self._start_after_batches_in_epoch_completed = 0


def saved_and_restored(trainer: Any, metrics: dict[str, Any] | None = None) -> ExactResume:
    """A callback that starts from what another one kept, by way of torch's safe loader."""
    callback = ExactResume("folder")
    callback.on_start(trainer)
    if metrics is not None:
        callback.on_epoch(trainer, metrics, 2)
    buffer = io.BytesIO()
    torch.save(callback.state_dict(), buffer)
    buffer.seek(0)
    restored = ExactResume("folder")
    restored.load_state_dict(torch.load(buffer, weights_only=True))
    return restored


def test_loss_scale_is_restored() -> None:
    used = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=3)
    used.load_state_dict({**used.state_dict(), "scale": 2.0, "_growth_tracker": 2})
    callback = saved_and_restored(Trainer(used))
    fresh = torch.amp.GradScaler("cpu", init_scale=8.0, growth_interval=3)
    callback.on_start(Trainer(fresh))  # type: ignore[arg-type]
    assert fresh.state_dict() == used.state_dict()


@pytest.mark.parametrize("distributed", [False, True])
def test_noise_goes_on_where_it_was_but_not_equally_in_all_workers(distributed: bool) -> None:
    trainer = Trainer(distributed=distributed)
    callback = saved_and_restored(trainer)
    wanted = torch.rand(3)
    torch.manual_seed(0)
    other = torch.rand(3)
    torch.manual_seed(0)
    callback.on_start(trainer)  # type: ignore[arg-type]
    assert torch.equal(torch.rand(3), other if distributed else wanted)


@pytest.mark.parametrize(("batches", "epochs"), [(0, 3), (2, 10)])
def test_stops_after_patience_only_at_the_end_of_an_epoch(batches: int, epochs: int) -> None:
    trainer = Trainer()
    for score in (2.0, 1.0):
        trainer._metric_tracker.add_metrics({"score": score})
    trainer._start_after_batches_in_epoch_completed = batches
    saved_and_restored(trainer).on_start(trainer)  # type: ignore[arg-type]
    assert trainer._num_epochs == epochs


def test_a_new_run_is_not_touched() -> None:
    trainer = Trainer()
    state = torch.get_rng_state()
    ExactResume("folder").on_start(trainer)  # type: ignore[arg-type]
    assert trainer._num_epochs == 10
    assert torch.equal(torch.get_rng_state(), state)


def test_metrics_of_a_run_resumed_after_its_end() -> None:
    last = {"best_epoch": 1, "epoch": 2, "validation_score": numpy.float64(0.25)}
    callback = saved_and_restored(Trainer(), last)
    trainer: Any = Trainer()
    callback.on_start(trainer)
    metrics: dict[str, Any] = {"best_epoch": 1}
    callback.on_end(trainer, metrics, 2)
    assert metrics == last and type(metrics["validation_score"]) is float
    trained: dict[str, Any] = {"best_epoch": 3, "epoch": 3}
    callback.on_end(trainer, trained, 3)
    assert trained == {"best_epoch": 3, "epoch": 3}
    callback.on_end(trainer, None, None)
