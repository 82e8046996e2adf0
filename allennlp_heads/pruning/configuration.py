"""The configuration of a pruned archive."""

from copy import deepcopy
from typing import Any, Optional

from allennlp_heads.attention import ARCHIVE_FOLDER
from allennlp_heads.pruning.find import find_block

Config = dict[str, Any]

_OF_GATES = ("sparsity_target", "remove_heads")
"""Callbacks that have nothing to do in a training that starts from the pruned model."""
_READERS = ("dataset_reader", "validation_dataset_reader")
_BY_TASK = (
    "train_data_path",
    "validation_data_path",
    "test_data_path",
    "data_loader",
    "validation_data_loader",
)


def pruned_config(
    config: Config, removed: dict[int, list[int]], task: Optional[str] = None
) -> Config:
    """
    The configuration that builds the pruned model, and trains it further.

    # Parameters

    config : `Dict[str, Any]`
        Of the archive that was pruned; it stays as it is.
    removed : `Dict[int, List[int]]`
        All heads that the encoder has lost, by layer, in the numbering of the pretrained encoder.
    task : `str`, optional (default = `None`)
        The only task that stays.

    # Returns

    `Dict[str, Any]`
        With `removed_heads` and open gates; without what concerned the gates (a regularizer, their
        learning rate, callbacks), which would complain that there are none.
    """
    config = deepcopy(config)
    block = find_block(config["model"])
    block["removed_heads"] = {str(layer): heads for layer, heads in sorted(removed.items())}
    block["gates"] = {"type": "open"}
    if task is not None:
        _keep_task(config, task)
    _drop_regularizer(config["model"])
    _drop_training_of_gates(config.get("trainer"))
    include = list(config.get("include_in_archive") or [])
    config["include_in_archive"] = include + [ARCHIVE_FOLDER] * (ARCHIVE_FOLDER not in include)
    return config


def lost_tasks(config: Config, task: Optional[str]) -> list[str]:
    """The tasks that a model pruned for `task` no longer has."""
    heads = config["model"].get("heads")
    return sorted(set(heads) - {task}) if task is not None and isinstance(heads, dict) else []


def _keep_task(config: Config, task: str) -> None:
    lost = set(lost_tasks(config, task))
    tasks = lost | {task}
    if lost:  # one loss needs no balance
        config["model"].pop("loss_balancer", None)
    parts = {key: config.pop(key) for key in ("model", *_READERS, *_BY_TASK) if key in config}
    config |= _only(parts, lost, tasks)
    trainer = config.get("trainer") or {}
    metric = trainer.get("validation_metric")
    metrics = metric if isinstance(metric, list) else [metric]
    of_lost = tuple(f"{sign}{other}_" for sign in "+-" for other in lost)
    if any(str(one).startswith(of_lost) for one in metrics):
        trainer["validation_metric"] = "+score"


def _only(value: Any, lost: set[str], tasks: set[str]) -> Any:
    """
    Without the entries of lost tasks, in every dictionary whose keys are tasks; without the
    dictionary where none is left.
    """
    if isinstance(value, list):
        return [_only(item, lost, tasks) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {}
    for key, item in value.items():
        by_task = isinstance(item, dict) and bool(item) and set(item) <= tasks
        if by_task:
            item = {task: one for task, one in item.items() if task not in lost}
        if item or not by_task:
            kept[key] = _only(item, lost, tasks)
    return kept


def _drop_regularizer(model: Config) -> None:
    regularizer = model.get("regularizer")
    if not isinstance(regularizer, dict) or "regexes" not in regularizer:
        return
    regularizer["regexes"] = [
        entry for entry in regularizer["regexes"] if _type(entry[1]) != "hard_concrete_l0"
    ]
    if not regularizer["regexes"]:
        del model["regularizer"]


def _drop_training_of_gates(trainer: Any) -> None:
    if not isinstance(trainer, dict):
        return
    callbacks = trainer.get("callbacks")
    if isinstance(callbacks, list):
        trainer["callbacks"] = [one for one in callbacks if _type(one) not in _OF_GATES]
    optimizer = trainer.get("optimizer")
    if isinstance(optimizer, dict) and isinstance(optimizer.get("parameter_groups"), list):
        groups = [
            [[regex for regex in regexes if "log_alpha" not in regex], options]
            for regexes, options in optimizer["parameter_groups"]
        ]
        optimizer["parameter_groups"] = [group for group in groups if group[0]]


def _type(value: Any) -> Any:
    return value.get("type") if isinstance(value, dict) else value
