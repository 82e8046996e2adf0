"""What happens during training besides training: reports, and an exact resume."""

from allennlp_heads.training.callbacks.exact_resume import ExactResume
from allennlp_heads.training.callbacks.example_scores import ExampleScores
from allennlp_heads.training.callbacks.gate_report import GateReport

__all__ = ["ExactResume", "ExampleScores", "GateReport"]
