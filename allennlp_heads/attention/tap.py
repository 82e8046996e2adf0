"""
The tap: scale heads and record what they compute, at the input of the attention output projection.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

import torch
from transformers import PreTrainedModel

from allennlp_heads.attention.layouts import layout_of
from allennlp_heads.attention.record import Record

Stage = Literal["gate", "importance"]
_ORDER: tuple[Stage, ...] = ("gate", "importance")


class HeadTap:
    """
    Scales and records the heads of one encoder without touching its code.

    A head is a slice of the *context* `[batch, tokens, heads * head_dim]`, the input of the
    attention output projection. Forward pre-hooks on these projections multiply the slices
    (`scale`) and hand them out (`record`), always in the order gate, importance, record. Hooks
    exist only inside the context managers, and are removed after exceptions too; with nothing
    switched on, the encoder is exactly the library's.

    Gradients flow through the gates. The tap does not support gradient checkpointing of encoders
    whose layers share weights (ALBERT), since there the layer is known only by counting calls.

    # Parameters

    encoder : `PreTrainedModel`
        A bare encoder, as `transformers.AutoModel` gives it. Raises `ValueError` when its layout
        is unknown.
    """

    def __init__(self, encoder: PreTrainedModel) -> None:
        self._encoder = encoder
        self._attention = layout_of(encoder)
        config = encoder.config
        self.head_dim: int = int(config.hidden_size) // int(config.num_attention_heads)
        # a pruned layer has fewer heads than the configuration says, so the projection is asked
        self.heads: list[int] = [_in_features(a.output) // self.head_dim for a in self._attention]
        self.layers: int = len(self.heads)
        self._layers_of: dict[torch.nn.Module, list[int]] = defaultdict(list)
        for layer, attention in enumerate(self._attention):
            self._layers_of[attention.output].append(layer)
        self._calls: dict[torch.nn.Module, int] = {}
        self._scales: dict[Stage, list[torch.Tensor]] = {stage: [] for stage in _ORDER}
        self._records: list[Record] = []
        self._rows: torch.Tensor | None = None
        self._users = 0
        self._hooks = ExitStack()

    @contextmanager
    def scale(self, gates: torch.Tensor | None, stage: Stage = "gate") -> Iterator[None]:
        """
        Multiply every head's slice of the context by its gate while the context manager is open.

        # Parameters

        gates : `Optional[torch.Tensor]`
            `[layers, heads]`, or `[batch, layers, heads]` for gates of each example; `heads` is
            the largest number of heads of a layer. `None` does nothing at all.
        stage : `str`, optional (default = `"gate"`)
            `"gate"` for gates that belong to the model, `"importance"` for an analysis on top of
            them.

        Raises `ValueError` when the shape does not fit the encoder.
        """
        if gates is None:
            yield
            return
        self._check(gates)
        scales = self._scales[stage]
        scales.append(gates)
        try:
            with self._hooked():
                yield
        finally:
            scales.pop()

    @contextmanager
    def record(
        self,
        contexts: bool = True,
        weights: bool = False,
        values: bool = False,
        outputs: bool = False,
    ) -> Iterator[Record]:
        """
        Hand out what the heads compute in each forward pass while the context manager is open.

        # Parameters

        contexts : `bool`, optional (default = `True`)
            The attended values after scaling, `[batch, tokens, heads, head_dim]` a layer.
        weights : `bool`, optional (default = `False`)
            The attention weights `[batch, heads, queries, keys]` a layer. Fused attention has
            none, so the encoder falls back to its eager attention meanwhile.
        values : `bool`, optional (default = `False`)
            The values before attention, `[batch, tokens, heads, head_dim]` a layer.
        outputs : `bool`, optional (default = `False`)
            What each layer hands on, `[batch, tokens, dim]` a layer.

        # Returns

        `Record`
            Filled anew by every forward pass.
        """
        record = Record(contexts, weights, values, outputs)
        self._records.append(record)
        try:
            with (
                self._hooked(),
                record.hooked(self._encoder, self._attention, self.heads, self.head_dim),
            ):
                yield record
        finally:
            self._records.remove(record)

    @contextmanager
    def rows(self, examples: torch.Tensor | None) -> Iterator[None]:
        """
        Say which example each row of the encoder's batch belongs to, for gates of each example
        when long inputs are cut into windows. `examples`: `[rows]` of indices, or `None` when a
        row is an example.
        """
        outer, self._rows = self._rows, examples
        try:
            yield
        finally:
            self._rows = outer

    @contextmanager
    def _hooked(self) -> Iterator[None]:
        """
        Hooks are shared by all that is switched on: the first user sets them, the last removes
        them.
        """
        if self._users == 0:
            with ExitStack() as stack:
                handles = [self._encoder.register_forward_pre_hook(self._start)]
                handles += [m.register_forward_pre_hook(self._on_context) for m in self._layers_of]
                for handle in handles:
                    stack.callback(handle.remove)
                self._hooks = stack.pop_all()
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if self._users == 0:
                self._hooks.close()

    def _start(self, module: torch.nn.Module, args: Any) -> None:
        self._calls.clear()
        for record in self._records:
            record.clear(self._rows)

    def _on_context(self, module: torch.nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
        layers = self._layers_of[module]
        call = self._calls.get(module, 0)
        self._calls[module] = call + 1
        layer = layers[call % len(layers)]
        context: torch.Tensor = args[0].unflatten(-1, (self.heads[layer], self.head_dim))
        for stage in _ORDER:
            for gates in self._scales[stage]:
                context = context * self._of_layer(gates, layer).to(context.dtype)
        for record in self._records:
            record.add_context(context)
        return (context.flatten(-2), *args[1:])

    def _of_layer(self, gates: torch.Tensor, layer: int) -> torch.Tensor:
        """Gates of one layer in a shape that multiplies `[batch, tokens, heads, head_dim]`."""
        gates = gates[..., layer, : self.heads[layer]]
        if gates.dim() == 1:
            return gates[:, None]
        if self._rows is not None:
            gates = gates[self._rows]
        return gates[:, None, :, None]

    def _check(self, gates: torch.Tensor) -> None:
        expected = (self.layers, max(self.heads))
        if gates.dim() not in (2, 3) or tuple(gates.shape[-2:]) != expected:
            raise ValueError(
                f"gates of shape {tuple(gates.shape)} do not fit an encoder of {expected[0]} "
                f"layers x {expected[1]} heads: give [layers, heads] or [batch, layers, heads]"
            )


def _in_features(projection: torch.nn.Module) -> int:
    """
    Input size of a `Linear`, or of the `Conv1D` of the GPT family, which stores its weight
    transposed.
    """
    if isinstance(projection, torch.nn.Linear):
        return projection.in_features
    return int(projection.weight.shape[0])  # type: ignore[index]
