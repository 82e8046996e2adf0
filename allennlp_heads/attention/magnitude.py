"""How large the weights of each head are: the baseline that looks at no data."""

from __future__ import annotations

import torch
from transformers import PreTrainedModel

from allennlp_heads.attention.removal import removable_layers


def head_magnitudes(encoder: PreTrainedModel) -> torch.Tensor:
    """
    The Frobenius norm of the weights that go with each head when it is removed: rows of the query,
    key and value projections (and of DeBERTa's projections of positions), columns of the output
    projection. Biases do not count.

    # Parameters

    encoder : `PreTrainedModel`
        A bare encoder, as `transformers.AutoModel` gives it.

    # Returns

    `torch.Tensor`
        `[layers, heads]` in double precision on the CPU, 0 where a layer has fewer heads than
        others.

    Raises `ValueError` where no heads can be removed.
    """
    layers = removable_layers(encoder)
    norms = torch.zeros(len(layers), max(layer.heads for layer in layers), dtype=torch.double)
    for row, layer in zip(norms, layers):
        weights = [t.of_heads(layer.heads) for t in layer.tensors if not t.is_bias]
        if weights:
            row[: layer.heads] = torch.cat(weights, dim=1).double().norm(dim=1).cpu()
    return norms
