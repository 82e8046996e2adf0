"""Tiny models of GLUE tasks, untrained, and the project's own texts in GLUE's layouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params
from allennlp.data import DatasetReader, Vocabulary
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.models import Model

from allennlp_heads.data.dataset_readers.glue_layouts import GLUE_LAYOUTS
from allennlp_heads.models import MultiTaskHeads
from tests.pruning.archives import Config, write
from tests.training.pieces import copied

HEADS: dict[str, Config] = {
    "sst2": {},
    "cola": {"main_metric": "matthews"},
    "mrpc": {"main_metric": "f1", "positive_label": "1"},
    "mnli": {"dropout": 0.2},
    "qnli": {"pooler": False},
    "stsb": {"type": "text_regressor"},
}
TASKS = list(HEADS)


def config(encoder: str, tasks: list[str] = TASKS) -> Config:
    """Readers and model; the tasks' keys are those of the reader `glue`."""
    pieces = {"type": "transformer_pieces", "transformer_model": encoder}
    reader = {"type": "glue", "tokenizer": pieces, "token_indexers": {"tokens": pieces}}
    heads = {
        task: HEADS[task]
        if "type" in HEADS[task]
        else {"type": "text_classifier", "label_namespace": f"{task}_labels", **HEADS[task]}
        for task in tasks
    }
    return {
        "dataset_reader": {
            "type": "multitask_heads",
            "readers": {task: {**reader, "task": task} for task in tasks},
        },
        "model": {
            "type": "multitask_heads",
            "backbone": {"type": "gated_transformer", "transformer_model": encoder},
            "heads": heads,
        },
    }


def vocabulary(tasks: list[str] = TASKS) -> Vocabulary:
    """GLUE's labels."""
    labels = {f"{task}_labels": list(GLUE_LAYOUTS[task].labels) for task in tasks}
    return Vocabulary(non_padded_namespaces=["*labels", "*tags"], tokens_to_add=labels)


def made(encoder: str, tasks: list[str] = TASKS) -> tuple[MultiTaskHeads, MultiTaskDatasetReader]:
    """Model and reader as objects; the heads decide by more than their biases."""
    params = Params(copied(config(encoder, tasks)))
    reader: Any = DatasetReader.from_params(params.pop("dataset_reader"))
    torch.manual_seed(0)
    model: Any = Model.from_params(params.pop("model"), vocab=vocabulary(tasks))
    with torch.no_grad():
        for parameter in model.heads.parameters():
            parameter.normal_(std=0.3)
    return model.eval(), reader


def archive(folder: Path, encoder: str, tasks: list[str] = TASKS, **readers: Config) -> Path:
    """The path of a `model.tar.gz`; `readers` change single readers."""
    settings = config(encoder, tasks)
    for task, options in readers.items():
        settings["dataset_reader"]["readers"][task].update(options)
    return write(folder, settings, vocab=vocabulary(tasks))
