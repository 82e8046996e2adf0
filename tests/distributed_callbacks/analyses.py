"""Everything that callbacks measure, on a tiny model, as every worker and one process see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest import mock

import numpy
import torch

from allennlp_heads.collect import ImportanceOptions, TaskData, collect_importance, encoder_of
from allennlp_heads.collect import importance as importance_module
from allennlp_heads.collect.embedding import EmbeddingOptions, embed_task_and_heads, embed_text
from allennlp_heads.collect.masked_scores import masked_scores
from allennlp_heads.collect.probing.data import ProbeData
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.probe import probe_tasks
from allennlp_heads.models import MultiTaskHeads
from tests.collect.models import data_of, tiny

TASKS = ["dep", "pos", "sent"]

IMPORTANCE = {
    "usual": ImportanceOptions(),
    "batches of two": ImportanceOptions(batch_size=2),
    "one batch": ImportanceOptions(batch_size=9),
    "per token": ImportanceOptions(measure="per_token", examples=7, seed=1),
    "without labels": ImportanceOptions(label_free=True, loss="sum"),
    "until stable": ImportanceOptions(until_stable=True, alpha=0.5),
}
EMBEDDING = {
    "usual": EmbeddingOptions(batch_size=2),
    "one batch": EmbeddingOptions(batch_size=9),
    "sampled": EmbeddingOptions(labels="sampled", batch_size=4, examples=7),
    "batch sums": EmbeddingOptions(mode="batch_sum", batch_size=2),
    "parameters": EmbeddingOptions(components=["query.bias"], batch_size=2),
}
PROBES = ProbeOptions(draws=20, random_weights=2, examples=2)


def analyses(encoder: str, fixtures: Path) -> dict[str, Any]:
    """Of a model with weights that only depend on the seed; left as it was found."""
    model, loader = tiny(encoder, fixtures, tasks=TASKS, gates="hard_concrete")
    model.train()
    before = state(model)
    found: dict[str, Any] = {
        "importance": {
            name: importance(model, data_of(loader, options.batch_size), options)
            for name, options in IMPORTANCE.items()
        },
        "masked": masked(model, data_of(loader, 2)),
        "embedding": {
            name: embeddings(model, data_of(loader, options.batch_size), options)
            for name, options in EMBEDDING.items()
        },
        "text": {
            task: embed_text(encoder_of(model), data_of(loader, 2), task, EmbeddingOptions())
            for task in TASKS
        },
        "probes": probes(model.float(), data_of(loader)),
    }
    model.double()
    found["left as it was"] = same(before, state(model))
    return found


def importance(model: MultiTaskHeads, data: TaskData, options: ImportanceOptions) -> dict[str, Any]:
    # a few examples are several chunks then
    with mock.patch.object(importance_module, "CHECK_EVERY", 4):
        samples = {task: collect_importance(model, data, task, options) for task in TASKS}
    return {
        task: {
            "example": sample.example,
            "values": sample.values,
            "loss": sample.loss,
            "mask": sample.top(),
            "stable": sample.stable,
        }
        for task, sample in samples.items()
    }


def embeddings(model: MultiTaskHeads, data: TaskData, options: EmbeddingOptions) -> dict[str, Any]:
    tasks = [task for task in TASKS if task != "dep" or options.labels == "gold"]
    return {task: embed_task_and_heads(model, data, task, options) for task in tasks}


def masked(model: MultiTaskHeads, data: TaskData) -> dict[str, Any]:
    generator = numpy.random.default_rng(0)
    masks = {str(n): generator.random((3, 4)) < share for n, share in enumerate((0, 0.3, 0.6))}
    return {
        name: {task: dict(scores._asdict()) for task, scores in by_task.items()}
        for name, by_task in masked_scores(model, data, masks).items()
    }


def probes(model: MultiTaskHeads, data: TaskData) -> dict[str, Any]:
    found = probe_tasks(encoder_of(model), ProbeData(train=data), ["dep", "pos"], PROBES)
    return {task: vars(result) for task, result in found.items()}


def state(model: MultiTaskHeads) -> dict[str, Any]:
    return {
        "weights": {name: value.double() for name, value in model.state_dict().items()},
        "learns": [p.requires_grad for p in model.parameters()],
        "modes": [module.training for module in model.modules()],
        "hooks": [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()],
        "random": torch.get_rng_state(),
    }


def same(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return torch.equal(one, other) if isinstance(one, torch.Tensor) else bool(one == other)
