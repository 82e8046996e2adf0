"""The best dependency tree, crossing arcs allowed."""

from dataclasses import dataclass

import numpy
import torch
from numpy.typing import NDArray

from allennlp_heads.nn.trees import find_cycle, greedy_heads, is_tree

_Weights = NDArray[numpy.float64]
_Nodes = NDArray[numpy.int64]


def decode_arborescence(
    scores: torch.Tensor, mask: torch.Tensor, single_root: bool = True
) -> torch.Tensor:
    """
    The tree with the highest sum of arc scores, projective or not, exact.

    Sentences whose words' best heads already are such a tree are done; the others go one by one
    through the algorithm of Chu and Liu (1965) and Edmonds (1967). To have exactly one child of
    ROOT, an arc weighs not a number but a pair, (-1 if it leaves ROOT else 0, score), and pairs are
    compared from the left: the best tree is then the best among those with the fewest children of
    ROOT. Unlike subtracting a large constant from ROOT's scores, this loses no precision, and
    unlike a run for each possible child it costs one run. (On the problem: Zmigrod, Vieira and
    Cotterell 2020, *Please Mind the Root*.)

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
    rows = (~is_tree(heads, mask, single_root)).nonzero().squeeze(1).tolist()
    if not rows:
        return heads
    # a GPU is asked for all of them at once
    lengths = mask[rows].sum(-1).tolist()
    found = heads[rows].cpu()
    for place, one in enumerate(scores[rows].detach().double().cpu().numpy()):
        nodes = lengths[place] + 1
        best = _arborescence(_weights(one[:nodes, :nodes], single_root))[1:]
        found[place, : nodes - 1] = torch.from_numpy(best)
    heads[rows] = found.to(heads.device)
    return heads


def _weights(scores: NDArray[numpy.float64], single_root: bool) -> _Weights:
    """The pairs `[2, dependent, head]`; what cannot be an arc is minus infinity."""
    weights = numpy.stack([numpy.zeros_like(scores), scores])
    if single_root:
        weights[0, :, 0] = -1
    weights[:, 0] = -numpy.inf
    weights[:, range(len(scores)), range(len(scores))] = -numpy.inf
    return weights


def _best(weights: _Weights) -> _Nodes:
    """Where along the last axis the greatest pair stands."""
    first, second = weights
    candidates = first == first.max(-1, keepdims=True)
    return numpy.where(candidates, second, -numpy.inf).argmax(-1)


def _arborescence(weights: _Weights) -> _Nodes:
    """
    The best head of every node (0 for node 0), contracting cycles until there are none, then
    undoing it.
    """
    contractions: list[_Contraction] = []
    while True:
        heads = _best(weights)
        cycle = find_cycle(heads[1:].tolist())
        if not cycle:
            break
        weights, contraction = _contract(weights, heads, numpy.array(cycle))
        contractions.append(contraction)
    for contraction in reversed(contractions):
        heads = contraction.undo(heads)
    return heads


@dataclass
class _Contraction:
    """A cycle that became the last node of a smaller graph, and what is needed to open it again."""

    heads: _Nodes  # before the contraction; within the cycle they stay except for one
    cycle: _Nodes
    outside: _Nodes
    entry: _Nodes  # for each outside node: where in the cycle an arc from it would best arrive
    leave: _Nodes  # for each outside node: where in the cycle an arc to it would best start

    def undo(self, heads: _Nodes) -> _Nodes:
        opened = self.heads.copy()
        *from_outside, from_cycle = heads
        for node, leave, head in zip(self.outside, self.leave, from_outside):
            inside = head == len(self.outside)
            opened[node] = self.cycle[leave] if inside else self.outside[head]
        opened[self.cycle[self.entry[from_cycle]]] = self.outside[from_cycle]
        return opened


def _contract(weights: _Weights, heads: _Nodes, cycle: _Nodes) -> tuple[_Weights, _Contraction]:
    outside = numpy.setdiff1d(numpy.arange(len(heads)), cycle)
    # Entering the cycle at a node saves that node's arc within the cycle.
    kept = weights[:, cycle, heads[cycle]]
    entering = weights[:, cycle][:, :, outside].swapaxes(1, 2) - kept[:, None]
    leaving = weights[:, outside][:, :, cycle]
    entry, leave = _best(entering), _best(leaving)
    size, each = len(outside), numpy.arange(len(outside))
    smaller = numpy.full((2, size + 1, size + 1), -numpy.inf)
    smaller[:, :size, :size] = weights[:, outside][:, :, outside]
    smaller[:, :size, size] = leaving[:, each, leave]
    smaller[:, size, :size] = entering[:, each, entry]
    return smaller, _Contraction(heads, cycle, outside, entry, leave)
