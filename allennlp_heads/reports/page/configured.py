"""What a configuration says of tasks and data, as far as it says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def at(config: Any, *keys: str) -> Any:
    """The value below nested keys; `None` where one of them is missing."""
    for key in keys:
        config = config.get(key) if isinstance(config, Mapping) else None
    return config


def type_of(block: Any) -> str:
    """The registered name that a component's block asks for; `""` where it names none."""
    return str(block.get("type", "") if isinstance(block, Mapping) else block or "")


def names_of(blocks: Any) -> list[str]:
    """The registered names of a list of components."""
    return [name for name in map(type_of, blocks or []) if name]


def task_heads(config: Any) -> dict[str, str]:
    """Task -> the registered name of its head; empty for models without heads."""
    heads = at(config, "model", "heads")
    return {task: type_of(block) for task, block in heads.items()} if heads else {}


def paths_of(value: Any) -> dict[str, str]:
    """Task -> data path; a path that is not one of tasks belongs to the task `""`."""
    if isinstance(value, str):
        return {"": value}
    if not isinstance(value, Mapping):
        return {}
    return {task: path for task, path in value.items() if isinstance(path, str)}
