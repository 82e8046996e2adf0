"""What a tap hands out of one forward pass."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from transformers import PreTrainedModel

from allennlp_heads.attention.layouts import Attention


class NoAttentionWeights(ValueError):
    """The encoder computes its attention without handing out the weights."""


class Record:
    """
    Tensors of one forward pass, layer by layer; each forward pass replaces the one before.

    # Parameters

    contexts, weights, values, outputs : `bool`
        What is wanted; see [`HeadTap.record`](./tap.md). Lists that were not asked for stay empty.
    """

    def __init__(self, contexts: bool, weights: bool, values: bool, outputs: bool) -> None:
        self._wanted = {
            "contexts": contexts,
            "weights": weights,
            "values": values,
            "outputs": outputs,
        }
        self.contexts: list[torch.Tensor] = []
        """One `[batch, tokens, heads, head_dim]` a layer: attended values after gates."""
        self.weights: list[torch.Tensor] = []
        """One `[batch, heads, queries, keys]` a layer."""
        self.values: list[torch.Tensor] = []
        """One `[batch, tokens, heads, head_dim]` a layer."""
        self.outputs: list[torch.Tensor] = []
        """One `[batch, tokens, dim]` a layer: what it hands on, its last norm included."""
        self.rows: torch.Tensor | None = None
        """`[batch]`: which example each row is of, where long inputs are cut into windows."""

    def clear(self, rows: torch.Tensor | None = None) -> None:
        """Forget the last forward pass; `rows` tells of the next."""
        self.contexts, self.weights, self.values, self.outputs = [], [], [], []
        self.rows = rows

    def add_context(self, context: torch.Tensor) -> None:
        """Called by the tap, in the order of the layers."""
        if self._wanted["contexts"]:
            self.contexts.append(context)

    @contextmanager
    def hooked(
        self,
        encoder: PreTrainedModel,
        attention: list[Attention],
        heads: list[int],
        head_dim: int,
    ) -> Iterator[None]:
        """Set the hooks that weights and values need."""
        with ExitStack() as stack:
            if self._wanted["weights"]:
                stack.enter_context(_own_attention(encoder.config))
                before = encoder.register_forward_pre_hook(_ask_for_weights, with_kwargs=True)
                stack.callback(before.remove)
                stack.callback(encoder.register_forward_hook(self._take_weights).remove)
            if self._wanted["outputs"]:
                before = encoder.register_forward_pre_hook(_ask_for_outputs, with_kwargs=True)
                stack.callback(before.remove)
                take = self._take_outputs(len(attention))
                stack.callback(encoder.register_forward_hook(take).remove)
            if self._wanted["values"]:
                # a shared module is hooked once and called once for each of its layers
                for module, hook in {
                    a.value: self._take_values(a, n, head_dim) for a, n in zip(attention, heads)
                }.items():
                    stack.callback(module.register_forward_hook(hook).remove)
            yield

    def _take_values(self, attention: Attention, heads: int, head_dim: int) -> Callable[..., None]:
        def hook(module: torch.nn.Module, args: Any, output: torch.Tensor) -> None:
            # without heads there are no parts of the output to choose from
            values = attention.values(module, output, heads) if heads else output
            self.values.append(values.unflatten(-1, (heads, head_dim)))

        return hook

    def _take_weights(self, encoder: torch.nn.Module, args: Any, output: Any) -> None:
        attentions = getattr(output, "attentions", None)
        if not attentions or any(layer is None for layer in attentions):
            raise _refusal(encoder)
        self.weights = list(attentions)

    def _take_outputs(self, layers: int) -> Callable[..., None]:
        def hook(encoder: torch.nn.Module, args: Any, output: Any) -> None:
            states = getattr(output, "hidden_states", None) or ()
            if len(states) != layers + 1:
                raise ValueError(
                    f"{type(encoder).__name__} has {layers} layers with attention but hands out "
                    f"{len(states)} hidden states, where one before and one after each layer were "
                    "expected: the outputs of its layers cannot be recorded"
                )
            self.outputs = list(states[1:])

        return hook


def _ask_for_weights(
    encoder: torch.nn.Module, args: Any, kwargs: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    accepted = inspect.signature(encoder.forward).parameters.values()
    if not any(p.name == "output_attentions" or p.kind is p.VAR_KEYWORD for p in accepted):
        raise _refusal(encoder)
    return args, {**kwargs, "output_attentions": True, "return_dict": True}


def _ask_for_outputs(
    encoder: torch.nn.Module, args: Any, kwargs: dict[str, Any]
) -> tuple[Any, dict[str, Any]]:
    return args, {**kwargs, "output_hidden_states": True, "return_dict": True}


def _refusal(encoder: torch.nn.Module) -> NoAttentionWeights:
    return NoAttentionWeights(
        f"{type(encoder).__name__} returns no attention weights; "
        "contexts and values can still be recorded"
    )


@contextmanager
def _own_attention(config: Any) -> Iterator[None]:
    """Some encoders (ModernBERT) turn to eager attention for good once weights are asked for."""
    chosen = getattr(config, "_attn_implementation", None)
    try:
        yield
    finally:
        if getattr(config, "_attn_implementation", None) != chosen:
            config._attn_implementation = chosen
