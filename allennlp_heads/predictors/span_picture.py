"""A sentence with labelled spans under it, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from unicodedata import east_asian_width
from xml.etree import ElementTree

_WORD, _SMALL = 16, 13
_ADVANCE = 0.61
"""Width of a letter of a monospaced font, in its heights."""
_MARGIN, _GAP, _BASE, _ROW, _TICK = 12, 14, 30, 34, 5
_FONT = "DejaVu Sans Mono, Menlo, Consolas, monospace"


class Span(NamedTuple):
    """
    # Parameters

    start, end : `int`
        Places of its first and last word.
    label : `str`
    """

    start: int
    end: int
    label: str


def span_picture(lines: Sequence[str], words: Sequence[str], spans: Sequence[Span]) -> str:
    """
    A sentence with a bracket under each span and its label under that; of spans that share words
    the shorter ones are nearer to the words.

    # Parameters

    lines : `Sequence[str]`
        Stand below the picture.
    words : `Sequence[str]`
    spans : `Sequence[Span]`

    # Returns

    `str`
        The SVG; the same for equal arguments.
    """
    starts, ends = _places(words, spans)
    rows, right = _rows(spans, starts, ends)
    depth = 1 + max(rows, default=-1)
    legend = _BASE + depth * _ROW + 2 * _SMALL
    height = legend + len(lines) * (_SMALL + 6)
    width = max([right, *(_MARGIN + _width(line, _SMALL) for line in lines)]) + _MARGIN
    size = {"width": f"{width:.0f}", "height": f"{height:.0f}"}
    svg = ElementTree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size})
    svg.set("font-family", _FONT)
    svg.set("style", "background: white")
    for word, start, end in zip(words, starts, ends, strict=True):
        _text(svg, "word", (start + end) / 2, _BASE, _WORD, word, "middle")
    for span, row in zip(spans, rows, strict=True):
        left, upper = starts[span.start], _BASE + 8 + row * _ROW
        path = f"M{left:.1f},{upper} v{_TICK} H{ends[span.end]:.1f} v-{_TICK}"
        style = {"class": "span", "d": path, "fill": "none", "stroke": "black"}
        ElementTree.SubElement(svg, "path", style)
        _text(svg, "label", left, upper + _TICK + _SMALL, _SMALL, span.label)
    for number, line in enumerate(lines):
        _text(svg, "title", _MARGIN, legend + number * (_SMALL + 6), _SMALL, line)
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def _places(words: Sequence[str], spans: Sequence[Span]) -> tuple[list[float], list[float]]:
    """Where each word's room begins and ends: as wide as it, or as the labels that it has alone."""
    starts, ends, left = [], [], float(_MARGIN)
    for place, word in enumerate(words):
        own = [span.label for span in spans if (span.start, span.end) == (place, place)]
        room = max([_width(word, _WORD), *(_width(label, _SMALL) for label in own)])
        starts.append(left)
        ends.append(left + room)
        left += room + _GAP
    return starts, ends


def _rows(
    spans: Sequence[Span], starts: Sequence[float], ends: Sequence[float]
) -> tuple[list[int], float]:
    """The row of each span, in which it hides no other and no other's label; where all end."""
    rows = [0] * len(spans)
    taken: list[tuple[float, float, int]] = []
    for place in sorted(range(len(spans)), key=lambda n: spans[n].end - spans[n].start):
        span = spans[place]
        left = starts[span.start]
        right = max(ends[span.end], left + _width(span.label, _SMALL))
        met = [row for start, end, row in taken if start < right and left < end]
        rows[place] = 1 + max(met, default=-1)
        taken.append((left, right, rows[place]))
    return rows, max([*ends, *(end for _, end, _ in taken)], default=_MARGIN)


def _width(text: str, size: int) -> float:
    letters = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return letters * size * _ADVANCE


def _text(
    svg: ElementTree.Element,
    name: str,
    x: float,
    y: float,
    size: int,
    text: str,
    anchor: str = "start",
) -> None:
    style = {"class": name, "x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": str(size)}
    ElementTree.SubElement(svg, "text", {**style, "text-anchor": anchor}).text = text
