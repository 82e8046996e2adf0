"""The order in which pictures show tasks: by class, or like beside like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import squareform

ORDERS = ("class", "clustered")
"""What `task_order` knows."""


def task_order(
    tasks: Sequence[str],
    classes: Mapping[str, str],
    similarity: numpy.ndarray,
    order: str = ORDERS[0],
) -> list[int]:
    """
    # Parameters

    tasks : `Sequence[str]`
    classes : `Mapping[str, str]`
        Task -> its class.
    similarity : `numpy.ndarray`
        `[tasks, tasks]`, symmetric, at most 1; `nan` counts as the least similarity that there is.
    order : `str`, optional (default = `"class"`)
        `"class"`: classes in the order in which they first occur, tasks of one class as they were;
        `"clustered"`: the leaves of average linkage over 1 - similarity, turned so that neighbours
        are as alike as the tree allows.

    # Returns

    `List[int]`
        Places of the tasks.
    """
    if order == "class":
        first = list(dict.fromkeys(classes[task] for task in tasks))
        return sorted(range(len(tasks)), key=lambda place: first.index(classes[tasks[place]]))
    if len(tasks) < 3:
        return list(range(len(tasks)))
    known = similarity[numpy.isfinite(similarity)]
    distances = 1 - numpy.where(numpy.isfinite(similarity), similarity, known.min(initial=0.0))
    distances = numpy.maximum((distances + distances.T) / 2, 0.0)
    numpy.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), "average", optimal_ordering=True)
    return leaves_list(tree).tolist()
