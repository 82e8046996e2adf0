"""Checkpoints, callbacks and metrics."""

from allennlp_heads.training.callbacks import ExactResume, ExampleScores, GateReport
from allennlp_heads.training.checkpointer import AtomicCheckpointer

__all__ = ["AtomicCheckpointer", "ExactResume", "ExampleScores", "GateReport"]
