"""Where in an encoder gradients are taken, and what they say of each example."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, NamedTuple

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.attention import Record
from allennlp_heads.collect.embedding.parameters import ParameterCalls, Parts, chosen_parameters
from allennlp_heads.collect.embedding.rows import Part, Rows
from allennlp_heads.modules import GatedEncoder


class Place(NamedTuple):
    """
    # Parameters

    tensors : `List[torch.Tensor]`
        Of one forward pass.
    parts : `Callable`
        Their gradients -> what each example adds to components.
    """

    tensors: list[torch.Tensor]
    parts: Parts


class Places:
    """
    The places of the components that are asked for, found anew in each forward pass.

    # Parameters

    encoder : `GatedEncoder`
    record : `Record`
        Of its tap.
    components : `Tuple[str, ...]`
        See `EmbeddingOptions`.
    calls : `ParameterCalls`
    """

    def __init__(
        self,
        encoder: GatedEncoder,
        record: Record,
        components: tuple[str, ...],
        calls: ParameterCalls,
    ) -> None:
        self._encoder = encoder
        self._record = record
        self._components = components
        self._calls = calls
        self._pooled: list[torch.Tensor] = []

    def of_pass(self, examples: int) -> list[Place]:
        """Those of the last forward pass, over so many examples."""
        rows = Rows(self._record.rows, examples)
        layers = {"layer_output": self._record.outputs}
        if "head_contexts" in self._components:
            layers["head_context"] = self._record.contexts
        found = [
            Place([tensor], partial(_sum_of_tokens, f"{name}.{layer}", rows))
            for name, tensors in layers.items()
            for layer, tensor in enumerate(tensors)
        ]
        if self._pooled:
            found.append(Place([self._pooled.pop()], _pooled))
        return found + [Place(tensors, parts) for tensors, parts in self._calls.places(rows)]

    def take_pooled(self, module: torch.nn.Module, args: Any, output: torch.Tensor) -> None:
        """A forward hook for the head's pooler."""
        self._pooled = [output]


@contextmanager
def places_in(
    encoder: GatedEncoder,
    head: torch.nn.Module | None,
    components: tuple[str, ...],
    patterns: list[str],
) -> Iterator[Places]:
    """
    Watch an encoder and a head while the context manager is open.

    # Parameters

    encoder : `GatedEncoder`
    head : `torch.nn.Module`, optional
        Whose `pooler`, if it has one, is watched.
    components : `Tuple[str, ...]`
        See `EmbeddingOptions`.
    patterns : `List[str]`
        Those of them that are regular expressions of names of parameters.

    Raises `ConfigurationError` for a pattern that chooses no parameter, or one whose gradients of
    single examples cannot be had, and for outputs of layers that the encoder does not hand out.
    """
    calls = ParameterCalls(chosen_parameters(encoder.transformer, patterns))
    outputs = "layer_outputs" in components
    if outputs:
        _check_outputs(encoder)
    with ExitStack() as stack:
        record = stack.enter_context(encoder.tap.record(contexts=True, outputs=outputs))
        places = Places(encoder, record, components, calls)
        stack.enter_context(calls.watched(encoder.transformer))
        pooler = getattr(head, "pooler", None)
        if "pooled" in components and isinstance(pooler, torch.nn.Module):
            stack.callback(pooler.register_forward_hook(places.take_pooled).remove)
        yield places


def _check_outputs(encoder: GatedEncoder) -> None:
    """ALBERT may have several layers of attention in one of those that it hands out."""
    config = encoder.transformer.config
    states = getattr(config, "num_hidden_layers", encoder.layers)
    if states != encoder.layers:
        raise ConfigurationError(
            f"'components': {encoder.transformer_model} has {encoder.layers} layers with attention "
            f"but hands out {states} (a 'num_hidden_layers' of its config.json), so that "
            "'layer_outputs' cannot be had: give others, such as head_contexts and pooled"
        )


def _sum_of_tokens(name: str, rows: Rows, gradients: Sequence[torch.Tensor]) -> Iterator[Part]:
    yield Part(name, 0, rows.sums(gradients[0].sum(1)))


def _pooled(gradients: Sequence[torch.Tensor]) -> Iterator[Part]:
    yield Part("pooled", 0, gradients[0])
