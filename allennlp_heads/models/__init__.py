"""The multi-task model, the heads of its tasks and the weights of their losses."""

from allennlp_heads.models import heads, loss_balancers
from allennlp_heads.models.multitask_heads import MultiTaskHeads

__all__ = ["MultiTaskHeads", "heads", "loss_balancers"]
