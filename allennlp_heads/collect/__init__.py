"""What a pass over data says of each example, as arrays; for callbacks and evaluators alike."""

from allennlp_heads.collect.encoder_of import (
    encoder_of,
    existing_heads,
    open_heads,
    original_numbering,
    present_numbering,
)
from allennlp_heads.collect.example_counts import ExampleCounts, main_metrics
from allennlp_heads.collect.importance import ImportanceSample, collect_importance
from allennlp_heads.collect.importance_options import ImportanceOptions
from allennlp_heads.collect.probing.data import ProbeData
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.probe import probe_task
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.trained import Trained, trained
from allennlp_heads.collect.undisturbed import generators_kept, undisturbed
from allennlp_heads.collect.word_heads import WordHeads, in_original, word_heads

__all__ = [
    "ExampleCounts",
    "ImportanceOptions",
    "ImportanceSample",
    "ProbeData",
    "ProbeOptions",
    "TaskData",
    "Trained",
    "WordHeads",
    "collect_importance",
    "encoder_of",
    "existing_heads",
    "generators_kept",
    "in_original",
    "main_metrics",
    "open_heads",
    "original_numbering",
    "present_numbering",
    "probe_task",
    "trained",
    "undisturbed",
    "word_heads",
]
