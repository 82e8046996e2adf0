"""Which heads are masked to see what a task loses: its most important ones, and random ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model

from allennlp_heads.analysis.masks import number_of_heads, top_mask
from allennlp_heads.analysis.random_masks import random_masks_among
from allennlp_heads.collect.encoder_of import encoder_of, open_heads
from allennlp_heads.collect.example_counts import main_metrics

Importance = Mapping[str, numpy.ndarray]
"""Task -> scores of the heads `[layers, original heads]`."""


@dataclass(frozen=True)
class MaskOptions:
    """
    Which heads are masked.

    # Parameters

    alphas : `Sequence[float]`, optional (default = `(0.3,)`)
        Shares of the heads: those most important to a task. Masks of smaller shares are parts of
        those of larger ones.
    draws : `int`, optional (default = `5`)
        Random masks of the same size, the baseline.
    balanced : `Union[bool, str]`, optional (default = `False`)
        Random masks with equally many heads in each layer, as nearly as possible; `"as_mask"`: with
        as many in each layer as the evaluated task's own mask.
    seed : `int`, optional (default = `0`)
        Of the random masks.

    Raises `ConfigurationError` for values out of range.
    """

    alphas: Sequence[float] = (0.3,)
    draws: int = 5
    balanced: bool | str = False
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.alphas or not all(0 < alpha < 1 for alpha in self.alphas):
            raise ConfigurationError(
                f"'alpha' is {list(self.alphas)}: give shares of the heads above 0 and below 1"
            )
        if self.draws < 1:
            raise ConfigurationError(
                f"'draws' is {self.draws}: give at least 1, since a mask says little without "
                "random ones beside it"
            )
        if self.seed < 0:
            raise ConfigurationError(f"'seed' is {self.seed}: give at least 0")
        if self.balanced not in (False, True, "as_mask"):
            raise ConfigurationError(
                f"'balanced' is {self.balanced!r}: give true, false or \"as_mask\""
            )
        object.__setattr__(self, "alphas", sorted(set(self.alphas)))


def check_masks(model: Model, tasks: Sequence[str], options: MaskOptions) -> numpy.ndarray:
    """
    The heads to choose from, `[layers, original heads]` bool. Raises `ConfigurationError` for fewer
    than two tasks, a head that names no main metric, and a share that masks none.
    """
    _check_tasks(tasks, main_metrics(model))
    exists = open_heads(encoder_of(model), tasks)
    try:
        for alpha in options.alphas:
            number_of_heads(alpha, int(exists.sum()))
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    return exists


def own_masks(
    importance: Importance, tasks: Sequence[str], alphas: Sequence[float], exists: numpy.ndarray
) -> numpy.ndarray:
    """
    `[alphas, tasks, layers, heads]` bool: the heads most important to each task.

    Raises `ConfigurationError` where the importance cannot choose any.
    """
    for task in tasks:
        if task not in importance:
            raise ConfigurationError(
                f"there is no importance for the task '{task}', only for {sorted(importance)}: "
                "estimate it first, or leave the task out"
            )
        _check_importance(task, importance[task], exists)
    scores = numpy.stack([importance[task] for task in tasks])
    return numpy.stack([top_mask(scores, alpha, exists) for alpha in alphas])


def _check_importance(task: str, scores: numpy.ndarray, exists: numpy.ndarray) -> None:
    if scores.shape != exists.shape:
        raise ConfigurationError(
            f"the importance for '{task}' is of {list(scores.shape)} (layers, heads), but the "
            f"encoder has {list(exists.shape)}: it belongs to another encoder"
        )
    if not numpy.isfinite(scores[exists]).all():
        raise ConfigurationError(f"the importance for '{task}' has values that are no numbers")
    if not scores[exists].any():
        raise ConfigurationError(
            f"the importance for '{task}' is 0 for every head, so it chooses none: the loss of its "
            "head does not depend on the encoder's heads"
        )


def _check_tasks(tasks: Sequence[str], metrics: Mapping[str, str]) -> None:
    if len(tasks) < 2:
        raise ConfigurationError(
            f"dissociation is between tasks, and the data has only {list(tasks)}: give two or more"
        )
    unknown = sorted(set(tasks) - set(metrics))
    if unknown:
        raise ConfigurationError(
            f"the model has no head that names its main metric for the tasks {unknown}"
        )


def masks_by_chance(
    exists: numpy.ndarray, own: numpy.ndarray, options: MaskOptions, seed: int
) -> numpy.ndarray:
    """
    `[alphas, tasks, draws, layers, heads]` bool: random masks as large as `own_masks`, drawn with
    `seed`; of equal size they are the same for all tasks.
    """
    masks = numpy.zeros((*own.shape[:2], options.draws, *exists.shape), dtype=bool)
    for at in numpy.ndindex(own.shape[:2]):
        number: Any = int(own[at].sum())
        if options.balanced == "as_mask":
            number = own[at].sum(axis=-1).tolist()
        masks[at] = random_masks_among(exists, number, options.draws, seed, bool(options.balanced))
    return masks
