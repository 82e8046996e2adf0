"""The finished runs of a few-shot experiment, one file each, so that a stopped one goes on."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import (
    DamagedReport,
    read_arrays,
    remove_leftovers,
    write_arrays,
)

logger = logging.getLogger(__name__)

_FOLDER = "runs"


@dataclass(frozen=True)
class FewShotRun:
    """
    What is kept of a run.

    # Parameters

    drawn : `numpy.ndarray`
        `[examples]`: which training examples it learnt from, by their numbers in the file.
    example : `numpy.ndarray`
        `[validation examples]`: which were scored, ascending.
    counts : `numpy.ndarray`
        `[validation examples, K]`: the main metric's counts.
    metrics : `Dict[str, float]`
        All that the head reports.
    """

    drawn: numpy.ndarray
    example: numpy.ndarray
    counts: numpy.ndarray
    metrics: dict[str, float]


class FewShotRuns:
    """
    The runs of one start.

    # Parameters

    out : `PathLike`
        The experiment's folder.
    start : `str`
        The start's name.
    fingerprint : `str`
        Of all that decides what a run computes, but the number of examples and the seed.
    """

    def __init__(self, out: str | os.PathLike[str], start: str, fingerprint: str) -> None:
        self._folder = Path(out) / _FOLDER / start
        self._fingerprint = fingerprint
        remove_leftovers(self._folder)

    def write(self, examples: int, seed: int, run: FewShotRun) -> None:
        """Keep a run, atomically. With 0 examples and seed 0 it is the majority baseline."""
        write_arrays(
            self._path(examples, seed),
            {
                "fingerprint": self._fingerprint,
                "drawn": numpy.asarray(run.drawn, dtype=numpy.int64),
                "example": run.example,
                "counts": run.counts,
                "metric_names": numpy.array(list(run.metrics)),
                "metrics": numpy.array(list(run.metrics.values()), dtype=float),
            },
        )

    def read(self, examples: int, seed: int) -> FewShotRun | None:
        """
        A finished run, or `None`, also where its file is damaged. Raises `ConfigurationError` when
        it belongs to another experiment.
        """
        path = self._path(examples, seed)
        if not path.exists():
            return None
        try:
            arrays = read_arrays(path)
        except DamagedReport:
            logger.warning("%s is damaged: the run is done again", path)
            return None
        if str(arrays.get("fingerprint")) != self._fingerprint:
            raise ConfigurationError(
                f"{path} is of another configuration, start or data: choose another folder with "
                f"-o, or delete {self._folder.parent} to begin anew"
            )
        metrics = dict(zip(arrays["metric_names"].tolist(), arrays["metrics"].tolist()))
        return FewShotRun(arrays["drawn"], arrays["example"], arrays["counts"], metrics)

    def _path(self, examples: int, seed: int) -> Path:
        return self._folder / f"{examples}.{seed}.npz"
