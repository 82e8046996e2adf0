"""The multi-task model, the heads of its tasks and the weights of their losses."""

# first: the heads bring their metrics along, and these the callbacks, which know the model
from allennlp_heads.models.multitask_heads import MultiTaskHeads

# isort: split
from allennlp_heads.models import heads, loss_balancers

__all__ = ["MultiTaskHeads", "heads", "loss_balancers"]
