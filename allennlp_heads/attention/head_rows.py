"""Which rows of which parameters of an encoder compute which head."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from allennlp_heads.attention.layouts import layout_of
from allennlp_heads.attention.recipes import HeadTensor
from allennlp_heads.attention.removal import removable_layers

PARTS = ("query", "key", "value", "output")
"""What a head consists of: its projections, with their biases, and its columns of the output
projection."""


@dataclass(frozen=True)
class HeadRows:
    """
    One parameter of one layer, divided into *blocks*: rows, or columns where the weight is stored
    so, that serve one head.

    # Parameters

    tensor : `HeadTensor`
    layer : `int`
    heads : `int`
        Of this layer.
    parts : `Tuple[str, ...]`
        The parts of a head that are asked for. Blocks of the others belong to no head.
    """

    tensor: HeadTensor
    layer: int
    heads: int
    parts: tuple[str, ...]

    @property
    def parameter(self) -> torch.nn.Parameter:
        """The parameter as it is now."""
        return self.tensor.parameter

    @property
    def dim(self) -> int:
        """The dimension of `view` that counts the blocks."""
        return self.tensor.dim

    def view(self, tensor: torch.Tensor) -> torch.Tensor:
        """
        A tensor of the parameter's shape, its divided dimension made two: blocks and the rows of a
        block. It shares its memory.
        """
        return tensor.unflatten(self.dim, (len(self.tensor.roles) * self.heads, -1))

    def blocks(self, chosen: torch.Tensor, of_no_head: bool = True) -> torch.Tensor:
        """
        # Parameters

        chosen : `torch.Tensor`
            `[layers, max heads]`, `bool`: some heads of the encoder.
        of_no_head : `bool`, optional (default = `True`)
            What is said of blocks that belong to no head.

        # Returns

        `torch.Tensor`
            `[blocks]`, `bool`: whether they are of the chosen heads.
        """
        mine = chosen[self.layer, : self.heads]
        rest = torch.full_like(mine, of_no_head)
        of_roles = [mine if role in self.parts else rest for role in self.tensor.roles]
        together = self.tensor.parts < len(self.tensor.roles)
        return torch.stack(of_roles, dim=1 if together else 0).flatten()


def head_rows(encoder: PreTrainedModel, parts: Collection[str] = PARTS[:3]) -> list[HeadRows]:
    """
    The parameters that make up the heads of an encoder, layer by layer. Heads that were removed are
    not there any more; a layer without heads has none.

    # Parameters

    encoder : `PreTrainedModel`
        A bare encoder, as `transformers.AutoModel` gives it.
    parts : `Collection[str]`, optional (default = `("query", "key", "value")`)
        Some of `PARTS`. Biases go with their weights, and projections of positions (DeBERTa) with
        those of the words; the bias of the output projection belongs to no head.

    Raises `ValueError` for unknown parts, and for encoders whose parameters cannot be told apart by
    head: those without a recipe, and ALBERT, where the same rows compute a head of every layer.
    """
    unknown = sorted(set(parts) - set(PARTS))
    if unknown or not parts:
        raise ValueError(f"parts of heads are {', '.join(PARTS)}, not {unknown or 'none at all'}")
    model_type = encoder.config.model_type
    attention = layout_of(encoder)
    if len({id(layer.output) for layer in attention}) < len(attention):
        raise ValueError(
            f"the layers of encoders of type '{model_type}' share one set of weights, so a head of "
            "one layer has no rows of its own: choose an encoder of another type"
        )
    try:
        layers = removable_layers(encoder)
    except ValueError as error:
        raise ValueError(f"the parameters of single heads are not known: {error}") from error
    if any(not tensor.roles for layer in layers for tensor in layer.tensors):
        raise ValueError(
            f"the recipe of '{model_type}' does not say which projection is query, key and value: "
            "give Recipe 'projections' in this order, and 'roles' for the others"
        )
    return [
        HeadRows(tensor, number, layer.heads, tuple(parts))
        for number, layer in enumerate(layers)
        for tensor in layer.tensors
        if set(tensor.roles) & set(parts)
    ]
