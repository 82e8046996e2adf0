"""A tiny untrained model of two or more tasks, as objects and as an archive on disk."""

import json
from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params
from allennlp.data import DatasetReader, Vocabulary
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.models import Model

from allennlp_heads import data, models, modules, predictors

assert data and models and modules and predictors  # imported for what they register

TAGS = ["NOUN", "VERB", "DET", "PUNCT"]
RELATIONS = ["root", "nsubj", "det", "punct"]
TREEBANK = """1\tthe\t_\tDET\tDT\t_\t2\tdet\t_\t_
2\tdog\t_\tNOUN\tNN\t_\t3\tnsubj\t_\t_
3\tsaw\t_\tVERB\tVB\t_\t0\troot\t_\t_

1\tAnna\t_\tNOUN\tNN\t_\t0\troot\t_\t_

"""


def reader_config(encoder: str, views: dict[str, str]) -> dict[str, Any]:
    """The readers of several tasks, `views` giving what each reads."""
    indexer = {"type": "transformer_words", "transformer_model": encoder}
    readers = {
        task: {"type": "conllu", "view": view, "token_indexers": {"tokens": dict(indexer)}}
        for task, view in views.items()
    }
    return {"type": "multitask_heads", "readers": readers}


def model_config(encoder: str, heads: dict[str, str]) -> dict[str, Any]:
    """The model, `heads` giving the kind of each task's head."""
    return {
        "type": "multitask_heads",
        "backbone": {"type": "gated_transformer", "transformer_model": encoder},
        "heads": {task: {"type": kind} for task, kind in heads.items()},
    }


def vocabulary() -> Vocabulary:
    """Labels of all three views."""
    labels = {"upos_labels": TAGS, "xpos_labels": ["NN", "VB"], "dependency_labels": RELATIONS}
    return Vocabulary(non_padded_namespaces=["*labels"], tokens_to_add=labels)


def make_reader(encoder: str, views: dict[str, str]) -> MultiTaskDatasetReader:
    """As an object."""
    reader = DatasetReader.from_params(Params(reader_config(encoder, views)))
    assert isinstance(reader, MultiTaskDatasetReader)
    return reader


def make_model(encoder: str, heads: dict[str, str]) -> Model:
    """As an object, with random weights."""
    return Model.from_params(Params(model_config(encoder, heads)), vocab=vocabulary())


def write_archive(folder: Path, encoder: str, views: dict[str, str], heads: dict[str, str]) -> str:
    """As `allennlp train` leaves it behind, unpacked."""
    config = {
        "dataset_reader": reader_config(encoder, views),
        "model": model_config(encoder, heads),
    }
    (folder / "config.json").write_text(json.dumps(config))
    vocabulary().save_to_files(str(folder / "vocabulary"))
    torch.save(make_model(encoder, heads).state_dict(), folder / "weights.th")
    return str(folder)
