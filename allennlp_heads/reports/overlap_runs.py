"""The gates of a run, read from its reports."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports import gate_history
from allennlp_heads.reports.files import read_arrays, read_report

_NO_EPOCHS = numpy.zeros(0, dtype=int)
_DAMAGED = "{}: damaged, or of another release ({}: {}). Write it again, or leave this run out"


@dataclass
class GateRun:
    """
    One set of gates of one run.

    # Parameters

    folder : `str`
        As given.
    name : `str`
        Of the set of gates in its report.
    tasks : `Tuple[str, ...]`
        The tasks that the set serves; empty where the report knows none.
    trained : `Tuple[str, ...]`
        All tasks of the run.
    encoder : `str`, optional
    seed : `int`, optional
    source : `str`
        Where the gates are from: `final`, `best epoch` or `kept heads`.
    gates : `numpy.ndarray`
        `[layers, heads]`, in [0, 1].
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`.
    data : `Dict[str, Any]`
        The run's data files with their digests.
    epochs : `numpy.ndarray`
        `[epochs]`, empty for a pruned model.
    history : `numpy.ndarray`
        `[epochs, layers, heads]`.
    """

    folder: str
    name: str
    tasks: tuple[str, ...]
    trained: tuple[str, ...]
    encoder: str | None
    seed: int | None
    source: str
    gates: numpy.ndarray
    exists: numpy.ndarray
    data: dict[str, Any] = field(default_factory=dict)
    epochs: numpy.ndarray = field(default_factory=lambda: _NO_EPOCHS)
    history: numpy.ndarray = field(default_factory=lambda: numpy.zeros((0, 0, 0)))

    def __post_init__(self) -> None:
        names = (self.encoder or "", *self.tasks, *self.trained)
        if not all(isinstance(name, str) for name in names):
            raise TypeError(f"names that are no texts: {names}")
        if not isinstance(self.seed, int | None) or not isinstance(self.data, dict):
            raise TypeError(f"seed {self.seed}, data {self.data}")
        if self.exists.shape != self.gates.shape or self.gates.ndim != 2 or not self.exists.any():
            raise ValueError(f"gates {self.gates.shape} of heads {self.exists.shape}")
        if not numpy.isfinite(self.gates[self.exists]).all():
            raise ValueError("gates that are not finite")
        if self.history.shape[1:] != self.gates.shape or len(self.epochs) != len(self.history):
            self.epochs, self.history = _NO_EPOCHS, numpy.zeros((0, *self.gates.shape))


def read_run(folder: str) -> list[GateRun]:
    """The sets of gates of one run: its archived gates, or those of the best epoch so far."""
    place = Path(folder) / "heads"
    for name, read in (("gates.json", _read_gates), ("pruning.json", _read_pruned)):
        if not (place / name).is_file():
            continue
        try:
            return read(folder)
        except (KeyError, IndexError, TypeError, AttributeError, ValueError, zlib.error) as error:
            kind = type(error).__name__
            raise ConfigurationError(_DAMAGED.format(place / name, kind, error)) from error
    if not Path(folder).is_dir():
        raise ConfigurationError(f"{folder}: there is no such folder")
    raise ConfigurationError(
        f"{folder}: a run without gates (no heads/gates.json). Train it with the callback "
        "'gate_report', or give a folder that 'allennlp heads prune' wrote"
    )


def _read_gates(folder: str) -> list[GateRun]:
    place = Path(folder) / "heads"
    report = read_report(place / "gates.json", gate_history.SCHEMA, gate_history.VERSION)
    arrays = read_arrays(place / "gates.npz")
    trained = tuple(report.get("tasks") or ())
    # reports of the first release do not say which tasks a set serves
    serves = report.get("tasks_of_set") or {}
    best = [entry["epoch"] for entry in report["epochs"] if entry["best"]]
    runs = []
    for name in report["sets"]:
        epochs, history = arrays["epochs"], arrays[f"gates/{name}"]
        gates, source = arrays.get(f"final/{name}"), "final"
        if gates is None:
            row = list(epochs).index(best[-1]) if best else len(epochs) - 1
            gates, source = history[row], "best epoch" if best else "last epoch"
        runs.append(
            GateRun(
                folder,
                name,
                tuple(serves.get(name, [name] if name in trained else trained)),
                trained,
                (report.get("encoder") or {}).get(name),
                report["seed"],
                source,
                gates.astype(float),
                arrays[f"exists/{name}"].astype(bool),
                report.get("data_files") or {},
                epochs,
                history,
            )
        )
    if not runs:
        raise ValueError("no sets of gates")
    return runs


def _read_pruned(folder: str) -> list[GateRun]:
    place = Path(folder) / "heads"
    report = read_report(place / "pruning.json", "pruning", 1)
    arrays = read_arrays(place / "pruning.npz")
    kept = arrays["kept"].astype(bool)
    exists = numpy.arange(kept.shape[1]) < numpy.array(report["original"])[:, None]
    task = report.get("task")
    tasks = (task,) if task else _configured_tasks(folder)
    gates, encoder = kept.astype(float), report.get("encoder")
    encoder = encoder if isinstance(encoder, str) else None
    seed, name = report.get("seed"), task or "gates"
    return [GateRun(folder, name, tasks, tasks, encoder, seed, "kept heads", gates, exists)]


def _configured_tasks(folder: str) -> tuple[str, ...]:
    try:
        configuration = json.loads((Path(folder) / "config.json").read_text(encoding="utf-8"))
        return tuple(configuration["model"]["heads"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ()
