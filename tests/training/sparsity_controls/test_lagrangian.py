import math

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.gates import HardConcreteGates
from allennlp_heads.training.sparsity_controls import (
    Lagrangian,
    Measured,
    Progress,
    SparsityControl,
)
from allennlp_heads.training.sparsity_sets import SparsitySet
from tests.training.sparsity_controls.simulated import simulate

MINILM = [12] * 6


@pytest.mark.parametrize("target, scale", [(0.25, 0.01), (0.5, 1.0), (0.75, 30.0)])
def test_a_short_run_arrives(target: float, scale: float) -> None:
    """In a few hundred updates, whatever the size of the loss."""
    outcome = simulate(Lagrangian(), target, MINILM, 378, 0.1, scale)
    assert outcome.miss <= 1
    assert all(m.reached for m in outcome.measured[-30:])


@pytest.mark.parametrize("target, rate", [(0.25, 0.05), (0.5, 0.1), (0.75, 0.05)])
def test_layers_of_several_widths_and_half_closed_gates(target: float, rate: float) -> None:
    outcome = simulate(Lagrangian(), target, [12, 8, 12, 3], 400, rate, start="xavier", seed=1)
    assert outcome.miss <= 1


def test_the_least_useful_heads_are_closed() -> None:
    outcome = simulate(Lagrangian(), 0.5, MINILM, 400, 0.05)
    closed = ~outcome.masks[-1]
    useless = outcome.worth.flatten().argsort()[:36]
    assert closed.flatten()[useless].float().mean() > 0.85


def test_settled_heads_stay_and_multipliers_rest() -> None:
    outcome = simulate(Lagrangian(), 0.5, [4, 4, 4], 1500, 0.05)
    assert outcome.miss == 0
    assert outcome.flips(500) == 0
    last = outcome.coefficients[-100:]
    assert max(last) - min(last) < 0.5 * max(map(abs, last))


def test_a_target_out_of_reach_does_not_wind_up() -> None:
    """Gates too slow to get anywhere leave finite multipliers that come back."""
    outcome = simulate(Lagrangian(), 0.5, MINILM, 200, 1e-4)
    assert outcome.measured[-1].closed == 0
    assert all(map(math.isfinite, outcome.coefficients))
    control = Lagrangian()
    control.start(_measured(), 0.0)
    open_gates, closed_gates = _measured(9, 9, 0.0), _measured(-9, -9, 0.9)
    for update in range(1000):
        control.advance(open_gates, Progress(update, 100, 10))
    assert control.coefficient(open_gates, Progress(100, 100, 10)) < 500
    for _ in range(50):
        control.advance(closed_gates, Progress(100, 100, 10))
    assert control.coefficient(closed_gates, Progress(100, 100, 10)) < 0


@given(
    st.lists(st.floats(-4, 4), min_size=6, max_size=6),
    st.floats(-5, 5),
    st.floats(0, 5),
    st.integers(0, 5),
    st.integers(0, 20),
)
def test_gradient_is_that_of_the_whole_lagrangian(
    alpha: list[float], linear: float, quadratic: float, wanted: int, updates: int
) -> None:
    """`l1 (s - t) + l2 (s - t)^2`, with multipliers held fixed, against the coefficient set."""
    # doubles: where s is close to t, little but the rounding of s would be left of s - t
    gates = HardConcreteGates([3, 2, 1]).double()
    with torch.no_grad():
        gates.log_alpha[gates.mask] = torch.tensor(alpha, dtype=torch.double)
    found = SparsitySet(gates, None, gates, wanted / 6, 0.5)
    control = Lagrangian()
    control.start(found.measure(), 0.0)
    control.load_state_dict({**control.state_dict(), "linear": linear, "quadratic": quadratic})
    progress = Progress(updates, 20, 5)
    l1, l2, t = control.multipliers(found.measure(), progress)

    s = 1 - gates.expected_open() / 6  # type: ignore[operator]
    lagrangian = l1 * (s - t) + l2 * (s - t) ** 2
    (wanted_gradient,) = torch.autograd.grad(lagrangian, gates.log_alpha)
    gates.coefficient = control.coefficient(found.measure(), progress)
    penalty = gates.penalty()
    assert penalty is not None
    (gradient,) = torch.autograd.grad(penalty, gates.log_alpha)
    assert torch.allclose(gradient, wanted_gradient, rtol=1e-9, atol=1e-12)


def test_both_multipliers_ascend_while_too_few_heads_are_closed() -> None:
    control = Lagrangian()
    control.start(_measured(), 0.0)
    found = []
    for update in range(1, 8):
        control.advance(_measured(lower=1.2, upper=1.3), Progress(50 + update, 100, 10))
        found.append(control.multipliers(_measured(lower=1.2, upper=1.3), Progress(60, 100, 10)))
    # closing heads is rewarded when the factor of their share is negative
    assert all(later.linear < earlier.linear < 0 for earlier, later in zip(found, found[1:]))
    assert all(later.quadratic > earlier.quadratic > 0 for earlier, later in zip(found, found[1:]))


def test_at_rest_when_the_heads_have_parted() -> None:
    control, progress = Lagrangian(margin=0.5), Progress(90, 100, 10)
    control.start(_measured(), 0.0)
    state = control.state_dict()
    control.advance(_measured(lower=-0.6, upper=8.0), progress)
    assert control.state_dict() == state
    control.advance(_measured(lower=-0.4, upper=8.0), progress)
    assert control.state_dict()["linear"] > state["linear"]


def test_nothing_to_close() -> None:
    """With a target of 0, open gates are left alone and closing ones are held open."""
    control, progress = Lagrangian(), Progress(90, 100, 10)
    none = {"wanted": 0, "lower": -math.inf}
    control.start(_measured(upper=2.5, **none), 0.0)
    assert control.coefficient(_measured(upper=2.5, expected=0.0, **none), progress) == 0
    assert control.coefficient(_measured(upper=-1.0, expected=0.0, **none), progress) < 0


def test_target_moves_with_the_warm_up() -> None:
    control = Lagrangian(warmup=0.5)
    control.start(_measured(expected=0.1), 0.0)
    targets = [
        control.multipliers(_measured(), Progress(updates, 100, 10)).target
        for updates in (0, 25, 50, 75)
    ]
    assert targets == pytest.approx([0.1, 0.3, 0.5, 0.5])


def test_state_continues() -> None:
    whole, first, second = Lagrangian(), Lagrangian(), Lagrangian()
    for control in (whole, first):
        control.start(_measured(), 0.0)
    for update in range(40):
        now = _measured(lower=2.5 - update / 20, upper=2.6 - update / 20), Progress(update, 40, 10)
        whole.advance(*now)
        if update == 20:
            second.load_state_dict(first.state_dict())
        (first if update < 20 else second).advance(*now)
    assert second.state_dict() == whole.state_dict()
    assert all(type(value) is float for value in whole.state_dict().values())


@pytest.mark.parametrize(
    "key, value",
    [("warmup", 0.0), ("warmup", 1.5), ("rate", -1.0), ("unit", 0.0), ("margin", math.nan)],
)
def test_bad_options(key: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=f"'{key}' of the control 'lagrangian'"):
        SparsityControl.from_params(Params({"type": "lagrangian", key: value}))


def _measured(
    lower: float = 2.5, upper: float = 2.5, expected: float = 0.2, wanted: int = 5
) -> Measured:
    return Measured(2, 10, wanted, 0, expected, lower, upper)
