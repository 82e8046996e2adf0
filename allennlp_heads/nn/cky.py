"""The best binary tree over a sentence, for a batch of sentences at once."""

import numpy as np
import torch
from torch import Tensor

from allennlp_heads.nn.inside import span_marginals
from allennlp_heads.nn.span_charts import SpanChart, chart_of, whole_sentences


def decode_tree_spans(scores: Tensor, mask: Tensor) -> Tensor:
    """
    The binary tree with the highest sum of span scores, exact (CKY). All spans of one width of all
    sentences are one step.

    # Parameters

    scores : `torch.Tensor`
        The score of each span, shape `[batch, words, words]`, indexed `[batch, start, end]` with
        `end` inclusive. Finite on the words from `start` on; what stands elsewhere does not matter.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`, True on words, padding to the right.

    # Returns

    `torch.BoolTensor`
        Shape `[batch, words, words]`, True on the `2 * length - 1` spans of the tree.
    """
    return _follow(_splits(chart_of(scores, mask)), mask)


def decode_tree_spans_by_risk(scores: Tensor, mask: Tensor) -> Tensor:
    """
    The binary tree with the most spans expected to be right, when trees are as probable as
    exp(score) says: the one with the highest sum of `span_marginals` (minimum Bayes risk; Goodman
    1996, *Parsing Algorithms and Metrics*).

    # Parameters

    scores, mask : `torch.Tensor`
        As for `decode_tree_spans`.

    # Returns

    `torch.BoolTensor`
        As of `decode_tree_spans`.
    """
    return decode_tree_spans(span_marginals(scores, mask), mask)


def _splits(chart: SpanChart) -> list[Tensor]:
    """
    Turns the score of each span into that of the best tree over it. Returns, for each width from 2
    on, where its spans are best split: the width of the left part less one, `[words - width + 1,
    batch]`.
    """
    splits = []
    for width in range(2, chart.words + 1):
        left, right = chart.parts(width)
        highest, split = (left + right).max(0)
        chart.spans(width).add_(highest)
        splits.append(split)
    return splits


def _follow(splits: list[Tensor], mask: Tensor) -> Tensor:
    """
    Follows the splits from the whole sentences down, one level of all trees at a time, and returns
    the spans met.
    """
    batch, words = mask.shape
    # In NumPy: this is much bookkeeping of few numbers, in which it is several times as fast, and
    # another device is asked for them once instead of at each level.
    table = torch.cat(splits).cpu().numpy() if splits else np.zeros((0, batch), dtype=int)
    first = np.cumsum([0, 0, 0, *range(words - 1, 0, -1)])  # the rows of the table, by width
    met = np.zeros((batch, words, words), dtype=bool)
    start, end, row = (index.cpu().numpy() for index in whole_sentences(mask))
    while len(row):
        met[row, start, end] = True
        inner = (start < end).nonzero()[0]
        start, end, row = start[inner], end[inner], row[inner]
        middle = start + table[first[end - start + 1] + start, row]
        start, end = np.concatenate([start, middle + 1]), np.concatenate([middle, end])
        row = np.concatenate([row, row])
    return torch.from_numpy(met).to(mask.device)
