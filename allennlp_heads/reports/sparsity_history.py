"""How near a training came to its share of closed heads: `sparsity.json` and its picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from allennlp_heads.reports.files import write_report

SCHEMA, VERSION = "sparsity", 1

Numbers = dict[str, Any]


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
        self.about = about
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
            **self.about,
            "best_epoch": self.best_epoch,
            "sets": {
                key: {"heads": n, "wanted": self.wanted[key]} for key, n in self.heads.items()
            },
            "epochs": self.entries,
        }
        write_report(Path(folder) / "sparsity.json", SCHEMA, VERSION, content, seed=self._seed)

    def write_picture(self, folder: str | os.PathLike[str]) -> list[Path]:
        """Write `sparsity.png` and `sparsity.svg`: the share of closed heads by epoch."""
        from allennlp_heads.reports.figures import save_figure
        from allennlp_heads.reports.sparsity_picture import sparsity_figure

        return save_figure(sparsity_figure(self), Path(folder) / "sparsity")
