"""Spans under sentences, as SVG."""

from __future__ import annotations

from itertools import combinations
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.predictors.span_picture import Span, span_picture

WORDS = ["AT&T", "<b>", "日本", "saw", "it"]
SPACE = "{http://www.w3.org/2000/svg}"


def texts(svg: str, name: str) -> list[ElementTree.Element]:
    """The texts of a class."""
    elements = ElementTree.fromstring(svg).iter(f"{SPACE}text")
    return [element for element in elements if element.get("class") == name]


def brackets(svg: str) -> list[tuple[float, float, float]]:
    """Left, right and upper end of each."""
    found = []
    for path in ElementTree.fromstring(svg).iter(f"{SPACE}path"):
        start, _, across, _ = path.get("d", "").split()
        left, upper = start.removeprefix("M").split(",")
        found.append((float(left), float(across.removeprefix("H")), float(upper)))
    return found


def test_words_labels_and_lines_are_written_as_they_are() -> None:
    svg = span_picture(["1 < 2", "3 & 4"], WORDS, [Span(0, 1, "<x>"), Span(3, 3, "a&b")])
    assert [text.text for text in texts(svg, "word")] == WORDS
    assert [text.text for text in texts(svg, "label")] == ["<x>", "a&b"]
    assert [text.text for text in texts(svg, "title")] == ["1 < 2", "3 & 4"]
    assert "displacy-arc" not in svg and len(brackets(svg)) == 2
    assert svg == span_picture(["1 < 2", "3 & 4"], WORDS, [Span(0, 1, "<x>"), Span(3, 3, "a&b")])


def test_brackets_go_from_the_first_word_to_the_last() -> None:
    svg = span_picture([], WORDS, [Span(1, 3, "NP")])
    middles = [float(text.get("x", "")) for text in texts(svg, "word")]
    ((left, right, _),) = brackets(svg)
    assert middles[0] < left < middles[1] and middles[3] < right < middles[4]


def test_shorter_spans_are_nearer_to_the_words() -> None:
    svg = span_picture([], WORDS, [Span(0, 4, "S"), Span(1, 2, "NP"), Span(4, 4, "NP")])
    outer, inner, last = (upper for _, _, upper in brackets(svg))
    assert inner == last < outer


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.text("ab", max_size=30))))
def test_nothing_hides_anything_or_is_cut_off(found: list[tuple[int, int, str]]) -> None:
    spans = [Span(min(one, other), max(one, other), label) for one, other, label in found]
    svg = span_picture(["x" * 40], WORDS, spans)
    root = ElementTree.fromstring(svg)
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    boxes = []
    for (left, right, upper), label in zip(brackets(svg), texts(svg, "label"), strict=True):
        written = left + 13 * 0.61 * len(label.text or "")
        boxes.append((left, max(right, written), upper))
        assert boxes[-1][1] < width
    for one, other in combinations(boxes, 2):
        assert one[2] != other[2] or one[1] <= other[0] or other[1] <= one[0]
    (line,) = texts(svg, "title")
    assert max((box[2] for box in boxes), default=0) + 18 < float(line.get("y", "")) < height
