"""
The likelihood of a sequence of tags under a linear-chain conditional random field (Lafferty et al.
2001).
"""

import torch
from torch import Tensor
from torch.nn.functional import one_hot


def log_partition(
    emissions: Tensor, mask: Tensor, transitions: Tensor, start: Tensor, end: Tensor
) -> Tensor:
    """
    The logarithm of the sum of exp(score) over all sequences of tags (the forward algorithm).

    # Parameters

    emissions : `torch.Tensor`
        The score of each tag at each word, shape `[batch, words, tags]`. Minus infinity takes a tag
        out, as long as each word keeps one.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`, True on words, padding to the right.
    transitions : `torch.Tensor`
        The score of a tag (row) being followed by another (column), shape `[tags, tags]`.
    start : `torch.Tensor`
        The score of a tag at the first word, shape `[tags]`.
    end : `torch.Tensor`
        The score of a tag at the last word, shape `[tags]`.

    # Returns

    `torch.Tensor`
        Shape `[batch]`. A sentence without words counts its first position as one.
    """
    forward = emissions[:, 0] + start
    for word in range(1, emissions.size(1)):
        reached = (forward.unsqueeze(-1) + transitions).logsumexp(1) + emissions[:, word]
        forward = torch.where(mask[:, word].unsqueeze(-1), reached, forward)
    return (forward + end).logsumexp(-1)


def crf_negative_log_likelihood(
    emissions: Tensor, tags: Tensor, mask: Tensor, transitions: Tensor, start: Tensor, end: Tensor
) -> Tensor:
    """
    The negative log-likelihood of each sentence's tags. Words whose tag is not known are summed
    over: their sentence's likelihood is that of the tags that are known.

    # Parameters

    emissions, mask, transitions, start, end : `torch.Tensor`
        As for `log_partition`.
    tags : `torch.LongTensor`
        The gold tags, shape `[batch, words]`; negative where not known.

    # Returns

    `torch.Tensor`
        Shape `[batch]`; 0 for a sentence with no known tag.
    """
    known = (mask & (tags >= 0)).unsqueeze(-1)
    gold = one_hot(tags.clamp(min=0), emissions.size(-1)).bool()
    compatible = emissions.masked_fill(known & ~gold, float("-inf"))
    both = log_partition(
        torch.cat([emissions, compatible]), torch.cat([mask, mask]), transitions, start, end
    )
    everything, agreeing = both.chunk(2)
    return everything - agreeing
