"""The encoder whose heads an analysis looks at, and the numbers of its heads."""

from __future__ import annotations

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


def original_numbering(encoder: GatedEncoder, values: numpy.ndarray) -> numpy.ndarray:
    """
    Values of the heads that are left, numbered as in the encoder before any was removed.

    # Parameters

    encoder : `GatedEncoder`
    values : `numpy.ndarray`
        `[..., layers, heads]` as `encoder.tap` counts heads: those left, from 0 in each layer.

    # Returns

    `numpy.ndarray`
        `[..., layers, original heads]`; 0 where a head was removed.
    """
    width = max(encoder.original_heads, values.shape[-1])
    whole = numpy.zeros((*values.shape[:-1], width), dtype=values.dtype)
    for layer, kept in enumerate(encoder.kept_heads):
        whole[..., layer, kept] = values[..., layer, : len(kept)]
    return whole


def present_numbering(encoder: GatedEncoder, values: numpy.ndarray) -> numpy.ndarray:
    """
    The opposite of `original_numbering`: `[..., layers, original heads]` as gates for `encoder.tap`
    `[..., layers, heads]`; 0 where a layer has fewer heads than the largest.
    """
    present = numpy.zeros((*values.shape[:-1], max(encoder.heads)), dtype=values.dtype)
    for layer, kept in enumerate(encoder.kept_heads):
        present[..., layer, : len(kept)] = values[..., layer, kept]
    return present
