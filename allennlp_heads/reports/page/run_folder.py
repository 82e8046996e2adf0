"""What a page is made from: the folder of a run, or one that a verb wrote, and its reports."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.json_text import load_json
from allennlp_heads.data.lines import one_line, whole_text
from allennlp_heads.reports.files import LARGEST, read_arrays, read_report

VERSIONS = {
    "applied": 1,
    "comparison": 1,
    "dissociation": 1,
    "evaluation": 1,
    "fewshot": 1,
    "gates": 1,
    "importance": 1,
    "important_head_training": 1,
    "overlap": 1,
    "phases": 1,
    "probe": 1,
    "probe_comparison": 1,
    "probe_examples": 1,
    "pruning": 1,
    "ranking": 1,
    "scores": 1,
    "search": 1,
    "sparsity": 1,
    "task_embedding": 1,
    "task_similarity": 1,
    "transfer": 1,
}
"""The schemas that a page can show, each with the version that it reads."""

_NAMED = re.compile(r"([^=/\\]+)=(.*)", re.DOTALL)
_SCHEMA = re.compile(r'\A\s*\{\s*"schema":\s*\{\s*"name":\s*"(\w+)"')
_HEAD = 200  # characters in which a report names its schema
_EPOCH = re.compile(r"metrics_epoch_(\d+)\.json")
# large, and never with reports
_PASSED_OVER = {"encoder", "log", "transformers", "vocabulary", "scratch"}


@dataclass(frozen=True)
class Report:
    """
    # Parameters

    path : `Path`
    content : `Dict[str, Any]`
        The whole JSON document.
    """

    path: Path
    content: dict[str, Any]

    def arrays(self) -> dict[str, numpy.ndarray]:
        """The `.npz` of the same name. Raises `ConfigurationError` when it cannot be read."""
        return read_arrays(self.path.with_suffix(".npz"))


@dataclass(frozen=True)
class RunFolder:
    """
    # Parameters

    name : `str`
        What the page calls it.
    path : `Path`
    config, metrics : `Dict[str, Any]`, optional
        `config.json` and `metrics.json`; `None` where there is none.
    epochs : `List[Dict[str, Any]]`
        `metrics_epoch_0.json` and so on, in order.
    found : `Dict[str, List[Path]]`
        Schema -> the reports of it.
    """

    name: str
    path: Path
    config: dict[str, Any] | None = None
    metrics: dict[str, Any] | None = None
    epochs: list[dict[str, Any]] = field(default_factory=list)
    found: dict[str, list[Path]] = field(default_factory=dict)

    def reports(self, schema: str) -> list[Report]:
        """
        The reports of a schema, those nearest to the top of the folder first.

        # Parameters

        schema : `str`
            One of `VERSIONS`.

        Raises `ConfigurationError` when one cannot be read or is of another version.
        """
        version = VERSIONS[schema]
        return [
            Report(path, read_report(path, schema, version)) for path in self.found.get(schema, ())
        ]


def read_run(text: str) -> RunFolder:
    """
    # Parameters

    text : `str`
        A folder, or `NAME=FOLDER`.

    # Returns

    `RunFolder`
        Without NAME it is called after the folder.

    Raises `ConfigurationError` when there is no such folder, nothing in it can be shown, or a file
    of it is damaged.
    """
    path, named = Path(text), _NAMED.fullmatch(text)
    name = ""
    if named is not None and not path.exists():
        name, path = named[1].strip(), Path(named[2])
    if not path.is_dir():
        raise ConfigurationError(
            f"{path}: there is no such folder. Give that of a run, or NAME=RUN"
        )
    config, metrics = (_optional(path / f"{stem}.json") for stem in ("config", "metrics"))
    found = _find(path)
    epochs = [_read(file) for file in _epoch_files(path)]
    if config is None and metrics is None and not epochs and not found:
        raise ConfigurationError(
            f"{path} holds nothing to show: give the folder of a training (its -s), or one that a "
            "verb of 'allennlp heads' wrote"
        )
    return RunFolder(name or path.resolve().name, path, config, metrics, epochs, found)


def read_runs(texts: Sequence[str]) -> list[RunFolder]:
    """
    As `read_run`, for several. Raises `ConfigurationError` also when two have one name.
    """
    runs = [read_run(text) for text in texts]
    seen: dict[str, Path] = {}
    for run in runs:
        other = seen.setdefault(run.name, run.path)
        if other is not run.path:
            raise ConfigurationError(
                f"{other} and {run.path} would both be called '{run.name}': name one, as in "
                f"NAME={run.path}"
            )
    return runs


def _find(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(_json_files(folder), key=lambda one: (len(one.parts), one.as_posix())):
        with open(path, encoding="utf-8", errors="replace") as file:
            match = _SCHEMA.match(file.read(_HEAD))
        if match and match[1] in VERSIONS:
            found.setdefault(match[1], []).append(path)
    return found


def _json_files(folder: Path) -> Iterator[Path]:
    for place, below, names in os.walk(folder):
        # what is below a run inside is that run's, but a pruned model belongs to this one
        if Path(place) != folder and "config.json" in names:
            below.clear()
            names = ["heads/pruning.json"] * (Path(place) / "heads/pruning.json").is_file()
        below[:] = sorted(
            name for name in below if name not in _PASSED_OVER and not name.startswith(".")
        )
        yield from (Path(place) / name for name in names if name.endswith(".json"))


def _epoch_files(folder: Path) -> list[Path]:
    numbered = {
        int(match[1]): path
        for path in folder.glob("metrics_epoch_*.json")
        if (match := _EPOCH.fullmatch(path.name))
    }
    return [numbered[epoch] for epoch in sorted(numbered)]


def _optional(path: Path) -> dict[str, Any] | None:
    return _read(path) if path.is_file() else None


def _read(path: Path) -> dict[str, Any]:
    try:
        content = load_json(whole_text(path, LARGEST))
    except (ValueError, ConfigurationError) as error:
        raise ConfigurationError(one_line(f"cannot read {path}: {error}")) from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path} holds no JSON object: write it again")
    return content
