"""Head gates: numbers between 0 and 1 that scale attention heads, learned or fixed."""

from allennlp_heads.gates.fixed import FixedGates, binarize
from allennlp_heads.gates.hard_concrete import HardConcreteGates, expected_l0
from allennlp_heads.gates.head_gates import HeadGates
from allennlp_heads.gates.open import OpenGates
from allennlp_heads.gates.regularizer import HardConcreteL0, check_regularizer

__all__ = [
    "FixedGates",
    "HardConcreteGates",
    "HardConcreteL0",
    "HeadGates",
    "OpenGates",
    "binarize",
    "check_regularizer",
    "expected_l0",
]
