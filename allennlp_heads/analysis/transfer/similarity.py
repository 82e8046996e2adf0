"""How alike the embeddings of tasks are, component by component."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy

Vectors = Mapping[str, Mapping[str, numpy.ndarray]]
"""Task -> component -> its array, of any shape; the same shape for every task that has it."""


def cosine(first: numpy.ndarray, second: numpy.ndarray) -> float:
    """
    The cosine of two arrays of equal shape in float64, each scaled to its largest entry first: the
    entries of Fisher information may be so small that their squares vanish.

    # Returns

    `float`
        From -1 to 1; `nan` where either is zero throughout, since it has no direction.

    Raises `ValueError` for other shapes and for an entry that is not finite.
    """
    return float(similarities({"first": {"": first}, "second": {"": second}})[""][0, 1])


def similarities(vectors: Vectors) -> dict[str, numpy.ndarray]:
    """
    # Parameters

    vectors : `Mapping[str, Mapping[str, numpy.ndarray]]`
        The components of each task's embedding; a task may lack some.

    # Returns

    `Dict[str, numpy.ndarray]`
        For each component, in the order in which they are met, the cosines `[tasks, tasks]` of all
        pairs, tasks in the order given. `nan` where a task lacks the component or has zeros only
        (see `without_direction`).

    Raises `ValueError` for arrays of one component with different shapes, and for an entry that is
    not finite.
    """
    components = dict.fromkeys(name for parts in vectors.values() for name in parts)
    return {name: _cosines(name, vectors) for name in components}


def without_direction(vectors: Vectors) -> list[tuple[str, str]]:
    """Task and component of every array that is zero throughout: it is like nothing."""
    return [
        (task, name)
        for task, parts in vectors.items()
        for name, values in parts.items()
        if not numpy.any(values)
    ]


def _cosines(name: str, vectors: Vectors) -> numpy.ndarray:
    have = [place for place, parts in enumerate(vectors.values()) if name in parts]
    tasks = list(vectors)
    rows = _rows(name, [tasks[place] for place in have], vectors)
    largest = numpy.abs(rows).max(axis=1, initial=0.0, keepdims=True)
    with numpy.errstate(invalid="ignore"):
        # 0 / 0: what has no direction stays nan
        rows = rows / largest
        rows = rows / numpy.linalg.norm(rows, axis=1, keepdims=True)
        cosines = numpy.clip(rows @ rows.T, -1.0, 1.0)
    numpy.fill_diagonal(cosines, numpy.where(largest[:, 0] > 0, 1.0, numpy.nan))
    table = numpy.full((len(tasks), len(tasks)), numpy.nan)
    table[numpy.ix_(have, have)] = cosines
    return table


def _rows(name: str, tasks: Sequence[str], vectors: Vectors) -> numpy.ndarray:
    """`[tasks, numbers]`."""
    arrays = [numpy.asarray(vectors[task][name], dtype=numpy.float64) for task in tasks]
    for task, array in zip(tasks, arrays):
        if array.shape != arrays[0].shape:
            raise ValueError(
                f"component '{name}' is {list(arrays[0].shape)} for task '{tasks[0]}' and "
                f"{list(array.shape)} for task '{task}': embed both with the same encoder"
            )
        if not numpy.isfinite(array).all():
            raise ValueError(
                f"component '{name}' of task '{task}' has entries that are not finite numbers: "
                "embed this task anew"
            )
    return numpy.stack([array.ravel() for array in arrays])
