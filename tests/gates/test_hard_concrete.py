"""Hard-concrete gates against the paper's formulas, by simulation, and their bounds."""

from __future__ import annotations

import math

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from allennlp_heads.gates import HardConcreteGates, HeadGates, expected_l0

HEADS = [4, 2, 4]


def gates(**options) -> HardConcreteGates:
    return HardConcreteGates(HEADS, **options)


def test_registered_with_the_seeds_constants() -> None:
    made = HeadGates.from_params(Params({"type": "hard_concrete"}), heads=HEADS)
    assert isinstance(made, HardConcreteGates)
    assert made._shape[:3] == (0.33, -0.1, 1.1) and made.coefficient == 0.01


def test_start_open_and_trainable() -> None:
    made = gates()
    assert torch.equal(made.deterministic(), made.mask.float())
    made.penalty().backward()
    assert (made.log_alpha.grad[made.mask] > 0).all()
    assert (made.log_alpha.grad[~made.mask] == 0).all()


def test_xavier_start_is_half_closed() -> None:
    values = HardConcreteGates([12] * 12, start="xavier").deterministic()
    # +-0.679 for 12 heads gives gates between 0.30 and 0.70
    assert 0.29 < values.min() < 0.35 and 0.65 < values.max() < 0.71


@pytest.mark.parametrize(
    "log_alpha,gate", [(-2.4, 0.0), (2.4, 1.0), (0.0, 0.5), (1.0, 1.2 / (1 + math.e**-1) - 0.1)]
)
def test_evaluation_gate(log_alpha: float, gate: float) -> None:
    assert gates(start=log_alpha).eval()()[0, 0].item() == pytest.approx(gate, abs=1e-6)


@pytest.mark.parametrize("log_alpha", [-3.0, -1.0, 0.0, 0.7, 2.5])
def test_sample_distribution(log_alpha: float) -> None:
    """Share of exact zeros and ones in many samples against the closed form of the distribution."""
    torch.manual_seed(0)
    made = HardConcreteGates([100] * 400, start=log_alpha).train()
    sample = made()
    p_open = 1 / (1 + math.exp(-(log_alpha - 0.33 * math.log(0.1 / 1.1))))
    p_one = 1 / (1 + math.exp(-(log_alpha - 0.33 * math.log(1.1 / 0.1))))
    assert (sample > 0).float().mean().item() == pytest.approx(p_open, abs=0.01)
    assert (sample == 1).float().mean().item() == pytest.approx(p_one, abs=0.01)
    assert made.penalty().item() == pytest.approx(0.01 * 100 * p_open, rel=1e-5)


def test_penalty_is_the_mean_over_layers_of_the_sum_over_heads() -> None:
    made = gates(start=0.0, coefficient=1.0)
    p_open = torch.sigmoid(torch.tensor(-0.33 * math.log(0.1 / 1.1)))
    assert made.penalty().item() == pytest.approx((p_open * (4 + 2 + 4) / 3).item())
    # the figure of the first seed: 12 heads at the mean of its start
    assert HardConcreteGates(
        [12] * 12, coefficient=1.0, start=0.0
    ).penalty().item() == pytest.approx(8.26, abs=0.01)


def test_gradients() -> None:
    made = gates(start=0.3).double().train()

    def sample(log_alpha: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(1)
        uniform = torch.rand_like(log_alpha)
        noise = uniform.log() - (1 - uniform).log()
        return (torch.sigmoid((noise + log_alpha) / 0.33) * 1.2 - 0.1).clamp(0, 1)

    log_alpha = made.log_alpha.detach().clone().requires_grad_()
    assert gradcheck(lambda a: expected_l0(a, made._shape), (log_alpha,))
    torch.manual_seed(1)
    ours = made()
    expected = sample(made.log_alpha)
    assert torch.allclose(ours, expected)
    (ours * torch.arange(12.0).view(3, 4)).sum().backward()
    theirs = made.log_alpha.detach().clone().requires_grad_()
    (sample(theirs) * torch.arange(12.0).view(3, 4)).sum().backward()
    assert torch.allclose(made.log_alpha.grad, theirs.grad)


@settings(max_examples=50, deadline=None)
@given(
    log_alpha=st.floats(-60, 60),
    temperature=st.floats(0.05, 2),
    low=st.floats(-1, -0.01),
    high=st.floats(1.01, 2),
    training=st.booleans(),
)
def test_always_a_finite_number_between_0_and_1(
    log_alpha, temperature, low, high, training
) -> None:
    made = gates(start=log_alpha, temperature=temperature, stretch=(low, high)).train(training)
    values = made()
    assert ((values >= 0) & (values <= 1)).all()
    made.zero_grad()
    penalty = made.penalty()
    (penalty + values.sum()).backward()
    assert torch.isfinite(penalty) and torch.isfinite(made.log_alpha.grad).all()


def test_evaluation_has_no_noise_and_leaves_the_generator_alone() -> None:
    made = gates(start=0.1).eval()
    state = torch.get_rng_state()
    assert torch.equal(made(), made())
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    "options",
    [
        {"temperature": 0},
        {"stretch": (0.1, 1.1)},
        {"start": "closed"},
        {"coefficient": -0.1},
        {"coefficient": float("nan")},
    ],
)
def test_bad_options(options) -> None:
    with pytest.raises(ConfigurationError, match="gates 'hard_concrete'"):
        gates(**options)
