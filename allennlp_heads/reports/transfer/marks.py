"""How pictures tell classes of tasks apart: by shape, and by a colour that everyone can see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from matplotlib.lines import Line2D

from allennlp_heads.reports.markup import shown_name

_SHAPES = "so^Dv<>pPX*h"
_COLOURS = ("#0072B2", "#E69F00", "#CC79A7", "#009E73", "#56B4E9", "#D55E00", "#F0E442", "0.5")
"""
Of the palette of Okabe and Ito 2008, *Color Universal Design*: the first three differ in grey too.
"""
_LETTERS = 24


class Mark(NamedTuple):
    """
    # Parameters

    shape : `str`
        A marker of matplotlib.
    colour : `str`
        Of its filling; its edge is black.
    """

    shape: str
    colour: str


def shown_task(name: str) -> str:
    """The name of a task or class as pictures have it: on one line, cut where it is long."""
    return shown_name(" ".join(name.split()), _LETTERS)


def class_marks(classes: Iterable[str]) -> dict[str, Mark]:
    """The mark of each class, in the order in which they first occur."""
    return {
        name: Mark(_SHAPES[place % len(_SHAPES)], _COLOURS[place % len(_COLOURS)])
        for place, name in enumerate(dict.fromkeys(classes))
    }


def legend_handle(label: str, shape: str, colour: str, **style: Any) -> Line2D:
    """A line of a legend with nothing but this mark."""
    look: dict[str, Any] = {"markersize": 6, "markeredgecolor": "black", "markeredgewidth": 0.6}
    look |= {"markerfacecolor": colour, **style}
    return Line2D([], [], linestyle="", marker=shape, label=shown_task(label), **look)
