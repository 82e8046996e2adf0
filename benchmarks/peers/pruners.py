"""Other tools that remove heads from a BERT, for the same heads as ours."""

import copy
import sys
import tempfile
from collections.abc import Callable
from importlib.util import find_spec

import torch
from transformers import PreTrainedModel

Removed = dict[int, list[int]]
"""The heads that go, by layer, both counted from 0."""
Pruner = Callable[[PreTrainedModel, Removed], PreTrainedModel]
"""Makes a copy of an encoder without some of its heads."""


def pruners() -> dict[str, Pruner]:
    """
    The tools that are installed, by name; a line on standard error names one that is not. All of
    them prune BERT.
    """
    found: dict[str, Pruner] = {"transformers": by_transformers}
    if find_spec("textpruner") is None:
        sys.stderr.write("without TextPruner, not installed: see benchmarks/peers/README.md\n")
    else:
        found["TextPruner"] = by_textpruner
    return found


def by_transformers(encoder: PreTrainedModel, removed: Removed) -> PreTrainedModel:
    """The library's own `prune_heads`."""
    encoder = copy.deepcopy(encoder)
    encoder.prune_heads(removed)
    return encoder


def by_textpruner(encoder: PreTrainedModel, removed: Removed) -> PreTrainedModel:
    """TextPruner's `TransformerPruner` with a given mask of heads; it needs `textpruner`."""
    from textpruner import GeneralConfig, TransformerPruner

    encoder = copy.deepcopy(encoder)
    mask = torch.ones(encoder.config.num_hidden_layers, encoder.config.num_attention_heads)
    for layer, heads in removed.items():
        mask[layer, heads] = 0
    with tempfile.TemporaryDirectory() as folder:
        settings = GeneralConfig(use_device=str(encoder.device), output_dir=folder)
        pruner = TransformerPruner(encoder, general_config=settings)
        # It saves only where feed-forward layers are pruned as well.
        pruner.prune(head_mask=mask, save_model=False)
    return encoder
