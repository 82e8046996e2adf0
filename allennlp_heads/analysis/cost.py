"""
What an encoder's layers compute, counted in multiply-adds, and how much faster fewer heads can be.

A layer of `h` heads of `k` numbers, hidden size `d` and intermediate size `f` needs, for a sequence
of `n` tokens,

    attention projections   4 n d (h k)     queries, keys, values and the output
    attention products      2 n^2 (h k)     queries by keys, and attention weights by values
    feed-forward            2 n d f

Left out: embeddings, LayerNorm, softmax, activations, biases, residual sums, dropout, the pooler
and terms of relative positions. They are a few operations a number against hundreds, but they move
memory, so a measured speed-up is somewhat smaller than the one expected here. With the usual
`h k = d` and `f = 4 d` the projections are a third of a layer's multiply-adds on short sequences:
without any heads an encoder would be 1.5 times as fast, not more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Cost(NamedTuple):
    """
    Multiply-adds of one sequence in all layers.

    # Parameters

    attention_projections : `int`
        Of queries, keys, values and the output.
    attention_products : `int`
        Of queries by keys, and of attention weights by values.
    feed_forward : `int`
        Of the two feed-forward projections, which no removal of heads changes.
    """

    attention_projections: int
    attention_products: int
    feed_forward: int

    @property
    def total(self) -> int:
        """The sum of the three parts."""
        return self.attention_projections + self.attention_products + self.feed_forward


def multiply_adds(
    heads: Sequence[int], hidden: int, intermediate: int, head_dim: int, tokens: int
) -> Cost:
    """
    # Parameters

    heads : `Sequence[int]`
        The number of heads of each layer; 0 for a layer whose heads are all removed, which computes
        no queries, keys, values and attention weights.
    hidden : `int`
        The size of the layers' output vectors.
    intermediate : `int`
        The size of the vectors between the two feed-forward projections.
    head_dim : `int`
        The size of one head's queries, keys and values.
    tokens : `int`
        The word pieces of the sequence, special ones and padding included.

    # Returns

    `Cost`
        By the formulas at the top of this file. Raises `ValueError` when there is no layer, a
        number of heads is negative or a size is below 1.
    """
    if not heads or min(heads) < 0:
        raise ValueError(f"heads {list(heads)}: give each layer's number of heads, 0 or more")
    if min(hidden, intermediate, head_dim, tokens) < 1:
        raise ValueError("hidden, intermediate, head_dim and tokens are at least 1")
    width = sum(heads) * head_dim
    return Cost(
        attention_projections=4 * tokens * hidden * width,
        attention_products=2 * tokens**2 * width,
        feed_forward=2 * tokens * hidden * intermediate * len(heads),
    )


def expected_speedup(full: Cost, pruned: Cost) -> float:
    """
    How many times as fast the pruned encoder would be if only its multiply-adds took time: the
    ratio of the totals, 1 where nothing was removed.

    # Parameters

    full : `Cost`
        Of the encoder with all its heads.
    pruned : `Cost`
        Of the encoder without some of them, for as many tokens.
    """
    return full.total / pruned.total
