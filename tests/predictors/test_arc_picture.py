"""Arcs over sentences, as SVG."""

from __future__ import annotations

from xml.etree import ElementTree

from allennlp_heads.predictors.arc_picture import Arc, arc_picture

WORDS = ["<s>", "AT&T", "dog"]


def parts(svg: str, name: str) -> list[str]:
    """The texts of the elements of a class."""
    elements = ElementTree.fromstring(svg).iter()
    return ["".join(e.itertext()) for e in elements if e.get("class") == name]


def test_words_labels_and_title_are_written_as_they_are() -> None:
    svg = arc_picture(["1 < 2 & 3", "more"], WORDS, [Arc(0, 2, "a&b <1>")], ["<x>", "", "&amp;"])
    assert parts(svg, "displacy-word") == WORDS
    assert parts(svg, "displacy-tag") == ["<x>", "", "&amp;"]
    assert parts(svg, "displacy-label") == ["a&b <1>"]
    assert "".join(ElementTree.fromstring(svg).itertext()).strip().endswith("1 < 2 & 3more")


def test_arrows_point_from_start_to_end() -> None:
    def head(arc: Arc) -> float:
        """Where the arrow's head stands."""
        root = ElementTree.fromstring(arc_picture([], WORDS, [arc]))
        (path,) = (e for e in root.iter() if e.get("class") == "displacy-arrowhead")
        return float(path.get("d", "").split(",")[0].removeprefix("M"))

    assert head(Arc(0, 2, "x")) > head(Arc(2, 0, "x"))


def test_arcs_both_ways_and_to_itself() -> None:
    arcs = [Arc(0, 1, "0.50"), Arc(1, 0, "0.50"), Arc(2, 2, "0.90")]
    assert parts(arc_picture([], WORDS, arcs), "displacy-label") == ["0.50", "0.50"]
    assert parts(arc_picture([], WORDS, []), "displacy-label") == []


def test_lines_below_have_their_room() -> None:
    bare, short, long = (
        ElementTree.fromstring(arc_picture(lines, ["a"], []))
        for lines in ([], ["short", "too"], ["long " * 60])
    )
    assert float(short.get("width", "")) == 225 and float(long.get("width", "")) > 8 * 300
    heights = [float(root.get("height", "")) for root in (bare, long, short)]
    assert heights == [heights[0], heights[0] + 20, heights[0] + 40]
    ends = [float(e.get("y", "")) for e in short if e.text in ("short", "too")]
    assert ends[1] == ends[0] + 20 and ends[1] < heights[2]
    assert f"height: {heights[2]}px" in short.get("style", "")
