import re
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.nn.regularizers import RegularizerApplicator
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.gates import (
    HardConcreteGates,
    HardConcreteL0,
    HeadGates,
    OpenGates,
    PerTaskGates,
    check_regularizer,
)
from allennlp_heads.training.sparsity_sets import SparsitySet, sparsity_sets


class Foreign(torch.nn.Module):
    """A model that knows nothing of gates, with several gated encoders."""

    def __init__(self, gates: list[HeadGates], regexes: Any = None) -> None:
        super().__init__()
        for number, module in enumerate(gates):
            encoder = torch.nn.Module()
            encoder.gates = module
            self.add_module(f"encoder{number}", encoder)
        self._regularizer = None if regexes is None else RegularizerApplicator(regexes)


class Own(torch.nn.Module):
    """A model that asks its gates for their penalty."""

    def __init__(self, gates: HeadGates) -> None:
        super().__init__()
        self.gates = gates
        self._regularizer = None


def sets(model: Any, target: float = 0.5) -> dict[str, SparsitySet]:
    return sparsity_sets(model, target, 0.5)


@given(
    st.lists(st.floats(-6, 6), min_size=9, max_size=9),
    st.integers(0, 8),
    st.sampled_from([0.0, 0.001, 0.3, 0.5, 0.9]),
)
def test_measured_against_counting(alpha: list[float], wanted: int, threshold: float) -> None:
    gates = HardConcreteGates([4, 2, 3])
    with torch.no_grad():
        gates.log_alpha[gates.mask] = torch.tensor(alpha)
    measured = SparsitySet(gates, None, gates, wanted / 9, threshold).measure()
    values = [float(v) for v in gates.deterministic()[gates.mask]]
    assert (measured.layers, measured.heads, measured.wanted) == (3, 9, wanted)
    assert measured.closed == sum(value <= threshold for value in values)
    assert measured.expected == pytest.approx(1 - float(gates.expected_open()) / 9, abs=1e-6)  # type: ignore[arg-type]
    # the heads at the border, unless one is at the threshold itself but for rounding
    if min(abs(measured.lower), abs(measured.upper)) > 1e-4:
        exactly = measured.closed == wanted
        assert exactly == (measured.lower <= 0 < measured.upper)
    assert measured.reached == (abs(measured.closed - wanted) <= 1)


def test_final_gates_are_measured_too() -> None:
    gates = HardConcreteGates([2, 2])
    gates.binarize(torch.tensor([[1, 0], [0, 1]]))
    gates.log_alpha.requires_grad_(False)
    measured = sets(Own(gates))["gates"].measure()
    assert (measured.closed, measured.expected, measured.reached) == (2, 0.5, True)


def test_a_models_own_gates() -> None:
    gates = PerTaskGates([3, 3], ["pos", "dep"])
    found = sets(Own(gates))
    assert {key: of.task for key, of in found.items()} == {"pos": "pos", "dep": "dep"}
    found["dep"].coefficient = -0.7
    assert gates.of("dep").coefficient == -0.7  # type: ignore[attr-defined]
    assert gates.of("pos").coefficient == 0.01  # type: ignore[attr-defined]


def test_one_regularizer_of_several_gates_is_divided() -> None:
    """Each gets its own coefficient, other regularizers stay, and the first regex still decides."""
    one, two, three = (HardConcreteGates([n, n]) for n in (2, 3, 4))
    model: Any = Foreign(
        [one, two, three, OpenGates([2])],
        [("encoder1", HardConcreteL0(0.5)), ("log_alpha", HardConcreteL0(0.1))],
    )
    before = model._regularizer(model)
    found = sets(model)
    torch.testing.assert_close(model._regularizer(model), before)
    check_regularizer(model, model._regularizer)
    assert [of.coefficient for of in found.values()] == [0.1, 0.5, 0.1]
    for number, of in enumerate(found.values(), 1):
        of.coefficient = float(number)
    model._regularizer(model).backward()
    for number, gates in enumerate((one, two, three), 1):
        alone = number * (gates.expected_open() / 2)  # type: ignore[operator]
        (wanted,) = torch.autograd.grad(alone, gates.log_alpha)
        torch.testing.assert_close(gates.log_alpha.grad, wanted)


@pytest.mark.parametrize(
    "model, target, message",
    [
        (Foreign([OpenGates([2])]), 0.5, "no learned head gates"),
        (Foreign([HardConcreteGates([2])]), 0.5, "nothing penalises the gates 'gates'"),
        (Own(HardConcreteGates([2, 2])), 0.9, "would close all 4 heads: give at most 0.75"),
    ],
)
def test_what_cannot_be_controlled(model: Any, target: float, message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        sets(model, target)
