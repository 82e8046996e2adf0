"""From the importance of heads to what each task loses without them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy
from allennlp.models import Model

from allennlp_heads.collect.dissociation_masks import (
    Importance,
    MaskOptions,
    check_masks,
    masks_by_chance,
    own_masks,
)
from allennlp_heads.collect.encoder_of import encoder_of
from allennlp_heads.collect.example_counts import main_metrics
from allennlp_heads.collect.masked_scores import masked_scores
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.reports.dissociation_data import DissociationData

_BASE = "none"


def measure_dissociation(
    model: Model,
    data: TaskData,
    importance: Importance,
    options: MaskOptions = MaskOptions(),
    run: Mapping[str, Any] | None = None,
    place: int = 0,
) -> DissociationData:
    """
    Evaluate every task with all heads, without those most important to each task, and without as
    many random ones.

    # Parameters

    model : `Model`
    data : `TaskData`
        What scores: examples that had no part in `importance`.
    importance : `Mapping[str, numpy.ndarray]`
        Of each task of `data`, `[layers, original heads]`.
    options : `MaskOptions`, optional
    run : `Mapping[str, Any]`, optional
        What the report says of the run.
    place : `int`, optional (default = `0`)
        Number of the run among several, each of which has random masks of its own.

    # Returns

    `DissociationData`
        Of this run alone.

    Raises `ConfigurationError` for fewer than two tasks, for a task without importance or with one
    that chooses no heads, and for a head whose main metric is unknown.
    """
    tasks, metrics, encoder = data.tasks, main_metrics(model), encoder_of(model)
    exists = check_masks(model, tasks, options)
    own = own_masks(importance, tasks, options.alphas, exists)
    random = masks_by_chance(exists, own, options, options.seed + place)
    shared = {_BASE: numpy.zeros_like(exists)}
    shared |= {_name(*at): own[at] for at in numpy.ndindex(own.shape[:2])}
    examples, base, by_mask, by_draw = {}, {}, {}, {}
    for column, task in enumerate(tasks):
        drawn = random[:, column]
        masks = {
            **shared,
            **{_name("random", *at): drawn[at] for at in numpy.ndindex(drawn.shape[:2])},
        }
        found = {name: by[task] for name, by in masked_scores(model, data, masks, [task]).items()}
        counts = {name: scores.counts for name, scores in found.items()}
        examples[task] = found[_BASE].example
        base[task] = counts[_BASE][None]
        by_mask[task] = _grid(counts, own.shape[:2])
        by_draw[task] = _grid(counts, drawn.shape[:2], "random")
    return DissociationData(
        tasks=tasks,
        metrics={task: metrics[task] for task in tasks},
        alphas=list(options.alphas),
        runs=[dict(run or {})],
        exists=exists,
        importance=numpy.stack([importance[task] for task in tasks])[None],
        own_masks=own[None],
        random_masks=random[None],
        examples=examples,
        base=base,
        own=by_mask,
        random=by_draw,
        about={"encoder": encoder.transformer_model},
    )


def _name(*at: Any) -> str:
    return "/".join(map(str, at))


def _grid(
    counts: Mapping[str, numpy.ndarray], shape: tuple[int, ...], *prefix: str
) -> numpy.ndarray:
    """Counts by the places in their masks' names: `[1, ..., examples, K]`."""
    found = numpy.stack([counts[_name(*prefix, *at)] for at in numpy.ndindex(shape)])
    return found.reshape(1, *shape, *found.shape[1:])
