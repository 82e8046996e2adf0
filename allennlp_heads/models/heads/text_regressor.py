"""A number for a text or a pair of texts."""

import math
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models.heads import Head

from allennlp_heads.models.heads.task_head import TaskHead, example_losses
from allennlp_heads.modules.pooler import Pooler
from allennlp_heads.nn.sampling import ExampleSampler
from allennlp_heads.training.metrics.measured import Measured

_METRICS = ("spearman", "pearson")


@Head.register("text_regressor")
class TextRegressorHead(TaskHead):
    """
    Gives a whole text, or a pair of texts, a number by the encoder's pooled vector, such as the
    similarity of two sentences (GLUE's STS-B). The loss of an example is the squared error.

    The metrics are Pearson's and Spearman's correlation of all predictions with the gold values,
    `pearson` and `spearman`, between -1 and 1, and 0 where either are constant.

    Registered as a `Head` with name "text_regressor".

    # Parameters

    vocab : `Vocabulary`
        The model's vocabulary.
    input_dim : `int`
        The size of the encoder's vectors; the model gives it.
    main_metric : `str`, optional (default = `"spearman"`)
        `"spearman"` or `"pearson"`.
    pooler : `bool`, optional (default = `True`)
        Put a dense layer with tanh in front of the linear one, as BERT has it.
    dropout : `float`, optional (default = `0.1`)
        In front of the linear layer.

    Raises `ConfigurationError` for any other metric.
    """

    default_predictor = "text_regressor"

    def __init__(
        self,
        vocab: Vocabulary,
        input_dim: int,
        main_metric: str = "spearman",
        pooler: bool = True,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(vocab)
        if main_metric not in _METRICS:
            raise ConfigurationError(
                f"main_metric: a 'text_regressor' has no {main_metric!r}; choose one of "
                f"{', '.join(_METRICS)}, or for labels instead of scores the head "
                "'text_classifier'."
            )
        self.main_metric = (main_metric, "+")
        self.pooler = Pooler(input_dim) if pooler else torch.nn.Identity()
        self.dropout = torch.nn.Dropout(dropout)
        self.projection = torch.nn.Linear(input_dim, 1)
        self._measured = Measured(_METRICS)

    def forward(
        self,
        pooled: torch.Tensor,
        score: Optional[torch.Tensor] = None,
        metadata: Optional[list[dict[str, Any]]] = None,
    ) -> dict[str, Any]:
        """
        # Parameters

        pooled : `torch.Tensor`
            Shape `[batch, input_dim]`.
        score : `torch.Tensor`, optional (default = `None`)
            The gold values, shape `[batch]` or `[batch, 1]`.
        metadata : `List[Dict[str, Any]]`, optional (default = `None`)
            Not used.

        # Returns

        `Dict[str, Any]`
            `score` `[batch]`, and with gold the losses and counts of `TaskHead`.
        """
        predicted = self.projection(self.dropout(self.pooler(pooled)))  # [batch, 1]
        output: dict[str, Any] = {"score": predicted.squeeze(-1)}
        if score is not None:
            gold = score.reshape(-1, 1).to(predicted.dtype)
            output.update(_losses(predicted, gold))
            output["example_counts"] = torch.cat([predicted.detach(), gold], -1)
            self._measured(output["example_counts"])
        return output

    def sampled_losses(
        self, output: dict[str, Any], sampler: ExampleSampler
    ) -> dict[str, torch.Tensor]:
        """
        Of values around the predictions with a variance of 1/2: the squared error is the negative
        log-likelihood of this normal distribution, but for a constant.
        """
        drawn = sampler.normal(output["score"], math.sqrt(0.5))
        return _losses(output["score"].unsqueeze(-1), drawn.unsqueeze(-1))

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        return self._measured.get_metric(reset)

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """The `score` of each text."""
        return {"score": output_dict["score"].tolist()}


def _losses(predicted: torch.Tensor, gold: torch.Tensor) -> dict[str, torch.Tensor]:
    """Both `[batch, 1]`."""
    return example_losses((predicted - gold) ** 2, torch.ones_like(gold, dtype=torch.bool))
