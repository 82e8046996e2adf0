"""The multi-task model and the heads of its tasks."""

from allennlp_heads.models import heads
from allennlp_heads.models.multitask_heads import MultiTaskHeads

__all__ = ["MultiTaskHeads", "heads"]
