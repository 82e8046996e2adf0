"""From the vectors of pieces to the vectors of words."""

from __future__ import annotations

import torch


def pool_words(
    pieces: torch.Tensor, offsets: torch.Tensor, mask: torch.Tensor, mode: str = "avg"
) -> torch.Tensor:
    """
    One vector a word: the mean of its pieces' vectors, or that of its first piece.

    # Parameters

    pieces : `torch.Tensor`
        `[batch, pieces, dim]`.
    offsets : `torch.Tensor`
        `[batch, words, 2]`: first and last piece of each word, inclusive. A negative offset (a
        word without pieces, as AllenNLP's mismatched indexer marks it) gives a vector of zeros.
    mask : `torch.Tensor`
        `[batch, words]` bool: which words exist; the others get zeros.
    mode : `str`, optional (default = `"avg"`)
        `"avg"` or `"first"`, AllenNLP's names.

    # Returns

    `torch.Tensor`
        `[batch, words, dim]`.
    """
    first, last = offsets.unbind(dim=-1)
    if mode == "first":
        exists = mask & (first >= 0)
        index = first.clamp(min=0)[..., None].expand(-1, -1, pieces.size(-1))
        return pieces.gather(1, index) * exists[..., None].to(pieces)
    inside = pieces_of_words(offsets, mask, pieces.size(1)).to(pieces)
    share = inside / (last - first + 1).clamp(min=1)[..., None].to(pieces)
    return share @ pieces


def pieces_of_words(offsets: torch.Tensor, mask: torch.Tensor, pieces: int) -> torch.Tensor:
    """
    `[batch, words, pieces]` bool: which pieces are part of which word. Words that `mask` excludes,
    or whose offsets are negative, have none. `pieces`: how many there are.
    """
    first, last = offsets.unbind(dim=-1)
    exists = mask & (first >= 0)
    position = torch.arange(pieces, device=offsets.device)
    return (position >= first[..., None]) & (position <= last[..., None]) & exists[..., None]
