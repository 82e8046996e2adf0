"""Removing heads for good: the weights around them go, and what they would compute is not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from allennlp_heads.attention.emptied import EmptiedAttention
from allennlp_heads.attention.layouts import Attention, layout_of
from allennlp_heads.attention.recipes import HeadTensor, Recipe
from allennlp_heads.attention.tap import HeadTap


def remove_heads(encoder: PreTrainedModel, removed: Mapping[int, Iterable[int]]) -> None:
    """
    Remove heads from an encoder, in place.

    Outputs are those of the encoder with gates of zero on these heads. A layer without heads
    contributes exactly the bias of its output projection. Device, dtype, `requires_grad` and
    training mode stay; a `HeadTap` or an optimizer made before must be made anew. The library's
    own `config.pruned_heads` stays as it is.

    # Parameters

    encoder : `PreTrainedModel`
        A bare encoder, as `transformers.AutoModel` gives it.
    removed : `Mapping[int, Iterable[int]]`
        Heads of each layer, both counted from 0, heads as the encoder has them now.

    Raises `ValueError` for layers and heads that it lacks, for the removal of every head, and for
    architectures that cannot be shrunk (see `can_remove`); the encoder is then as it was.
    """
    layers = removable_layers(encoder)
    wanted = _checked(removed, [layer.heads for layer in layers])
    for layer, gone in zip(layers, wanted):
        if gone:
            layer.remove(gone)


def can_remove(encoder: PreTrainedModel) -> str | None:
    """Why no heads can be removed from this encoder, or `None` if they can."""
    try:
        removable_layers(encoder)
    except ValueError as error:
        return str(error)
    return None


def parameters_of_heads(encoder: PreTrainedModel) -> list[int]:
    """
    How many parameters one head of each layer takes away; 0 where no heads are left.

    Raises `ValueError` where no heads can be removed.
    """
    return [
        sum(tensor.parameter.numel() // layer.heads for tensor in layer.tensors)
        for layer in removable_layers(encoder)
    ]


def removable_layers(encoder: PreTrainedModel) -> list[RemovableLayer]:
    """
    The layers of an encoder with what their heads consist of.

    Raises `ValueError` where no heads can be removed, with the reason.
    """
    tap, attention = HeadTap(encoder), layout_of(encoder)
    model_type = encoder.config.model_type
    if len({id(layer.output) for layer in attention}) < len(attention):
        raise ValueError(
            f"no heads can be removed from encoders of type '{model_type}': their layers share one "
            "set of weights, so none can lose a head alone. Keep the gates (a fixed mask) instead"
        )
    return [
        _removable(layer, heads, tap.head_dim, model_type)
        for layer, heads in zip(attention, tap.heads)
    ]


@dataclass(frozen=True)
class RemovableLayer:
    """
    A layer that heads can be removed from.

    # Parameters

    attention : `Attention`
    recipe : `Recipe`
    parent : `torch.nn.Module`
        The module that holds the block that computes the heads.
    block : `str`
        The block's name there.
    heads, head_dim : `int`
    tensors : `List[HeadTensor]`
        All parameters that are divided among the heads; none where no heads are left.
    """

    attention: Attention
    recipe: Recipe
    parent: torch.nn.Module
    block: str
    heads: int
    head_dim: int
    tensors: list[HeadTensor]

    def remove(self, gone: set[int]) -> None:
        """Remove the heads `gone`."""
        kept = [head for head in range(self.heads) if head not in gone]
        recipe, block = self.recipe, self.parent.get_submodule(self.block)
        for tensor in self.tensors:
            tensor.keep(kept, self.heads)
        if kept:
            setattr(block, recipe.heads, len(kept))
            for width in recipe.widths:
                setattr(block, width, len(kept) * self.head_dim)
            if recipe.afterwards is not None:
                recipe.afterwards(block, kept)
            return
        emptied = EmptiedAttention(
            block,
            output=self.attention.output,
            value=self.attention.value,
            projections=recipe.projections + recipe.optional,
            head_dim=self.head_dim,
            dropout=recipe.dropout,
            answer=recipe.answer,
        )
        setattr(self.parent, self.block, emptied)


def _removable(attention: Attention, heads: int, head_dim: int, model_type: str) -> RemovableLayer:
    layer, recipe = attention.layer, attention.recipe
    if layer is None or recipe is None:
        raise ValueError(
            f"no heads can be removed from encoders of type '{model_type}': their layout does not "
            "say which projections belong to the heads. Register it with by_path(..., "
            "recipe=Recipe(<attention block>, (<query>, <key>, <value>)))"
        )
    path, _, name = recipe.block.rpartition(".")
    try:
        parent = layer.get_submodule(path)
        block = parent.get_submodule(name)
        tensors = recipe.head_tensors(block, attention.output) if heads else []
        sizes = [getattr(block, size) for size in (recipe.heads, *recipe.widths) if heads]
    except AttributeError as error:
        raise ValueError(
            f"the recipe of '{model_type}' does not fit its layers: {error}"
        ) from error
    whole = all(t.parameter.size(t.dim) % (t.parts * heads) == 0 for t in tensors)
    if heads and (not whole or sizes[0] != heads):
        raise ValueError(
            f"the recipe of '{model_type}' does not fit its layers: their projections do not "
            f"divide into {heads} heads"
        )
    obstacle = recipe.obstacle(block) if recipe.obstacle is not None else None
    if obstacle is not None:
        raise ValueError(f"no heads can be removed from this encoder ('{model_type}'): {obstacle}")
    return RemovableLayer(attention, recipe, parent, name, heads, head_dim, tensors)


def _checked(removed: Mapping[int, Iterable[int]], heads: list[int]) -> list[set[int]]:
    """The heads to remove from each layer."""
    wanted: list[set[int]] = [set() for _ in heads]
    for layer, gone in removed.items():
        if layer not in range(len(heads)):
            raise ValueError(
                f"cannot remove heads of layer {layer}: the encoder has layers 0 to "
                f"{len(heads) - 1}"
            )
        wanted[layer] = set(gone)
        unknown = sorted(wanted[layer] - set(range(heads[layer])))
        if unknown:
            raise ValueError(
                f"cannot remove head {unknown[0]} of layer {layer}: it has {heads[layer]} heads, "
                "counted from 0"
            )
    if sum(map(len, wanted)) == sum(heads):
        raise ValueError("cannot remove every head of the encoder: keep at least one")
    return wanted
