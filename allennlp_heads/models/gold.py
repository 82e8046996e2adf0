"""Whether examples have what the head of their task learns from and is scored by."""

from collections.abc import Collection, Mapping
from inspect import signature
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError


def require_gold(heads: Mapping[str, Any], task: str, fields: Collection[str], path: str) -> None:
    """
    # Parameters

    heads : `Mapping[str, Head]`
        The head of each task. Only a `TaskHead` says what is gold.
    task : `str`
    fields : `Collection[str]`
        What the examples of the task have.
    path : `str`
        Where they come from.

    Raises `ConfigurationError` when they have none of what the head takes for gold.
    """
    head = heads[task] if task in heads else None
    gold: set[str] = getattr(head, "gold_fields", set)()
    if gold and gold.isdisjoint(fields):
        raise ConfigurationError(f"{path}: {no_gold(heads[task], task, gold, fields)}")


def no_gold(
    head: torch.nn.Module, task: str, missing: Collection[str], fields: Collection[str]
) -> str:
    """
    What to say of examples without gold.

    # Parameters

    head : `torch.nn.Module`
    task : `str`
    missing : `Collection[str]`
        What the head would take.
    fields : `Collection[str]`
        What the examples have.
    """
    there = set(fields) - {"task", "example"}  # which the loader puts in
    used = {"tokens", "metadata"} | set(signature(head.forward).parameters)
    advice = "Give a file that has it"
    if there - used:  # gold of another kind
        advice = f"Give the reader of '{task}' the 'view' or 'coding' that its head takes"
    return (
        f"the examples have no gold for model.heads.{task}: they lack {sorted(missing)} and have "
        f"{sorted(there)}, so they can be predicted, but neither trained on nor scored. {advice}"
    )
