"""The best projective dependency tree, for a batch of sentences at once."""

import torch
from torch import Tensor

from allennlp_heads.nn.trees import greedy_heads, is_projective, is_tree

_Splits = list[tuple[Tensor, Tensor]]


def decode_projective(scores: Tensor, mask: Tensor, single_root: bool = True) -> Tensor:
    """
    The projective tree with the highest sum of arc scores (first order), exact.

    Sentences whose words' best heads already are such a tree are done; the others go through the
    chart of Eisner (1996), *Three New Probabilistic Models for Dependency Parsing*, COLING. All
    sentences and all spans of one width are one step, so there are as many steps as the longest of
    these sentences has words.

    # Parameters

    scores : `torch.Tensor`
        Shape `[batch, words + 1, words + 1]`, indexed `[batch, dependent, head]`; column 0 is ROOT,
        row 0 is never read. Finite on the words; what stands on padding does not matter.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`, True on words, padding to the right.
    single_root : `bool`, optional (default = `True`)
        Exactly one word hangs from ROOT. Otherwise one or more.

    # Returns

    `torch.LongTensor`
        The heads, shape `[batch, words]`: 0 for ROOT, `i` for the `i`-th word; 0 on padding.
    """
    heads = greedy_heads(scores, mask)
    done = is_tree(heads, mask, single_root) & is_projective(heads, mask)
    rows = (~done).nonzero().squeeze(1)
    if rows.numel():
        lengths = mask[rows].sum(-1)
        longest = int(lengths.max())
        open_scores = scores.detach()[rows, : longest + 1, : longest + 1]
        splits = _fill(open_scores, single_root)
        found = _follow(_on_cpu(splits), lengths.cpu())
        heads[rows, :longest] = found.to(heads.device)
    return heads


def _fill(scores: Tensor, single_root: bool) -> _Splits:
    """
    Fills the chart and returns, for each width from 1 on, where the best spans of that width are
    split.

    An incomplete span reaches from a head to a dependent, a complete one from a head to the end of
    its descendants on that side. The first axis of all charts is the side: 0 for spans to the right
    of their head, 1 for those to the left, which are stored as if the sentence were read backwards
    (node 0 is then the last word), so that both sides are one computation.
    """
    scores = scores.float() if scores.dtype in (torch.float16, torch.bfloat16) else scores.clone()
    scores[:, 0] = float("-inf")
    sides = torch.stack([scores, scores.flip(1, 2)])  # [2, batch, dependent, head]
    nodes = sides.size(-1)
    # By head and width, but `by_end` by the far end and with the widths backwards: the two parts
    # of all ways to split the spans of one width are then plain slices.
    complete, incomplete, by_end = sides.new_zeros(3, *sides.shape)
    splits: _Splits = []
    for width in range(1, nodes):
        count = nodes - width  # spans of this width: from node i to node i + width, i < count
        # Two complete spans, one from each side, meet and make room for an arc over them.
        right, left = complete[:, :, :count, :width]
        meet, meet_at = (right + left.flip(1, 2)).max(-1)  # [batch, count]
        both = torch.stack([meet, meet.flip(1)])
        incomplete[:, :, :count, width] = both + sides.diagonal(-width, 2, 3)
        # An incomplete span is prolonged by the complete one of its dependent.
        parts = incomplete[:, :, :count, 1 : width + 1] + by_end[:, :, width:, count:]
        longer, longer_at = parts.max(-1)  # [2, batch, count]
        if single_root:
            # Complete, ROOT's span has its child and may not meet another span to get a second one.
            longer[0, :, 0] = float("-inf")
        complete[:, :, :count, width] = by_end[:, :, width:, count - 1] = longer
        splits.append((meet_at, longer_at))
    return splits


def _on_cpu(splits: _Splits) -> _Splits:
    """The same in one copy: following them, a GPU would be waited for at each width."""
    parts = [part for pair in splits for part in pair]
    if parts[0].device.type == "cpu":
        return splits
    flat = torch.cat([part.flatten() for part in parts]).cpu()
    moved = flat.split([part.numel() for part in parts])
    shaped = [one.view(part.shape) for one, part in zip(moved, parts, strict=True)]
    return list(zip(shaped[::2], shaped[1::2], strict=True))


def _follow(splits: _Splits, lengths: Tensor) -> Tensor:
    """Follows the splits from each sentence's whole span down and returns its words' heads."""
    batch, last = lengths.size(0), len(splits)
    used = torch.zeros(2, 2, batch, last + 1, last + 1, dtype=torch.bool, device=lengths.device)
    complete, incomplete = used  # [side, batch, head, width], as in `_fill`
    complete[0, torch.arange(batch, device=lengths.device), 0, lengths] = True
    for width in range(last, 0, -1):
        meet_at, longer_at = splits[width - 1]
        count = last + 1 - width
        side, row, head = complete[:, :, :count, width].nonzero(as_tuple=True)
        arc = longer_at[side, row, head] + 1
        incomplete[side, row, head, arc] = True
        complete[side, row, head + arc, width - arc] = True

        right, left = incomplete[:, :, :count, width]
        row, start = (right | left.flip(1)).nonzero(as_tuple=True)
        middle = meet_at[row, start]
        complete[0, row, start, middle] = True
        complete[1, row, last - start - width, width - 1 - middle] = True

    side, row, head, width_of_arc = incomplete.nonzero(as_tuple=True)
    head, dependent = (
        torch.where(side == 0, node, last - node) for node in (head, head + width_of_arc)
    )
    heads = lengths.new_zeros(batch, last + 1)
    heads[row, dependent] = head
    return heads[:, 1:]
