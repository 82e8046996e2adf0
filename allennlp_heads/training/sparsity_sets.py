"""The gates of a model as things to be measured and controlled."""

import math
import re

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.nn.regularizers import RegularizerApplicator

from allennlp_heads.gates import HardConcreteGates, HardConcreteL0
from allennlp_heads.training.callbacks.gate_report import find_gates
from allennlp_heads.training.sparsity_controls import Measured


class SparsitySet:
    """
    One set of learned gates.

    # Parameters

    gates : `HardConcreteGates`
    task : `Optional[str]`
        Whose gates they are, where tasks have gates of their own.
    penalised_by : `Union[HardConcreteGates, HardConcreteL0]`
        Has the coefficient that training uses.
    target : `float`
        Share of heads to close, at least 0 and less than 1.
    threshold : `float`
        A head is closed when its evaluation gate is not above.

    Raises `ConfigurationError` when the target would close every head.
    """

    def __init__(
        self,
        gates: HardConcreteGates,
        task: str | None,
        penalised_by: HardConcreteGates | HardConcreteL0,
        target: float,
        threshold: float,
    ) -> None:
        self.gates = gates
        self.task = task
        self._penalised_by = penalised_by
        self._threshold = threshold
        self._layers = gates.mask.size(0)
        self._heads = int(gates.mask.sum())
        self._wanted = round(target * self._heads)
        if self._wanted >= self._heads:
            raise ConfigurationError(
                f"trainer.callbacks, 'sparsity_target': the 'target' {target} would close all "
                f"{self._heads} heads: give at most {_floor((self._heads - 1) / self._heads)}"
            )
        shape = gates.log_alpha.hard_concrete  # type: ignore[attr-defined]
        share = (threshold - shape.low) / (shape.high - shape.low)
        self._border = math.log(share / (1 - share))

    @property
    def coefficient(self) -> float:
        """Factor of the expected L0 norm in the loss."""
        return self._penalised_by.coefficient

    @coefficient.setter
    def coefficient(self, value: float) -> None:
        self._penalised_by.coefficient = value

    def measure(self) -> Measured:
        """The gates as they are now; binarised ones too."""
        with torch.no_grad():
            values = self.gates.deterministic()
            closed = ((values <= self._threshold) & self.gates.mask).sum().double()
            # 0, and minus infinity, where there is no head
            expected = self.gates.open_probability().double().sum() / self._heads
            ordered = self.gates.ranking().double().flatten().sort().values[-self._heads :]
            # in one list, since a GPU is waited for whenever it is asked for a number
            numbers = torch.cat([closed.view(1), expected.view(1), ordered]).tolist()
        ranking = numbers[2:]
        below = ranking[self._wanted - 1] if self._wanted else -math.inf
        return Measured(
            layers=self._layers,
            heads=self._heads,
            wanted=self._wanted,
            closed=int(numbers[0]),
            expected=1 - numbers[1],
            lower=below - self._border,
            upper=ranking[self._wanted] - self._border,
        )


def sparsity_sets(model: Model, target: float, threshold: float) -> dict[str, SparsitySet]:
    """
    The learned gates of a model by name, as `gate_report` names them. A `hard_concrete_l0`
    regularizer of several gates is divided into one for each, so that each has its own coefficient.

    Raises `ConfigurationError` when there are none, or nothing penalises them.
    """
    sets = {}
    regularizers = _divided(model, model._regularizer)
    for name, found in find_gates(model).items():
        gates = found.gates.sets()[found.task]
        if not isinstance(gates, HardConcreteGates):
            continue
        if not (gates.binary or gates.log_alpha.requires_grad):
            continue
        if getattr(model, "gates", None) is found.gates:
            penalised_by: HardConcreteGates | HardConcreteL0 = gates
        elif id(gates.log_alpha) in regularizers:
            penalised_by = regularizers[id(gates.log_alpha)]
        else:
            raise ConfigurationError(
                f"trainer.callbacks, 'sparsity_target': nothing penalises the gates '{name}', so "
                "they cannot be led to a target. Give the model "
                '"regularizer": {"regexes": [["log_alpha", "hard_concrete_l0"]]}'
            )
        sets[name] = SparsitySet(gates, found.task, penalised_by, target, threshold)
    if not sets:
        raise ConfigurationError(
            "trainer.callbacks, 'sparsity_target': the model has no learned head gates. Give the "
            'backbone or token embedder \'gated_transformer\' "gates": "hard_concrete", let them '
            "train (trainer.no_grad), or remove the callback"
        )
    return sets


def _divided(model: Model, applicator: RegularizerApplicator | None) -> dict[int, HardConcreteL0]:
    """The regularizer of each gate parameter, now its own, by the parameter's identity."""
    own: dict[int, HardConcreteL0] = {}
    if applicator is None:
        return own
    divided = []
    for regex, regularizer in applicator._regularizers:
        if not isinstance(regularizer, HardConcreteL0):
            divided.append((regex, regularizer))
            continue
        for name, parameter in model.named_parameters():
            first = next((r for r, _ in applicator._regularizers if re.search(r, name)), None)
            if first == regex and hasattr(parameter, "hard_concrete"):
                own[id(parameter)] = HardConcreteL0(regularizer.coefficient)
                divided.append((f"^{re.escape(name)}$", own[id(parameter)]))
    applicator._regularizers = divided
    return own


def _floor(share: float) -> float:
    return math.floor(share * 100) / 100
