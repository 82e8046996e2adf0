"""Tiny models that answer questions beside a task of sentences, untrained, and their data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params
from allennlp.data import DatasetReader, Vocabulary
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.models import Model

from allennlp_heads.models import MultiTaskHeads
from tests import sentence_tasks
from tests.pruning.archives import Config, write
from tests.training.pieces import copied

TASKS = ["squad", "sst2"]
WINDOWS = {"max_length": 64, "stride": 36, "max_question_length": 20}
"""Of the fixtures' passages: from some to many windows."""


def reader(encoder: str, **options: Any) -> Config:
    """That of questions."""
    pieces = {"type": "transformer_pieces", "transformer_model": encoder}
    return {
        "type": "squad_json",
        "tokenizer": pieces,
        "token_indexers": {"tokens": pieces},
        **WINDOWS,
        **options,
    }


def config(encoder: str, data: Path, version: str = "v1.1", **head: Any) -> Config:
    """Readers, model and data of both tasks, as `allennlp train` takes them."""
    settings = sentence_tasks.config(encoder, ["sst2"])
    settings["dataset_reader"]["readers"]["squad"] = reader(encoder)
    settings["model"]["heads"]["squad"] = {"type": "span_qa", **head}
    for split in ("train", "dev"):
        paths = {
            "squad": str(data / f"squad/{split}-{version}.json"),
            "sst2": str(data / f"glue/SST-2/{split}.tsv"),
        }
        settings[f"{'validation' if split == 'dev' else split}_data_path"] = paths
    loader = {"type": "multitask_bucketed", "batch_size": 4, "max_instances": 9}
    settings |= {
        "pytorch_seed": 5,
        "datasets_for_vocab_creation": ["train"],
        "data_loader": {**loader, "seed": 3},
        "validation_data_loader": {**loader, "shuffle": False},
    }
    return settings


def vocabulary() -> Vocabulary:
    """Of the task of sentences; questions need none."""
    return sentence_tasks.vocabulary(["sst2"])


def made(encoder: str, data: Path, **head: Any) -> tuple[MultiTaskHeads, MultiTaskDatasetReader]:
    """Model and reader as objects; the heads decide by more than their biases."""
    params = Params(copied(config(encoder, data, **head)))
    found: Any = DatasetReader.from_params(params.pop("dataset_reader"))
    torch.manual_seed(0)
    model: Any = Model.from_params(params.pop("model"), vocab=vocabulary())
    with torch.no_grad():
        for parameter in model.heads.parameters():
            parameter.normal_(std=0.3)
    return model.eval(), found


def archive(folder: Path, settings: Config) -> Path:
    """The path of a `model.tar.gz`."""
    return write(folder, settings, vocab=vocabulary())


def questions(path: Path) -> list[dict[str, Any]]:
    """All questions of a file in SQuAD's form, with their context."""
    content = json.loads(path.read_text("utf-8"))
    return [
        {**question, "context": paragraph["context"]}
        for article in content["data"]
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]
