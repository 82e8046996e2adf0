"""
What is a dependency tree: checks of whole batches of head vectors.

Throughout `nn`, word `i` of a sentence is node `i + 1` and node 0 is ROOT. A head vector `heads`
`[batch, words]` gives each word's head as a node; a score tensor is `scores[batch, dependent,
head]` of shape `[batch, words + 1, words + 1]`, whose column 0 is ROOT as a head and whose row 0
(ROOT as a dependent) is never read. A mask `[batch, words]` is True on words and False on the
padding to their right.
"""

from collections.abc import Sequence

import torch
from torch.nn.functional import pad


def candidate_arcs(mask: torch.Tensor) -> torch.Tensor:
    """
    The arcs a sentence may have: from any word to ROOT or to another word.

    # Parameters

    mask : `torch.BoolTensor`
        Shape `[batch, words]`.

    # Returns

    `torch.BoolTensor`
        Shape `[batch, words + 1, words + 1]`, indexed `[batch, dependent, head]`.
    """
    nodes = pad(mask, (1, 0), value=True)
    arcs = pad(mask, (1, 0), value=False).unsqueeze(2) & nodes.unsqueeze(1)
    return arcs & ~torch.eye(nodes.size(1), dtype=torch.bool, device=mask.device)


def greedy_heads(scores: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """
    The best head of each word by itself; together they need not be a tree.

    # Parameters

    scores : `torch.Tensor`
        Shape `[batch, words + 1, words + 1]`, indexed `[batch, dependent, head]`, column 0 = ROOT.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`.

    # Returns

    `torch.LongTensor`
        Shape `[batch, words]`; 0 on padding.
    """
    allowed = scores.masked_fill(~candidate_arcs(mask), float("-inf"))
    return allowed.argmax(-1)[:, 1:].masked_fill(~mask, 0)


def is_tree(heads: torch.Tensor, mask: torch.Tensor, single_root: bool = True) -> torch.Tensor:
    """
    Whether each head vector is a tree: every head is ROOT or a word of the sentence, and every word
    reaches ROOT.

    # Parameters

    heads : `torch.LongTensor`
        Shape `[batch, words]`.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`.
    single_root : `bool`, optional (default = `True`)
        Also ask that exactly one word hangs from ROOT.

    # Returns

    `torch.BoolTensor`
        Shape `[batch]`. True for a sentence without words.
    """
    lengths = mask.sum(-1, keepdim=True)
    known = ((heads >= 0) & (heads <= lengths)) | ~mask
    parents = pad(heads.masked_fill(~(mask & known), 0), (1, 0))
    # Following pointers twice as far each time, all words have arrived after log2(words) rounds.
    for _ in range(mask.size(1).bit_length()):
        parents = parents.gather(1, parents)
    tree = known.all(-1) & (parents == 0).all(-1)
    if single_root:
        roots = ((heads == 0) & mask).sum(-1)
        tree = tree & ((roots == 1) | (lengths.squeeze(-1) == 0))
    return tree


def is_projective(heads: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """
    Whether no two arcs of a sentence cross, the arc from ROOT (which stands left of the first word)
    included.

    # Parameters

    heads : `torch.LongTensor`
        Shape `[batch, words]`.
    mask : `torch.BoolTensor`
        Shape `[batch, words]`.

    # Returns

    `torch.BoolTensor`
        Shape `[batch]`.
    """
    words = torch.arange(1, mask.size(1) + 1, device=heads.device).expand_as(heads)
    heads = torch.where(mask, heads, words)  # an arc of no length crosses nothing
    left, right = torch.minimum(heads, words), torch.maximum(heads, words)
    starts_inside = left.unsqueeze(2) < left.unsqueeze(1)
    overlaps = left.unsqueeze(1) < right.unsqueeze(2)
    ends_outside = right.unsqueeze(2) < right.unsqueeze(1)
    return ~(starts_inside & overlaps & ends_outside).flatten(1).any(-1)


def find_cycle(heads: Sequence[int]) -> list[int]:
    """
    A cycle among the arcs of one sentence, for decoding and for messages.

    # Parameters

    heads : `Sequence[int]`
        The head of word 1, 2, ...; anything that is not a word's number counts as ROOT.

    # Returns

    `List[int]`
        The words' numbers (from 1), each followed by its head, the last one headed by the first.
        Empty if there is no cycle.
    """
    visited_from = [0] * (len(heads) + 1)
    for start in range(1, len(heads) + 1):
        node = start
        while 1 <= node <= len(heads) and not visited_from[node]:
            visited_from[node] = start
            node = int(heads[node - 1])
        if 1 <= node <= len(heads) and visited_from[node] == start:
            cycle = [node]
            while (following := int(heads[cycle[-1] - 1])) != node:
                cycle.append(following)
            return cycle
    return []
