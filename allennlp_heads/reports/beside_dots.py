"""Names beside dots, where nothing else is."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.transforms import Bbox


def label_beside(
    axes: Axes,
    text: str,
    point: tuple[float, float],
    taken: Sequence[Bbox],
    offsets: Sequence[tuple[float, float]],
    size: float = 7,
) -> Bbox:
    """
    Write beside a dot, in the first place that is free, or in the first of all when none is.

    # Parameters

    axes : `Axes`
        Of a figure whose layout is settled.
    text : `str`
    point : `Tuple[float, float]`
        The dot, in units of the axes.
    taken : `Sequence[Bbox]`
        Where the text should not be, in pixels.
    offsets : `Sequence[Tuple[float, float]]`
        From the dot, points to the right and upward: the best place first.
    size : `float`, optional (default = `7`)
        Of the letters, in points.

    # Returns

    `Bbox`
        Where the text is, in pixels.
    """
    label = axes.annotate(text, point, offsets[0], textcoords="offset points", fontsize=size)
    for right, up in (*offsets, offsets[0]):
        label.set_position((right, up))
        label.set_horizontalalignment(("right", "center", "left")[(right > 0) - (right < 0) + 1])
        place = label.get_window_extent()
        if not any(place.overlaps(other) for other in taken):
            break
    return place
