"""The best set of spans that do not overlap, for many sets at once."""

import torch
from torch import Tensor


def best_non_overlapping(starts: Tensor, ends: Tensor, scores: Tensor) -> Tensor:
    """
    The set of spans with the highest sum of scores of which no two share a word (weighted interval
    scheduling), exact, by dynamic programming over the spans in the order of their ends. Spans with
    a score of zero or less are never chosen.

    # Parameters

    starts, ends : `torch.LongTensor`
        First and last (inclusive) words of the spans, shape `[batch, spans]`.
    scores : `torch.Tensor`
        Shape `[batch, sets, spans]`: several sets are chosen from the same spans, each with scores
        of its own. Minus infinity forbids a span, padding for instance.

    # Returns

    `torch.BoolTensor`
        The chosen spans, shape `[batch, sets, spans]`.

    Raises `ValueError` for other shapes.
    """
    fitting = (*starts.shape[:1], *scores.shape[1:2], *starts.shape[1:])
    if starts.dim() != 2 or starts.shape != ends.shape or scores.shape != fitting:
        raise ValueError(
            f"starts {list(starts.shape)} and ends {list(ends.shape)} must be [batch, spans] of "
            f"scores [batch, sets, spans], which are {list(scores.shape)}"
        )
    order = ends.argsort(dim=-1, stable=True)  # [batch, spans]
    sorted_ends = ends.gather(-1, order).contiguous()
    # How many spans, in the order of ends, are over when a span begins.
    over = torch.searchsorted(sorted_ends, starts.gather(-1, order).contiguous())
    everywhere = order.unsqueeze(1).expand_as(scores)
    taken = _taken(scores.gather(-1, everywhere), over)
    return torch.zeros_like(taken).scatter(-1, everywhere, _trace(taken, over))


def _taken(scores: Tensor, over: Tensor) -> Tensor:
    """Whether each span is in the best set of the spans up to it, `[batch, sets, spans]`."""
    batch, sets, spans = scores.shape
    exact = scores.to(torch.promote_types(scores.dtype, torch.float32))
    best = exact.new_zeros(batch, sets, spans + 1)
    taken = torch.zeros_like(scores, dtype=torch.bool)
    for place in range(spans):
        before = over[:, place].view(-1, 1, 1).expand(-1, sets, 1)
        with_it = best.gather(-1, before).squeeze(-1) + exact[..., place]
        without = best[..., place]
        taken[..., place] = (with_it > without) & (exact[..., place] > 0)
        best[..., place + 1] = torch.where(taken[..., place], with_it, without)
    return taken


def _trace(taken: Tensor, over: Tensor) -> Tensor:
    """The best set of all spans, from the last span to the first."""
    chosen = torch.zeros_like(taken)
    spans = taken.size(-1)
    left = over.new_full(taken.shape[:-1], spans)  # how many spans are still to be decided
    for place in reversed(range(spans)):
        here = left == place + 1
        chosen[..., place] = here & taken[..., place]
        left = torch.where(here, place, left)
        left = torch.where(chosen[..., place], over[:, place].unsqueeze(-1), left)
    return chosen
