"""Whole dependency trees from the attention of single heads: arcs by themselves flatter."""

from __future__ import annotations

import numpy
import torch

from allennlp_heads.analysis.probing.arcs import Bools, Ints
from allennlp_heads.nn import decode_arborescence

ORIENTATIONS = ("to_head", "to_dependent")

_TINY = 1e-30  # for weights of 0, so that logarithms stay finite


def attention_trees(
    attention: torch.Tensor, mask: torch.Tensor, orientation: str = "to_head"
) -> torch.Tensor:
    """
    The dependency tree to which each head gives the greatest product of weights, exactly one word
    hanging from ROOT. (As Htut et al. 2019, *Do Attention Heads in BERT Track Syntactic
    Dependencies?*, but the root is found, too.)

    # Parameters

    attention : `torch.Tensor`
        `[batch, heads, nodes, nodes]`, weights of (query, key); some heads of a layer. Trees are
        decoded one after the other, for about a millisecond each.
    mask : `torch.Tensor`
        `[batch, nodes]`, `bool`: False on padding, on words that do not exist, and at node 0 where
        there is no ROOT: then every word is as good a root as another.
    orientation : `str`, optional (default = `"to_head"`)
        An arc weighs what the dependent gives its head, or `"to_dependent"` what the head gives the
        dependent.

    # Returns

    `torch.Tensor`
        `[batch, heads, words]`, `long`: the node of each word's head, 0 being ROOT; 0 on padding.

    Raises `ValueError` for an unknown orientation.
    """
    if orientation not in ORIENTATIONS:
        raise ValueError(f"'orientation' is {orientation!r}: give one of {', '.join(ORIENTATIONS)}")
    batch, heads, nodes, _ = attention.shape
    by_dependent = attention if orientation == "to_head" else attention.transpose(-1, -2)
    scores = by_dependent.double().clamp_min(_TINY).log()
    rootless = mask[:, None] & ~mask[:, :1, None]
    scores[..., 0] = scores[..., 0].masked_fill(rootless, 0)
    # A word that does not exist, with nothing but tiny weights, changes no other word's head.
    words = mask[:, 1:].flip(1).cummax(1).values.flip(1)
    of_maps = words[:, None].expand(batch, heads, nodes - 1).flatten(0, 1)
    return decode_arborescence(scores.flatten(0, 1), of_maps).unflatten(0, (batch, heads))


def chain_trees(mask: torch.Tensor, branching: str = "right") -> torch.Tensor:
    """
    The trees of a baseline that knows nothing of words.

    # Parameters

    mask : `torch.Tensor`
        `[batch, nodes]`, `bool`, as `attention_trees` takes it.
    branching : `str`, optional (default = `"right"`)
        `"right"`: every word depends on the one before it, the first on ROOT. `"left"`: every word
        depends on the one after it, the last on ROOT.

    # Returns

    `torch.Tensor`
        `[batch, 1, words]`, `long`: heads as from `attention_trees`.

    Raises `ValueError` for an unknown branching.
    """
    if branching not in ("left", "right"):
        raise ValueError(f"'branching' is {branching!r}: give left or right")
    words = mask[:, 1:].flip(1).cummax(1).values.flip(1)
    nodes = torch.arange(1, mask.size(1), device=mask.device)
    before, after = nodes - 1, (nodes + 1) * (nodes < words.sum(1, keepdim=True))
    return (before if branching == "right" else after).mul(words)[:, None]


def tree_hits(heads: torch.Tensor, arcs: Ints) -> Bools:
    """
    Which gold arcs the trees have. Their mean over words is the unlabelled attachment score.

    # Parameters

    heads : `torch.Tensor`
        `[batch, heads, words]`, from `attention_trees`.
    arcs : `numpy.ndarray`
        `[arcs, 3]`: the sentence's place in the batch, the dependent's node and the head's node.

    # Returns

    `numpy.ndarray`
        `[arcs, heads]`, `bool`.
    """
    sentence, dependent, head = numpy.asarray(arcs, dtype=numpy.int64).reshape(-1, 3).T
    return heads.cpu().numpy()[sentence, :, dependent - 1] == head[:, None]
