"""How the gates of a run changed from epoch to epoch: `gates.json` and `gates.npz`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import read_arrays, read_report, write_arrays, write_report

SCHEMA, VERSION = "gates", 1
BEFORE_TRAINING = -1
"""The epoch of the gates that training starts from."""

Grids = dict[str, numpy.ndarray]


@dataclass
class Entry:
    """
    The gates at one moment.

    # Parameters

    epoch : `int`
        As AllenNLP counts them, from 0; `BEFORE_TRAINING` for the start.
    step : `int`
        Updates made so far.
    best : `bool`
        Whether the validation score was the best so far.
    grids : `Dict[str, numpy.ndarray]`
        For each set of gates `[layers, heads]`, in [0, 1].
    """

    epoch: int
    step: int
    best: bool
    grids: Grids


class GateHistory:
    """
    # Parameters

    exists : `Dict[str, numpy.ndarray]`
        For each set of gates `[layers, heads]`, `bool`: which cells stand for a head.
    threshold : `float`, optional (default = `1e-3`)
        A head is open when its gate is above.
    about : `Dict[str, Any]`, optional (default = `None`)
        Further keys for the report.
    seed : `int`, optional (default = `None`)
    """

    def __init__(
        self,
        exists: Grids,
        threshold: float = 1e-3,
        about: dict[str, Any] | None = None,
        seed: int | None = None,
    ) -> None:
        self.exists = exists
        self.threshold = threshold
        self.entries: list[Entry] = []
        self.final: Entry | None = None
        self._about = about or {}
        self._seed = seed

    def best(self) -> Entry | None:
        """The entry of the epoch with the best validation score; without one, the last entry."""
        entries = [entry for entry in self.entries if entry.best] or self.entries
        return entries[-1] if entries else None

    def open_heads(self, key: str, grid: numpy.ndarray) -> tuple[int, int]:
        """Number of open heads of a grid of the set `key`, and number of heads."""
        exists = self.exists[key]
        return int((grid > self.threshold)[exists].sum()), int(exists.sum())

    def write(self, folder: str | os.PathLike[str]) -> None:
        """Write `gates.json` and `gates.npz` into `folder`; equal histories give equal bytes."""
        arrays: dict[str, Any] = {"epochs": [entry.epoch for entry in self.entries]}
        for key, exists in self.exists.items():
            arrays[f"exists/{key}"] = exists
            arrays[f"gates/{key}"] = numpy.stack([entry.grids[key] for entry in self.entries])
            if self.final is not None:
                arrays[f"final/{key}"] = self.final.grids[key]
        write_arrays(Path(folder) / "gates.npz", arrays)
        content = {
            **self._about,
            "threshold": self.threshold,
            "sets": {key: _shape(exists) for key, exists in self.exists.items()},
            "epochs": [self._summary(entry) for entry in self.entries],
            "final": self._summary(self.final) if self.final else None,
        }
        write_report(Path(folder) / "gates.json", SCHEMA, VERSION, content, seed=self._seed)

    def read_back(self, folder: str | os.PathLike[str], before: int) -> None:
        """
        Take the entries of epochs earlier than `before` from the files of a run that was killed.
        Raises `ConfigurationError` when they cannot be read or are of other gates.
        """
        report = read_report(Path(folder) / "gates.json", SCHEMA, VERSION)
        arrays = read_arrays(Path(folder) / "gates.npz")
        # A kill between the two files leaves the arrays one epoch ahead, never behind.
        place = {int(epoch): row for row, epoch in enumerate(arrays.get("epochs", []))}
        entries = []
        for epoch in report["epochs"]:
            if epoch["epoch"] >= before:
                continue
            try:
                row = place[epoch["epoch"]]
                grids = {key: arrays[f"gates/{key}"][row] for key in self.exists}
            except (KeyError, IndexError) as error:
                raise ConfigurationError(f"{folder}: gates.npz does not fit gates.json") from error
            if any(grids[key].shape != exists.shape for key, exists in self.exists.items()):
                raise ConfigurationError(f"{folder}/gates.npz has gates of another encoder")
            entries.append(Entry(epoch["epoch"], epoch["step"], epoch["best"], grids))
        self.entries = entries

    def _summary(self, entry: Entry) -> dict[str, Any]:
        summary: dict[str, Any] = {"epoch": entry.epoch, "step": entry.step, "best": entry.best}
        summary["sets"] = {}
        for key, grid in entry.grids.items():
            exists = self.exists[key]
            count, heads = self.open_heads(key, grid)
            values = grid[exists].astype(float)
            summary["sets"][key] = {
                "open": count,
                "open_share": count / heads,
                "open_per_layer": ((grid > self.threshold) & exists).sum(axis=1),
                "min": values.min(),
                "mean": values.mean(),
                "max": values.max(),
            }
        return summary


def _shape(exists: numpy.ndarray) -> dict[str, Any]:
    heads = exists.sum(axis=1)
    return {"layers": len(heads), "heads_per_layer": heads, "heads": heads.sum()}
