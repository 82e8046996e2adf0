"""Which heads trained gates choose."""

from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.gates.fixed import FixedGates
from allennlp_heads.gates.head_gates import HeadGates
from allennlp_heads.gates.open import OpenGates


def chosen_heads(
    gates: HeadGates,
    threshold: float = 0.5,
    keep: Optional[int] = None,
    task: Optional[str] = None,
) -> torch.Tensor:
    """
    The heads to keep: those whose evaluation gate is above `threshold`, or the `keep` best.

    # Parameters

    gates : `HeadGates`
    threshold : `float`, optional (default = `0.5`)
        Not used where `keep` is given.
    keep : `int`, optional (default = `None`)
        Number of heads, highest `gates.ranking` first; equal ones by layer, then head.
    task : `str`, optional (default = `None`)
        Whose gates, where tasks have gates of their own.

    # Returns

    `torch.Tensor`
        `[layers, heads]`, `bool`.

    Raises `ConfigurationError` when the model has no gates or they are not numbers, when no head
    passes the threshold, for a number of heads that cannot be kept (of a `fixed` mask any but its
    own), and for a task without gates.
    """
    if isinstance(gates, OpenGates):
        raise ConfigurationError(
            "the model has no head gates, so there are no heads to choose: train it with "
            '"gates": "hard_concrete", or give a mask with the gates \'fixed\''
        )
    ranking, values = gates.ranking(task).detach(), gates.deterministic(task)
    if ranking.isnan().any():
        raise ConfigurationError(
            "some head gates are not numbers (nan), so there are no heads to choose: training "
            "diverged; take an earlier epoch or a lower learning rate"
        )
    if keep is not None:
        _check_order(gates.sets()[task if gates.tasks else None], keep)
        return _best(ranking, gates.mask, keep)
    kept = (values > threshold) & gates.mask
    if not kept.any():
        raise ConfigurationError(
            f"no head has a gate above the threshold {threshold} (the largest is "
            f"{values.max().item():.4g}): choose a lower one, or the number of heads to keep"
        )
    return kept


def _check_order(gates: HeadGates, keep: int) -> None:
    if isinstance(gates, FixedGates) and keep != (opened := int(gates.deterministic().sum())):
        raise ConfigurationError(
            f"'keep' is {keep}, but these gates are a given mask of {opened} open heads, which has "
            "no order: leave 'keep' out, or learn gates with 'hard_concrete'"
        )


def _best(ranking: torch.Tensor, mask: torch.Tensor, keep: int) -> torch.Tensor:
    heads = int(mask.sum())
    if not 1 <= keep <= heads:
        raise ConfigurationError(
            f"'keep' is {keep}, but the encoder has {heads} heads: give a number from 1 to {heads}"
        )
    # stable, so that equal heads stay in the order of layers and heads
    order = ranking.flatten().argsort(descending=True, stable=True)
    kept = torch.zeros_like(mask).flatten()
    kept[order[:keep]] = True
    return kept.view_as(mask)
