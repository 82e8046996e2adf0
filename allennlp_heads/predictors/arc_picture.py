"""Sentences with arcs, drawn by spaCy's displaCy as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from spacy.displacy import DependencyRenderer

_FONT = "Arial, Helvetica, sans-serif"
_OPTIONS = {"distance": 150, "offset_x": 75, "font": _FONT}
_MARGIN, _LETTER, _LINE = 12, 8, 20
"""Pixels beside the lines below, and that one of their letters needs at most."""


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
    lines: Sequence[str],
    words: Sequence[str],
    arcs: Sequence[Arc],
    below: Sequence[str] | None = None,
) -> str:
    """
    A sentence with arcs over it.

    # Parameters

    lines : `Sequence[str]`
        Stand below the picture.
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
    longest = max(map(len, lines), default=0)
    room = {
        "width": (renderer.width, max(renderer.width, 2 * _MARGIN + _LETTER * longest)),
        "height": (renderer.height, renderer.height + _LINE * len(lines)),
    }
    for side, (old, new) in room.items():
        svg = svg.replace(f'{side}="{old}"', f'{side}="{new}"', 1)
    svg = svg.replace(f"height: {renderer.height}px", f"height: {room['height'][1]}px", 1)
    texts = [
        f'<text x="{_MARGIN}" y="{renderer.height + _LINE * number - _MARGIN}" font-size="15">'
        f"{escape(line)}</text>"
        for number, line in enumerate(lines)
    ]
    return svg.removesuffix("</svg>") + "".join(texts) + "</svg>\n"
