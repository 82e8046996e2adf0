"""What stands in place of an attention block whose heads have all been removed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any

import torch

Given = dict[str, Any]
"""The arguments of one call, under the names that the original block gives them."""

Answer = Callable[["EmptiedAttention", torch.Tensor, Given], Any]
"""`(block, result, arguments) -> what the library's layer expects the block to return`."""


class EmptiedAttention(torch.nn.Module):
    """
    An attention block without heads, called as the original was.

    Its context is `[batch, tokens, 0]`, of which the output projection makes exactly its bias.
    Queries, keys and values are gone and not computed; whatever else the original held (output
    projection, dropout) stays under its name.

    # Parameters

    block : `torch.nn.Module`
        The original.
    output : `torch.nn.Module`
        The output projection, which no longer has inputs; in the block or behind it.
    value : `torch.nn.Module`
        The value projection, a child of the block.
    projections : `Collection[str]`
        Names of the children that go.
    head_dim : `int`
    dropout : `Optional[str]`
        The child that the block applies after an output projection of its own, if any.
    answer : `Answer`
        How the original packs what it returns.
    """

    def __init__(
        self,
        block: torch.nn.Module,
        output: torch.nn.Module,
        value: torch.nn.Module,
        projections: Collection[str],
        head_dim: int,
        dropout: str | None,
        answer: Answer,
    ) -> None:
        super().__init__()
        self.is_decoder = bool(getattr(block, "is_decoder", False))
        self.head_dim = head_dim
        self._answer = answer
        self._signature = inspect.signature(type(block).forward)
        names = {child: name for name, child in block.named_children()}
        self._steps = [names[value]]
        if output in names:
            self._steps += [names[output], *([dropout] if dropout else [])]
        for child, name in names.items():
            self.add_module(name, _replacement(child, name in projections, child is output))
        self.training = block.training  # of the children each keeps its own

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        given = dict(self._signature.bind(self, *args, **kwargs).arguments)
        given.update(given.pop("kwargs", {}))
        del given["self"]
        result = _hidden(given)
        for name in self._steps:
            result = self.get_submodule(name)(result)
        return self._answer(self, result, given)


class NoHeads(torch.nn.Module):
    """In place of a projection to heads that are all gone: `[..., dim] -> [..., 0]`."""

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        return hidden.new_zeros(*hidden.shape[:-1], 0)


class BiasOnly(torch.nn.Module):
    """In place of the GPT family's `Conv1D`, which fails on an input without features."""

    def __init__(self, projection: torch.nn.Module) -> None:
        super().__init__()
        self.weight: torch.nn.Parameter
        self.bias: torch.nn.Parameter
        self.register_parameter("weight", projection.get_parameter("weight"))
        self.register_parameter("bias", projection.get_parameter("bias"))

    def forward(self, context: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(context, self.weight.t(), self.bias)


def as_tuple(block: EmptiedAttention, result: torch.Tensor, given: Given) -> tuple[Any, ...]:
    """The result, attention weights where they are asked for, a decoder's keys and values."""
    cache = (_cache(block, given),) if block.is_decoder else ()
    return (result, *_weights(given), *cache)


def as_list(block: EmptiedAttention, result: torch.Tensor, given: Given) -> list[Any]:
    """GPT: a list, to which its layer adds another."""
    return [result, *_weights(given)]


def with_cache(block: EmptiedAttention, result: torch.Tensor, given: Given) -> tuple[Any, ...]:
    """GPT-2: keys and values, or `None`, stand before the weights."""
    return (result, _cache(block, given) if given.get("use_cache") else None, *_weights(given))


def as_deberta(block: EmptiedAttention, result: torch.Tensor, given: Given) -> Any:
    """
    DeBERTa: the result, or a pair if weights are asked for; always a pair since the library's
    rewrite for TorchScript, which is told by the ordinary dropout it brought.
    """
    weights = _weights(given)
    if weights or isinstance(block.dropout, torch.nn.Dropout):
        return (result, weights[0] if weights else None)
    return result


def _replacement(child: torch.nn.Module, goes: bool, is_output: bool) -> torch.nn.Module:
    if goes:
        new: torch.nn.Module = NoHeads()
    elif is_output and not isinstance(child, torch.nn.Linear):
        new = BiasOnly(child)
    else:
        return child
    new.training = child.training
    return new


def _hidden(given: Given) -> torch.Tensor:
    """The hidden states: in every attention block the first argument."""
    return next(iter(given.values()))


def _weights(given: Given) -> list[torch.Tensor]:
    """Attention weights of no heads, `[batch, 0, queries, keys]`, where they are asked for."""
    if not given.get("output_attentions"):
        return []
    hidden = _hidden(given)
    return [hidden.new_zeros(hidden.size(0), 0, hidden.size(1), _keys(given))]


def _cache(block: EmptiedAttention, given: Given) -> tuple[torch.Tensor, torch.Tensor]:
    """Keys and values of no heads, as long as those of other layers: the library reads lengths."""
    hidden = _hidden(given)
    empty = hidden.new_zeros(hidden.size(0), 0, _keys(given), block.head_dim)
    return empty, empty


def _keys(given: Given) -> int:
    past = given.get("layer_past") or given.get("past_key_value")
    return _hidden(given).size(1) + (past[0].size(2) if past else 0)
