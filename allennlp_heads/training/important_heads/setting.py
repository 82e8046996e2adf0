"""What important-head training needs of a trainer, its model and its batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.analysis.masks import number_of_heads
from allennlp_heads.attention import HeadRows, head_rows
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models.multitask_heads import MultiTaskHeads
from allennlp_heads.modules import GatedEncoder, find_encoder

HERE = "trainer.callbacks, 'important_head_training'"
"""Where the configuration has the options, for messages."""


def find_heads(
    trainer: GradientDescentTrainer, alpha: float, parts: Sequence[str], shared_heads: bool
) -> tuple[GatedEncoder, list[HeadRows]]:
    """
    The encoder that is trained and the parameters of its heads.

    # Parameters

    trainer : `GradientDescentTrainer`
    alpha, parts, shared_heads :
        See `important_head_training`.

    Raises `ConfigurationError` when this training cannot be done with them.
    """
    if not isinstance(trainer.model, MultiTaskHeads):
        raise ConfigurationError(
            f"{HERE} needs a model whose outputs name the task of each batch: give it the type "
            f"'multitask_heads', which takes one task too, not {type(trainer.model).__name__}"
        )
    if not isinstance(trainer.data_loader, MultiTaskBucketed):
        raise ConfigurationError(
            f"{HERE} needs the data loader 'multitask_bucketed', whose batches are of one task "
            f"each, not {type(trainer.data_loader).__name__}"
        )
    encoder = find_encoder(trainer.model)[1]
    try:
        number_of_heads(alpha, sum(encoder.heads))
        rows = head_rows(encoder.transformer, parts)
    except ValueError as error:
        raise ConfigurationError(f"{HERE}: {error}") from error
    if not any(row.parameter.requires_grad for row in rows):
        raise ConfigurationError(
            f"{HERE}: the heads do not train at all, since the encoder is frozen: set "
            "'train_parameters' of the backbone to true, or change trainer.no_grad"
        )
    if not shared_heads and len(trainer.data_loader.tasks) == 1:
        raise ConfigurationError(
            f"{HERE}: all heads of the only task count as shared, so none is left to train: set "
            "'shared_heads' to true"
        )
    return encoder, rows


def task_of(batch_outputs: dict[str, Any]) -> Optional[str]:
    """
    The task of a batch by what the model says of it; none of a batch without examples, which a
    worker gets for which no batch is left. Raises `ConfigurationError` when it is not one.
    """
    if batch_outputs.get("task") == []:
        return None
    tasks = sorted(set(batch_outputs.get("task", ())))
    if len(tasks) != 1:
        raise ConfigurationError(
            f"{HERE} masks the gradients of a batch by its task, but a batch has "
            f"{tasks or 'no task'}: use the model 'multitask_heads' and the data loader "
            "'multitask_bucketed', whose batches are of one task each"
        )
    return str(tasks[0])
