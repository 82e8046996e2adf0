"""The spans that sequences of tags stand for, for a batch of sentences at once."""

import torch
from torch import Tensor

from allennlp_heads.nn.span_selection import pad_spans


def tag_spans(tags: Tensor, mask: Tensor, labels: Tensor, opens: Tensor, closes: Tensor) -> Tensor:
    """
    The spans of sequences in any of the codings IOB1, IOB2 (BIO), BIOES (BIOUL) and BMES.

    A sequence that breaks the rules of its coding is read as the CoNLL scorers read it: a span
    begins at a tag that opens one, after a tag that closes one, and where the label changes. A
    negative tag is one not seen in training; neighbours of this kind are one span of an unknown
    label.

    # Parameters

    tags : `torch.LongTensor`
        Shape `[batch, words]`.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`, True on words, padding to the right.
    labels : `torch.LongTensor`
        The label of each tag, shape `[tags]`; negative for tags outside of spans.
    opens : `torch.BoolTensor`
        The tags that are always a span's first (B, S, U), shape `[tags]`.
    closes : `torch.BoolTensor`
        The tags that are always a span's last (E, L, S, U), shape `[tags]`.

    # Returns

    `torch.LongTensor`
        Shape `[batch, spans, 3]`: first word, last word (inclusive) and label (-1 if unknown), in
        the order of the words; padded with rows of -1.
    """
    unseen, known = tags < 0, tags.clamp(min=0)
    within = mask & (unseen | (labels[known] >= 0))
    label = labels[known].masked_fill(unseen, -1)
    opening, closing = opens[known] & ~unseen, closes[known] & ~unseen
    first = within.clone()
    same = within[:, :-1] & (label[:, 1:] == label[:, :-1])
    first[:, 1:] &= opening[:, 1:] | closing[:, :-1] | ~same
    last = within.clone()
    last[:, :-1] &= ~within[:, 1:] | first[:, 1:]
    # In the order of the words, the nth first word of a batch belongs to the nth last word.
    example, start = first.nonzero(as_tuple=True)
    spans = torch.stack([start, last.nonzero(as_tuple=True)[1], label[first]], -1)
    return pad_spans(spans, example, len(tags))
