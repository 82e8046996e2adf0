"""Rankings in use as far as they are done: a file for each restart of a target."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from allennlp_heads.reports.files import read_report, remove_leftovers, write_report

PART = ("applied_part", 1)
"""Name and version of the schema."""


@dataclass(frozen=True)
class AppliedPart:
    """
    # Parameters

    sources : `List[str]`
        Of the ranking, the best one last.
    random : `List[str]`
        The random ones.
    scores : `Dict[str, float]`
        `"ranked"`, `"direct"` and `"random"`.
    """

    sources: list[str]
    random: list[str]
    scores: dict[str, float]


class AppliedParts:
    """
    # Parameters

    folder : `PathLike`
        A folder of their own.
    decisive : `Mapping[str, Any]`
        All that decides the scores besides target, restart and sources: parts of other things are
        done anew.
    """

    def __init__(self, folder: str | os.PathLike[str], decisive: Mapping[str, Any]) -> None:
        self._folder = Path(folder)
        self._digest = sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
        remove_leftovers(self._folder)

    def read(
        self, target: str, restart: int, sources: Sequence[str], random: Sequence[str]
    ) -> AppliedPart | None:
        """The part, or `None` where it is not there or is of something else."""
        path = self._path(target, restart)
        found = read_report(path, *PART) if path.exists() else None
        if found is None or found["digest"] != self._digest:
            return None
        part = AppliedPart(found["sources"], found["random"], found["scores"])
        return part if (part.sources, part.random) == (list(sources), list(random)) else None

    def write(self, target: str, restart: int, part: AppliedPart) -> None:
        """Keep a part, atomically."""
        content = {"target": target, "restart": restart, "digest": self._digest, **vars(part)}
        write_report(self._path(target, restart), *PART, content)

    def drop(self) -> None:
        """Delete them all."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, target: str, restart: int) -> Path:
        return self._folder / f"{target}.{restart}.json"
