"""Precision, recall and F1 of labelled spans."""

from collections.abc import Sequence

import torch
from allennlp.training.metrics import Metric
from torch import Tensor

from allennlp_heads.distributed import sum_over_workers
from allennlp_heads.distributed.worker_metric import WorkerMetric
from allennlp_heads.training.metrics.shares import precision_recall_f1


def span_counts(predicted: Tensor, gold: Tensor, num_labels: int) -> Tensor:
    """
    How many spans are right, said and there. A span is right if its boundaries and its label are
    those of a gold span.

    # Parameters

    predicted, gold : `torch.LongTensor`
        Shape `[batch, spans, columns]`, the last column being the label; a row with a negative
        first column is padding. A gold label may be negative (not seen in training): it counts as a
        gold span that nobody found. Equal rows of an example count once.
    num_labels : `int`
        The number of labels.

    # Returns

    `torch.LongTensor`
        Shape `[batch, num_labels + 1, 3]`: correct, predicted and gold spans of each label, in the
        last place those of labels not seen in training.
    """
    said, there = _distinct(predicted), _distinct(gold)
    right = said & _equal(predicted, gold, there).any(2) & (predicted[..., -1] >= 0)
    rows = ((right, predicted), (said, predicted), (there, gold))
    return torch.stack([_per_label(kept, spans[..., -1], num_labels) for kept, spans in rows], -1)


def _equal(left: Tensor, right: Tensor, real: Tensor) -> Tensor:
    """Which rows are equal, `[batch, left rows, right rows]`, False at rows that are not real."""
    return (left.unsqueeze(2) == right.unsqueeze(1)).all(-1) & real.unsqueeze(1)


def _distinct(spans: Tensor) -> Tensor:
    """The rows `[batch, spans]` that are no padding and not equal to an earlier one."""
    real = spans[..., 0] >= 0
    earlier = _equal(spans, spans, real).tril(-1)
    return real & ~earlier.any(2)


def _per_label(kept: Tensor, labels: Tensor, num_labels: int) -> Tensor:
    """The number of rows kept for each label, `[batch, num_labels + 1]`."""
    index = torch.where(labels < 0, num_labels, labels)
    counts = torch.zeros(len(labels), num_labels + 1, dtype=torch.long, device=labels.device)
    return counts.scatter_add_(1, index, kept.long())


@Metric.register("span_scores")
class SpanScores(WorkerMetric):
    """
    Micro-averaged precision, recall and F1 of labelled spans: counts of all examples are added up
    before they are divided. It agrees with `seqeval` and the scorer of CoNLL-2003. AllenNLP's
    `span_f1` reads tags only, cannot say what one example contributed, and does not run on several
    workers.

    # Parameters

    labels : `Sequence[str]`
        The names of the labels.
    per_label : `bool`, optional (default = `False`)
        Also give the scores of each label.
    """

    def __init__(self, labels: Sequence[str], per_label: bool = False) -> None:
        self._labels = list(labels)
        self._per_label = per_label
        self._counts = torch.zeros(len(self._labels) + 1, 3, dtype=torch.long)

    def __call__(self, counts: Tensor) -> None:  # type: ignore[override]
        """
        # Parameters

        counts : `torch.LongTensor`
            Those of `span_counts`, shape `[batch, labels + 1, 3]`.
        """
        self._counts += counts.sum(0).cpu()

    def get_metric(self, reset: bool = False) -> dict[str, float]:
        """
        # Returns

        `Dict[str, float]`
            `precision`, `recall` and `f1`, between 0 and 1, and with `per_label` for each label,
            for instance, `f1-PER`. 0 where there is nothing to divide by.
        """
        metrics = precision_recall_f1(self._counts.sum(0).tolist())
        if self._per_label:
            for label, counts in zip(self._labels, self._counts):
                metrics.update(precision_recall_f1(counts.tolist(), f"-{label}"))
        if reset:
            self.reset()
        return metrics

    def merge(self) -> None:
        self._counts = sum_over_workers(self._counts)

    def reset(self) -> None:
        self._counts.zero_()
