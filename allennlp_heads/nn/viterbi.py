"""The best sequence of tags, for a batch of sentences at once."""

from collections.abc import Iterable
from typing import Optional

import torch
from torch import Tensor


def decode_tags(
    emissions: Tensor,
    mask: Tensor,
    transitions: Optional[Tensor] = None,
    start: Optional[Tensor] = None,
    end: Optional[Tensor] = None,
) -> Tensor:
    """
    The sequence of tags with the highest sum of scores (Viterbi 1967), exact.

    # Parameters

    emissions : `torch.Tensor`
        The score of each tag at each word, shape `[batch, words, tags]`.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`, True on words, padding to the right.
    transitions : `torch.Tensor`, optional (default = `None`)
        The score of a tag (row) being followed by another (column), shape `[tags, tags]`. Minus
        infinity forbids, here and in the next two; where everything is forbidden, so is the result.
        `None` is all zeros.
    start : `torch.Tensor`, optional (default = `None`)
        The score of a tag at the first word, shape `[tags]`.
    end : `torch.Tensor`, optional (default = `None`)
        The score of a tag at the last word, shape `[tags]`.

    # Returns

    `torch.LongTensor`
        Shape `[batch, words]`; 0 on padding.
    """
    batch, words, num_tags = emissions.shape
    if words == 0:
        return mask.long()
    if transitions is None:
        transitions = emissions.new_zeros(num_tags, num_tags)
    best = emissions[:, 0] if start is None else emissions[:, 0] + start
    stay = torch.arange(num_tags, device=emissions.device).expand(batch, num_tags)
    previous: list[Tensor] = []
    for word in range(1, words):
        real = mask[:, word].unsqueeze(-1)
        reached, reached_from = (best.unsqueeze(-1) + transitions).max(1)
        best = torch.where(real, reached + emissions[:, word], best)
        previous.append(torch.where(real, reached_from, stay))
    tags = [(best if end is None else best + end).argmax(-1, keepdim=True)]
    for reached_from in reversed(previous):
        tags.append(reached_from.gather(-1, tags[-1]))
    return torch.cat(tags[::-1], -1).masked_fill(~mask, 0)


def constraint_scores(
    allowed: Iterable[tuple[int, int]], num_tags: int
) -> tuple[Tensor, Tensor, Tensor]:
    """
    Transition, start and end scores that forbid all but the given transitions: 0 if allowed, else
    minus infinity.

    # Parameters

    allowed : `Iterable[Tuple[int, int]]`
        Pairs of a tag and one that may follow it. As a tag, `num_tags` stands for the start and
        `num_tags + 1` for the end (the convention of AllenNLP's `allowed_transitions`).
    num_tags : `int`
        The number of tags.

    # Returns

    `Tuple[torch.Tensor, torch.Tensor, torch.Tensor]`
        Shapes `[tags, tags]`, `[tags]` and `[tags]`.
    """
    scores = torch.full((num_tags + 2, num_tags + 2), float("-inf"))
    for before, after in allowed:
        scores[before, after] = 0.0
    return scores[:-2, :-2].clone(), scores[-2, :-2].clone(), scores[:-2, -1].clone()
