"""Which labels the gradients of examples are those of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.embedding.options import MOST_CLASSES, EmbeddingOptions
from allennlp_heads.collect.gate_gradients import Loss
from allennlp_heads.data.data_loaders.randomness import seeded
from allennlp_heads.models.heads.task_head import TaskHead
from allennlp_heads.nn import ExampleSampler

Weighed = tuple[torch.Tensor, torch.Tensor]
"""Losses `[batch]` with a gradient, and how much each counts, `[batch]`."""


def head_of(model: Any, task: str) -> TaskHead | None:
    """The head of a task, where it is one of ours."""
    heads = getattr(model, "heads", {})
    head = heads[task] if task in heads else None
    return head if isinstance(head, TaskHead) else None


def losses(
    model: Any, outputs: dict[str, Any], examples: list[int], task: str, options: EmbeddingOptions
) -> Iterator[Weighed]:
    """
    The losses of a batch, once for each labelling of it.

    # Parameters

    model : `torch.nn.Module`
    outputs : `Dict[str, Any]`
        What it returned.
    examples : `List[int]`
        Their indices, which fix what is drawn for them.
    task : `str`
    options : `EmbeddingOptions`

    Raises `ConfigurationError` for examples without the labels that are asked for.
    """
    if options.labels == "gold":
        found = Loss(task, options.loss).of(outputs)
        yield found, torch.ones_like(found)
        return
    head = head_of(model, task)
    if head is None:
        raise ConfigurationError(
            f"'labels' is {options.labels!r}, but the head of the task '{task}' does not say what "
            "it predicts: use the gold ones ('labels': 'gold')"
        )
    output = outputs["head_outputs"][task]
    if options.labels == "expected":
        yield from _of_classes(head, output, task)
        return
    for draw in range(options.draws):
        seeds = [
            seeded("labels", options.seed, task, example, draw).getrandbits(63)
            for example in examples
        ]
        found = Loss(task, options.loss).of(head.sampled_losses(output, ExampleSampler(seeds)))
        yield found, torch.full_like(found, 1 / options.draws)


def _of_classes(head: TaskHead, output: dict[str, Any], task: str) -> Iterator[Weighed]:
    log_probabilities = head.class_log_probabilities(output)
    classes = log_probabilities.size(-1)
    if classes > MOST_CLASSES:
        raise ConfigurationError(
            f"the task '{task}' has {classes} labels, and 'labels': 'expected' computes a gradient "
            f"for each of at most {MOST_CLASSES}: draw some ('sampled')"
        )
    for one in log_probabilities.unbind(-1):
        yield -one, one.detach().exp()
