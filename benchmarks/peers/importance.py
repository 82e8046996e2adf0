"""
Other ways to the importance of heads, and what all of them mean to compute: the mean over examples
of |dL / d gate|.

Both tools take the absolute value of what a whole batch adds up to, so that examples which
disagree cancel. Their methods are written anew here, for any model with a gated encoder, as far as
they concern heads; scores are not divided by anything, which leaves ranks as they are.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import partial
from importlib.util import find_spec
from typing import Any

import torch
from allennlp.models import Model

from allennlp_heads.attention.layouts import layout_of
from allennlp_heads.collect import encoder_of
from allennlp_heads.modules import GatedEncoder

Batch = dict[str, Any]
Method = Callable[[Model, Iterable[Batch]], torch.Tensor]
"""Scores `[layers, heads]` of a model by labelled batches."""


def methods() -> dict[str, Method]:
    """
    The peers' methods, by name; a line on standard error says where TextPruner itself is missing.
    """
    found: dict[str, Method] = {
        "run_bertology": by_transformers,
        "run_bertology, cleared": partial(by_transformers, cleared=True),
        "TextPruner's method": by_output_weights,
    }
    if find_spec("textpruner") is None:
        sys.stderr.write("without TextPruner, not installed: see benchmarks/peers/README.md\n")
    else:
        found["TextPruner"] = by_textpruner
    return found


def by_definition(model: Model, batches: Iterable[Batch]) -> torch.Tensor:
    """
    One ordinary backward pass for each batch, and the absolute value of the gradient of gates that
    its examples share: with batches of one example, the importance itself.
    """
    encoder, total = _start(model)
    for batch in batches:
        gates = torch.ones_like(total, requires_grad=True)
        with encoder.tap.scale(gates, "importance"):
            _backward(model, batch)
        total += _gradient(gates).abs()
    return total


def by_transformers(model: Model, batches: Iterable[Batch], cleared: bool = False) -> torch.Tensor:
    """
    The method of transformers' `run_bertology.py`: the gradient of the library's own `head_mask`.
    That script never clears it between batches, so that it adds up absolute values of sums over all
    batches so far, unless `cleared`. The library leaves fused attention for a mask.
    """
    encoder, total = _start(model)
    mask = torch.ones_like(total, requires_grad=True)
    handle = encoder.transformer.register_forward_pre_hook(
        lambda module, args, kwargs: (args, {**kwargs, "head_mask": mask}), with_kwargs=True
    )
    for batch in batches:
        _backward(model, batch)
        total += _gradient(mask).abs()
        if cleared:
            mask.grad = None
    handle.remove()
    return total


def by_output_weights(model: Model, batches: Iterable[Batch]) -> torch.Tensor:
    """
    The method of TextPruner's `get_importance_score`: for each batch the absolute value of the sum
    of weight times gradient over the columns of the output projection that belong to a head.
    """
    encoder, total = _start(model)
    weights: list[Any] = [attention.output.weight for attention in layout_of(encoder.transformer)]
    for batch in batches:
        _backward(model, batch)
        for layer, weight in enumerate(weights):
            columns = (weight.detach() * _gradient(weight)).sum(0)
            total[layer] += columns.unflatten(0, (total.size(1), -1)).sum(1).abs()
    return total


def by_textpruner(model: Model, batches: Iterable[Batch]) -> torch.Tensor:
    """TextPruner itself; it scores feed-forward layers on the way. It needs `textpruner`."""
    from textpruner import GeneralConfig, TransformerPruner

    encoder, total = _start(model)
    with tempfile.TemporaryDirectory() as folder:
        settings = GeneralConfig(use_device=str(total.device), output_dir=folder)
        pruner = TransformerPruner(
            _Numbered(model, encoder, list(batches)), None, settings, "transformer"
        )
        numbers = [{"number": [place]} for place in range(len(pruner.model.batches))]
        scores, _ = pruner.get_importance_score(numbers, adaptor=lambda loss: loss)
    return scores * len(numbers)


class _Numbered(torch.nn.Module):
    """A model that TextPruner, which knows no nested batches, calls with a batch's number."""

    def __init__(self, model: Model, encoder: GatedEncoder, batches: list[Batch]) -> None:
        super().__init__()
        self.inner, self.batches = model, batches
        self.transformer = encoder.transformer

    def forward(self, number: list[int]) -> torch.Tensor:
        loss: torch.Tensor = self.inner(**self.batches[number[0]])["loss"]
        return loss


def _start(model: Model) -> tuple[GatedEncoder, torch.Tensor]:
    """The encoder of a model in evaluation mode and without gradients, and zeros for its heads."""
    encoder = encoder_of(model.eval())
    model.zero_grad()  # TextPruner does so only after a batch
    device = next(model.parameters()).device
    return encoder, torch.zeros(encoder.layers, max(encoder.heads), device=device)


def _backward(model: Model, batch: Batch) -> None:
    model.zero_grad()
    model(**batch)["loss"].backward()


def _gradient(tensor: torch.Tensor) -> torch.Tensor:
    assert tensor.grad is not None
    return tensor.grad
