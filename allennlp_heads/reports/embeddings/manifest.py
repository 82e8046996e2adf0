"""What a manifest says of the model and the data behind an embedding."""

from __future__ import annotations

from typing import Any

import torch
from allennlp.models.heads import Head

from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.training.run_info import file_digests

CLASSES = ("classification", "questions", "labelling")
"""Classes of tasks, after what their heads predict."""

_CLASS_OF = {
    "text_classifier": "classification",
    "text_regressor": "classification",
    "span_qa": "questions",
}


def class_of(head: torch.nn.Module) -> str:
    """
    The one of `CLASSES` that the task of this head belongs to: `"classification"` for labels and
    numbers of whole texts, `"questions"` for answers in texts, `"labelling"` for words, phrases and
    trees.
    """
    for name, task_class in _CLASS_OF.items():
        if isinstance(head, Head.by_name(name)):  # type: ignore[arg-type]
            return task_class
    return "labelling"


def about_encoder(
    encoder: GatedEncoder, sha256: str | None = None, pretrained_sha256: str | None = None
) -> dict[str, Any]:
    """
    # Parameters

    encoder : `GatedEncoder`
    sha256 : `str`, optional (default = `None`)
        The `encoder_digest` of the trained encoder, which gradients and heads are of.
    pretrained_sha256 : `str`, optional (default = `None`)
        That of the pretrained encoder, which `text` is of.

    # Returns

    `Dict[str, Any]`
        The entry `encoder` of a manifest: these, its name, `layers`, `heads` (of a layer, before
        any was removed), `head_dim` and `dim` (sizes of a head's and a piece's vector).
    """
    return {
        "name": encoder.transformer_model,
        "layers": encoder.layers,
        "heads": encoder.original_heads,
        "head_dim": encoder.tap.head_dim,
        "dim": encoder.get_output_dim(),
        "sha256": sha256,
        "pretrained_sha256": pretrained_sha256,
    }


def about_task(
    data: TaskData, task: str, head: torch.nn.Module | None, task_class: str | None = None
) -> dict[str, Any]:
    """
    # Parameters

    data : `TaskData`
    task : `str`
    head : `torch.nn.Module`, optional
        The task's, where there is one.
    task_class : `str`, optional (default = `None`)
        Instead of the class that `class_of` gives the head.

    # Returns

    `Dict[str, Any]`
        The entries `class`, `head` (its type), `data_files` (with SHA-256) and `available` (the
        training examples there are) of a manifest.
    """
    if task_class is None and head is not None:
        task_class = class_of(head)
    return {
        "class": task_class,
        "head": None if head is None else type(head).__name__,
        "data_files": file_digests([data.paths[task]]),
        "available": data.sizes[task],
    }
