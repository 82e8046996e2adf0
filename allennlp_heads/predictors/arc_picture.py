"""Sentences with arcs, drawn by spaCy's displaCy as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from spacy.displacy import DependencyRenderer

_FONT = "Arial, Helvetica, sans-serif"
_OPTIONS = {"distance": 150, "offset_x": 75, "font": _FONT}
_MARGIN, _LETTER = 12, 8
"""Pixels beside the title, and that one of its letters needs at most."""


class Arc(NamedTuple):
    """
    # Parameters

    start, end : `int`
        Places in the list of words; the arrow points to `end`.
    label : `str`
    """

    start: int
    end: int
    label: str


def arc_picture(
    title: str, words: Sequence[str], arcs: Sequence[Arc], below: Sequence[str] | None = None
) -> str:
    """
    A sentence with arcs over it.

    # Parameters

    title : `str`
        Stands below.
    words : `Sequence[str]`
    arcs : `Sequence[Arc]`
        Those from a word to itself are not drawn.
    below : `Sequence[str]`, optional (default = `None`)
        What stands under each word.

    # Returns

    `str`
        The SVG; the same for equal arguments.
    """
    renderer = DependencyRenderer(_OPTIONS)
    # displaCy escapes words, but neither labels nor what stands below
    svg = renderer.render_svg(
        "heads",
        [
            {"text": word, "tag": escape(tag)}
            for word, tag in zip(words, below or [""] * len(words), strict=True)
        ],
        [
            {
                "start": min(arc.start, arc.end),
                "end": max(arc.start, arc.end),
                "label": escape(arc.label),
                "dir": "left" if arc.end < arc.start else "right",
            }
            for arc in arcs
            if arc.start != arc.end
        ],
    ).strip()
    width = max(renderer.width, 2 * _MARGIN + _LETTER * len(title))
    svg = svg.replace(f'width="{renderer.width}"', f'width="{width}"', 1)
    place = f'x="{_MARGIN}" y="{renderer.height - _MARGIN}"'
    text = f'<text {place} font-size="15">{escape(title)}</text>'
    return svg.removesuffix("</svg>") + text + "</svg>\n"
