"""A tiny model with a head of every kind, its data, and what importance means, computed slowly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import torch

from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models import MultiTaskHeads
from tests import qa_tasks
from tests.training.pieces import Config, model_and_loader

EXAMPLES = 9
SHORT = {"max_length": 14, "max_question_length": 4, "stride": 3}
"""Windows of questions where the encoder reads no more pieces at once than this."""
WORDS = {
    "con": ({"type": "bracketed_trees", "view": "con"}, "mrg"),
    "dep": ({"type": "conllu", "view": "dependency"}, "conllu"),
    "ner": ({"type": "bio_columns", "coding": "spans"}, "ner.conll"),
    "pos": ({"type": "conllu", "view": "upos"}, "conllu"),
    "srl": ({"type": "ontonotes", "view": "srl"}, "gold_conll"),
}
TASKS = ["con", "dep", "ner", "pos", "qa", "sent", "srl"]
HEADS: dict[str, Config] = {
    "con": {"type": "constituency"},
    "dep": {"type": "dependency", "arc_dim": 8, "relation_dim": 6},
    "ner": {"type": "span_ner"},
    "pos": {"type": "tagger"},
    "qa": {"type": "span_qa"},
    "sent": {"type": "text_classifier", "label_namespace": "sent_labels"},
    "srl": {"type": "srl"},
}


def configuration(
    encoder: str, fixtures: Path, tasks: list[str] | None = None, **backbone: Any
) -> Config:
    """What `allennlp train` would be given."""
    tasks = tasks or TASKS
    words = {"tokens": {"type": "transformer_words", "transformer_model": encoder}}
    pieces = {"type": "transformer_pieces", "transformer_model": encoder}
    readers: dict[str, Config] = {
        # windows of questions must fit the encoder
        "qa": qa_tasks.reader(encoder, **SHORT if "max_length" in backbone else {}),
        "sent": {
            "type": "delimited_text",
            "tokenizer": pieces,
            "token_indexers": {"tokens": pieces},
            "label_namespace": "sent_labels",
        },
    }
    paths = {
        "qa": str(fixtures / "squad/train-v1.1.json"),
        "sent": str(fixtures / "formats/reviews.train.jsonl"),
    }
    for task, (reader, ending) in WORDS.items():
        readers[task] = {**reader, "token_indexers": words}
        paths[task] = str(fixtures / f"ewt/train.{ending}")
    return {
        "dataset_reader": {
            "type": "multitask_heads",
            "readers": {task: readers[task] for task in tasks},
        },
        "train_data_path": {task: paths[task] for task in tasks},
        "data_loader": {
            "type": "multitask_bucketed",
            "batch_size": 4,
            "max_instances": EXAMPLES,
            "seed": 3,
        },
        "model": {
            "type": "multitask_heads",
            "backbone": {
                "type": "gated_transformer",
                "transformer_model": encoder,
                **backbone,
            },
            "heads": {task: HEADS[task] for task in tasks},
        },
    }


def tiny(encoder: str, fixtures: Path, **options: Any) -> tuple[MultiTaskHeads, MultiTaskBucketed]:
    """Model, in float64, and loader of `configuration`."""
    torch.manual_seed(0)
    model, loader = model_and_loader(configuration(encoder, fixtures, **options))
    with torch.no_grad():
        for parameter in model.heads.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return model.double(), loader


def data_of(loader: MultiTaskBucketed, batch_size: int = 4, **options: Any) -> TaskData:
    """The loader's examples in batches of another size."""
    return TaskData.of_loader(loader, batch_size=batch_size, **options)


def one_at_a_time(
    model: MultiTaskHeads, data: TaskData, task: str, kind: str = "unit"
) -> dict[int, numpy.ndarray]:
    """
    `dL / d gate` `[layers, heads]` of each example, which is a batch of its own, by the definition:
    gates that all examples share, and nothing frozen.
    """
    encoder = encoder_of(model)
    model.eval()
    found = {}
    for batch in singles(data, task):
        gates = torch.ones(
            encoder.layers, max(encoder.heads), dtype=torch.float64, requires_grad=True
        )
        with encoder.tap.scale(gates, "importance"):
            output = model(**batch)["head_outputs"][task]
        loss = output["loss"] if kind == "unit" else output["example_loss"].sum()
        (gradient,) = torch.autograd.grad(loss, gates)
        found[batch["example"][0]] = gradient.numpy()
    return found


def singles(data: TaskData, task: str) -> Iterator[dict[str, Any]]:
    """Batches of one example."""
    for chunk in data.chunks(task, 1):
        yield from chunk.batches(task)
