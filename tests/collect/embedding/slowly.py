"""Embeddings by their definition: one example at a time, by gradients of ordinary parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy
import torch

from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.models import MultiTaskHeads
from tests.collect.models import singles

LossOf = Callable[[dict[str, Any]], torch.Tensor]


def usual_loss(outputs: dict[str, Any]) -> torch.Tensor:
    """What training minimises."""
    loss: torch.Tensor = outputs["loss"]
    return loss


def parameter_gradients(
    model: MultiTaskHeads, batch: dict[str, Any], loss_of: LossOf = usual_loss
) -> dict[str, numpy.ndarray]:
    """Of the transformer's parameters, 0 where the loss does not depend on one."""
    transformer = encoder_of(model.eval()).transformer
    names, parameters = zip(*transformer.named_parameters(), strict=True)
    loss = loss_of(model(**batch))
    found = torch.autograd.grad(loss, parameters, materialize_grads=True)
    return {name: one.double().numpy() for name, one in zip(names, found, strict=True)}


def mean_squares(
    model: MultiTaskHeads, data: TaskData, task: str, loss_of: LossOf = usual_loss
) -> dict[str, numpy.ndarray]:
    """The mean over examples of the squared gradients of each parameter of the transformer."""
    return mean(
        {name: one**2 for name, one in parameter_gradients(model, batch, loss_of).items()}
        for batch in singles(data, task)
    )


def mean(of_examples: Iterable[dict[str, numpy.ndarray]]) -> dict[str, numpy.ndarray]:
    """By name."""
    rows = list(of_examples)
    return {name: numpy.mean([row[name] for row in rows], axis=0) for name in rows[0]}


def bias_of(component: str) -> str:
    """The bias in a BERT whose gradient is that of an activation, by the component's name."""
    kind, layer = component.split(".")
    name = {"layer_output": "output.LayerNorm", "head_context": "attention.self.value"}[kind]
    return f"encoder.layer.{layer}.{name}.bias"
