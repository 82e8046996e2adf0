"""`importance.json`, `importance.npz` and a map of the heads for each task."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.importance import Stability, bootstrap
from allennlp_heads.collect.importance import ImportanceSample
from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.files import read_arrays, read_report, write_arrays, write_report

SCHEMA, VERSION = "importance", 1
CONFIDENCE = 0.95

PathLike = str | os.PathLike[str]


def write_importance(
    folder: PathLike,
    samples: Mapping[str, ImportanceSample],
    about: Mapping[str, Any],
    seed: int | None = None,
) -> dict[str, Any]:
    """
    Write what is known of the heads of some tasks. With several tasks the pictures carry the task's
    name; the most important heads have a dot.

    # Parameters

    folder : `PathLike`
    samples : `Mapping[str, ImportanceSample]`
        By task, all with the same options.
    about : `Mapping[str, Any]`
        Further keys of the JSON, such as `encoder` and `data_files`.
    seed : `int`, optional (default = `None`)
        Of the training.

    # Returns

    `Dict[str, Any]`
        What `importance.json` says of each task.
    """
    from allennlp_heads.reports.figures import save_figure

    arrays: dict[str, numpy.ndarray] = {}
    tasks: dict[str, dict[str, Any]] = {}
    figures = {}
    for task, sample in samples.items():
        stability = None if sample.all_zero else _stability(sample)
        tasks[task] = _summary(sample, stability)
        for name, array in _arrays(sample, stability).items():
            arrays[f"{name}/{task}"] = array
        stem = "importance" if len(samples) == 1 else f"importance.{task}"
        figures[stem] = _figure(sample, stability)
    first = next(iter(samples.values()))
    content = {
        **about,
        "layers": first.exists.shape[0],
        "heads": first.exists.shape[1],
        "removed": [numpy.flatnonzero(row) for row in first.removed],
        "options": first.options.as_dict(),
        "confidence": CONFIDENCE,
        "tasks": tasks,
    }
    with drafted(folder, SCHEMA, VERSION) as draft:
        for stem, figure in figures.items():
            save_figure(figure, draft / stem)
        write_arrays(draft / "importance.npz", arrays)
        write_report(draft / "importance.json", SCHEMA, VERSION, content, seed)
    return tasks


def read_importance(folder: PathLike) -> dict[str, numpy.ndarray]:
    """
    The scores that were written into a folder: task -> `[layers, heads]`, heads numbered as in the
    pretrained encoder. Raises `ConfigurationError` when they cannot be read.
    """
    path = Path(folder) / "importance.json"
    tasks = read_report(path, SCHEMA, VERSION)["tasks"]
    arrays = read_arrays(path.with_suffix(".npz"))
    try:
        return {task: arrays[f"scores/{task}"] for task in tasks}
    except KeyError as error:
        raise ConfigurationError(
            f"{folder}: importance.npz does not fit importance.json"
        ) from error


def summary(tasks: Mapping[str, Mapping[str, Any]]) -> str:
    """What a person wants to know first: a line a task, of what `write_importance` returned."""
    return "\n".join(_line(task, found) for task, found in tasks.items())


def _line(task: str, found: Mapping[str, Any]) -> str:
    examples = f"{found['examples']:,} of {found['available']:,} examples"
    if found["all_zero"]:
        return f"{task}: {examples}; its loss does not depend on any head, so there is no ranking"
    top = ", ".join(f"{layer + 1}.{head + 1}" for layer, head in found["top"][:5])
    stable = ", stopped since the most important heads were stable" if found["stable"] else ""
    return (
        f"{task}: {examples}{stable}; most important (layer.head, from 1): {top}; two bootstrap "
        f"samples have {found['overlap']:.0%} of their {len(found['top'])} heads in common (by "
        f"chance {found['overlap_by_chance']:.0%})"
    )


def _stability(sample: ImportanceSample) -> Stability:
    options = sample.options
    return bootstrap(
        sample.values,
        options.alpha,
        options.measure,
        sample.exists,
        **options.scale(),
        draws=options.draws,
        confidence=CONFIDENCE,
        seed=options.seed,
    )


def _summary(sample: ImportanceSample, stability: Stability | None) -> dict[str, Any]:
    summary: dict[str, Any] = {
        "examples": len(sample.example),
        "available": sample.available,
        "stable": sample.stable,
        "loss": float(sample.loss.mean()),
        "all_zero": stability is None,
        "closed": numpy.argwhere(~sample.exists & ~sample.removed),
        "scores": sample.scores,
        "top": [],
    }
    if stability is not None:
        top = sample.top()
        order = numpy.argsort(-sample.scores[top], kind="stable")
        summary |= {
            "top": numpy.argwhere(top)[order],
            "lower": stability.lower,
            "upper": stability.upper,
            "selected": stability.selected,
            "overlap": stability.overlap,
            "overlap_by_chance": float(top.sum() / sample.exists.sum()),
        }
    return summary


def _arrays(sample: ImportanceSample, stability: Stability | None) -> dict[str, numpy.ndarray]:
    arrays = {
        "scores": sample.scores,
        "exists": sample.exists,
        "example": sample.example,
        "loss": sample.loss,
        "values": sample.values,
    }
    if stability is not None:
        arrays |= {"top": sample.top(), "lower": stability.lower, "upper": stability.upper}
        arrays["selected"] = stability.selected
    return arrays


def _figure(sample: ImportanceSample, stability: Stability | None) -> Any:
    from allennlp_heads.reports.figures import head_map

    scores, options = sample.scores, sample.options
    highest = scores[sample.exists].max()
    shares = scores / highest if highest > 0 else numpy.zeros_like(scores)
    title = f"{sample.task}: importance of heads, {len(sample.example):,} examples"
    marked = None
    if stability is not None:
        marked = sample.top()
        title += f"; dots: the first {options.alpha:.0%}, of which two bootstrap samples have "
        title += f"{stability.overlap:.0%} in common"
    else:
        title += "; the loss does not depend on any head"
    return head_map(shares, title, ~sample.removed, f"{options.measure}, 1 = highest", marked)
