"""The schedule against its formula, and through AllenNLP's trainer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.training.learning_rate_schedulers import LearningRateScheduler
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.training.learning_rate_schedulers import LinearWithFractionalWarmup
from tests.training import configs
from tests.training.pieces import Watching, model_and_loader, quiet, trainer_of

Group = dict[str, Any]


def optimizer(*groups: Group) -> torch.optim.Optimizer:
    weights = [{"params": [torch.nn.Parameter(torch.ones(1))], **group} for group in groups]
    return torch.optim.SGD(weights, lr=1.0)


def rates(groups: list[Group], epochs: int, steps: int, **options: Any) -> list[list[float]]:
    """The learning rates of all groups in each update."""
    made = optimizer(*groups)
    schedule = LinearWithFractionalWarmup(made, epochs, steps, **options)
    found = []
    for update in range(1, epochs * steps + 1):
        schedule.step_batch(update)
        found.append([group["lr"] for group in made.param_groups])
        if update % steps == 0:
            schedule.step(0.5)
    return found


def test_a_small_example() -> None:
    found = rates([{"lr": 2.0}, {"lr": 30.0}], epochs=2, steps=4, warmup=0.25)
    wanted = [1 / 2, 1, 6 / 7, 5 / 7, 4 / 7, 3 / 7, 2 / 7, 1 / 7]
    assert found == [pytest.approx([2.0 * factor, 30.0 * factor]) for factor in wanted]


@given(st.integers(1, 9), st.integers(1, 30), st.floats(0, 1))
def test_up_to_the_top_and_down_and_never_zero(epochs: int, steps: int, warmup: float) -> None:
    found = [rate for (rate,) in rates([{}], epochs, steps, warmup=warmup)]
    peak = max(1, round(warmup * (epochs * steps)))
    assert found[peak - 1] == max(found) == 1.0
    assert min(found) > 0
    assert found == sorted(found[:peak]) + sorted(found[peak:], reverse=True)
    changes = [b - a for a, b in zip(found, found[1:])]
    assert changes[: peak - 1] == pytest.approx([1 / peak] * (peak - 1))
    assert changes[peak - 1 :] == pytest.approx(changes[peak - 1 : peak] * (len(found) - peak))


def test_groups_with_schedules_of_their_own() -> None:
    groups = [
        {"lr": 1.0},
        {"lr": 2.0, "warmup": 0.0, "decay": False},
        {"lr": 3.0, "warmup": 0.5},
        {"lr": 4.0, "decay": False},
    ]
    found = rates(groups, epochs=1, steps=10, warmup=0.2)
    assert found[0] == pytest.approx([1 / 2, 2.0, 3 / 5, 4 / 2])
    assert found[4] == pytest.approx([6 / 9, 2.0, 3.0, 4.0])
    assert found[9] == pytest.approx([1 / 9, 2.0, 3 / 6, 4.0])


def test_it_is_the_default_tenth() -> None:
    assert rates([{}], 1, 20) == rates([{}], 1, 20, warmup=0.1)


def test_more_updates_than_announced() -> None:
    schedule = LinearWithFractionalWarmup(optimizer({}), 1, 4)
    schedule.step_batch(99)
    assert schedule.get_values() == [0.0]


def test_state() -> None:
    whole = LinearWithFractionalWarmup(optimizer({}), 2, 10)
    for _ in range(7):
        whole.step_batch()
    resumed = LinearWithFractionalWarmup(optimizer({}), 2, 10)
    resumed.load_state_dict(whole.state_dict())
    whole.step_batch()
    resumed.step_batch()
    assert resumed.get_values() == whole.get_values() != [1.0]


@pytest.mark.parametrize(
    "groups, epochs, steps, options, message",
    [
        ([{}], None, 5, {}, r"'num_epochs' \(it is None\)"),
        ([{}], 3, None, {}, r"\(None\).*'batches_per_epoch'"),
        ([{}], 3, 5, {"warmup": 200}, r"scheduler\.warmup is 200.*'linear_with_warmup'"),
        ([{}, {"warmup": -1}], 3, 5, {}, r"parameter_groups: 'warmup' is -1"),
    ],
)
def test_bad_options(
    groups: list[Group], epochs: Any, steps: Any, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        LinearWithFractionalWarmup(optimizer(*groups), epochs, steps, **options)


def test_registered() -> None:
    made: Any = LearningRateScheduler.from_params(
        Params({"type": "linear_with_fractional_warmup", "warmup": 0.5}),
        optimizer=optimizer({}),
        num_epochs=2,
        num_steps_per_epoch=3,
    )
    assert isinstance(made, LinearWithFractionalWarmup)


def test_trainer_counts_updates_not_batches(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    """8 batches are 3 updates an epoch; groups keep their options through AllenNLP's parsing."""
    model, loader = model_and_loader(quiet(configs.multitask(tiny_bert, fixtures_root)))
    groups = [[["heads"], {"lr": 1e-3, "warmup": 0.0, "decay": False}]]
    watching = Watching(lambda trainer: [group["lr"] for group in trainer.optimizer.param_groups])
    trainer_of(
        model,
        loader,
        tmp_path,
        watching,
        num_epochs=2,
        num_gradient_accumulation_steps=3,
        optimizer={"type": "adamw_fused", "lr": 1e-2, "parameter_groups": groups},
        learning_rate_scheduler={"type": "linear_with_fractional_warmup", "warmup": 0.34},
    ).train()
    assert len(loader) == 8
    wanted = [1 / 2, 1, 4 / 5, 3 / 5, 2 / 5, 1 / 5]
    assert watching.seen == [pytest.approx([1e-3, 1e-2 * factor]) for factor in wanted]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.floats(0, 1))
def test_starting_again_is_one_schedule_after_another(lengths: list[int], warmup: float) -> None:
    made = optimizer({}, {"warmup": 0.5}, {"decay": False})
    schedule = LinearWithFractionalWarmup(made, 1, sum(lengths), warmup=warmup)
    schedule.start_again_after(sum(lengths[:number]) for number in range(1, len(lengths)))
    found = []
    for update in range(1, sum(lengths) + 1):
        found.append([group["lr"] for group in made.param_groups])
        schedule.step_batch(update + 1)
    wanted = []
    for length in lengths:
        wanted += rates([{}, {"warmup": 0.5}, {"decay": False}], 1, length, warmup=warmup)
    assert found == [pytest.approx(update) for update in wanted]
