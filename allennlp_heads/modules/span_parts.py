"""A linear layer on the vectors of all spans, computed without making these vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import linear, pad


@dataclass
class SpanTable:
    """
    The spans of at most `max_width` words of a sentence of `words` words: shorter spans first,
    those of one width from left to right. Which of two spans comes first does not depend on
    `words`.

    # Parameters

    words : `int`
        The length of the longest sentence of a batch, at least 1.
    max_width : `int`
        At least 1.
    """

    words: int
    max_width: int

    def spans(self, device: torch.device) -> tuple[Tensor, Tensor]:
        """The first and the last word of each span, `[spans]` each."""
        ranges = [torch.arange(self.words - further) for further in range(self.widths)]
        starts = torch.cat(ranges)
        ends = torch.cat([starts + further for further, starts in enumerate(ranges)])
        return starts.to(device), ends.to(device)

    def index(self, starts: Tensor, ends: Tensor) -> Tensor:
        """Where spans of these first and last words stand; they must not be too wide."""
        further = ends - starts
        return further * self.words - further * (further - 1) // 2 + starts

    def __len__(self) -> int:
        return self.widths * self.words - self.widths * (self.widths - 1) // 2

    @property
    def widths(self) -> int:
        """How many widths there are."""
        return min(self.words, self.max_width)


@dataclass
class SpanParts:
    """
    What a linear layer makes of the vector of a span, `[first word; last word; width embedding;
    mean of the words]` (He et al. 2018): the sum of a part of each. The parts are computed once a
    word or width, so that a span costs an addition and not a multiplication.

    # Parameters

    first, last : `torch.Tensor`
        The parts of the first and last word, shape `[batch, words, output_dim]`.
    total : `torch.Tensor`
        The sum of the words' parts before each word, shape `[batch, words + 1, output_dim]`, of
        which the part of the mean follows.
    width : `torch.Tensor`
        The part of each width from 1 on, with the layer's bias: `[max_width, output_dim]`.
    """

    first: Tensor
    last: Tensor
    total: Tensor
    width: Tensor

    @classmethod
    def of_words(
        cls, words: Tensor, weight: Tensor, bias: Tensor | None, widths: Tensor
    ) -> SpanParts:
        """
        # Parameters

        words : `torch.Tensor`
            Shape `[batch, words, dim]`.
        weight : `torch.Tensor`
            Of the linear layer, shape `[output_dim, 3 * dim + width_dim]`.
        bias : `torch.Tensor`
            Of the linear layer, shape `[output_dim]`, or `None`.
        widths : `torch.Tensor`
            The width embeddings, shape `[max_width, width_dim]`.
        """
        dim = words.size(-1)
        first, last, width, mean = weight.split([dim, dim, widths.size(-1), dim], dim=1)
        parts = linear(words, torch.cat([first, last, mean])).chunk(3, dim=-1)
        # Differences of running sums need more digits than half precision has.
        exact = parts[2].to(torch.promote_types(parts[2].dtype, torch.float32))
        total = pad(exact.cumsum(1), (0, 0, 1, 0))
        return cls(parts[0], parts[1], total, linear(widths, width, bias))

    def of_all_spans(self, table: SpanTable, rows: Tensor) -> Tensor:
        """
        The layer's output for many spans, shape `[rows, output_dim]`.

        # Parameters

        table : `SpanTable`
        rows : `torch.LongTensor`
            Which spans, as indices into `[batch * spans of the table]`, none of them twice.
        """
        width = self.width[: table.widths]
        return _SpansByWidth.apply(self.first, self.last, self.total, width, rows)

    def of_spans(self, starts: Tensor, ends: Tensor) -> Tensor:
        """
        The layer's output for a few spans, shape `[batch, spans, output_dim]`.

        # Parameters

        starts, ends : `torch.LongTensor`
            First and last words, shape `[batch, spans]`.
        """
        further = ends - starts
        summed = gather_rows(self.total, ends + 1) - gather_rows(self.total, starts)
        mean = (summed / (further + 1).unsqueeze(-1)).to(self.first.dtype)
        words = gather_rows(self.first, starts) + gather_rows(self.last, ends)
        return words + mean + self.width[further]


def gather_rows(vectors: Tensor, index: Tensor) -> Tensor:
    """The vectors `[batch, items, dim]` of some items `[batch, chosen]` of each example."""
    return vectors.gather(1, index.unsqueeze(-1).expand(-1, -1, vectors.size(-1)))


class _SpansByWidth(torch.autograd.Function):
    """
    The sum of the parts of spans. Spans of one width are slices of the words, so there is nothing
    to gather, and neither direction keeps more than one tensor of the size of its result.
    """

    @staticmethod
    def forward(
        ctx: Any, first: Tensor, last: Tensor, total: Tensor, width: Tensor, rows: Tensor
    ) -> Tensor:
        batch, words, dim = first.shape
        slices = _slices(words, width.size(0))
        spans = first.new_empty(batch, slices[-1][1], dim)
        for further, (begin, end) in enumerate(slices):
            stop = words - further
            mean = (total[:, further + 1 :] - total[:, :stop]) / (further + 1)
            spans[:, begin:end] = mean + first[:, :stop] + last[:, further:] + width[further]
        ctx.save_for_backward(rows)
        ctx.inputs = (first.shape, first.dtype, total.dtype, width.shape, width.dtype)
        return spans.view(-1, dim).index_select(0, rows)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        (rows,) = ctx.saved_tensors
        (batch, words, dim), dtype, exact, widths, width_dtype = ctx.inputs
        slices = _slices(words, widths[0])
        count = slices[-1][1]
        spans = gradient.new_zeros(batch * count, dim).index_copy_(0, rows, gradient)
        spans = spans.view(batch, count, dim)
        first, last = gradient.new_zeros(2, batch, words, dim, dtype=exact)
        total = gradient.new_zeros(batch, words + 1, dim, dtype=exact)
        width = gradient.new_zeros(widths, dtype=exact)
        for further, (begin, end) in enumerate(slices):
            part = spans[:, begin:end].to(exact)
            stop = words - further
            first[:, :stop] += part
            last[:, further:] += part
            width[further] = part.sum((0, 1))
            part = part / (further + 1)
            total[:, further + 1 :] += part
            total[:, :stop] -= part
        return first.to(dtype), last.to(dtype), total, width.to(width_dtype), None


def _slices(words: int, widths: int) -> list[tuple[int, int]]:
    """For each width where its spans begin and end in the table."""
    slices, begin = [], 0
    for further in range(widths):
        slices.append((begin, begin + words - further))
        begin = slices[-1][1]
    return slices
