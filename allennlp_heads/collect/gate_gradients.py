"""Gradients of every example's loss with respect to gates on the outputs of heads."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.modules import GatedEncoder


class Loss(NamedTuple):
    """
    Which loss of an example is meant.

    # Parameters

    task : `str`
    kind : `str`
        `"unit"`: the mean over its units (words, for instance), or `"sum"`.
    """

    task: str
    kind: str = "unit"

    def of(self, outputs: dict[str, Any]) -> torch.Tensor:
        """
        `[batch]`: the examples' losses in what the model returned. Raises `ConfigurationError` when
        there are none.
        """
        loss, units = outputs.get("example_loss"), outputs.get("example_units")
        if loss is None or units is None:
            raise ConfigurationError(
                f"the examples of the task '{self.task}' have no losses of their own: the data "
                "must be labelled, and the model 'multitask_heads' with a head that returns "
                "'example_loss' and 'example_units'"
            )
        return loss if self.kind == "sum" else loss / units.clamp(min=1)


def gate_gradients(
    model: torch.nn.Module, encoder: GatedEncoder, batch: dict[str, Any], loss: Loss
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    The gradient of each example's loss with respect to a gate of 1 on each of the heads.

    # Parameters

    model : `torch.nn.Module`
    encoder : `GatedEncoder`
        The model's.
    batch : `Dict[str, Any]`
        Of one task, with gold labels.
    loss : `Loss`

    # Returns

    `Tuple[torch.Tensor, torch.Tensor]`
        `[batch, layers, heads]`, 0 where the loss does not depend on a head, and the losses
        `[batch]`; both detached.
    """
    gates = gates_of_ones(encoder, batch)
    with encoder.tap.scale(gates, "importance"):
        losses = loss.of(model(**batch))
    if not losses.requires_grad:
        return torch.zeros_like(gates).detach(), losses
    # examples have nothing in common, so the sum's gradient is that of each
    (gradient,) = torch.autograd.grad(losses.sum(), gates, materialize_grads=True)
    return gradient, losses.detach()


def token_gradients(
    model: torch.nn.Module, encoder: GatedEncoder, batch: dict[str, Any], loss: Loss
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    The same token by token: the sum over an example's tokens of the absolute values of what each
    adds to the gradient, `sum_t |<dL / d context_t, context_t>|`. A token that stands in several
    windows of a long input counts in each of them.
    """
    gates = gates_of_ones(encoder, batch)
    with encoder.tap.scale(gates, "importance"), encoder.tap.record() as record:
        losses = loss.of(model(**batch))
    sums = torch.zeros_like(gates).detach()
    if not losses.requires_grad:
        return sums, losses
    gradients = torch.autograd.grad(losses.sum(), record.contexts, materialize_grads=True)
    for layer, (context, gradient) in enumerate(zip(record.contexts, gradients, strict=True)):
        rows = (context.detach() * gradient).sum(-1).abs().sum(1)  # [rows, heads]
        own = sums[:, layer, : rows.size(1)]
        if record.rows is None:
            own.copy_(rows)
        else:
            own.index_add_(0, record.rows, rows.to(own.dtype))
    return sums, losses.detach()


def gates_of_ones(encoder: GatedEncoder, batch: dict[str, Any]) -> torch.Tensor:
    """
    Gates `[batch, layers, heads]` of the examples of a batch, with a gradient. Raises
    `ConfigurationError` for a batch of several tasks.
    """
    if len(set(batch["task"])) != 1:
        raise ConfigurationError(
            f"a batch of the tasks {sorted(set(batch['task']))}: give batches of one task each"
        )
    parameter = next(encoder.transformer.parameters())
    shape = (len(batch["task"]), encoder.layers, max(encoder.heads))
    return torch.ones(shape, dtype=parameter.dtype, device=parameter.device, requires_grad=True)
