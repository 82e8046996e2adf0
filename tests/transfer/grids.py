"""Tiny grids on the generated texts: tasks with every kind of head."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests import qa_tasks, sentence_tasks
from tests.pruning import archives
from tests.training.pieces import copied

Config = dict[str, Any]

LEARNING = {"updates": 2, "batch_size": 4, "encoder_lr": 1e-3, "head_lr": 1e-2}

_ENDINGS = {"pos": "conllu", "dep": "conllu", "con": "mrg", "ner": "ner.conll", "srl": "gold_conll"}
_FOLDERS = {"sst2": "SST-2", "stsb": "STS-B", "cola": "CoLA"}
TASKS = [*_ENDINGS, *_FOLDERS, "squad"]


def grid(encoder: str, data: Path, tasks: list[str], **changes: Any) -> Config:
    """Few examples, few updates."""
    config = {
        "encoder": encoder,
        "tasks": {name: task(encoder, data, name) for name in tasks},
        "limited": 6,
        "restarts": 2,
        "dev_examples": 5,
        "recipes": {kind: LEARNING for kind in ("classification", "questions", "labelling")},
        **changes,
    }
    return copied(config)


def task(encoder: str, data: Path, name: str) -> Config:
    """One of `TASKS`."""
    if name == "squad":
        paths = [str(data / f"squad/{split}-v1.1.json") for split in ("train", "dev")]
        reader, head = qa_tasks.reader(encoder), {"type": "span_qa"}
    elif name in _FOLDERS:
        paths = [str(data / f"glue/{_FOLDERS[name]}/{split}.tsv") for split in ("train", "dev")]
        config = sentence_tasks.config(encoder, [name])
        reader = config["dataset_reader"]["readers"][name]
        head = config["model"]["heads"][name]
    else:
        paths = [str(data / f"ewt/{split}.{_ENDINGS[name]}") for split in ("train", "dev")]
        config = archives.multitask(encoder, {"type": "open"}, [name])
        reader = config["dataset_reader"]["readers"][name]
        head = config["model"]["heads"][name]
    return {
        "reader": {**reader, "max_instances": 12},
        "head": head,
        "train_data_path": paths[0],
        "validation_data_path": paths[1],
    }


def written(config: Config, folder: Path) -> str:
    """As a file of configuration."""
    path = folder / "grid.jsonnet"
    path.write_text(json.dumps(config))
    return str(path)


def numbers_of(out: Path) -> dict[str, Any]:
    """All that a grid's folder holds but times, by name."""
    found: dict[str, Any] = {}
    for path in sorted(out.rglob("*")):
        if path.is_file() and path.name != ".lock":
            content: Any = path.read_bytes()
            if path.suffix == ".json":
                content = _without_seconds(json.loads(content))
            elif path.name == "transfer.csv":
                content = content.decode()
            found[str(path.relative_to(out))] = content
    return found


def _without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_seconds(one) for key, one in value.items() if key != "seconds"}
    return [_without_seconds(one) for one in value] if isinstance(value, list) else value
