"""What a model still gets right without some of its heads, example by example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy
import torch
from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model

from allennlp_heads.collect.encoder_of import encoder_of, existing_heads, present_numbering
from allennlp_heads.collect.example_counts import ExampleCounts, joined
from allennlp_heads.collect.sharing import shared_out
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.undisturbed import undisturbed
from allennlp_heads.distributed import is_primary, world_size
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.reports.score_history import Scores


def masked_scores(
    model: Model,
    data: TaskData,
    masks: Mapping[str, numpy.ndarray],
    tasks: Sequence[str] | None = None,
) -> dict[str, dict[str, Scores]]:
    """
    Evaluate tasks under masks. Nothing is removed: masked heads are scaled by 0, on top of whatever
    gates the model has. The model is loaded once and the batches are built once; each task's data
    is read once a mask. Model and data are untouched afterwards.

    Collective in distributed training: the workers share batches and masks, and all of them get the
    scores of all.

    # Parameters

    model : `Model`
    data : `TaskData`
        Labelled examples.
    masks : `Mapping[str, numpy.ndarray]`
        `[layers, original heads]`, `bool`, numbered as in the pretrained encoder: True on the heads
        to close. A mask without any closes none.
    tasks : `Sequence[str]`, optional (default = `None`)
        By default all of `data`.

    # Returns

    `Dict[str, Dict[str, Scores]]`
        Mask -> task -> counts and losses of its examples, in the order of their numbers.

    Raises `ConfigurationError` unless the model has one gated encoder and its heads give counts,
    and `ValueError` for masks that do not fit it.
    """
    encoder = encoder_of(model)
    tasks = data.tasks if tasks is None else tasks
    gates = {name: _gates(encoder, name, mask).to(data.device) for name, mask in masks.items()}
    found: dict[str, dict[str, Scores]] = {name: {} for name in masks}
    total = sum(data.sizes[task] for task in tasks) * len(masks) // world_size()
    bar = Tqdm.tqdm(total=total, desc="masking heads", disable=not is_primary())
    with undisturbed(model), torch.no_grad(), bar:
        for task in tasks:
            todo = ((name, batch) for name in masks for batch in data.batches(task))
            parts: dict[str, list[Scores]] = {name: [] for name in masks}
            for name, scores in shared_out(todo, partial(_scores, model, encoder, gates, bar)):
                parts[name].append(scores)
            for name, scored in parts.items():
                found[name][task] = _checked(joined(scored), task, name)
            data.warn_of_unseen_labels(task)
    return found


def masked_counts(
    model: Model,
    data: TaskData,
    masks: Mapping[str, numpy.ndarray],
    tasks: Sequence[str] | None = None,
) -> dict[str, dict[str, numpy.ndarray]]:
    """The counts `[examples, K]` of `masked_scores` alone: mask -> task -> counts."""
    found = masked_scores(model, data, masks, tasks)
    return {
        name: {task: scores.counts for task, scores in by_task.items()}
        for name, by_task in found.items()
    }


def _gates(encoder: GatedEncoder, name: str, mask: numpy.ndarray) -> torch.Tensor:
    expected = existing_heads(encoder).shape
    if mask.shape != expected:
        raise ValueError(
            f"the mask '{name}' is {list(mask.shape)}, but the encoder has {expected[0]} layers x "
            f"{expected[1]} heads"
        )
    return 1 - torch.from_numpy(present_numbering(encoder, mask.astype(numpy.float32)))


def _scores(
    model: Model,
    encoder: GatedEncoder,
    gates: Mapping[str, torch.Tensor],
    bar: Any,
    todo: Iterator[tuple[str, dict[str, Any]]],
) -> list[tuple[str, Scores]]:
    """Of batches under masks, with the masks' names."""
    counts, found = ExampleCounts("the analysis of masked heads"), []
    for name, batch in todo:
        with encoder.tap.scale(gates[name], "importance"):
            outputs = model(**batch)
        counts.add(model, batch, outputs)
        (scores,) = counts.take().values()
        found.append((name, scores))
        bar.update(len(scores.example))
    return found


def _checked(scores: Scores, task: str, mask: str) -> Scores:
    """A model that computes no numbers would be scored all the same."""
    finite = numpy.isfinite(scores.loss)
    if not finite.all():
        place = int(numpy.flatnonzero(~finite)[0])
        raise ConfigurationError(
            f"the loss of example {scores.example[place]} of the task '{task}' is "
            f"{scores.loss[place]} with the heads masked as '{mask}': has training diverged?"
        )
    return scores
