"""A callback that says, of each worker, which files it has written and what the others hold."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from allennlp.training.callbacks import TrainerCallback

from allennlp_heads.distributed import rank
from allennlp_heads.training.callbacks import (
    GateReport,
    ImportantHeadTraining,
    RemoveHeads,
    SparsityTarget,
)
from allennlp_heads.training.callbacks.report_callback import ReportCallback


class Watcher(TrainerCallback):
    """List it last, by its path. Leaves `watched_<rank>.th` in the folder."""

    def on_start(self, trainer: Any, is_primary: bool = True, **kwargs: Any) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._written: list[str] = []
        self._replace = os.replace

        def noting(source: Any, target: Any, **options: Any) -> None:
            self._written.append(os.fspath(target))
            self._replace(source, target, **options)

        os.replace = noting  # type: ignore[assignment]

    def on_end(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        os.replace = self._replace
        reports = [file for file in self._written if "/heads/" in file or "/pruned/" in file]
        watched = {
            "written": reports,
            "hooks": _hooks(trainer),
            "waiting": [
                callback._waiting._group is not None
                for callback in trainer._callbacks
                if isinstance(callback, (ReportCallback, RemoveHeads))
            ],
            "states": {
                type(callback).__name__: callback.state_dict()
                for callback in trainer._callbacks
                if isinstance(callback, (ImportantHeadTraining, RemoveHeads, SparsityTarget))
            },
            "gates": {
                f"{type(callback).__name__}.{key}": torch.from_numpy(gates.grid())
                for callback in trainer._callbacks
                if isinstance(callback, GateReport)
                for key, gates in callback._sets.items()
            },
            "weights": trainer.model.state_dict(),
        }
        torch.save(watched, Path(self.serialization_dir) / f"watched_{rank()}.th")


def _hooks(trainer: Any) -> int:
    """Of parameters, modules and the optimizer."""
    optimizer = trainer.optimizer
    return (
        sum(len(p._backward_hooks or ()) for p in trainer.model.parameters())
        + sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in trainer.model.modules())
        + len(optimizer._optimizer_step_pre_hooks)
        + len(optimizer._optimizer_step_post_hooks)
    )
