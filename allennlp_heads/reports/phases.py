"""Which task a training trained when: `phases.json`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allennlp_heads.reports.files import write_report

NAME, VERSION = "phases", 1


def write_phases(
    folder: str | os.PathLike[str], content: Mapping[str, Any], seed: int | None = None
) -> None:
    """
    Write `phases.json`, atomically. The same arguments give the same bytes.

    # Parameters

    folder : `PathLike`
    content : `Mapping[str, Any]`
        `data_files`, `tasks` (of each its `batches` and `examples`), `rounds`, `epochs`,
        `epoch_batches`, `epoch_updates`, `best`, `trained_updates` and `phases`, a list in the
        order of the training. A phase has `phase` (its place in the configuration, from 0), `round`
        (from 0), `task`, `part`, `part_batches`, `batches` (how many it trains, with repetitions),
        `head`, `optimizer`, `first_update`, `last_update`, `first_epoch` and `last_epoch` (all from
        0, the last ones included).
    seed : `int`, optional (default = `None`)
    """
    write_report(Path(folder) / f"{NAME}.json", NAME, VERSION, content, seed=seed)
