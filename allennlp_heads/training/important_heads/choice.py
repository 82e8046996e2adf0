"""Which heads each task may train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy
import torch

from allennlp_heads.analysis.masks import bottom_mask, number_of_heads
from allennlp_heads.analysis.random_masks import random_masks_among
from allennlp_heads.collect import existing_heads, open_heads, present_numbering
from allennlp_heads.collect.importance import ImportanceSample
from allennlp_heads.modules import GatedEncoder

CHOICES = ("important", "random", "bottom", "all")
MEASURED = ("important", "bottom")
"""Those of the choices that importance decides."""

Masks = dict[str, torch.Tensor]
"""For each task `[layers, heads]`, `bool`, heads numbered as in the pretrained encoder."""


def choose_heads(
    how: str,
    alpha: float,
    encoder: GatedEncoder,
    tasks: Sequence[str],
    samples: Mapping[str, ImportanceSample],
    seed: int,
) -> Masks:
    """
    # Parameters

    how : `str`
        One of `CHOICES`: the most important heads of each task, as many at random, the least
        important ones, or all heads.
    alpha : `float`
        The share of the heads to choose, of those that the gates leave open.
    encoder : `GatedEncoder`
    tasks : `List[str]`
    samples : `Dict[str, ImportanceSample]`
        Of each task, where importance decides.
    seed : `int`
        Of the random choice.

    # Returns

    `Masks`

    Raises `ConfigurationError` where a task's loss depends on no head, `ValueError` when `alpha`
    selects none.
    """
    exists = existing_heads(encoder)
    if how == "all":
        masks = {task: exists for task in tasks}
    elif how == "random":
        masks = {
            task: _drawn(encoder, task, alpha, place, seed) for place, task in enumerate(tasks)
        }
    else:
        masks = {task: samples[task].top(alpha) for task in tasks}
        if how == "bottom":
            masks = {
                task: bottom_mask(samples[task].scores, alpha, samples[task].exists)
                for task in tasks
            }
    return {task: torch.from_numpy(mask.copy()) for task, mask in masks.items()}


def _drawn(encoder: GatedEncoder, task: str, alpha: float, place: int, seed: int) -> numpy.ndarray:
    """As many as importance would choose, of the same heads: those that the gates leave open."""
    open_to_task = open_heads(encoder, [task])
    number = number_of_heads(alpha, int(open_to_task.sum()))
    return random_masks_among(open_to_task, number, place + 1, seed)[place]


def in_present_numbering(encoder: GatedEncoder, masks: Masks) -> Masks:
    """The masks `[layers, max heads]` with heads numbered as the encoder has them now."""
    return {
        task: torch.from_numpy(present_numbering(encoder, numpy.asarray(mask)))
        for task, mask in masks.items()
    }


def shared_by_all(masks: Masks) -> torch.Tensor:
    """`[layers, heads]`, `bool`: the heads that every task has chosen."""
    return torch.stack(list(masks.values())).all(dim=0)


def without_shared(masks: Masks) -> Masks:
    """The masks without the heads that every task has chosen."""
    shared = shared_by_all(masks)
    return {task: mask & ~shared for task, mask in masks.items()}
