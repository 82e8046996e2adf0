"""The gates' penalty for models that do not know about gates."""

import re
from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.nn.regularizers import Regularizer, RegularizerApplicator

from allennlp_heads.gates.hard_concrete import expected_l0
from allennlp_heads.gates.head_gates import HeadGates


@Regularizer.register("hard_concrete_l0")
class HardConcreteL0(Regularizer):
    """
    Expected L0 norm of `hard_concrete` gates, for any AllenNLP model with a `gated_transformer`
    embedder:

    `"regularizer": {"regexes": [["log_alpha", {"type": "hard_concrete_l0", "coefficient": 0.01}]]}`

    The model `multitask_heads` asks its gates itself and needs no regularizer. A regex that matches
    no gate is found by that model and, in any other, by `gate_report` and `exact_resume`; AllenNLP
    itself passes over it in silence.

    Registered as `"hard_concrete_l0"`.

    # Parameters

    coefficient : `float`, optional (default = `0.01`)
        Factor of [`expected_l0`](./hard_concrete.md#expected_l0).
    """

    def __init__(self, coefficient: float = 0.01) -> None:
        self.coefficient = coefficient

    def __call__(self, parameter: torch.Tensor) -> torch.Tensor:
        shape = getattr(parameter, "hard_concrete", None)
        if shape is None:
            raise ConfigurationError(
                "the regularizer 'hard_concrete_l0' was given a parameter of shape "
                f"{list(parameter.shape)} that is no head gate: its regex should be 'log_alpha'"
            )
        return self.coefficient * expected_l0(parameter, shape)


def check_regularizer(model: torch.nn.Module, applicator: Optional[RegularizerApplicator]) -> None:
    """
    Raise `ConfigurationError` when a `hard_concrete_l0` regularizer finds no gate in `model`,
    which AllenNLP would pass over in silence, or finds gates of single tasks, whose turn it cannot
    know. As in the applicator, the first regex that matches a parameter takes it.
    """
    regexes = applicator._regularizers if applicator is not None else []
    gates = [module for module in model.modules() if isinstance(module, HeadGates)]
    # frozen since they are final, so that nothing is left to penalise
    final = {id(p) for module in gates if module.binary for p in module.parameters()}
    of_tasks = {id(p) for module in gates if module.tasks for p in module.parameters()}
    penalised = {r for r, regularizer in regexes if isinstance(regularizer, HardConcreteL0)}
    found = set()
    for name, parameter in model.named_parameters():
        first = next((regex for regex, _ in regexes if re.search(regex, name)), None)
        if first in penalised and id(parameter) in of_tasks:
            raise ConfigurationError(
                "model.regularizer: 'hard_concrete_l0' does not know which task a batch is of, so "
                f"it cannot penalise the gates of single tasks ('{name}'). Remove it: the model "
                "'multitask_heads' adds their own penalty; give other models the gates "
                "'hard_concrete'"
            )
        if first is not None and hasattr(parameter, "hard_concrete"):
            if parameter.requires_grad or id(parameter) in final:
                found.add(first)
    for regex in sorted(penalised - found):
        raise ConfigurationError(
            f"model.regularizer: the regex '{regex}' of 'hard_concrete_l0' matches no head "
            'gate. Give the embedder "gates": "hard_concrete" and use the regex \'log_alpha\''
        )
