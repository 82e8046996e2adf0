"""Tiny few-shot experiments: words of the generated treebank, and texts made here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.tiny import TEXT

Config = dict[str, Any]


def tagging(encoder: str, data: Path, starts: dict[str, Config]) -> Config:
    """Parts of speech."""
    indexer = {"type": "transformer_words", "transformer_model": encoder}
    return {
        "starts": starts,
        "task": {
            "name": "tags",
            "reader": {
                "type": "conllu",
                "view": "upos",
                "max_instances": 12,
                "token_indexers": {"tokens": indexer},
            },
            "head": {"type": "tagger"},
            "train_data_path": str(data / "ewt" / "train.conllu"),
            "validation_data_path": str(data / "ewt" / "dev.conllu"),
        },
        "examples": [2, 3],
        "seeds": 2,
        "training": {"updates": 2, "batch_size": 2, "encoder_lr": 1e-3, "head_lr": 1e-2},
        "max_validation": 5,
    }


def texts(encoder: str, folder: Path, starts: dict[str, Config]) -> Config:
    """Texts of two classes, three in four of class "a"."""
    pieces = {"type": "transformer_pieces", "transformer_model": encoder}
    rows = [f"{'ab'[not i % 4]}\t{' '.join(TEXT[i : i + 6])}" for i in range(24)]
    for name in ("texts", "others"):
        (folder / f"{name}.tsv").write_text("\n".join(["label\ttext", *rows]) + "\n")
    return {
        "starts": starts,
        "task": {
            "reader": {
                "type": "delimited_text",
                "label_namespace": "text_labels",
                "tokenizer": pieces,
                "token_indexers": {"tokens": pieces},
            },
            "head": {"type": "text_classifier", "label_namespace": "text_labels"},
            "train_data_path": str(folder / "texts.tsv"),
            "validation_data_path": str(folder / "others.tsv"),
        },
        "examples": [2],
        "seeds": 2,
        "training": {"epochs": 2, "batch_size": 2},
    }


def written(config: Config, folder: Path) -> str:
    """As a file of configuration."""
    path = folder / "fewshot.jsonnet"
    path.write_text(json.dumps(config))
    return str(path)


def files_of(folder: Path) -> dict[str, bytes]:
    """What an experiment has written, by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
