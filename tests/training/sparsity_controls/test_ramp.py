from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.training.sparsity_controls import Measured, Progress, Ramp, SparsityControl

SOME = Measured(6, 72, 36, 0, 0.1, 2.5, 2.5)


def at(control: Ramp, updates: int, total: int = 100, epoch: int = 10) -> float:
    return control.coefficient(SOME, Progress(updates, total, epoch))


@pytest.mark.parametrize(
    "shape, wanted",
    [
        ("constant", [0, 0, 0.4, 0.4, 0.4, 0.4]),
        ("linear", [0, 0, 0, 0.2, 0.4, 0.4]),
        ("cubic", [0, 0, 0, 0.35, 0.4, 0.4]),
    ],
)
def test_shapes(shape: str, wanted: list[float]) -> None:
    control = Ramp(0.4, shape=shape, warmup=0.2, until=0.6)
    assert [at(control, n) for n in (0, 19, 20, 40, 60, 100)] == pytest.approx(wanted)


@given(st.sampled_from(["constant", "linear", "cubic"]), st.sampled_from(["step", "epoch"]))
def test_coefficients_never_fall(shape: str, by: str) -> None:
    control = Ramp(0.4, shape=shape, by=by)
    values = [at(control, n) for n in range(101)]
    assert values == sorted(values) and values[-1] == pytest.approx(0.4)


def test_by_epoch_changes_only_between_epochs() -> None:
    by_epoch = Ramp(0.4, warmup=0.0, until=1.0, by="epoch")
    by_step = Ramp(0.4, warmup=0.0, until=1.0)
    for updates in range(100):
        assert at(by_epoch, updates) == at(by_step, updates // 10 * 10)


def test_a_step_without_a_rise() -> None:
    assert at(Ramp(0.4, warmup=0.5, until=0.5), 49) == 0
    assert at(Ramp(0.4, warmup=0.5, until=0.5), 50) == 0.4


def test_by_default_the_configured_coefficient_is_the_final_one() -> None:
    control = Ramp()
    control.start(SOME, 0.03)
    assert at(control, 100) == 0.03
    resumed = Ramp()
    resumed.load_state_dict(control.state_dict())
    assert at(resumed, 70) == at(control, 70)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"shape": "square"}, "'shape' of the control 'ramp' is 'square'"),
        ({"by": "batch"}, "'by' of the control 'ramp' is 'batch'"),
        ({"coefficient": -1.0}, "'coefficient' of the control 'ramp' is -1"),
        ({"warmup": 1.2}, "'warmup' of the control 'ramp' is 1.2"),
        ({"warmup": 0.6, "until": 0.5}, "'until' of the control 'ramp' is 0.5"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        SparsityControl.from_params(Params({"type": "ramp", **options}))
