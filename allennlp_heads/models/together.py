"""What a model's heads and balancer do where several workers train or score it together."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.metrics import Metric

from allennlp_heads.distributed import gather_objects, gather_rows, rank
from allennlp_heads.distributed.worker_metric import WorkerMetric
from allennlp_heads.models.loss_balancers import LossBalancer


def check_metrics(heads: Mapping[str, Any]) -> None:
    """
    Raises `ConfigurationError` for heads with metrics that workers add up in every batch: they
    would wait for workers that run another head.
    """
    for task, head in heads.items():
        for metric in _metrics(head).values():
            if not isinstance(metric, WorkerMetric):
                raise ConfigurationError(
                    f"model.heads.{task} has the metric {type(metric).__name__}, which waits for "
                    "the other workers in every batch, but in distributed training these may run "
                    "another head: use heads whose metrics derive from WorkerMetric, or remove "
                    "'distributed'"
                )


def merge_metrics(heads: Mapping[str, Any], scored: set[str]) -> set[str]:
    """
    Collective: give the heads' metrics what all workers have counted.

    # Parameters

    heads : `Mapping[str, Head]`
    scored : `Set[str]`
        The tasks that this worker has scored.

    # Returns

    `Set[str]`
        Those that any worker has scored.
    """
    together = {task for tasks in gather_objects(sorted(scored)) for task in tasks}
    for task in heads:
        if task in together:
            for metric in _metrics(heads[task]).values():
                metric.merge()
    return together


@contextmanager
def uncounted(head: Any) -> Iterator[None]:
    """What the head's metrics count while the context manager is open is forgotten."""
    metrics = _metrics(head)
    vars(head).update(copy.deepcopy(metrics))
    try:
        yield
    finally:
        vars(head).update(metrics)


def detached(value: Any) -> Any:
    """The same, in dictionaries, lists and tuples too, with tensors outside of any graph."""
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, dict):
        return {key: detached(inner) for key, inner in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(detached, value))
    return value


def weights_in_turn(
    balancer: LossBalancer, losses: dict[str, torch.Tensor], like: torch.Tensor
) -> dict[str, torch.Tensor]:
    """
    Collective: the weights of the losses of this worker's batch. The balancer is told of the
    batches of all workers one after the other, as if one process had them.

    # Parameters

    balancer : `LossBalancer`
    losses : `Dict[str, torch.Tensor]`
        The loss, a scalar, of each task in this worker's batch; none in one without examples.
    like : `torch.Tensor`
        Of the device and the type of losses.
    """
    own = [[rank(), balancer.tasks.index(task), loss.item()] for task, loss in losses.items()]
    rows = torch.tensor(own, dtype=torch.double, device=like.device).view(len(own), 3)
    batches: dict[int, dict[str, torch.Tensor]] = {}
    for worker, task, loss in gather_rows(rows).tolist():
        batches.setdefault(int(worker), {})[balancer.tasks[int(task)]] = like.new_tensor(loss)
    weights: dict[str, torch.Tensor] = {}
    for worker, others in batches.items():
        given = balancer(others)
        if worker == rank():
            weights = given
    return weights


def _metrics(head: Any) -> dict[str, Any]:
    return {name: value for name, value in vars(head).items() if isinstance(value, Metric)}
