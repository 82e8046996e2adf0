"""Head gates: numbers between 0 and 1 that scale attention heads, learned or fixed."""

from allennlp_heads.gates.binarize import chosen_heads
from allennlp_heads.gates.fixed import FixedGates
from allennlp_heads.gates.hard_concrete import HardConcreteGates, expected_l0
from allennlp_heads.gates.head_gates import HeadGates
from allennlp_heads.gates.learned import LearnedGates
from allennlp_heads.gates.open import OpenGates
from allennlp_heads.gates.per_task import PerTaskGates
from allennlp_heads.gates.regularizer import HardConcreteL0, check_regularizer

__all__ = [
    "FixedGates",
    "HardConcreteGates",
    "HardConcreteL0",
    "HeadGates",
    "LearnedGates",
    "OpenGates",
    "PerTaskGates",
    "check_regularizer",
    "chosen_heads",
    "expected_l0",
]
