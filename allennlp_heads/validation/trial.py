"""A few examples through the model: does it work, what does it report, and what does it cost?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from allennlp.models import Model
from allennlp.nn.util import move_to_device
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.data.data_loaders.prebuilt import copy_batch
from allennlp_heads.validation.batches import Batches
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.stages import attempted
from allennlp_heads.validation.written import Config

EXAMPLES = 2
"""Examples of a trial: enough for every metric to be asked."""
_OF_THE_TRAINER = {"loss", "reg_loss", "batch_loss", "batch_reg_loss"}
"""What the trainer itself reports of a validation."""


def reported_metrics(
    model: Model, batches: dict[str, Batches], findings: Findings
) -> set[str] | None:
    """
    The names of the metrics that the model reports of a validation, found by trying some examples
    of each task; `None` where that fails.
    """
    model.eval()
    for task, found in batches.items():
        key = "validation_data_path" + (f".{task}" if task else "")
        if attempted(findings, key, _forward, model, found.sample(EXAMPLES)) is None:
            return None
    return set(model.get_metrics(reset=True)) | _OF_THE_TRAINER


def check_metric(config: Config, reported: set[str], findings: Findings) -> None:
    """Find validation metrics that the model does not report."""
    wanted = (config.get("trainer") or {}).get("validation_metric", "-loss")
    for metric in [wanted] if isinstance(wanted, str) else wanted:
        if metric.lstrip("+-") not in reported:
            findings.error(
                "trainer.validation_metric",
                f"the model reports no '{metric.lstrip('+-')}'",
                f"Choose from {', '.join(sorted(reported))}.",
            )


def check_forward(model: Model, batches: dict[str, Batches], findings: Findings) -> dict[str, int]:
    """
    Try some training examples of each task.

    # Returns

    `Dict[str, int]`
        Bytes of what the backward pass of each task's largest batch needs of its forward pass: what
        its first and last example keep, padded as in the batch, times its size.
    """
    found = {}
    for task, own in batches.items():
        key = "train_data_path" + (f".{task}" if task else "")
        kept = attempted(findings, key, kept_bytes, model, own.sample(EXAMPLES))
        if kept is not None:
            found[task] = kept * own.examples // min(EXAMPLES, own.examples)
    return found


def kept_bytes(model: Model, batch: dict[str, Any]) -> int:
    """
    Bytes of the tensors that a forward pass in training keeps for the backward pass; those of the
    model itself, which are there anyway, do not count.
    """
    own = {value.untyped_storage().data_ptr() for value in model.state_dict().values()}
    sizes: dict[int, int] = {}

    def note(kept: torch.Tensor) -> torch.Tensor:
        storage = kept.untyped_storage()
        if storage.data_ptr() not in own:
            sizes[storage.data_ptr()] = storage.nbytes()
        return kept

    model.train()
    # what is kept stays alive with the outputs, so that no two have the same address
    with torch.autograd.graph.saved_tensors_hooks(note, lambda kept: kept):
        outputs = _forward(model, batch)
    if "loss" not in outputs:
        raise RuntimeError("the model returned no loss: the training data lacks gold labels")
    return sum(sizes.values())


@dataclass(frozen=True)
class Steps:
    """
    Steps that were tried.

    # Parameters

    count : `int`
    seconds : `float`
        Of one step, the first left out where there are several: it also warms up.
    peak_bytes : `int`, optional
        On a GPU: the most memory that was taken.
    """

    count: int
    seconds: float
    peak_bytes: int | None


def try_steps(trainer: GradientDescentTrainer, count: int) -> Steps:
    """
    Train so many steps of one batch each, the optimizer's work included. Raises whatever a training
    would.
    """
    device = trainer.cuda_device
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    trainer.model.train()
    trainer.data_loader.set_target_device(device)
    times = []
    for batch in islice(iter(trainer.data_loader), count):
        start = time.perf_counter()
        trainer.optimizer.zero_grad(set_to_none=True)
        outputs = trainer.batch_outputs(batch, for_training=True)
        outputs["loss"].backward()  # with the penalty
        trainer.optimizer.step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - start)
    counted = times[1:] or times
    peak = torch.cuda.max_memory_allocated(device) if device.type == "cuda" else None
    return Steps(len(times), sum(counted) / len(counted), peak)


def _forward(model: Model, batch: dict[str, Any]) -> dict[str, Any]:
    device = next(model.parameters()).device
    return model(**move_to_device(copy_batch(batch, device), device))
