"""Where each architecture keeps its attention heads: the one place that knows encoders by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from transformers import PreTrainedModel

from allennlp_heads.attention import recipes
from allennlp_heads.attention.recipes import Recipe

Values = Callable[[torch.nn.Module, torch.Tensor, int], torch.Tensor]


@dataclass(frozen=True)
class Attention:
    """
    The attention of one layer of a given encoder.

    # Parameters

    output : `torch.nn.Module`
        The output projection. Its input is the *context* `[batch, tokens, heads * head_dim]`.
    value : `torch.nn.Module`
        The projection whose output holds the values.
    values : `Callable`
        `(value module, its output, heads) -> [batch, tokens, heads * head_dim]`; not asked where
        no heads are left.
    layer : `torch.nn.Module`, optional (default = `None`)
        The layer; needed where heads shall be removed.
    recipe : `Recipe`, optional (default = `None`)
        How heads are removed from it; by default they cannot be.
    """

    output: torch.nn.Module
    value: torch.nn.Module
    values: Values
    layer: torch.nn.Module | None = None
    recipe: Recipe | None = None


Layout = Callable[[PreTrainedModel], "list[Attention]"]
"""Maps a bare encoder to its layers' attention, in the order in which `forward` runs them.
A module that serves several layers stands there several times."""

_layouts: dict[str, Layout] = {}


def register_layout(*model_types: str) -> Callable[[Layout], Layout]:
    """
    Register the layout of an architecture under its `config.model_type`.

    `register_layout("my-bert")(by_path("encoder.layer", "attention.output.dense",
    "attention.self.value"))` is all that a new encoder of the usual build needs; with a
    [`Recipe`](./recipes.md) as the last argument of `by_path` its heads can be removed as well.
    """

    def register(layout: Layout) -> Layout:
        for model_type in model_types:
            _layouts[model_type] = layout
        return layout

    return register


def layout_of(encoder: PreTrainedModel) -> list[Attention]:
    """
    The attention of every layer of `encoder`.

    Raises `ValueError` when its architecture has no layout or the layout does not fit.
    """
    model_type = encoder.config.model_type
    if model_type not in _layouts:
        raise ValueError(
            f"no attention layout for encoders of type '{model_type}'. Known: "
            f"{', '.join(sorted(_layouts))}. Teach it with "
            f"allennlp_heads.attention.register_layout('{model_type}')(by_path(<list of layers>, "
            "<output projection>, <value projection>))"
        )
    try:
        return _layouts[model_type](encoder)
    except AttributeError as error:
        raise ValueError(
            f"the attention layout of '{model_type}' does not fit {type(encoder).__name__}: "
            f"{error}. It expects the bare encoder, as transformers.AutoModel gives it"
        ) from error


def whole(module: torch.nn.Module, output: torch.Tensor, heads: int) -> torch.Tensor:
    """Values are the whole output of a projection of their own."""
    return output


def last_third(module: torch.nn.Module, output: torch.Tensor, heads: int) -> torch.Tensor:
    """Query, key and value stand one after the other in the output of one projection."""
    return output.chunk(3, dim=-1)[2]


def _last_third_of_each_head(
    module: torch.nn.Module, output: torch.Tensor, heads: int
) -> torch.Tensor:
    """DeBERTa: query, key and value of one head stand together; the value's bias is added later."""
    return output.unflatten(-1, (heads, -1)).chunk(3, dim=-1)[2].flatten(-2)


def by_path(
    layers: str, output: str, value: str, values: Values = whole, recipe: Recipe | None = None
) -> Layout:
    """
    A layout from dotted paths: the list of layers in the encoder, then two projections in each
    layer.
    """

    def layout(encoder: PreTrainedModel) -> list[Attention]:
        return [
            Attention(
                layer.get_submodule(output), layer.get_submodule(value), values, layer, recipe
            )
            for layer in encoder.get_submodule(layers)
        ]

    return layout


register_layout("bert", "roberta", "xlm-roberta", "camembert", "electra")(
    by_path("encoder.layer", "attention.output.dense", "attention.self.value", recipe=recipes.BERT)
)
register_layout("distilbert")(
    by_path("transformer.layer", "attention.out_lin", "attention.v_lin", recipe=recipes.DISTILBERT)
)
register_layout("mpnet")(
    by_path("encoder.layer", "attention.attn.o", "attention.attn.v", recipe=recipes.MPNET)
)
register_layout("deberta-v2")(
    by_path(
        "encoder.layer",
        "attention.output.dense",
        "attention.self.value_proj",
        recipe=recipes.DEBERTA_V2,
    )
)
register_layout("openai-gpt")(
    by_path("h", "attn.c_proj", "attn.c_attn", last_third, recipe=recipes.GPT)
)
register_layout("gpt2")(by_path("h", "attn.c_proj", "attn.c_attn", last_third, recipe=recipes.GPT2))
register_layout("modernbert")(
    by_path("layers", "attn.Wo", "attn.Wqkv", last_third, recipe=recipes.MODERNBERT)
)


@register_layout("deberta")
def _deberta(encoder: PreTrainedModel) -> list[Attention]:
    def attention(layer: torch.nn.Module) -> Attention:
        inner = layer.get_submodule("attention.self")

        def values(module: torch.nn.Module, output: torch.Tensor, heads: int) -> torch.Tensor:
            return _last_third_of_each_head(module, output, heads) + inner.v_bias  # type: ignore[operator]

        output = layer.get_submodule("attention.output.dense")
        value = layer.get_submodule("attention.self.in_proj")
        return Attention(output, value, values, layer, recipes.DEBERTA)

    return [attention(layer) for layer in encoder.get_submodule("encoder.layer")]


@register_layout("albert")
def _albert(encoder: PreTrainedModel) -> list[Attention]:
    """
    Groups of layers share their weights: the same modules run once for each layer of their group.
    """
    groups = encoder.get_submodule("encoder.albert_layer_groups")
    layers_a_group = encoder.config.num_hidden_layers / len(groups)
    order = [int(layer / layers_a_group) for layer in range(encoder.config.num_hidden_layers)]
    inner = [layer for group in order for layer in groups.get_submodule(str(group)).albert_layers]
    return [
        Attention(
            layer.get_submodule("attention.dense"), layer.get_submodule("attention.value"), whole
        )
        for layer in inner
    ]
