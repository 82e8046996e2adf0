"""Numbers and records as lines of Markdown."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from typing import Any


def markdown(rows: list[list[str]]) -> list[str]:
    """A table; the first row is the header."""
    rows = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return [f"| {' | '.join(row)} |" for row in rows]


def spread(values: Sequence[float], digits: int = 4) -> str:
    """Mean +- standard deviation; a single value alone, nothing as an empty cell."""
    if not values:
        return ""
    deviation = f" +- {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{digits}f}{deviation}"


def distinct(values: Iterable[Any]) -> list[Any]:
    """In the order of appearance."""
    return [json.loads(text) for text in dict.fromkeys(json.dumps(value) for value in values)]


def in_words(values: dict[str, Any]) -> str:
    """The keys and values that say something."""
    given = {key: value for key, value in values.items() if value not in (None, {}, "{}")}
    return ", ".join(f"{key} {value}" for key, value in given.items())


def minutes(records: Iterable[dict[str, Any]]) -> str:
    """The wall-clock time of records with `minutes` by stage, and whether any was cut off."""
    every, stages = list(records), dict[str, float]()
    for record in every:
        for stage, duration in record["minutes"].items():
            stages[stage] = stages.get(stage, 0.0) + duration
    parts = ", ".join(f"{stage} {duration:.1f}" for stage, duration in stages.items())
    resumed = sum(record["resumed"] for record in every)
    cut = f"; {resumed} of them were cut off, their first part is not counted" if resumed else ""
    return f"{sum(stages.values()):.1f} minutes ({parts}){cut}"


def origin(records: Iterable[dict[str, Any]]) -> list[str]:
    """The lines about encoder, hardware, budget, versions and commands of records."""
    every = list(records)
    lines = [f"- encoder: {name}" for name in distinct(r["encoder"] for r in every)]
    lines += [f"- hardware: {name}" for name in distinct(r["hardware"] for r in every)]
    lines += [
        f"- budget: {in_words(found)}" for found in distinct(r["budget"] for r in every) if found
    ]
    lines += [f"- versions: {in_words(found)}" for found in distinct(r["versions"] for r in every)]
    commands = distinct(record["command"] for record in every)
    return [*lines, "", "```bash", *commands, "```", ""]
