"""Sources ranked for every target, by every method."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.transfer import (
    BASELINES,
    KINDS,
    allowed_sources,
    kind_of,
    ranking_methods,
    ranks,
    similarities,
    without_direction,
)
from allennlp_heads.reports.embeddings import Embedding, read_embeddings, require_alike
from allennlp_heads.reports.transfer.matrix import TransferMatrix
from allennlp_heads.reports.transfer.numbers import mean_there
from allennlp_heads.training.run_info import file_digests

UNKNOWN = "unknown"
"""The class of a task whose embedding and matrix name none."""


@dataclass(frozen=True)
class Ranking:
    """
    # Parameters

    tasks : `Sequence[str]`
        Sources and targets: those that have an embedding, and a place in the matrix where there is
        one.
    classes : `Mapping[str, str]`
        Task -> its class.
    kinds : `Sequence[str]`
        Of the embeddings, those that were compared.
    within : `bool`
        Whether a target's sources are of its own class only.
    allowed : `numpy.ndarray`
        `[sources, targets]`, `bool`.
    similarities : `Mapping[str, numpy.ndarray]`
        Component -> cosines `[tasks, tasks]`.
    methods : `Mapping[str, numpy.ndarray]`
        Method -> scores `[sources, targets]`, higher is better; `nan` where it cannot say.
    sizes : `Mapping[str, int]`
        Task -> training examples that there are, where they are known.
    notes : `Sequence[str]`
        What a reader must know beside the numbers.
    encoder : `Mapping[str, Any]`
    files : `Mapping[str, Optional[str]]`
        What was read, with SHA-256.
    """

    tasks: Sequence[str]
    classes: Mapping[str, str]
    kinds: Sequence[str]
    within: bool
    allowed: numpy.ndarray
    similarities: Mapping[str, numpy.ndarray]
    methods: Mapping[str, numpy.ndarray]
    sizes: Mapping[str, int]
    notes: Sequence[str]
    encoder: Mapping[str, Any]
    files: Mapping[str, str | None]

    @property
    def fused(self) -> str:
        """The method that fuses all kinds that were compared."""
        return "+".join(self.kinds)

    @property
    def main(self) -> list[str]:
        """Methods for tables: kinds of embeddings, several kinds fused, and baselines."""
        named = {*KINDS, *BASELINES}
        return [name for name in self.methods if name in named or "+" in name]

    def require_method(self, method: str, option: str) -> str:
        """The method again; raises `ConfigurationError` for an unknown one."""
        if method not in self.methods:
            raise ConfigurationError(
                f"{option} {method}: no such method; there are {', '.join(self.methods)}"
            )
        return method

    def order(self, method: str, target: str) -> list[tuple[str, float]]:
        """
        The allowed sources of a target with their ranks, best first: equal scores share the mean of
        their ranks and stand in the order of the tasks; those of which the method cannot say
        anything come last, with `nan`.
        """
        column = list(self.tasks).index(target)
        given = ranks(self.methods[method][:, column])
        sources = numpy.flatnonzero(self.allowed[:, column])
        places = numpy.nan_to_num(given[sources], nan=numpy.inf)
        ordered = sources[numpy.argsort(places, kind="stable")]
        return [(self.tasks[source], float(given[source])) for source in ordered]

    def of_kind(self, kind: str) -> numpy.ndarray:
        """`[tasks, tasks]`: the mean cosine over the components of a kind that both tasks have."""
        found = [table for name, table in self.similarities.items() if kind_of(name) == kind]
        return mean_there(numpy.stack(found), axis=0)


def measure_ranking(
    folder: str | os.PathLike[str],
    kinds: Sequence[str] | None = None,
    matrix: TransferMatrix | None = None,
    within: bool = False,
) -> Ranking:
    """
    # Parameters

    folder : `PathLike`
        With embeddings.
    kinds : `Sequence[str]`, optional (default = `None`)
        Of `"text"`, `"task"`, `"heads"`, in any order; by default all that there are.
    matrix : `TransferMatrix`, optional (default = `None`)
        Says classes, sizes and learning curves, and which tasks are looked at. Without it the
        manifests say classes and sizes, and the baseline `curve_gradient` is missing.
    within : `bool`, optional (default = `False`)
        Rank for each target the sources of its own class only.

    # Returns

    `Ranking`

    Raises `ConfigurationError` where embeddings cannot be compared, a kind is not there, fewer than
    two tasks are left, or classes are wanted that are not known.
    """
    embeddings = read_embeddings(folder)
    require_alike(embeddings)
    found = {embedding.task: embedding for embedding in embeddings}
    tasks = list(found) if matrix is None else [task for task in matrix.tasks if task in found]
    if len(tasks) < 2:
        raise _too_few(folder, found, matrix)
    vectors = _vectors([found[task] for task in tasks], kinds, folder)
    classes = {task: _class(found[task], matrix) for task in tasks}
    if within:
        _require_classes(classes, found)
    alike = similarities(vectors)
    allowed = allowed_sources([classes[task] for task in tasks], within)
    sizes = _sizes([found[task] for task in tasks], matrix)
    curves = None if matrix is None or not matrix.curves else matrix.curves
    methods = ranking_methods(alike, sizes or None, curves, tasks, allowed)
    there = {kind_of(name) for name in alike}
    return Ranking(
        tasks,
        classes,
        [kind for kind in KINDS if kind in there],
        within,
        allowed,
        alike,
        methods,
        sizes,
        _notes(tasks, found, matrix, vectors, allowed),
        found[tasks[0]].said("encoder") or {},
        file_digests([str(found[task].path) for task in tasks]),
    )


def _too_few(
    folder: str | os.PathLike[str],
    found: Mapping[str, Embedding],
    matrix: TransferMatrix | None,
) -> ConfigurationError:
    if matrix is None:
        return ConfigurationError(
            f"{folder} has an embedding of {_listed(found)} only: a ranking needs two tasks or "
            "more. Embed others with 'allennlp heads embed'"
        )
    return ConfigurationError(
        f"{folder} and the matrix have fewer than two tasks in common: embeddings of "
        f"{_listed(found)}, transfer between {_listed(matrix.tasks)}. Give those of the same tasks"
    )


def _vectors(
    embeddings: Sequence[Embedding], kinds: Sequence[str] | None, folder: str | os.PathLike[str]
) -> dict[str, dict[str, numpy.ndarray]]:
    wanted = KINDS if kinds is None else kinds
    for kind in kinds or ():
        if kind not in KINDS:
            raise ConfigurationError(f"--kind {kind}: choose from {', '.join(KINDS)}")
        if not any(kind in embedding.kinds for embedding in embeddings):
            raise ConfigurationError(
                f"--kind {kind}: no embedding in {Path(folder)} has components of this kind; "
                f"compute them with 'allennlp heads embed --kind {kind}'"
            )
    return {
        embedding.task: {
            name: array for name, array in embedding.components.items() if kind_of(name) in wanted
        }
        for embedding in embeddings
    }


def _class(embedding: Embedding, matrix: TransferMatrix | None) -> str:
    own = None if matrix is None else matrix.classes.get(embedding.task)
    return str(own or embedding.said("class") or UNKNOWN)


def _require_classes(classes: Mapping[str, str], found: Mapping[str, Embedding]) -> None:
    for task, name in classes.items():
        if name == UNKNOWN:
            raise ConfigurationError(
                f"{found[task].name}: 'class' is not given, but --within class needs it; give "
                "--matrix, or embed the trained model rather than the bare encoder"
            )


def _sizes(embeddings: Sequence[Embedding], matrix: TransferMatrix | None) -> dict[str, int]:
    sizes = {}
    for embedding in embeddings:
        own = None if matrix is None else matrix.available.get(embedding.task)
        size = own if own is not None else embedding.said("available")
        if size is None:
            continue
        if not isinstance(size, int):
            raise ConfigurationError(f"{embedding.name}: 'available' is {size!r}, no whole number")
        sizes[embedding.task] = size
    return sizes


def _notes(
    tasks: Sequence[str],
    found: Mapping[str, Embedding],
    matrix: TransferMatrix | None,
    vectors: Mapping[str, Mapping[str, numpy.ndarray]],
    allowed: numpy.ndarray,
) -> list[str]:
    notes = []
    if matrix is not None:
        unmeasured = [task for task in found if task not in tasks]
        unembedded = [task for task in matrix.tasks if task not in tasks]
        if unmeasured:
            notes.append(f"Left out, since the matrix does not have them: {_listed(unmeasured)}.")
        if unembedded:
            notes.append(f"Left out, since they have no embedding: {_listed(unembedded)}.")
    zeros = [f"{name} of {task}" for task, name in without_direction(vectors)]
    if zeros:
        notes.append(f"Zero throughout, so like nothing; fusion leaves them out: {_listed(zeros)}.")
    names = dict.fromkeys(name for parts in vectors.values() for name in parts)
    lacking = [
        f"{name} of {_listed([task for task in tasks if name not in vectors[task]])}"
        for name in names
        if any(name not in vectors[task] for task in tasks)
    ]
    if lacking:
        notes.append(
            "Components that some tasks lack, of which methods then use the others: "
            f"{'; '.join(lacking)}."
        )
    alone = [task for task, column in zip(tasks, allowed.T) if not column.any()]
    if alone:
        notes.append(f"No source is allowed for {_listed(alone)}.")
    return notes


def _listed(names: Sequence[str] | Mapping[str, Any]) -> str:
    return ", ".join(names)
