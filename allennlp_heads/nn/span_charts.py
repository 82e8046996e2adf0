"""
Charts over the spans of sentences, for inside and CKY.

A score tensor is `scores[batch, start, end]` of shape `[batch, words, words]`: 0-based words, `end`
inclusive, so that only the upper triangle is read. A mask `[batch, words]` is True on words and
False on the padding to their right. A tree is binary: its spans are the whole sentence, each single
word, and for each span of two words or more the two spans it is split into.
"""

import torch
from torch import Tensor


class SpanChart:
    """
    A number for every span of every sentence. The spans of one width, and the parts of all ways to
    split them, are views: no matter how many, they are computed at once.

    The sentences are the last axis, so that neighbours in memory take part in the same operation.

    # Parameters

    cells : `torch.Tensor`
        Contiguous, shape `[words, words, batch]`, indexed `[start, end, batch]`.
    """

    def __init__(self, cells: Tensor) -> None:
        self.cells = cells
        self.words, _, self._batch = cells.shape
        self._row = self.words * self._batch  # from a cell to the one below it, in numbers

    def spans(self, width: int) -> Tensor:
        """The spans of one width from left to right, `[words - width + 1, batch]`."""
        size = (self.words - width + 1, self._batch)
        step = (self._row + self._batch, 1)
        return self.cells.as_strided(size, step, (width - 1) * self._batch)

    def parts(self, width: int) -> tuple[Tensor, Tensor]:
        """
        The left and the right parts of the spans of one width, both `[width - 1, words - width + 1,
        batch]`: by the width of the left part less one, and by the span.
        """
        size = (width - 1, self.words - width + 1, self._batch)
        # A longer left part ends one column later; the right part then starts one row later.
        step = self._row + self._batch
        left = self.cells.as_strided(size, (self._batch, step, 1))
        first = self._row + (width - 1) * self._batch
        return left, self.cells.as_strided(size, (self._row, step, 1), first)


def chart_of(scores: Tensor, mask: Tensor) -> SpanChart:
    """
    The scores in at least single precision, without their gradient and with zeros for whatever
    stands on padding.
    """
    scores = scores.detach()
    if scores.dtype in (torch.float16, torch.bfloat16):
        scores = scores.float()
    clean = scores.masked_fill(~(mask.unsqueeze(2) & mask.unsqueeze(1)), 0.0)
    return SpanChart(clean.permute(1, 2, 0).clone(memory_format=torch.contiguous_format))


def whole_sentences(mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """
    The index `[start, end, batch]` of the whole sentences, for those that have words.
    """
    lengths = mask.sum(-1)
    rows = lengths.nonzero().squeeze(1)
    return torch.zeros_like(rows), lengths[rows] - 1, rows


def packed_spans(chosen: Tensor) -> Tensor:
    """
    The spans of each sentence as rows of numbers.

    # Parameters

    chosen : `torch.BoolTensor`
        Shape `[batch, words, words]`, True on spans.

    # Returns

    `torch.LongTensor`
        Shape `[batch, spans, 2]`, starts and ends in the order of the starts, padded with -1.
    """
    counts = chosen.flatten(1).sum(-1)
    row, *places = chosen.nonzero(as_tuple=True)
    first = counts.cumsum(0) - counts
    place = torch.arange(len(row), device=row.device) - first[row]
    packed = row.new_full((len(counts), int(counts.max()), 2), -1)
    packed[row, place] = torch.stack(places, -1)
    return packed
