"""Tiny trained models as `model.tar.gz`, gates and random weights included."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params
from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp.models.archival import archive_model

import allennlp_heads  # noqa: F401

Config = dict[str, Any]

MASK = [[1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 0]]
"""Of the tiny encoders: an emptied layer in the middle."""
REMOVED = [[1, 3], [0, 1, 2, 3], [3]]

LABELS = {
    "upos_labels": ["NOUN", "VERB", "DET", "PUNCT"],
    "dependency_labels": ["root", "nsubj", "det", "punct"],
    "con_labels": ["TOP+S", "S|<>", "NP", "NP|<>", "VP"],
    "ner_labels": ["PER", "LOC"],
    "srl_labels": ["ARG0", "ARG1", "ARGM-LOC"],
}
READERS: dict[str, Config] = {
    "pos": {"type": "conllu", "view": "upos"},
    "dep": {"type": "conllu", "view": "dependency"},
    "con": {"type": "bracketed_trees", "view": "con"},
    "ner": {"type": "bio_columns", "coding": "spans"},
    "srl": {"type": "ontonotes", "view": "srl"},
}
HEADS: dict[str, Config] = {
    "pos": {"type": "tagger"},
    "dep": {"type": "dependency"},
    "con": {"type": "constituency"},
    "ner": {"type": "span_ner"},
    "srl": {"type": "srl"},
}
FIXED: Config = {"type": "fixed", "mask": MASK}
SENTENCES = ["the old dog saw a cat in the garden", "Anna gave Peter two red books"]


def multitask(encoder: str, gates: Config, tasks: list[str]) -> Config:
    """Words through `multitask_heads`."""
    indexer = {"tokens": {"type": "transformer_words", "transformer_model": encoder}}
    readers = {task: {**READERS[task], "token_indexers": indexer} for task in tasks}
    return {
        "dataset_reader": {"type": "multitask_heads", "readers": readers},
        "model": {
            "type": "multitask_heads",
            "backbone": {
                "type": "gated_transformer",
                "transformer_model": encoder,
                "gates": gates,
            },
            "heads": {task: HEADS[task] for task in tasks},
        },
    }


def tagger(encoder: str, gates: Config) -> Config:
    """Words through AllenNLP's own model."""
    return {
        "dataset_reader": {
            "type": "conllu",
            "view": "upos",
            "token_indexers": {
                "tokens": {"type": "transformer_words", "transformer_model": encoder}
            },
        },
        "model": {
            "type": "simple_tagger",
            "label_namespace": "upos_labels",
            "text_field_embedder": {"token_embedders": {"tokens": embedder(encoder, gates)}},
            "encoder": {"type": "pass_through", "input_dim": 24},
            "regularizer": {"regexes": [["log_alpha", {"type": "hard_concrete_l0"}]]},
        },
    }


def classifier(encoder: str, gates: Config) -> Config:
    """Pieces through AllenNLP's own model."""
    pieces = {"type": "transformer_pieces", "transformer_model": encoder}
    return {
        "dataset_reader": {
            "type": "text_classification_json",
            "tokenizer": pieces,
            "token_indexers": {"tokens": pieces},
        },
        "model": {
            "type": "basic_classifier",
            "text_field_embedder": {"token_embedders": {"tokens": embedder(encoder, gates)}},
            "namespace": "tags",
            "num_labels": 3,
            "seq2vec_encoder": {"type": "cls_pooler", "embedding_dim": 24},
        },
    }


def embedder(encoder: str, gates: Config) -> Config:
    """The gated encoder of a model that is not ours."""
    return {"type": "gated_transformer", "transformer_model": encoder, "gates": gates}


def vocabulary() -> Vocabulary:
    """Labels of all tasks."""
    labels = {**LABELS, "labels": ["0", "1", "2"]}
    return Vocabulary(non_padded_namespaces=["*labels", "*tags"], tokens_to_add=labels)


def log_alpha(seed: int = 0) -> torch.Tensor:
    """Gates of every size; the evaluation gates follow from them."""
    return torch.randn(3, 4, generator=torch.Generator().manual_seed(seed)) * 3


def write(
    folder: Path, config: Config, carry: bool = True, vocab: Vocabulary | None = None
) -> Path:
    """What `allennlp train` leaves of it: the archive's path."""
    folder.mkdir(parents=True)
    vocab = vocab or vocabulary()
    config = copy.deepcopy(config) | ({"include_in_archive": ["encoder"]} if carry else {})
    torch.manual_seed(0)
    model = Model.from_params(
        Params(copy.deepcopy(config["model"])),
        vocab=vocab,
        serialization_dir=str(folder),
    )
    with torch.no_grad():
        gates = [p for name, p in model.named_parameters() if name.endswith("log_alpha")]
        for seed, parameter in enumerate(gates):
            parameter.copy_(log_alpha(seed))
        for name, parameter in model.named_parameters():
            if ".encoder." not in name:
                parameter.normal_(std=0.3)
    (folder / "config.json").write_text(json.dumps(config))
    vocab.save_to_files(str(folder / "vocabulary"))
    torch.save(model.state_dict(), folder / "best.th")
    archive_model(folder, include_in_archive=config.get("include_in_archive"))
    return folder / "model.tar.gz"
