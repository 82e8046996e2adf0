"""What all task heads have in common."""

from inspect import signature
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models.heads import Head

from allennlp_heads.nn.sampling import ExampleSampler


class TaskHead(Head):
    """
    A `Head` on the vectors of a shared encoder. Its `forward` receives those of `encoded_text`,
    `encoded_text_mask`, `boundary`, `pooled`, `metadata` and the gold fields that it names, and
    returns its predictions and, with gold:

    - `example_loss` `[batch]`: the sum of the losses of the example's units (words, for instance),
    - `example_units` `[batch]`: how many these are; units whose gold label was not seen in training
      are not among them,
    - `loss`: the mean over the examples of `example_loss / example_units`, which is what training
      minimises,
    - `example_counts` `[batch, K]`: what the main metric needs of the example, in the `columns` of
      its [`Measure`](../../analysis/measures.md). K is 3 (correct, predicted and gold items) but
      for `"matthews"` (4: true, predicted and gold positives, and 1), for `"token_f1"` and
      `"exact_match"` (3, floats: both of them, and 1) and for `"pearson"` and `"spearman"` (2,
      floats: prediction and gold value).

    No example's values depend on its neighbours in the batch or on padding.

    # Parameters

    vocab : `Vocabulary`
        The model's vocabulary.
    label_namespace : `str`, optional (default = `None`)
        The namespace of the labels; `None` for a head without labels. A `ConfigurationError` if the
        vocabulary has no label in it.
    """

    main_metric: tuple[str, str]
    """
    The name of the metric that stands for the head and its direction, `"+"` (more is better) or
    `"-"`.
    """

    label_namespace: str
    num_labels: int

    def __init__(self, vocab: Vocabulary, label_namespace: Optional[str] = None) -> None:
        super().__init__(vocab)
        if label_namespace is not None:
            self.label_namespace = label_namespace
            self.num_labels = self._count_labels()

    def _count_labels(self) -> int:
        present = sorted(self.vocab.get_namespaces())
        labels = 0
        if self.label_namespace in present:
            labels = self.vocab.get_vocab_size(self.label_namespace)
        if not labels:
            raise ConfigurationError(
                f"label_namespace: the vocabulary has no labels in {self.label_namespace!r}; it "
                f"has {', '.join(present) or 'no namespace at all'}. Give the head the "
                "label_namespace of its task's reader, and check that the training data has labels."
            )
        return labels

    def gold_fields(self) -> set[str]:
        """The gold fields that `forward` names: its optional arguments but for `metadata`."""
        parameters = signature(self.forward).parameters.values()
        return {one.name for one in parameters if one.default is None} - {"metadata"}

    def label_names(self) -> list[str]:
        """The names of all labels, in the order of their indices."""
        names = self.vocab.get_index_to_token_vocabulary(self.label_namespace)
        return [names[index] for index in range(self.num_labels)]

    def labels_of(self, indices: torch.Tensor, mask: torch.Tensor) -> list[list[str]]:
        """
        The names of predicted labels.

        # Parameters

        indices : `torch.LongTensor`
            Shape `[batch, units]`.
        mask : `torch.BoolTensor`
            Shape `[batch, units]`.

        # Returns

        `List[List[str]]`
            For each example the labels where the mask is True.
        """
        names = self.vocab.get_index_to_token_vocabulary(self.label_namespace)
        return [[names[index] for index in row] for row in unpad(indices, mask)]

    def predicted_gold(self, output: dict[str, Any]) -> dict[str, torch.Tensor]:
        """
        What the head predicts, as gold: analyses without labels take it for the gold fields. By
        default these are the outputs that are named like one of the head's gold fields. A number is
        given plus 1, for at the prediction itself the squared error has no slope; its gradient is
        then that of the prediction, times -2.

        # Parameters

        output : `Dict[str, Any]`
            What `forward` returned.

        # Returns

        `Dict[str, torch.Tensor]`
            Arguments of `forward`.

        Raises `ConfigurationError` for a head that has no such outputs.
        """
        names = signature(self.forward).parameters.keys() & output.keys()
        found = {name: output[name].detach() for name in sorted(names - {"metadata"})}
        if not found:
            raise ConfigurationError(
                f"the head {type(self).__name__} does not say what it predicts as gold labels "
                "('predicted_gold'): use its task's gold labels instead"
            )
        return {k: v + 1 if v.is_floating_point() else v for k, v in found.items()}

    def sampled_losses(
        self, output: dict[str, Any], sampler: ExampleSampler
    ) -> dict[str, torch.Tensor]:
        """
        The losses of labels that are drawn from what the head predicts; with a gradient.

        # Parameters

        output : `Dict[str, Any]`
            What `forward` returned, in evaluation mode.
        sampler : `ExampleSampler`

        # Returns

        `Dict[str, torch.Tensor]`
            Those of `example_losses`.

        Raises `ConfigurationError` for a head whose labels cannot be drawn.
        """
        raise ConfigurationError(
            f"labels of the head {type(self).__name__} cannot be drawn from its predictions: use "
            "the gold ones ('labels': 'gold')"
        )

    def class_log_probabilities(self, output: dict[str, Any]) -> torch.Tensor:
        """
        The logarithms of the probabilities of an example's label, for heads that give it one; with
        a gradient.

        # Parameters

        output : `Dict[str, Any]`
            What `forward` returned.

        # Returns

        `torch.Tensor`
            `[batch, labels]`.

        Raises `ConfigurationError` for any other head.
        """
        raise ConfigurationError(
            f"the head {type(self).__name__} does not give an example one of a few labels, whose "
            "expectation could be computed: draw labels ('labels': 'sampled'), or use the gold ones"
        )


