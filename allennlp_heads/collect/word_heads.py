"""What every head computes for every word: its context and its attention to the other words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.attention import NoAttentionWeights, Record
from allennlp_heads.collect.encoder_of import existing_heads
from allennlp_heads.modules import GatedEncoder, pool_words
from allennlp_heads.modules.windows import Windows
from allennlp_heads.modules.words import pieces_of_words

_KEYS = ("token_ids", "mask", "wordpiece_mask", "special_mask", "offsets")


@dataclass(frozen=True)
class WordHeads:
    """
    What the heads of an encoder compute for a batch of sentences. *Nodes* are ROOT, the special
    token in front ([CLS]), and then the words.

    # Parameters

    mask : `torch.Tensor`
        `[batch, nodes]` bool: which nodes exist. ROOT does not in an encoder without a special
        token in front (GPT-2), nor does a word without pieces.
    contexts : `List[torch.Tensor]`, optional
        One `[batch, nodes, heads, head_dim]` a layer: attended values after the gates, softmax(QK)V
        before the output projection; the mean over the node's pieces.
    attention : `List[torch.Tensor]`, optional
        One `[batch, heads, nodes, nodes]` a layer, from query to key: the mean over the pieces of
        the query, the sum over the pieces of the key (Clark et al. 2019). Other special tokens
        ([SEP]) are left out without renormalising, so a row lacks their share to 1. Gates change
        it only by way of the layers below.

    Nodes that do not exist have zeros everywhere.
    """

    mask: torch.Tensor
    contexts: list[torch.Tensor] = field(default_factory=list)
    attention: list[torch.Tensor] = field(default_factory=list)


def word_heads(
    encoder: GatedEncoder,
    tokens: Mapping[str, torch.Tensor],
    contexts: bool = False,
    attention: bool = False,
    task: str | None = None,
) -> WordHeads:
    """
    Run the encoder over a batch, once, and say what its heads compute for every word.

    Fused attention gives way to the encoder's eager one for the time of the call, and only where
    `attention` is asked for. A sentence longer than the encoder's limit is read in windows: a piece
    attends within the window that its vector is taken from, and not at all to keys outside it.

    # Parameters

    encoder : `GatedEncoder`
        As the caller has put it: for results that can be repeated in evaluation mode, and without
        gradients.
    tokens : `Mapping[str, torch.Tensor]`
        A batch from the indexer `transformer_words`, on the encoder's device.
    contexts, attention : `bool`, optional (default = `False`)
        What is wanted; the other list stays empty.
    task : `str`, optional (default = `None`)
        Whose gates to use, where tasks have gates of their own.

    # Returns

    `WordHeads`

    Raises `ConfigurationError` for tokens of another indexer, and where `attention` is asked of an
    encoder that returns no weights.
    """
    missing = [key for key in _KEYS if key not in tokens]
    if missing:
        raise ConfigurationError(
            f"heads are read word by word, but the tokens have no '{missing[0]}': give the reader "
            "the token indexer 'transformer_words'"
        )
    pieces, special = tokens["wordpiece_mask"], tokens["special_mask"]
    try:
        with encoder.tap.record(contexts=contexts, weights=attention) as record:
            encoder(tokens["token_ids"], pieces, tokens.get("type_ids"), special, task=task)
    except NoAttentionWeights as error:
        raise ConfigurationError(
            f"{error}. Probes of attention (the kinds 'dependency' and 'srl') need the weights; "
            "those of contexts ('tagger', 'span_ner' and 'constituency') work with this encoder. "
            'If it is set to a fused attention, try "transformer_kwargs": '
            '{"attn_implementation": "eager"}'
        ) from error
    offsets = torch.cat([torch.zeros_like(tokens["offsets"][:, :1]), tokens["offsets"]], dim=1)
    root = (pieces & special)[:, :1]
    mask = torch.cat([root, tokens["mask"]], dim=1) & (offsets[..., 0] >= 0)
    return _by_word(record, offsets, mask, encoder.windows(pieces, special), pieces.size(1))


def in_original(
    encoder: GatedEncoder,
    per_layer: Sequence[numpy.ndarray],
    axis: int = -1,
    fill: float = 0,
) -> numpy.ndarray:
    """
    Stack arrays of the layers, numbering their heads as in the encoder as it was pretrained.

    # Parameters

    encoder : `GatedEncoder`
    per_layer : `Sequence[numpy.ndarray]`
        One array `[..., heads, ...]` a layer; of no heads where a layer has lost all.
    axis : `int`, optional (default = `-1`)
        Where the arrays have their heads.
    fill : `float`, optional (default = `0`)
        What heads get that are no longer there.

    # Returns

    `numpy.ndarray`
        `[..., layers, original heads, ...]`: the layers stand before the heads.
    """
    width = existing_heads(encoder).shape[1]
    axis %= per_layer[0].ndim
    layers = []
    for values, kept in zip(per_layer, encoder.kept_heads, strict=True):
        shape = (*values.shape[:axis], width, *values.shape[axis + 1 :])
        whole = numpy.full(shape, fill, dtype=values.dtype)
        whole[(slice(None),) * axis + (kept,)] = values
        layers.append(whole)
    return numpy.stack(layers, axis=axis)


def _by_word(
    record: Record,
    offsets: torch.Tensor,
    mask: torch.Tensor,
    windows: Windows | None,
    length: int,
) -> WordHeads:
    """`offsets`, `mask`: of the nodes; `length`: pieces of the longest sentence."""
    # [batch, pieces, nodes], or [windows, pieces of a window, nodes]
    nodes = pieces_of_words(offsets, mask, length).transpose(1, 2)
    if windows is not None:
        nodes = windows.split(nodes) & windows.mask[..., None]

    def pooled(values: torch.Tensor) -> torch.Tensor:
        """`[rows, pieces, heads, n]` -> `[batch, nodes, heads, n]`."""
        joined = values if windows is None else windows.join(values)
        return pool_words(joined.flatten(-2), offsets, mask).unflatten(-1, values.shape[-2:])

    def between_words(weights: torch.Tensor) -> torch.Tensor:
        to_keys = weights @ nodes.to(weights)[:, None]
        return pooled(to_keys.transpose(1, 2)).transpose(1, 2)

    return WordHeads(
        mask,
        [pooled(context) for context in record.contexts],
        [between_words(weights) for weights in record.weights],
    )
