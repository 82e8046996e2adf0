"""A label for a text or a pair of texts."""

from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models.heads import Head
from torch.nn.functional import log_softmax

from allennlp_heads.models.heads.task_head import TaskHead, accuracy_counts, example_losses
from allennlp_heads.modules.pooler import Pooler
from allennlp_heads.nn.sampling import ExampleSampler
from allennlp_heads.training.metrics.measured import Measured

_METRICS = ("accuracy", "f1", "matthews")


@Head.register("text_classifier")
class TextClassifierHead(TaskHead):
    """
    Labels a whole text, or a pair of texts, by the encoder's pooled vector. A text whose label was
    not seen in training has no loss and counts as an error.

    The metrics are `accuracy`, for two labels also `matthews` (Matthews' correlation) and, once it
    is said which of the two is the positive one, its `f1`; all are between 0 and 1 (`matthews`:
    -1 and 1), and 0 where they are not defined, as the last two for constant predictions.

    Registered as a `Head` with name "text_classifier".

    # Parameters

    vocab : `Vocabulary`
        The model's vocabulary.
    input_dim : `int`
        The size of the encoder's vectors; the model gives it.
    label_namespace : `str`
        The namespace of the labels.
    main_metric : `str`, optional (default = `"accuracy"`)
        `"accuracy"`, `"f1"` (of `positive_label`; GLUE's MRPC and QQP) or `"matthews"` (GLUE's
        CoLA).
    positive_label : `str`, optional (default = `None`)
        The label whose F1 is computed, where there are two.
    pooler : `bool`, optional (default = `True`)
        Put a dense layer with tanh in front of the linear one, as BERT has it.
    dropout : `float`, optional (default = `0.1`)
        In front of the linear layer.

    Raises `ConfigurationError` for an unknown metric, for a metric or a positive label that the
    labels do not allow, and for gold labels that the vocabulary cannot have given.
    """

    default_predictor = "text_classifier_head"

    def __init__(
        self,
        vocab: Vocabulary,
        input_dim: int,
        label_namespace: str,
        main_metric: str = "accuracy",
        positive_label: Optional[str] = None,
        pooler: bool = True,
        dropout: float = 0.1,
    ) -> None:
        super().__init__(vocab, label_namespace)
        self.main_metric = (main_metric, "+")
        self._binary = self.num_labels == 2
        self._check(main_metric, positive_label)
        self.pooler = Pooler(input_dim) if pooler else torch.nn.Identity()
        self.dropout = torch.nn.Dropout(dropout)
        self.projection = torch.nn.Linear(input_dim, self.num_labels)
        # Matthews' correlation is the same for either label
        self._positive = 1
        if positive_label is not None:
            self._positive = self.label_names().index(positive_label)
        self._accuracy = Measured(["accuracy"])
        names = ["matthews", "f1"] if positive_label is not None else ["matthews"]
        self._measured = Measured(names) if self._binary else None

    def _check(self, main_metric: str, positive_label: Optional[str]) -> None:
        labels = self.label_names()
        found = f"{self.label_namespace!r} has {len(labels)}: {', '.join(labels[:5])}"
        if main_metric not in _METRICS:
            raise ConfigurationError(
                f"main_metric: a 'text_classifier' has no {main_metric!r}; choose one of "
                f"{', '.join(_METRICS)}, or the head 'text_regressor' for scores instead of labels."
            )
        if main_metric != "accuracy" and not self._binary:
            raise ConfigurationError(
                f"main_metric: {main_metric!r} is of two labels, but {found}. Choose 'accuracy', "
                "or check the reader and its training data."
            )
        if main_metric == "f1" and positive_label is None:
            raise ConfigurationError(
                f"positive_label is missing: the main_metric 'f1' is of one label, and {found}. "
                "Name the positive one."
            )
        if positive_label is not None and (not self._binary or positive_label not in labels):
            raise ConfigurationError(
                f"positive_label: {positive_label!r} must be one of two labels, but {found}. Name "
                "one of these, or leave it out."
            )

    def forward(
        self,
        pooled: torch.Tensor,
        label: Optional[torch.Tensor] = None,
        metadata: Optional[list[dict[str, Any]]] = None,
    ) -> dict[str, Any]:
        """
        # Parameters

        pooled : `torch.Tensor`
            Shape `[batch, input_dim]`.
        label : `torch.LongTensor`, optional (default = `None`)
            The gold labels, shape `[batch]`; -1 where not seen in training.
        metadata : `List[Dict[str, Any]]`, optional (default = `None`)
            Not used.

        # Returns

        `Dict[str, Any]`
            `logits` `[batch, labels]`, `label` `[batch]`, the likeliest one, and with gold the
            losses and counts of `TaskHead`.
        """
        logits = self.projection(self.dropout(self.pooler(pooled)))
        predicted = logits.detach().argmax(-1)
        output: dict[str, Any] = {"logits": logits, "label": predicted}
        if label is not None:
            self._check_gold(label)
            output.update(_losses(logits, label))
            output["example_counts"] = self._count(predicted, label)
        return output

    def sampled_losses(
        self, output: dict[str, Any], sampler: ExampleSampler
    ) -> dict[str, torch.Tensor]:
        drawn = sampler.categorical(self.class_log_probabilities(output))
        return _losses(output["logits"], drawn)

    def class_log_probabilities(self, output: dict[str, Any]) -> torch.Tensor:
        return log_softmax(output["logits"], -1)

    def _check_gold(self, label: torch.Tensor) -> None:
        if label.dim() != 1 or label.is_floating_point() or (label >= self.num_labels).any():
            raise ConfigurationError(
                f"label_namespace: the labels of the data are not those of the head, of which "
                f"{self.label_namespace!r} has {self.num_labels}. Give the head the "
                "label_namespace of its task's reader."
            )

    def _count(self, predicted: torch.Tensor, label: torch.Tensor) -> torch.Tensor:
        """Adds to the metrics and returns the counts `[batch, K]` of the main one."""
        right = predicted == label
        each = torch.ones_like(label)
        texts = accuracy_counts(right.unsqueeze(-1), each.bool().unsqueeze(-1))
        self._accuracy(texts)
        decisions = torch.zeros(len(label), 4)
        if self._measured is not None:
            positive = predicted == self._positive
            # so that an unseen label, which is neither of the two, is always an error
            gold = torch.where(right, positive, ~positive)
            decisions = torch.stack([positive & gold, positive, gold, each], -1).long()
            self._measured(decisions)
        if self.main_metric[0] == "accuracy":
            return texts
        return decisions if self.main_metric[0] == "matthews" else decisions[:, :3]

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        metrics = self._accuracy.get_metric(reset)
        if self._measured is not None:
            metrics.update(self._measured.get_metric(reset))
        return metrics

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """The `label` of each text as a string, and the `probabilities` of all labels by name."""
        names = self.label_names()
        probabilities = output_dict["logits"].softmax(-1).tolist()
        return {
            "label": [names[index] for index in output_dict["label"].tolist()],
            "probabilities": [dict(zip(names, row)) for row in probabilities],
        }


def _losses(logits: torch.Tensor, label: torch.Tensor) -> dict[str, torch.Tensor]:
    gold = label.clamp(min=0).unsqueeze(-1)
    loss = -log_softmax(logits, -1).gather(-1, gold)  # [batch, 1]
    return example_losses(loss, (label >= 0).unsqueeze(-1))
