"""How near a training came to its share of closed heads: `sparsity.json` and its picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from allennlp_heads.reports.figures import DPI, STYLE, save_figure
from allennlp_heads.reports.files import write_report

SCHEMA, VERSION = "sparsity", 1

Numbers = dict[str, Any]

# readable without colours too
_DASHES = ("-", "--", "-.", ":")
_MARKERS = "os^Dv<>ph"


class SparsityHistory:
    """
    # Parameters

    heads, wanted : `Dict[str, int]`
        For each set of gates its heads, and how many of them shall be closed.
    about : `Dict[str, Any]`
        Further keys for the report.
    seed : `int`, optional (default = `None`)
    """

    def __init__(
        self,
        heads: dict[str, int],
        wanted: dict[str, int],
        about: dict[str, Any],
        seed: int | None = None,
    ) -> None:
        self.entries: list[dict[str, Any]] = []
        """Of each epoch: `epoch`, `updates` made so far, and `sets`, a dictionary of the numbers
        `closed`, `share`, `expected_share`, `coefficient` and `reached` for each set of gates."""
        self.best_epoch: int | None = None
        self.heads = heads
        self.wanted = wanted
        self._about = about
        self._seed = seed

    def reached(self) -> bool:
        """Whether in some epoch all sets were at their target."""
        return any(all(s["reached"] for s in entry["sets"].values()) for entry in self.entries)

    def nearest(self, key: str) -> tuple[int, int]:
        """The number of closed heads of the set `key` that was nearest to the target, and when."""

        def distance(entry: dict[str, Any]) -> int:
            return abs(int(entry["sets"][key]["closed"]) - self.wanted[key])

        entry = min(self.entries, key=distance)
        return entry["sets"][key]["closed"], entry["epoch"]

    def write(self, folder: str | os.PathLike[str]) -> None:
        """Write `sparsity.json`; the same history gives the same bytes."""
        content = {
            **self._about,
            "best_epoch": self.best_epoch,
            "sets": {
                key: {"heads": n, "wanted": self.wanted[key]} for key, n in self.heads.items()
            },
            "epochs": self.entries,
        }
        write_report(Path(folder) / "sparsity.json", SCHEMA, VERSION, content, seed=self._seed)

    def write_picture(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write `sparsity.png` and `sparsity.svg`: the share of closed heads by epoch."""
        return save_figure(self.figure(), Path(folder) / "sparsity")

    def figure(self) -> Figure:
        """The share of closed heads of every set by epoch, with a line for the target."""
        with matplotlib.rc_context(STYLE):
            figure = Figure(figsize=(6.2, 3.2), dpi=DPI, layout="constrained")
            FigureCanvasAgg(figure)
            axes = figure.add_subplot()
            # epochs count from 1 for people, as layers and heads do
            epochs = [entry["epoch"] + 1 for entry in self.entries]
            for number, key in enumerate(self.heads):
                shares = [entry["sets"][key]["share"] for entry in self.entries]
                dashes, marker = _DASHES[number % 4], _MARKERS[number % 9]
                axes.plot(epochs, shares, dashes, marker=marker, markersize=3.5, label=key)
            axes.axhline(self._about["target"], color="0.4", linewidth=0.8, label="target")
            if self.best_epoch is not None:
                axes.axvline(self.best_epoch + 1, color="0.7", linewidth=0.8, label="best epoch")
            axes.set_ylim(-0.03, 1.03)
            axes.set_xlabel("epoch", fontsize=9)
            axes.set_ylabel("share of heads closed", fontsize=9)
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.tick_params(labelsize=8)
            figure.legend(loc="outside right upper", fontsize=8, frameon=False)
            figure.suptitle("Closed heads in the course of the training", fontsize=10)
        return figure
