"""Embeddings for tests of what reads them."""

from __future__ import annotations

from typing import Any

import numpy

from allennlp_heads.reports.embeddings import Embedding


def embedding(task: str = "pos", seed: int = 0, dim: int = 8, **manifest: Any) -> Embedding:
    """With components of all kinds, of an encoder of 2 layers x 3 heads."""
    random = numpy.random.default_rng([seed, *task.encode()])
    components = {
        "text": random.normal(size=dim),
        **{f"layer_output.{layer}": random.random(dim) for layer in range(2)},
        "heads.importance": random.random((2, 3)),
    }
    encoder = {"name": "tiny", "layers": 2, "heads": 3, "head_dim": 4, "dim": dim}
    about: dict[str, Any] = {
        "encoder": {**encoder, "pretrained_sha256": "0"},
        "options": {"mode": "per_example", "labels": "gold", "batch_size": 32},
        "seed": 3,
        "left_out": {},
    }
    for key, value in manifest.items():
        about[key] = {**about[key], **value} if isinstance(value, dict) else value
    return Embedding(task, components, about)
