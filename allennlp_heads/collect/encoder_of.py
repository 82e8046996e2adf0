"""The encoder whose heads an analysis looks at, and the numbers of its heads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
import torch

from allennlp_heads.modules import GatedEncoder, find_encoder


def encoder_of(model: torch.nn.Module) -> GatedEncoder:
    """
    The one gated encoder of a model. Raises `ConfigurationError` unless there is exactly one.
    """
    return find_encoder(model)[1]


def existing_heads(encoder: GatedEncoder) -> numpy.ndarray:
    """`[layers, original heads]` bool: which heads of the pretrained encoder are still there."""
    return original_numbering(encoder, numpy.ones((encoder.layers, max(encoder.heads)), bool))


def open_heads(encoder: GatedEncoder, tasks: Sequence[str]) -> numpy.ndarray:
    """
    `[layers, original heads]` bool: heads that are still there and that the gates of at least one
    of these tasks leave open to some extent.
    """
    found = numpy.zeros_like(existing_heads(encoder))
    for task in tasks if encoder.gates.tasks else [None]:
        gates = encoder.gates.deterministic(task).detach()
        found |= original_numbering(encoder, (gates > 0).cpu().numpy())
    return found & existing_heads(encoder)


def original_numbering(encoder: GatedEncoder, values: numpy.ndarray) -> numpy.ndarray:
    """`GatedEncoder.in_original_numbering` of an array `[..., layers, heads]`."""
    return encoder.in_original_numbering(torch.tensor(values)).numpy()


def present_numbering(encoder: GatedEncoder, values: numpy.ndarray) -> numpy.ndarray:
    """
    The opposite of `original_numbering`: `[..., layers, original heads]` as gates for `encoder.tap`
    `[..., layers, heads]`; 0 where a layer has fewer heads than the largest.
    """
    present = numpy.zeros((*values.shape[:-1], max(encoder.heads)), dtype=values.dtype)
    for layer, kept in enumerate(encoder.kept_heads):
        present[..., layer, : len(kept)] = values[..., layer, kept]
    return present
