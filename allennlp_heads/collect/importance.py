"""What the gate of each head does to the loss of each example."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy
import torch
from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.importance import (
    STABLE_OVERLAP,
    aggregate,
    bootstrap,
    normalise,
)
from allennlp_heads.analysis.masks import number_of_heads, top_mask
from allennlp_heads.collect.encoder_of import (
    encoder_of,
    existing_heads,
    open_heads,
    original_numbering,
)
from allennlp_heads.collect.gate_gradients import Loss, gate_gradients, token_gradients
from allennlp_heads.collect.importance_options import ImportanceOptions
from allennlp_heads.collect.sharing import shared_out
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.undisturbed import undisturbed
from allennlp_heads.distributed import is_primary
from allennlp_heads.models.heads.task_head import TaskHead
from allennlp_heads.modules import GatedEncoder

logger = logging.getLogger(__name__)

CHECK_EVERY = 512
"""Examples between two looks at whether the most important heads are stable."""
_CHECK_DRAWS = 200

Part = tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]
"""Indices, values and losses of some examples."""


@dataclass
class ImportanceSample:
    """
    What the examples of one task say of the heads.

    # Parameters

    task : `str`
    example : `numpy.ndarray`
        `[examples]`: their indices in the task's file.
    values : `numpy.ndarray`
        `[examples, layers, heads]`, `float32`, heads numbered as in the pretrained encoder:
        `dL / d gate`, for the measure `per_token` the sum over tokens of its absolute parts.
    loss : `numpy.ndarray`
        `[examples]`: their losses.
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`: heads that are neither removed nor closed by the model's gates.
    removed : `numpy.ndarray`
        `[layers, heads]`, `bool`: heads that were removed for good.
    options : `ImportanceOptions`
    available : `int`
        How many examples there were to draw from.
    stable : `bool`
        Whether the examples ended since the most important heads had become stable.
    """

    task: str
    example: numpy.ndarray
    values: numpy.ndarray
    loss: numpy.ndarray
    exists: numpy.ndarray
    removed: numpy.ndarray
    options: ImportanceOptions
    available: int
    stable: bool = False

    @property
    def scores(self) -> numpy.ndarray:
        """`[layers, heads]`: the scores, normalised as the options say; 0 where no head is."""
        return normalise(
            aggregate(self.values, self.options.measure), self.exists, **self.options.scale()
        )

    @property
    def all_zero(self) -> bool:
        """Whether no gate changes any example's loss, so that heads cannot be ranked."""
        return not self.values.any()

    def top(self, alpha: float | None = None) -> numpy.ndarray:
        """
        `[layers, heads]` bool: the share `alpha` (by default the options') of the most important
        heads. Raises `ConfigurationError` where it selects none or all scores are zero.
        """
        if self.all_zero:
            raise ConfigurationError(
                f"the loss of the task '{self.task}' does not depend on any head of the encoder, "
                "so that its heads cannot be ranked: does its head read the encoder's vectors?"
            )
        return top_mask(self.scores, self.options.alpha if alpha is None else alpha, self.exists)


def collect_importance(
    model: torch.nn.Module,
    data: TaskData,
    task: str,
    options: ImportanceOptions = ImportanceOptions(),
) -> ImportanceSample:
    """
    Compute every head's importance to a task example by example: Eq. 4 of Li et al. 2023, exactly.

    Each example has gates of its own, all 1, on the outputs of all heads. One backward pass of the
    sum of the examples' losses with respect to these gates alone gives `dL / d gate` of every
    example at once; no value depends on how examples are batched. The model is in evaluation mode,
    its parameters are frozen meanwhile, and it is left as it was found.

    Examples come in a random order that `options.seed` fixes. With `options.until_stable` the most
    important heads (the share `alpha`) are looked at after 512 examples, 1,024, 2,048 and so on;
    there are no further ones once 200 bootstrap samples of those seen have, two by two, at least
    95 % of these heads in common on average.

    Collective in distributed training: the workers share the batches, and all of them get the same
    sample, that of one process.

    # Parameters

    model : `torch.nn.Module`
        `multitask_heads`, or another whose outputs have `example_loss` and `example_units`.
    data : `TaskData`
    task : `str`
    options : `ImportanceOptions`, optional
        `examples` is a limit here too.

    # Returns

    `ImportanceSample`

    Raises `ConfigurationError` for a task without data, examples without gold labels or with none
    that the model knows, a loss that is not a number, and an `alpha` that selects no head.
    """
    encoder = encoder_of(model)
    available = data.sizes.get(task, 0)
    parts: list[Part] = []
    stable = False
    with undisturbed(model), torch.enable_grad():
        model.requires_grad_(False)
        removed = ~existing_heads(encoder)
        exists = open_heads(encoder, [task])
        _check_alpha(options.alpha, exists, task)
        wanted = min(available, options.examples or available)
        chunks = data.chunks(task, CHECK_EVERY, options.seed, options.examples)
        title = f"importance of heads to {task}"
        with Tqdm.tqdm(total=wanted, desc=title, disable=not is_primary()) as progress:
            for chunk in chunks:
                parts.append(_of_chunk(model, encoder, chunk, task, options))
                progress.update(len(parts[-1][0]))
                due = options.until_stable and _is_power_of_two(len(parts))
                stable = due and _is_stable(parts, exists, options)
                if stable:
                    break
    example, values, loss = (numpy.concatenate(arrays) for arrays in zip(*parts, strict=True))
    if data.warn_of_unseen_labels(task) and not loss.any():
        raise ConfigurationError(
            f"{data.paths.get(task)}: the model knows none of the labels of the task '{task}', so "
            "that no example has a loss: give data with the labels of the training"
        )
    return ImportanceSample(
        task, example, values, loss, exists, removed, options, available, stable
    )


def _of_chunk(
    model: torch.nn.Module,
    encoder: GatedEncoder,
    chunk: TaskData,
    task: str,
    options: ImportanceOptions,
) -> Part:
    def parts(batches: Iterator[dict[str, Any]]) -> list[Part]:
        found = [_of_batch(model, encoder, batch, task, options) for batch in batches]
        # only now, so that the device need not be waited for in between
        return [
            (numpy.array(examples, numpy.int64), _array(values), _array(losses))
            for examples, values, losses in found
        ]

    shared = shared_out(chunk.batches(task), parts)
    examples, values, losses = (numpy.concatenate(one) for one in zip(*shared, strict=True))
    finite = numpy.isfinite(losses) & numpy.isfinite(values).all(axis=(1, 2))
    if not finite.all():
        place = int(numpy.flatnonzero(~finite)[0])
        raise ConfigurationError(
            f"the loss of example {examples[place]} of the task '{task}' is {losses[place]}, "
            "or its gradient is not finite, so that nothing can be said of the heads: has training "
            "diverged?"
        )
    return examples, original_numbering(encoder, values), losses


def _of_batch(
    model: torch.nn.Module,
    encoder: GatedEncoder,
    batch: dict[str, Any],
    task: str,
    options: ImportanceOptions,
) -> tuple[list[int], torch.Tensor, torch.Tensor]:
    if options.label_free:
        batch |= _predictions(model, batch, task)
    gradients = token_gradients if options.measure == "per_token" else gate_gradients
    values, losses = gradients(model, encoder, batch, Loss(task, options.loss))
    return batch["example"], values, losses


def _array(values: torch.Tensor) -> numpy.ndarray:
    return values.float().cpu().numpy()


def _predictions(model: Any, batch: dict[str, Any], task: str) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        outputs = model(**batch)
    head = model.heads[task] if hasattr(model, "heads") else None
    if not isinstance(head, TaskHead):
        raise ConfigurationError(
            f"'label_free' asks the head of the task '{task}' what it predicts, and "
            f"{type(head or model).__name__} does not say: use gold labels"
        )
    return head.predicted_gold(outputs["head_outputs"][task])


def _is_stable(
    parts: list[Part],
    exists: numpy.ndarray,
    options: ImportanceOptions,
) -> bool:
    if len(parts[-1][0]) < CHECK_EVERY:
        return False
    values = numpy.concatenate([part[1] for part in parts])
    if not values.any():
        return False
    found = bootstrap(
        values,
        options.alpha,
        options.measure,
        exists,
        **options.scale(),
        draws=_CHECK_DRAWS,
        seed=options.seed,
    )
    logger.info(
        "after %d examples two bootstrap samples have %.1f %% of their heads in common",
        len(values),
        100 * found.overlap,
    )
    return found.overlap >= STABLE_OVERLAP


def _is_power_of_two(number: int) -> bool:
    """All examples are looked at again each time, so ever less often."""
    return number & (number - 1) == 0


def _check_alpha(alpha: float, exists: numpy.ndarray, task: str) -> None:
    try:
        number_of_heads(alpha, int(exists.sum()))
    except ValueError as error:
        raise ConfigurationError(f"task '{task}': {error}") from error
