"""Checkpoints, callbacks, metrics, optimizers and schedulers."""

from allennlp_heads.training.callbacks import (
    ExactResume,
    ExampleScores,
    GateReport,
    HeadImportance,
    ImportantHeadTraining,
    RemoveHeads,
    SparsityTarget,
)
from allennlp_heads.training.checkpointer import AtomicCheckpointer
from allennlp_heads.training.learning_rate_schedulers import LinearWithFractionalWarmup
from allennlp_heads.training.optimizers import AdamWFused
from allennlp_heads.training.sparsity_controls import Lagrangian, Ramp, SparsityControl

__all__ = [
    "AdamWFused",
    "AtomicCheckpointer",
    "ExactResume",
    "ExampleScores",
    "GateReport",
    "HeadImportance",
    "ImportantHeadTraining",
    "Lagrangian",
    "LinearWithFractionalWarmup",
    "Ramp",
    "RemoveHeads",
    "SparsityControl",
    "SparsityTarget",
]
