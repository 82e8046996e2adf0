"""The dissociation D of pairs of tasks, from the reports of one or more experiments."""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.dissociation import SCHEMA, STEM, VERSION
from allennlp_heads.reports.files import read_report

Pairs = dict[tuple[str, str], float]


def dissociation_file(folder: str | os.PathLike[str]) -> Path:
    """The `dissociation.json` in a folder or in its `heads/`, whether it exists or not."""
    file = Path(folder) / f"{STEM}.json"
    return file if file.exists() else Path(folder) / "heads" / file.name


def read_pairs(folders: Sequence[str], alpha: float | None = None) -> Pairs:
    """
    # Parameters

    folders : `Sequence[str]`
        Of one experiment over all tasks, or of several, as one a pair; a pair that occurs more than
        once has the mean of its D.
    alpha : `float`, optional (default = `None`)
        Which share of masked heads, where a report has several.

    # Returns

    `Dict[Tuple[str, str], float]`
        Pair, in alphabetical order -> D in percent. A pair whose D is undefined is left out.

    Raises `ConfigurationError` for a report that cannot be read, or has no such alpha.
    """
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for folder in folders:
        file = dissociation_file(folder)
        report = read_report(file, SCHEMA, VERSION)
        try:
            for pair in _result(file, report["results"], alpha)["pairs"]:
                one, other = sorted(pair["tasks"])
                if pair["d"] is not None:
                    found[one, other].append(float(pair["d"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"{file} is damaged: {error!r}. Write it again with 'heads dissociate'"
            ) from error
    return {pair: sum(values) / len(values) for pair, values in found.items()}


def _result(file: Path, results: list[dict[str, Any]], alpha: float | None) -> dict[str, Any]:
    if alpha is None and len(results) == 1:
        return results[0]
    for result in results:
        if alpha is not None and math.isclose(result["alpha"], alpha, abs_tol=1e-9):
            return result
    listed = ", ".join(f"{result['alpha']:g}" for result in results)
    raise ConfigurationError(f"{file} has the alphas {listed}: choose one of them with --alpha")
