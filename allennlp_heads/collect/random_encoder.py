"""The same encoder with random weights: what its build alone is worth."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from transformers import AutoModel, PreTrainedModel

from allennlp_heads.attention import HeadTap, remove_heads
from allennlp_heads.attention.pretrained import without_pooler
from allennlp_heads.collect.undisturbed import generators_kept
from allennlp_heads.modules import GatedEncoder


@contextmanager
def random_weights(encoder: GatedEncoder, seed: int) -> Iterator[None]:
    """
    Give the encoder new weights while the context manager is open, all of them, as its class draws
    them before any training. Its gates, and which of its heads were removed, stay.

    The transformer is put aside whole, not overwritten, so it comes back with every bit in its
    place, also after an exception. Random generators are not disturbed.

    # Parameters

    encoder : `GatedEncoder`
        Nothing else may be hooked to it meanwhile (see `HeadTap`).
    seed : `int`
    """
    trained, tap = encoder.transformer, encoder.tap
    with generators_kept():
        torch.manual_seed(seed)
        drawn = _drawn(encoder)
    try:
        encoder.transformer, encoder.tap = drawn, HeadTap(drawn)
        yield
    finally:
        encoder.transformer, encoder.tap = trained, tap


def _drawn(encoder: GatedEncoder) -> PreTrainedModel:
    config = copy.deepcopy(encoder.config)
    config.pruned_heads = {}  # all that are gone are removed below
    drawn = AutoModel.from_config(
        config,
        attn_implementation=encoder.config._attn_implementation,
        **without_pooler(config),
    )
    removed = {
        layer: set(range(encoder.original_heads)) - set(kept)
        for layer, kept in enumerate(encoder.kept_heads)
    }
    if any(removed.values()):
        remove_heads(drawn, removed)
    like = next(encoder.transformer.parameters())
    drawn.to(device=like.device, dtype=like.dtype)
    return drawn.requires_grad_(False).train(encoder.transformer.training)
