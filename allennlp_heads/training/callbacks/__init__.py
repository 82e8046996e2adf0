"""What happens during training besides training: reports, and an exact resume."""

from allennlp_heads.training.callbacks.exact_resume import ExactResume
from allennlp_heads.training.callbacks.example_scores import ExampleScores
from allennlp_heads.training.callbacks.gate_report import GateReport
from allennlp_heads.training.callbacks.head_dissociation import HeadDissociation
from allennlp_heads.training.callbacks.head_importance import HeadImportance
from allennlp_heads.training.callbacks.head_probe import HeadProbe
from allennlp_heads.training.callbacks.important_head_training import ImportantHeadTraining
from allennlp_heads.training.callbacks.optuna_pruner import OptunaPruner
from allennlp_heads.training.callbacks.phases import PhaseSwitches
from allennlp_heads.training.callbacks.remove_heads import RemoveHeads
from allennlp_heads.training.callbacks.sparsity_target import SparsityTarget
from allennlp_heads.training.callbacks.task_embedding import TaskEmbedding
from allennlp_heads.training.callbacks.workers import Workers

__all__ = [
    "ExactResume",
    "ExampleScores",
    "GateReport",
    "HeadDissociation",
    "HeadImportance",
    "HeadProbe",
    "ImportantHeadTraining",
    "OptunaPruner",
    "PhaseSwitches",
    "RemoveHeads",
    "SparsityTarget",
    "TaskEmbedding",
    "Workers",
]
