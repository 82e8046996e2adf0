"""All binary trees over a sentence at once: their summed weight and the probability of a span."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from allennlp_heads.nn.span_charts import SpanChart, chart_of, whole_sentences


def tree_log_partition(scores: Tensor, mask: Tensor) -> Tensor:
    """
    The logarithm of the sum of exp(score) over all binary trees, whose score is the sum of those of
    their spans: the inside algorithm (Baker 1979; Zhang et al. 2020, *Fast and Accurate Neural CRF
    Constituency Parsing*, section 3). All spans of one width of all sentences are one step.

    Its gradient is the probability of each span in a tree, found by one pass from the whole
    sentences down, which needs no more memory than the chart. It is not differentiable twice.

    # Parameters

    scores : `torch.Tensor`
        The score of each span, shape `[batch, words, words]`, indexed `[batch, start, end]` with
        `end` inclusive. Finite on the words from `start` on; what stands elsewhere does not matter.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`, True on words, padding to the right.

    # Returns

    `torch.Tensor`
        Shape `[batch]`, in single precision for half-precision scores; 0 for a sentence without
        words.
    """
    result: Tensor = _LogPartition.apply(scores, mask)
    return result


def span_marginals(scores: Tensor, mask: Tensor) -> Tensor:
    """
    The probability of each span to be in a tree drawn in proportion to exp(score).

    # Parameters

    scores, mask : `torch.Tensor`
        As for `tree_log_partition`.

    # Returns

    `torch.Tensor`
        Shape `[batch, words, words]`, without gradient; 0 for what is no span of the sentence, 1
        for a whole sentence and for its single words.
    """
    chart = chart_of(scores, mask)
    ways = _fill(chart)
    return _outside(chart, ways, mask, chart.cells.new_ones(mask.size(0)))


class _LogPartition(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, scores: Tensor, mask: Tensor) -> Tensor:
        chart = chart_of(scores, mask)
        ctx.mask, ctx.dtype = mask, scores.dtype
        ctx.chart, ctx.ways = chart, _fill(chart)
        whole = whole_sentences(mask)
        totals = chart.cells.new_zeros(mask.size(0))
        totals[whole[-1]] = chart.cells[whole]
        return totals

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _outside(ctx.chart, ctx.ways, ctx.mask, gradient).to(ctx.dtype), None


def _fill(chart: SpanChart) -> list[Tensor]:
    """
    Turns the score of each span into the log-weight of all trees over it. Returns, for each width
    from 2 on, the log-weight of their parts alone, without the score of the span itself.
    """
    ways = []
    for width in range(2, chart.words + 1):
        left, right = chart.parts(width)
        weights = left + right
        highest = weights.amax(0)
        ways.append(weights.sub_(highest).exp_().sum(0).log_().add_(highest))
        chart.spans(width).add_(ways[-1])
    return ways


def _outside(chart: SpanChart, ways: list[Tensor], mask: Tensor, weights: Tensor) -> Tensor:
    """
    The probability `[batch, start, end]` of each span, times the weight `[batch]` of its sentence:
    that of a span is handed down to its parts in proportion to what the ways to split it weigh.
    """
    handed = SpanChart(torch.zeros_like(chart.cells))
    whole = whole_sentences(mask)
    handed.cells[whole] = weights[whole[-1]]
    for width in range(chart.words, 1, -1):
        left, right = chart.parts(width)
        shares = (left + right).sub_(ways[width - 2]).exp_().mul_(handed.spans(width))
        for part in handed.parts(width):
            part.add_(shares)
    return handed.cells.permute(2, 0, 1)
