"""The best items of each row, as many as each row may keep."""

import torch
from torch import Tensor


def best_of_rows(scores: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
    """
    The items with the highest scores in each row. Of equal scores the first wins, so that the
    choice is the same on every machine and however much a row is padded.

    # Parameters

    scores : `torch.Tensor`
        Shape `[rows, items]`; minus infinity where there is no item.
    counts : `torch.LongTensor`
        How many to keep of each row, at most as many as it has; shape `[rows]`.

    # Returns

    `Tuple[torch.LongTensor, torch.BoolTensor]`
        The indices of the kept items from left to right, `[rows, most kept]`, 0 on padding; and
        which of these are no padding.
    """
    most = int(counts.max()) if counts.numel() else 0
    best = scores.argsort(dim=-1, descending=True, stable=True)[:, :most]
    mask = torch.arange(most, device=scores.device) < counts.unsqueeze(-1)
    in_order = best.masked_fill(~mask, scores.size(-1)).sort(-1).values
    return in_order.masked_fill(~mask, 0), mask


def places_of(indices: Tensor, mask: Tensor, items: int) -> Tensor:
    """
    The inverse of a choice.

    # Parameters

    indices : `torch.LongTensor`
        The chosen items of each row, shape `[rows, chosen]`.
    mask : `torch.BoolTensor`
        Which of these are no padding, shape `[rows, chosen]`.
    items : `int`
        How many items there are to choose from.

    # Returns

    `torch.LongTensor`
        For each item its place among the chosen ones, -1 if it is not; shape `[rows, items]`.
    """
    places = indices.new_full((indices.size(0), items + 1), -1)
    place = torch.arange(indices.size(1), device=indices.device).expand_as(indices)
    # Padding goes to a column of its own, so that no real one is written twice.
    return places.scatter(1, indices.masked_fill(~mask, items), place)[:, :-1]
