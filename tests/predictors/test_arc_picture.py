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
    svg = arc_picture("1 < 2 & 3", WORDS, [Arc(0, 2, "a&b <1>")], ["<x>", "", "&amp;"])
    assert parts(svg, "displacy-word") == WORDS
    assert parts(svg, "displacy-tag") == ["<x>", "", "&amp;"]
    assert parts(svg, "displacy-label") == ["a&b <1>"]
    assert "".join(ElementTree.fromstring(svg).itertext()).strip().endswith("1 < 2 & 3")


def test_arrows_point_from_start_to_end() -> None:
    def head(arc: Arc) -> float:
        """Where the arrow's head stands."""
        root = ElementTree.fromstring(arc_picture("", WORDS, [arc]))
        (path,) = (e for e in root.iter() if e.get("class") == "displacy-arrowhead")
        return float(path.get("d", "").split(",")[0].removeprefix("M"))

    assert head(Arc(0, 2, "x")) > head(Arc(2, 0, "x"))


def test_arcs_both_ways_and_to_itself() -> None:
    arcs = [Arc(0, 1, "0.50"), Arc(1, 0, "0.50"), Arc(2, 2, "0.90")]
    assert parts(arc_picture("", WORDS, arcs), "displacy-label") == ["0.50", "0.50"]
    assert parts(arc_picture("", WORDS, []), "displacy-label") == []


def test_a_long_title_makes_the_picture_wider() -> None:
    narrow, wide = (
        float(ElementTree.fromstring(arc_picture(title, ["a"], [])).get("width", ""))
        for title in ("short", "long " * 60)
    )
    assert narrow == 225 and wide > 8 * 300
