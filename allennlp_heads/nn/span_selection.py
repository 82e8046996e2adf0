"""
Which spans of a sentence to keep where they may not cross or overlap.

A span is its first and its last word, both inclusive and counted from 0.
"""

import torch
from torch import Tensor


def select_spans(
    scores: Tensor, starts: Tensor, ends: Tensor, candidates: Tensor, nested: bool = False
) -> Tensor:
    """
    Accepts the candidates of each sentence greedily, the one with the highest score first (on a
    tie, the one further to the front), and passes over those in conflict with an accepted one.

    # Parameters

    scores : `torch.Tensor`
        Shape `[batch, spans]`.
    starts, ends : `torch.LongTensor`
        The first and last words, shape `[batch, spans]`.
    candidates : `torch.BoolTensor`
        Shape `[batch, spans]`: the spans to choose from.
    nested : `bool`, optional (default = `False`)
        `False`: spans are in conflict if they share a word. `True`: only if they cross, that is
        if each of them has a word that the other lacks, or if they are the same.

    # Returns

    `torch.BoolTensor`
        Shape `[batch, spans]`: the accepted spans.
    """
    ranked = scores.masked_fill(~candidates, float("-inf"))
    order = ranked.argsort(dim=-1, descending=True, stable=True)
    starts, ends, left = (x.gather(1, order) for x in (starts, ends, candidates))
    accepted = torch.zeros_like(left)
    while left.any():
        best = left.byte().argmax(1, keepdim=True)  # [batch, 1], the first that is left
        accepted |= torch.zeros_like(left).scatter_(1, best, left.gather(1, best))
        start, end = starts.gather(1, best), ends.gather(1, best)
        conflict = (starts <= end) & (start <= ends)
        if nested:
            inside = (start <= starts) & (ends <= end)
            outside = (starts <= start) & (end <= ends)
            conflict &= inside == outside  # neither, or both: the same span
        left &= ~conflict
    return torch.zeros_like(accepted).scatter_(1, order, accepted)


def decode_spans(scores: Tensor, mask: Tensor, nested: bool = False) -> Tensor:
    """
    The labelled spans of each sentence after Yu et al. (2020), *Named Entity Recognition as
    Dependency Parsing*, section 3: a span whose highest score is that of a label, not of being
    none, is a candidate; candidates are accepted greedily by that score.

    # Parameters

    scores : `torch.Tensor`
        Shape `[batch, 1 + labels, words, words]`, indexed `[batch, class, first word, last word]`;
        class 0 is that of the spans that are none. On a tie a span is none.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`, True on words, padding to the right.
    nested : `bool`, optional (default = `False`)
        Whether a span may lie inside another one. They never cross.

    # Returns

    `torch.LongTensor`
        Shape `[batch, spans, 3]`: first word, last word and label (from 0), in the order of the
        words; padded with rows of -1.
    """
    best, label = scores[:, 1:].max(1)  # [batch, words, words]
    found = (best > scores[:, 0]) & span_mask(mask)
    example, start, end = found.nonzero(as_tuple=True)
    spans = torch.stack([start, end, label[found]], -1)
    rows = pad_spans(spans, example, len(mask))  # [batch, candidates, 3]
    row_scores = pad_spans(best[found].unsqueeze(-1), example, len(mask)).squeeze(-1)
    real = rows[..., 0] >= 0
    accepted = select_spans(row_scores, rows[..., 0], rows[..., 1], real, nested)
    return pad_spans(rows[accepted], accepted.nonzero(as_tuple=True)[0], len(mask))


def span_mask(mask: Tensor) -> Tensor:
    """
    The spans of each sentence, `[batch, words, words]` (first word, last word), of a mask
    `[batch, words]` that is True on words.
    """
    return (mask.unsqueeze(2) & mask.unsqueeze(1)).triu()


def pad_spans(rows: Tensor, example: Tensor, batch: int) -> Tensor:
    """
    The rows of each example beside each other.

    # Parameters

    rows : `torch.Tensor`
        Shape `[rows, columns]`.
    example : `torch.LongTensor`
        The example of each row, shape `[rows]`, ascending.
    batch : `int`
        How many examples there are.

    # Returns

    `torch.Tensor`
        Shape `[batch, most rows of an example, columns]`, padded with -1.
    """
    counts = torch.bincount(example, minlength=batch)
    width = int(counts.max()) if batch else 0
    place = torch.arange(len(rows), device=rows.device) - (counts.cumsum(0) - counts)[example]
    padded = rows.new_full((batch, width, rows.size(-1)), -1)
    padded[example, place] = rows
    return padded
