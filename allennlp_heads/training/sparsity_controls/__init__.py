"""How the coefficient of the gates' penalty changes in the course of a training."""

from allennlp_heads.training.sparsity_controls.lagrangian import Lagrangian
from allennlp_heads.training.sparsity_controls.ramp import Ramp
from allennlp_heads.training.sparsity_controls.sparsity_control import (
    Measured,
    Progress,
    SparsityControl,
)

__all__ = ["Lagrangian", "Measured", "Progress", "Ramp", "SparsityControl"]
