"""Fine-tuning for a number of updates fixed beforehand: what few-shot runs and transfer share."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.fewshot.options import FewShotTraining
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.training.learning_rate_schedulers import LinearWithFractionalWarmup

Named = tuple[str, torch.nn.Parameter]


def learnable(model: MultiTaskHeads, training: FewShotTraining) -> Iterator[Named]:
    """The parameters that `training` lets learn; the others' `requires_grad` is switched off."""
    for name, parameter in model.named_parameters():
        if any(re.search(pattern, name) for pattern in training.no_grad):
            parameter.requires_grad_(False)
        elif parameter.requires_grad:
            yield name, parameter


def learn(
    model: MultiTaskHeads,
    training: FewShotTraining,
    updates: int,
    batches: Iterable[dict[str, Any]],
    name: str,
    reseed: Callable[[int], None],
    after: Optional[Callable[[int], None]] = None,
    key: str = "training",
) -> None:
    """
    Learn; the gates stand still.

    # Parameters

    model : `MultiTaskHeads`
    training : `FewShotTraining`
    updates : `int`
        What the learning rates' schedule counts on.
    batches : `Iterable[Dict[str, Any]]`
        One for each update.
    name : `str`
        What learns, for messages.
    reseed : `Callable[[int], None]`
        Seeds the generators for an update, from 1.
    after : `Callable[[int], None]`, optional (default = `None`)
        Called after each update, with its number.
    key : `str`, optional (default = `"training"`)
        Where the configuration has the options, for messages.

    Raises `ConfigurationError` when nothing is left to learn and when the loss is no number.
    """
    learnt = list(learnable(model, training))
    optimizer = _optimizer(learnt, training, name, key)
    schedule = LinearWithFractionalWarmup(optimizer, 1, updates, training.warmup)
    for update, batch in enumerate(batches, start=1):
        model.train()
        model.gates.eval()
        reseed(update)
        schedule.step_batch(update)
        loss = model(**batch)["loss"]
        if not torch.isfinite(loss):
            raise ConfigurationError(
                f"{name}: the loss is {loss.item()} at update {update}. Lower {key}.encoder_lr or "
                f"{key}.head_lr"
            )
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for _, p in learnt], training.grad_norm)
        optimizer.step()
        if after is not None:
            after(update)


def _optimizer(
    learnt: list[Named], training: FewShotTraining, name: str, key: str
) -> torch.optim.Optimizer:
    groups: dict[float, list[torch.nn.Parameter]] = {}
    for parameter_name, parameter in learnt:
        of_head = parameter_name.startswith("heads.")
        rate = training.head_lr if of_head else training.encoder_lr
        groups.setdefault(rate, []).append(parameter)
    if not groups:
        raise ConfigurationError(
            f"{key}.no_grad is {training.no_grad}: {name} has nothing left to learn"
        )
    return torch.optim.AdamW(
        [{"params": parameters, "lr": rate} for rate, parameters in groups.items()],
        weight_decay=training.weight_decay,
        fused=True,
    )
