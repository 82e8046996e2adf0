"""
The best answers to a question among all spans of its context, which may stand in several windows.

A span is its window, its first and its last piece, both inclusive and counted from 0.
"""

import torch
from torch import Tensor
from torch.nn.functional import pad

from allennlp_heads.nn.span_selection import pad_spans


def best_answer_spans(
    start: Tensor,
    end: Tensor,
    candidates: Tensor,
    characters: Tensor,
    max_length: int = 30,
    n_best: int = 20,
) -> tuple[Tensor, Tensor]:
    """
    The spans with the highest scores, that is the sum of the score of the first piece as a start
    and of the last piece as an end. It is exact: nothing is left out that a look at every span
    would find. Of equal scores the span that starts earlier wins, then the shorter one.

    # Parameters

    start, end : `torch.Tensor`
        Shape `[batch, windows, pieces]`.
    candidates : `torch.BoolTensor`
        Shape `[batch, windows, pieces]`: where a span may start and end; False on padding.
    characters : `torch.LongTensor`
        Shape `[batch, windows, pieces, 2]`: the first character of each piece in the context and
        the next one after it. Spans of the same characters, as overlapping windows have them, count
        once, with the best of their scores.
    max_length : `int`, optional (default = `30`)
        The most pieces of a span.
    n_best : `int`, optional (default = `20`)
        How many spans to keep of each question.

    # Returns

    `Tuple[torch.LongTensor, torch.DoubleTensor]`
        The spans `[batch, n_best, 3]` (window, first piece, last piece), the best first, padded
        with -1; and their scores `[batch, n_best]`, there minus infinity.
    """
    scores = _span_scores(start, end, candidates, max_length)
    place, values = _best_places(scores, characters, n_best)
    example, window, first, length = place.T
    spans = torch.stack([window, first, first + length], -1)
    spans, values = (
        _fixed(pad_spans(rows, example, len(start)), n_best)
        for rows in (spans, values.unsqueeze(-1))
    )
    missing = spans[..., 0] < 0
    return spans, values.squeeze(-1).masked_fill(missing, float("-inf"))


def no_answer_scores(start: Tensor, end: Tensor, exists: Tensor) -> Tensor:
    """
    The score of having no answer: the smallest sum, over the windows, of the scores of the first
    piece as start and end, so that an answer that one window finds is not denied by the others.

    # Parameters

    start, end : `torch.Tensor`
        Shape `[batch, windows, pieces]`.
    exists : `torch.BoolTensor`
        Shape `[batch, windows]`: False on padding.

    # Returns

    `torch.DoubleTensor`
        Shape `[batch]`; infinity where there is no window.
    """
    sums = start[..., 0].double() + end[..., 0].double()
    return sums.masked_fill(~exists, float("inf")).amin(1)


def probabilities(scores: Tensor) -> Tensor:
    """
    The softmax of each row of scores `[batch, n]`: 0 where a score is minus infinity, also in rows
    without any other.
    """
    return scores.softmax(-1).masked_fill(scores == float("-inf"), 0.0)


def characters_of_spans(spans: Tensor, characters: Tensor) -> Tensor:
    """
    The first character of each span and the next one after it, `[batch, spans, 2]`, -1 for spans
    `[batch, spans, 3]` that are -1. `characters`: as in `best_answer_spans`.
    """
    example = torch.arange(len(spans), device=spans.device).unsqueeze(-1)
    window, first, last = spans.clamp(min=0).unbind(-1)
    found = characters[example, window, first, 0], characters[example, window, last, 1]
    return torch.stack(found, -1).masked_fill(spans[..., :1] < 0, -1)


def places_in_windows(spans: Tensor, candidates: Tensor, characters: Tensor) -> Tensor:
    """
    Where a span of each question stands in all windows.

    # Parameters

    spans : `torch.LongTensor`
        Shape `[batch, 3]`: window, first and last piece; -1 for none.
    candidates, characters : `torch.Tensor`
        As in `best_answer_spans`.

    # Returns

    `torch.LongTensor`
        Shape `[batch, windows, 2]`: the first and the last piece of the same characters in each
        window, and twice 0 where the window does not hold them all.
    """
    borders = characters_of_spans(spans.unsqueeze(1), characters)  # [batch, 1, 2]
    begins = candidates & (characters[..., 0] == borders[..., :1])
    stops = candidates & (characters[..., 1] == borders[..., 1:])
    first = begins.byte().argmax(-1)
    last = stops.size(-1) - 1 - stops.flip(-1).byte().argmax(-1)
    whole = begins.any(-1) & stops.any(-1)
    return torch.stack([first, last], -1).masked_fill(~whole.unsqueeze(-1), 0)


def _span_scores(start: Tensor, end: Tensor, candidates: Tensor, max_length: int) -> Tensor:
    """`[batch, windows, pieces, lengths]`, minus infinity where there is no such span."""
    lengths = min(max_length, start.size(-1))
    # the sum of two singles is exact in doubles: rounding makes no ties
    start, end = (x.double().masked_fill(~candidates, float("-inf")) for x in (start, end))
    ends = pad(end, (0, lengths - 1), value=float("-inf")).unfold(-1, lengths, 1)
    return start.unsqueeze(-1) + ends


def _best_places(scores: Tensor, characters: Tensor, n_best: int) -> tuple[Tensor, Tensor]:
    """
    At least the `n_best` spans of each example, if there are so many, each once: their places
    `[spans, 4]` in the scores, and these; example by example, the best first.
    """
    flat = scores.flatten(1)
    keep = n_best * scores.size(1)  # a span stands at most once in a window, but see below
    while True:
        keep = min(keep, flat.size(1))
        least = flat.topk(keep).values[:, -1]  # [batch]
        # all that are equal to the last one, whichever of them are among the best
        found = (scores >= least[:, None, None, None]) & (scores > float("-inf"))
        place, values = found.nonzero(), scores[found]
        kept = _distinct(place, values, characters)
        place, values = place[kept], values[kept]
        enough = torch.bincount(place[:, 0], minlength=len(scores)) >= n_best
        if keep == flat.size(1) or (enough | ~(least > float("-inf"))).all():
            return place, values
        keep *= 2  # pieces that are parts of one character make equal spans in a window


def _distinct(place: Tensor, values: Tensor, characters: Tensor) -> Tensor:
    """Which spans to keep, example by example, the best first."""
    example, window, first, length = place.T
    begin = characters[example, window, first, 0]
    stop = characters[example, window, first + length, 1]
    width = characters.max() + 1
    name = (example * width + begin) * width + stop
    order = torch.arange(len(values), device=values.device)
    for key in (name, -values, example):
        order = order[key[order].argsort(stable=True)]
    _, number = name[order].unique(return_inverse=True)
    # of each name the first in the order
    rank = torch.arange(len(order), device=order.device)
    best = torch.full_like(rank, len(order)).scatter_reduce_(0, number, rank, "amin")
    return order[best[best < len(order)].sort().values]


def _fixed(rows: Tensor, size: int) -> Tensor:
    """Exactly so many rows of each example, `[batch, size, columns]`, padded with -1."""
    rows = rows[:, :size]
    return pad(rows, (0, 0, 0, size - rows.size(1)), value=-1)
