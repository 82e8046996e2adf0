"""How much the loss of each task counts in training."""

from allennlp_heads.models.loss_balancers.fixed import FixedWeights
from allennlp_heads.models.loss_balancers.loss_balancer import LossBalancer
from allennlp_heads.models.loss_balancers.moving_average import MovingAverageBalancer

__all__ = ["FixedWeights", "LossBalancer", "MovingAverageBalancer"]
