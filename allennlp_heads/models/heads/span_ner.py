"""Entities as labelled spans."""

from typing import Any, Optional

import torch
from allennlp.data import Vocabulary
from allennlp.models.heads import Head
from torch import Tensor
from torch.nn.functional import cross_entropy

from allennlp_heads.models.heads.readable_spans import readable_span_batch
from allennlp_heads.models.heads.task_head import (
    TaskHead,
    example_losses,
    require_words,
    words_of,
)
from allennlp_heads.modules.biaffine import Biaffine
from allennlp_heads.nn.span_selection import decode_spans, span_mask
from allennlp_heads.training.metrics.span_scores import SpanScores, span_counts


@Head.register("span_ner")
class SpanNerHead(TaskHead):
    """
    Finds labelled spans, after Yu et al. (2020), *Named Entity Recognition as Dependency Parsing*:
    one linear layer gives each word a vector as the first of a span and another as the last, and a
    biaffine layer gives each pair the scores of all types and of being no span.

    The loss of a span is the cross-entropy of its type or of being none; all spans of the sentence,
    of any length, are units. A span whose type was not seen in training has no loss and counts as a
    gold span that nobody found. The main metric is `f1` of exact boundaries and type, micro
    averaged; `precision` and `recall` stand beside it.

    It computes `types + 1` scores for every pair of words: 19 MB for a sentence of 500 words and 18
    types, before gradients. Train it with clipped gradients (`grad_norm: 1.0`), since a score is a
    product of three learnt factors: without, a few updates can undo many.

    Registered as a `Head` with name "span_ner".

    # Parameters

    vocab : `Vocabulary`
        The model's vocabulary.
    input_dim : `int`
        The size of the encoder's vectors; the model gives it.
    label_namespace : `str`, optional (default = `"ner_labels"`)
        The namespace of the types.
    span_dim : `int`, optional (default = `150`)
        The size of the vectors that spans are scored from.
    nested : `bool`, optional (default = `False`)
        Whether a predicted span may lie inside another one. Predicted spans never cross. The loss
        is the same.
    verbose_metrics : `bool`, optional (default = `False`)
        Also give the scores of each type, as `f1-PER`.
    """

    main_metric = ("f1", "+")
    default_predictor = "span_ner"

    def __init__(
        self,
        vocab: Vocabulary,
        input_dim: int,
        label_namespace: str = "ner_labels",
        span_dim: int = 150,
        nested: bool = False,
        verbose_metrics: bool = False,
    ) -> None:
        super().__init__(vocab, label_namespace)
        self.nested = nested
        self.labels = self.label_names()
        self.start = torch.nn.Linear(input_dim, span_dim)
        self.end = torch.nn.Linear(input_dim, span_dim)
        # Zeros: at first all classes are equally likely, and no span is found.
        self.scorer = Biaffine(span_dim, span_dim, 1 + self.num_labels, initial_std=0.0)
        self._scores = SpanScores(self.labels, verbose_metrics)

    def forward(
        self,
        encoded_text: Tensor,
        encoded_text_mask: Tensor,
        spans: Optional[Tensor] = None,
        metadata: Optional[list[dict[str, Any]]] = None,
    ) -> dict[str, Any]:
        """
        # Parameters

        encoded_text : `torch.Tensor`
            The vectors of the words, shape `[batch, words, input_dim]`.
        encoded_text_mask : `torch.BoolTensor`
            Shape `[batch, words]`, True on words.
        spans : `torch.LongTensor`, optional (default = `None`)
            The gold spans, shape `[batch, gold spans, 3]`: first word, last word (inclusive, from
            0) and type, -1 if not seen in training; rows of -1 are padding. They may nest and
            cross; of several seen types of one span the loss takes the last in the vocabulary.
        metadata : `List[Dict[str, Any]]`, optional (default = `None`)
            The `words` of each example, for the readable output.

        # Returns

        `Dict[str, Any]`
            `spans` `[batch, predicted spans, 3]` as above, in the order of the words, `words` if
            known, and with gold the losses and counts of `TaskHead`.
        """
        mask = encoded_text_mask
        # [batch, 1 + types, words, words]; never in half precision, where most scores would tie
        scores = self.scorer(self.start(encoded_text), self.end(encoded_text)).float()
        predicted = decode_spans(scores.detach(), mask, self.nested)
        output: dict[str, Any] = {"spans": predicted}
        words = words_of(metadata)
        if words is not None:
            output["words"] = words
        if spans is not None:
            require_words("spans", words, mask)
            classes, known = gold_classes(spans, mask)
            losses = cross_entropy(scores, classes, reduction="none")  # [batch, words, words]
            output.update(example_losses(losses.flatten(1), known.flatten(1)))
            counts = span_counts(predicted, spans, self.num_labels)
            output["example_counts"] = counts.sum(1)
            self._scores(counts)
        return output

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        return self._scores.get_metric(reset)

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """
        The `words` of each example, if known, and its `spans` as dictionaries with `start`, `end`
        (inclusive), `label` and, if the words are known, `text`.
        """
        readable: dict[str, Any] = {}
        words = output_dict.get("words")
        if "spans" in output_dict:
            readable["spans"] = readable_span_batch(words, output_dict["spans"], self.labels)
        if words is not None:
            readable["words"] = words
        return readable


def gold_classes(spans: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """
    What each span of a sentence should be said to be.

    # Parameters

    spans : `torch.LongTensor`
        The gold spans, shape `[batch, gold spans, 3]`, as in `SpanNerHead.forward`.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`, True on words.

    # Returns

    `Tuple[torch.LongTensor, torch.BoolTensor]`
        Both `[batch, words, words]` (first word, last word): the class, 0 for no span and `type +
        1` for the others; and which spans have one. Those that do not are the pairs that are no
        span of the sentence and the spans whose types were all unseen in training.
    """
    width = mask.size(1)
    cells = (spans[..., 0] * width + spans[..., 1]).clamp(min=0)
    # Rows of padding write the smallest value, 0, and so change nothing.
    classes = _largest(cells, spans[..., 2] + 1, mask)
    unseen = _largest(cells, ((spans[..., 0] >= 0) & (spans[..., 2] < 0)).long(), mask)
    return classes, span_mask(mask) & ~((unseen > 0) & (classes == 0))


def _largest(cells: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """The largest value, at least 0, written into each cell of `[batch, words, words]`."""
    batch, width = mask.shape
    table = cells.new_zeros(batch, width * width)
    return table.scatter_reduce_(1, cells, values, "amax").view(batch, width, width)
