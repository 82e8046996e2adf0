"""A training: all checks, and what it comes to."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from typing import Any

from allennlp.models import Model
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.collect.undisturbed import generators_kept
from allennlp_heads.distributed.dealing import steps_of
from allennlp_heads.models.multitask_heads import MultiTaskHeads
from allennlp_heads.training.updates import updates_of_an_epoch
from allennlp_heads.validation import data_checks, memory, parameters, trial
from allennlp_heads.validation.batches import Batches, batches_of
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.split_data import ONLY
from allennlp_heads.validation.stages import Stages, attempted, stages_of
from allennlp_heads.validation.written import Config

Summary = dict[str, Any]


def look_at(config: Config, findings: Findings, steps: int = 0) -> Summary:
    """
    Build a training in a temporary folder and look at it. Random generators are as before.

    # Parameters

    config : `Dict[str, Any]`
        Its files and encoders are on this machine.
    findings : `Findings`
        Gets what is found.
    steps : `int`, optional (default = `0`)
        Try so many steps, for an estimate of the time.

    # Returns

    `Dict[str, Any]`
        The summary, as far as the training could be built.
    """
    with tempfile.TemporaryDirectory() as folder, generators_kept():
        stages = stages_of(config, f"{folder}/run", findings)
        if stages is None or not stages.read(findings):
            return {}
        try:
            return _look_at(stages, config, findings, steps)
        finally:
            stages.close()


def _look_at(stages: Stages, config: Config, findings: Findings, steps: int) -> Summary:
    data_checks.check_empty(stages.data, findings)
    if not all(stages.data.values()):
        return {}
    _check_data(stages, config, findings)
    if not stages.build(findings):
        return {"tasks": list(_tasks(stages, config, {}))}
    model, trainer = stages.model, stages.trainer
    assert model is not None and trainer is not None, "built"
    batches = {split: batches_of(loader) for split, loader in stages.loaders.items()}
    data_checks.check_namespaces(stages.data, model, findings)
    parameters.check_regexes(config, model, findings)
    parameters.check_group_options(config, trainer.optimizer, findings)
    parameters.check_gates(config, model, findings)
    parameters.check_encoder_options(config, model, findings)
    stages.start_callbacks(findings)
    summary: Summary = {"tasks": list(_tasks(stages, config, batches))}
    summary |= _course(stages, config, findings)
    summary["parameters"] = _counts(model)
    updates = summary.get("updates")
    summary["gates"] = list(_gates(config, model, updates))
    parameters.check_updates_of_gates(config, model, updates, findings)
    if "validation" in batches:
        reported = trial.reported_metrics(model, batches["validation"], findings)
        if reported is not None:
            trial.check_metric(config, reported, findings)
    kept = trial.check_forward(model, batches["train"], findings)
    if kept:
        summary["memory"] = _memory(trainer, batches["train"], kept)
    if steps:
        tried = attempted(findings, "trainer", trial.try_steps, trainer, steps)
        if tried is not None:
            summary["tried"] = {**vars(tried), "training_seconds": _seconds(summary, tried.seconds)}
    return summary


def _memory(
    trainer: GradientDescentTrainer, batches: Mapping[str, Batches], kept: Mapping[str, int]
) -> dict[str, Any]:
    most = max(kept, key=lambda task: kept[task])
    largest = batches[most]
    return {
        **memory.estimated(trainer.model, trainer.optimizer, kept[most]).as_dict(),
        "device": trainer.cuda_device.type,
        "largest_batch": {"task": most, "examples": largest.examples, "pieces": largest.pieces},
    }


def _check_data(stages: Stages, config: Config, findings: Findings) -> None:
    data = stages.data
    data_checks.check_labels(data, stages.vocabulary_of, config, findings)
    data_checks.check_shared_namespaces(data["train"], findings)
    data_checks.check_shared_texts(data, findings)
    data_checks.check_cut(data, config, findings)


def _tasks(
    stages: Stages, config: Config, batches: Mapping[str, Mapping[str, Batches]]
) -> Iterator[dict[str, Any]]:
    """A row for each task."""
    data = stages.data
    later = [split for split in ("validation", "test") if split in data]
    for task, train in data["train"].items():
        head, metric = _head(stages.model, config, task)
        splits = [split for split in data if task in data[split]]
        longest = [own[task].longest for own in batches.values() if task in own]
        largest = max((len(labels) for labels in train.labels.values()), default=0)
        yield {
            "task": task or head,
            "head": head,
            "metric": metric,
            "examples": {split: data[split][task].count for split in splits},
            "labels": largest or None,
            "longest": max(longest, default=None),
            "batches": batches["train"][task].count if batches else None,
            "cut": {s: data_checks.cut_texts(data, config, s, task) for s in splits},
            "shared_with_training": {
                s: data_checks.shared_texts(data, s, task) for s in later if task in data[s]
            },
        }


def _head(model: Model | None, config: Config, task: str) -> tuple[str, str | None]:
    own = config.get("model") or {}
    if task == ONLY or not own.get("heads"):
        metric = (config.get("trainer") or {}).get("validation_metric")
        return str(own.get("type")), str(metric).lstrip("+-") if metric else None
    name = own["heads"].get(task, {})
    found = model.heads[task] if isinstance(model, MultiTaskHeads) and task in model.heads else None
    metric = getattr(found, "main_metric", (None,))[0]
    return str(name.get("type") if isinstance(name, dict) else name), metric


def _course(stages: Stages, config: Config, findings: Findings) -> Summary:
    trainer = stages.trainer
    assert trainer is not None, "built"
    workers = _workers(config)
    updates = attempted(findings, "data_loader", updates_of_an_epoch, trainer, "validate", workers)
    if updates is None:
        return {}
    return {
        "workers": workers,
        "batches_per_epoch": len(trainer.data_loader),
        "updates_per_epoch": updates,
        "epochs": trainer._num_epochs,
        "updates": updates * trainer._num_epochs,
    }


def _workers(config: Config) -> int:
    """The processes that will train together, each node having as many; here there is one."""
    distributed = config.get("distributed")
    if not isinstance(distributed, Mapping):  # AllenNLP says so
        return 1
    devices, nodes = distributed.get("cuda_devices"), distributed.get("num_nodes")
    here = len(devices) if isinstance(devices, list) else 1
    return max(1, here) * (nodes if isinstance(nodes, int) and nodes > 0 else 1)


def _counts(model: Model) -> dict[str, int]:
    found = {"trained": 0, "frozen": 0, "gates": 0}
    for parameter in model.parameters():
        learned = "gates" if parameters.is_gate(parameter) else "trained"
        found[learned if parameter.requires_grad else "frozen"] += parameter.numel()
    return found


def _gates(config: Config, model: Model, updates: int | None) -> Iterator[dict[str, Any]]:
    for name, parameter in model.named_parameters():
        if parameters.is_gate(parameter):
            rate = parameters.own_rate(config, name)
            enough = parameters.can_close(rate, updates)
            yield {"name": name, "learning_rate": rate, "enough_updates_to_close": enough}


def _seconds(summary: Summary, seconds: float) -> float | None:
    if "epochs" not in summary:
        return None
    steps = steps_of(summary["batches_per_epoch"], summary["workers"])
    return float(seconds * steps * summary["epochs"])
