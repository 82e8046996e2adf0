"""What a picture shows: its texts, whether all of them are inside, and none on another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from matplotlib.figure import Figure
from matplotlib.text import Text

from allennlp_heads.reports.figures import figure_to_image


def texts_of(figure: Figure) -> list[Text]:
    """Every text that is drawn; numbers of ticks outside the axes are not."""
    hidden = set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in axis.get_major_ticks():
            if not low <= tick.get_loc() <= high:
                hidden |= {tick.label1, tick.label2}
    texts = figure.findobj(Text)
    return [t for t in texts if t.get_text() and t.get_visible() and t not in hidden]


def assert_inside(figure: Figure) -> None:
    height, width = figure_to_image(figure).shape[:2]
    for text in texts_of(figure):
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height, text


def assert_apart(texts: Sequence[Text]) -> None:
    found = [text.get_window_extent() for text in texts]
    boxes = numpy.array([[box.x0, box.y0, box.x1, box.y1] for box in found]).reshape(-1, 2, 2)
    low, high = boxes.min(axis=1), boxes.max(axis=1)
    overlap = ((low[:, None] <= high) & (low <= high[:, None])).all(axis=-1)
    pairs = numpy.argwhere(numpy.triu(overlap, 1))
    assert not len(pairs), [(texts[one], texts[other]) for one, other in pairs]
