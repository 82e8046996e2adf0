"""The summary of a configuration in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from allennlp_heads.reports.markup import plural

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_COLUMNS = ("task", "head", "metric", "train", "dev", "test", "labels", "longest", "batches")


def training_lines(summary: dict[str, Any]) -> Iterator[str]:
    """Of a training, as far as it could be built."""
    tasks = summary.get("tasks", [])
    if tasks:
        yield from _table([_COLUMNS, *map(_row, tasks)])
    for task in tasks:
        yield from _notes(task)
    if "updates" in summary:
        yield (
            f"{plural(summary['epochs'], 'epoch')} of {summary['batches_per_epoch']} batches, "
            f"{plural(summary['updates_per_epoch'], 'update')} each: {summary['updates']} updates"
            + (f", by {summary['workers']} workers together" if summary["workers"] > 1 else "")
        )
    if "parameters" in summary:
        found = summary["parameters"]
        yield (
            f"parameters: {found['trained']:,} trained, {found['frozen']:,} frozen, "
            f"{found['gates']:,} gates"
        )
    yield from map(_gates, summary.get("gates", []))
    if "memory" in summary:
        yield _memory(summary["memory"], summary.get("workers", 1))
    if "tried" in summary:
        yield _tried(summary["tried"])


def other_lines(summary: dict[str, Any]) -> Iterator[str]:
    """Of a configuration that a verb reads."""
    yield f"It is read by: {summary['command']}"
    if summary.get("tasks"):
        yield f"tasks: {', '.join(summary['tasks'])}"
    if summary.get("starts"):
        yield f"starts: {', '.join(summary['starts'])}"
    for name in ("cells", "runs"):
        if name in summary:
            yield f"{name}: {summary[name]}"
    yield "Its keys and files were checked, its data was not read."


def _row(task: dict[str, Any]) -> list[str]:
    examples = task["examples"]
    cells = [task["task"], task["head"], task["metric"]]
    cells += [examples.get(split) for split in ("train", "validation", "test")]
    cells += [task[name] for name in ("labels", "longest", "batches")]
    return ["-" if cell is None else str(cell) for cell in cells]


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        words = [cell.ljust(width) for cell, width in zip(row[:3], widths)]
        numbers = [cell.rjust(width) for cell, width in zip(row[3:], widths[3:])]
        yield "  ".join([*words, *numbers])


def _notes(task: dict[str, Any]) -> Iterator[str]:
    examples = task["examples"]
    for split, count in task["cut"].items():
        if count:
            yield f"{task['task']}: {count} of {examples[split]} {split} texts fill 'max_length'"
    for split, count in task["shared_with_training"].items():
        if count:
            yield (
                f"{task['task']}: {count} of {examples[split]} {split} texts stand in the training "
                "data too"
            )


def _gates(gates: dict[str, Any]) -> str:
    return f"gates {gates['name']}: learning rate {gates['learning_rate'] or 'of the others'}"


def _memory(memory: dict[str, Any], workers: int) -> str:
    each = f" for each of the {workers} workers" if workers > 1 else ""
    batch = memory["largest_batch"]
    of_task = f" of {batch['task']}" if batch["task"] else ""
    return (
        f"memory on {memory['device']}{each}: about {_size(memory['total'])} (weights "
        f"{_size(memory['weights'])}, gradients {_size(memory['gradients'])}, optimizer "
        f"{_size(memory['optimizer'])}, activations of the largest batch, {batch['examples']} "
        f"examples with {batch['pieces']} pieces{of_task}, {_size(memory['activations'])})"
        ", and up to a fourth more for short-lived parts"
    )


def _tried(tried: dict[str, Any]) -> str:
    text = f"{plural(tried['count'], 'step')} tried: {tried['seconds']:.2f} s a step"
    if tried["training_seconds"] is not None:
        text += f", {_duration(tried['training_seconds'])} for all, without the validations"
    if tried["peak_bytes"] is not None:
        text += f"; at most {_size(tried['peak_bytes'])} were taken"
    return text


def _duration(seconds: float) -> str:
    for size, unit in ((3600.0, "hours"), (60.0, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"


def _size(count: int) -> str:
    for size, unit in _UNITS:
        if count >= size:
            return (
                f"{count / size:.2g} {unit}" if count < 10 * size else f"{count / size:.0f} {unit}"
            )
    return f"{count} bytes"
