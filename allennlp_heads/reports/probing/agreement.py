"""Whether the parts of a probe's result can be of one probe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy

from allennlp_heads.analysis.probing.result import ProbeResult

_TOLERANCE = 1e-6
"""Of accuracies that are written down twice; some files keep six digits."""
_WHOLE, _SHARE, _TRUTH = "iu", "f", "b"
_TYPES = {_WHOLE: "whole numbers", _SHARE: "floating-point numbers", _TRUTH: "truth values"}


def check_agreement(where: str, result: ProbeResult) -> None:
    """
    Raise `ValueError` that names the first field of a result which contradicts another one: arrays
    of another size or type, heads that there are not, counts that the items do not have, and
    accuracies that do not follow from them.

    # Parameters

    where : `str`
        What messages call the result.
    result : `ProbeResult`
    """
    _check_arrays(where, result)
    _check_heads(where, result)
    _check_items(where, result)
    _check_grid(where, result)


def _check_arrays(where: str, result: ProbeResult) -> None:
    labels, items, grid = len(result.labels), result.items, result.exists.shape
    size = items.label.shape
    arrays = {
        "exists": (result.exists, _TRUTH, grid if len(grid) == 2 else ("layers", "heads")),
        "accuracy": (result.accuracy, _SHARE, (labels, *grid)),
        "counts": (result.counts, _WHOLE, (labels,)),
        "items.label": (items.label, _WHOLE, size if len(size) == 1 else ("items",)),
        "items.sentence": (items.sentence, _WHOLE, size),
        "items.correct": (items.correct, _TRUTH, size),
        "items.one_head": (items.one_head, _TRUTH, size),
        **{f"statistics.{name}": (of, _SHARE, grid) for name, of in result.statistics.items()},
    }
    if result.centroids is not None:
        vectors, of = result.centroids.vectors, result.centroids
        wanted = (len(of.heads), len(of.labels), *vectors.shape[2:3])
        arrays["centroids"] = (vectors, _SHARE, wanted)
    for name, (array, kinds, shape) in arrays.items():
        if array.dtype.kind not in kinds:
            raise ValueError(f"{where}, array '{name}': {array.dtype}, not {_TYPES[kinds]}")
        if array.shape != shape:
            raise ValueError(f"{where}, array '{name}' is {list(array.shape)}, not {list(shape)}")


def _check_heads(where: str, result: ProbeResult) -> None:
    for name, head in _heads(result):
        inside = all(
            type(place) is int and 0 <= place < size
            for place, size in zip(head, result.exists.shape)
        )
        if not inside or not result.exists[head]:
            raise ValueError(
                f"{where}.{name}: there is no head {head[1]} in layer {head[0]}; the layers and "
                f"heads, from 0, are {' x '.join(map(str, result.exists.shape))} with "
                f"{int((~result.exists).sum())} missing"
            )


def _heads(result: ProbeResult) -> Iterator[tuple[str, tuple[int, int]]]:
    for place, label in enumerate(result.labels):
        yield f"labels[{place}]", (label.layer, label.head)
    for name, score in result.overall.items():
        if score.layer is not None and score.head is not None:
            yield f"overall.{name}", (score.layer, score.head)
    if result.tree is not None:
        yield "tree", (result.tree.layer, result.tree.head)
    if result.centroids is not None:
        for place, head in enumerate(result.centroids.heads):
            yield f"centroids.heads[{place}]", head


def _check_items(where: str, result: ProbeResult) -> None:
    """Counts and accuracies once more, from the items."""
    items, labels = result.items, len(result.labels)
    if items.label.size and not 0 <= items.label.min() <= items.label.max() < labels:
        raise ValueError(f"{where}, array 'items.label': labels that are not there")
    twice = [name for name, n in Counter(of.label for of in result.labels).items() if n > 1]
    if twice:
        raise ValueError(f"{where}.labels: {twice[0]!r} is there twice")
    counts = numpy.bincount(items.label, minlength=labels)
    if not numpy.array_equal(counts, result.counts):
        raise ValueError(f"{where}, array 'counts' does not count 'items.label'")
    right = numpy.bincount(items.label, weights=items.correct, minlength=labels)
    shares = right / numpy.maximum(counts, 1)
    for place, label in enumerate(result.labels):
        if label.count != counts[place] or not label.count:
            raise ValueError(
                f"{where}.labels[{place}].count is {label.count}, but there are {counts[place]} "
                "items of the label"
            )
        _compare(f"{where}.labels[{place}]", label.accuracy, shares[place], "items.correct")
    expected = {
        "weighted": (items.correct, "items.correct"),
        "unweighted": (shares, "items.correct"),
        "one_head": (items.one_head, "items.one_head"),
    }
    for name, (values, array) in expected.items():
        if name in result.overall:
            accuracy = result.overall[name].accuracy
            _compare(f"{where}.overall.{name}", accuracy, float(values.mean()), array)


def _check_grid(where: str, result: ProbeResult) -> None:
    known = ~numpy.isnan(result.accuracy)
    if (known != result.exists).any():
        raise ValueError(f"{where}, array 'accuracy': numbers where 'exists' has no head, or none")
    if ((result.accuracy < 0) | (result.accuracy > 1)).any():
        raise ValueError(f"{where}, array 'accuracy': numbers that are no shares from 0 to 1")
    for place, label in enumerate(result.labels):
        if label.share == 1:  # then this head scored all items of the label
            found = result.accuracy[place, label.layer, label.head]
            _compare(f"{where}.labels[{place}]", label.accuracy, found, "accuracy")


def _compare(where: str, said: float, found: float, array: str) -> None:
    if abs(said - found) > _TOLERANCE:
        raise ValueError(
            f"{where}.accuracy is {said:.6g}, but by the array '{array}' it is {found:.6g}"
        )
