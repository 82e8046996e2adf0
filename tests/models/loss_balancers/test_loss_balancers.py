"""Loss balancers against their definition, with a deque a task."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.models.loss_balancers import (
    FixedWeights,
    LossBalancer,
    MovingAverageBalancer,
)

TASKS = ["pos", "dep", "ner"]
BATCHES = st.lists(
    st.dictionaries(st.sampled_from(TASKS), st.floats(0.01, 100), min_size=1), max_size=20
)


def losses_of(batch: dict[str, float]) -> dict[str, torch.Tensor]:
    return {task: torch.tensor(loss, requires_grad=True) for task, loss in batch.items()}


def balancer(**options: Any) -> MovingAverageBalancer:
    return MovingAverageBalancer(TASKS, **options)


@given(BATCHES, st.integers(1, 6), st.booleans())
def test_moving_average_as_defined(
    batches: list[dict[str, float]], window: int, intrinsic: bool
) -> None:
    made = balancer(window=window, intrinsic=intrinsic)
    queues: dict[str, deque[float]] = {}
    for batch in batches:
        for task, loss in batch.items():
            queues.setdefault(task, deque(maxlen=window)).append(loss)
        means = {task: sum(queue) / len(queue) for task, queue in queues.items()}
        found = made(losses_of(batch))
        assert found.keys() == batch.keys()
        for task, loss in batch.items():
            wanted = sum(means.values()) / means[task]
            wanted *= loss / means[task] if intrinsic else 1
            assert found[task].item() == pytest.approx(wanted, rel=1e-4)
            assert not found[task].requires_grad


@given(BATCHES, st.integers(0, 20))
def test_moving_average_goes_on_from_its_state(batches: list[dict[str, float]], cut: int) -> None:
    whole, first, second = balancer(), balancer(), balancer()
    shapes = {key: value.shape for key, value in first.state_dict().items()}
    for batch in batches[:cut]:
        whole(losses_of(batch)), first(losses_of(batch))
    assert {key: value.shape for key, value in first.state_dict().items()} == shapes
    second.load_state_dict(first.state_dict())
    for batch in batches[cut:]:
        assert whole(losses_of(batch)) == second(losses_of(batch))


def test_default_window_and_flavour() -> None:
    made: Any = LossBalancer.from_params(Params({"type": "moving_average"}), tasks=TASKS)
    assert isinstance(made, MovingAverageBalancer)
    assert (made.window, made.intrinsic) == (5, False)


def test_losses_come_to_the_same_size() -> None:
    made = balancer()
    scales = {"pos": 0.02, "dep": 3.0, "ner": 40.0}
    for _ in range(5):
        weights = {task: made({task: torch.tensor(loss)})[task] for task, loss in scales.items()}
    for task, loss in scales.items():
        assert (weights[task] * loss).item() == pytest.approx(43.02, rel=1e-5)


def test_one_task_alone_has_weight_one() -> None:
    made = MovingAverageBalancer(["pos"])
    for loss in (3.0, 0.5, 1e-3):
        assert made({"pos": torch.tensor(loss)})["pos"].item() == pytest.approx(1.0)


@pytest.mark.parametrize("intrinsic", [False, True])
def test_losses_of_zero(intrinsic: bool) -> None:
    made = balancer(intrinsic=intrinsic)
    nothing = made(losses_of({"pos": 0.0}))
    assert nothing["pos"].item() == 0  # of nothing at all
    made(losses_of({"dep": 2.0}))
    for _ in range(6):
        loss = losses_of({"pos": 0.0})
        weight = made(loss)["pos"]
        assert torch.isfinite(weight) and (weight * loss["pos"]).item() == 0


def test_other_dtypes() -> None:
    made = balancer()
    made({"pos": torch.tensor(2.0, dtype=torch.bfloat16)})
    assert made.history.dtype == torch.float32
    weight = made({"dep": torch.tensor(1.0, dtype=torch.float64)})["dep"]
    assert weight.item() == 3.0


def test_fixed() -> None:
    made: Any = LossBalancer.from_params(
        Params({"type": "fixed", "weights": {"dep": 0.25, "ner": 0}}), tasks=TASKS
    )
    assert isinstance(made, FixedWeights)
    weights = made(losses_of({"pos": 5.0, "dep": 7.0, "ner": 1.0}))
    assert {task: weight.item() for task, weight in weights.items()} == {
        "pos": 1.0,
        "dep": 0.25,
        "ner": 0.0,
    }
    assert not made.state_dict()


@pytest.mark.parametrize(
    "params, message",
    [
        (
            {"type": "fixed", "weights": {"srl": 1.0}},
            r"weights has \['srl'\].*\['dep', 'ner', 'pos'",
        ),
        ({"type": "fixed", "weights": {"pos": -1.0}}, r"weights\.pos is -1\.0"),
        ({"type": "fixed", "weights": {"pos": float("inf")}}, r"weights\.pos is inf"),
        ({"type": "moving_average", "window": 0}, r"loss_balancer\.window is 0"),
    ],
)
def test_bad_options(params: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        LossBalancer.from_params(Params(params), tasks=TASKS)