def example_losses(unit_loss: torch.Tensor, units: torch.Tensor) -> dict[str, torch.Tensor]:
    """
    The losses a head returns, from the losses of its units.

    # Parameters

    unit_loss : `torch.Tensor`
        Shape `[batch, units]`, or `[batch]` if already summed over each example's units.
    units : `torch.BoolTensor`
        Shape `[batch, units]`: True on the units that count. An example may have none; its loss is
        then 0.

    # Returns

    `Dict[str, torch.Tensor]`
        `loss`, `example_loss` and `example_units`; see `TaskHead`.
    """
    if unit_loss.dim() == 2:
        unit_loss = unit_loss.masked_fill(~units, 0.0).sum(-1)
    counts = units.sum(-1)
    mean = (unit_loss / counts.clamp(min=1)).mean()
    return {"loss": mean, "example_loss": unit_loss, "example_units": counts}


def accuracy_counts(right: torch.Tensor, scored: torch.Tensor) -> torch.Tensor:
    """
    Correct, predicted and gold items `[batch, 3]` of a task with one prediction for each scored
    unit.

    # Parameters

    right : `torch.BoolTensor`
        Shape `[batch, units]`: the prediction is right.
    scored : `torch.BoolTensor`
        Shape `[batch, units]`: the unit counts.
    """
    total = scored.sum(-1)
    return torch.stack([(right & scored).sum(-1), total, total], -1)


def require_same_units(field: str, gold: torch.Tensor, mask: torch.Tensor) -> None:
    """
    Raises a `ConfigurationError` if the gold labels `[batch, units]` of `field` are not for the
    units of `mask`.
    """
    if gold.shape != mask.shape:
        raise ConfigurationError(
            f"The field '{field}' has {gold.size(1)} labels an example (padded) but the encoder "
            f"gives {mask.size(1)} vectors. For labels of words, let the reader use the token "
            "indexer transformer_words, which tells the encoder where the words are."
        )


def require_words(field: str, words: Optional[list[list[str]]], mask: torch.Tensor) -> None:
    """
    Raises a `ConfigurationError` if the words are known and the units of `mask` are not these
    words, so that the positions in the gold field `field` would mean other places.
    """
    lengths = mask.sum(-1).tolist()
    if words is not None and [len(row) for row in words] != lengths:
        raise ConfigurationError(
            f"The field '{field}' has positions of words, but the encoder gives up to "
            f"{max(lengths)} vectors for texts of up to {max(map(len, words))} words. Let the "
            "reader use the token indexer transformer_words, which tells the encoder where the "
            "words are."
        )


def words_of(metadata: Optional[list[dict[str, Any]]]) -> Optional[list[list[str]]]:
    """The words of each example, or `None` if any example's metadata lacks them."""
    if metadata is None or any("words" not in entry for entry in metadata):
        return None
    return [[str(word) for word in entry["words"]] for entry in metadata]


def unpad(values: torch.Tensor, mask: torch.Tensor) -> list[list[Any]]:
    """
    The values `[batch, units]` of each example where its mask `[batch, units]` is True, as plain
    lists.
    """
    lengths = mask.sum(-1).tolist()
    return [row[:length] for row, length in zip(values.tolist(), lengths)]
