"""Training in which the batches of a task train only its chosen heads: when, which and how."""

from allennlp_heads.training.important_heads.choice import (
    CHOICES,
    MEASURED,
    choose_heads,
    in_present_numbering,
    shared_by_all,
    without_shared,
)
from allennlp_heads.training.important_heads.head_masks import HeadMasks
from allennlp_heads.training.important_heads.learning_rates import foretell
from allennlp_heads.training.important_heads.phase import Phase
from allennlp_heads.training.important_heads.setting import HERE, find_heads, task_of

__all__ = [
    "CHOICES",
    "HERE",
    "MEASURED",
    "HeadMasks",
    "Phase",
    "choose_heads",
    "find_heads",
    "foretell",
    "in_present_numbering",
    "shared_by_all",
    "task_of",
    "without_shared",
]
