"""Blocks become one document in which text of data is never anything else."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from html.parser import HTMLParser

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.page import document, library
from allennlp_heads.reports.page.blocks import (
    Chart,
    Grid,
    HeadGrids,
    Section,
    Sentence,
    Sentences,
    Table,
    Text,
)
from allennlp_heads.reports.page.document import Part, render

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} \u2028 &quot;"


@pytest.fixture(autouse=True)
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "vega_bundle", lambda: "/* the bundle */")


class Elements(HTMLParser):
    """All elements with their attributes, and the text of each kind."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self._now = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._now = tag

    def handle_data(self, data: str) -> None:
        self.text[self._now] = self.text.get(self._now, "") + data


def section(text: str) -> Section:
    grid = Grid(text, numpy.array([[0.5, numpy.nan]]), {text: numpy.ones((1, 2))})
    sentence = Sentence([text], [(0, -1, text)], {"0.0": [None]})
    chart = Chart(text, {"mark": "point", "data": {"values": [{"a": text}]}}, text)
    blocks = [
        Text(text),
        Table([text, text], [[text, "1"]], text),
        chart,
        HeadGrids(text, [grid], text, description=text),
        Sentences(text, [sentence], ["0.0"], text),
    ]
    return Section("all", text, blocks)


def page(text: str = "plain") -> str:
    return render(text, [Part("run-1", text, [section(text)]), Part("run-2", "empty", [])])


def test_hostile_text_makes_no_element_and_is_shown_as_it_is() -> None:
    plain, evil = Elements(page()), Elements(page(EVIL))
    assert [tag for tag, _ in evil.found] == [tag for tag, _ in plain.found]
    assert [sorted(names) for _, names in evil.found] == [sorted(names) for _, names in plain.found]
    assert all(EVIL in evil.text[tag] for tag in ("title", "h4", "p"))
    data = re.findall(r'<script type="application/json">(.*?)</script>', page(EVIL), re.DOTALL)
    assert json.loads(data[1])["grids"][0]["name"] == EVIL


def test_the_policy_allows_these_scripts_and_no_connection() -> None:
    elements = Elements(page())
    (policy,) = [
        found["content"] or ""
        for tag, found in elements.found
        if tag == "meta" and "http-equiv" in found
    ]
    scripts = re.findall(r"<script>(.*?)</script>", page(), re.DOTALL)
    assert len(scripts) == 2
    for script in scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy and "http" not in policy
    assert not re.search(r"script-src[^;]*unsafe-inline", policy)


def test_nothing_points_out_of_the_page() -> None:
    for _, attributes in Elements(page()).found:
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))


def test_anchors_are_unique_and_the_contents_lead_to_them() -> None:
    twice = Part("run-1", "run", [section("a"), section("b")])
    found = Elements(render("t", [twice, Part("run-2", "other", [section("c")])])).found
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"] for tag, attributes in found if tag == "a"}
    assert {f"#{key}" for key in ("run-1-all", "run-1-all-2", "run-2", "run-2-all")} <= links
    assert {(link or "").lstrip("#") for link in links} <= set(ids)


def test_headings_go_down_one_step_at_a_time() -> None:
    levels = [int(tag[1]) for tag, _ in Elements(page()).found if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))


def test_a_part_without_sections_is_left_out() -> None:
    assert "empty" not in page() and 'id="run-2"' not in page()


def test_what_is_folded_and_long_tables_open_on_demand() -> None:
    rows = [[str(row)] for row in range(31)]
    folded = Section("a", "Everything", [Table(["n"], rows, "Long")], folded=True)
    text = render("t", [Part("r", "run", [folded])])
    assert text.count('<details class="fold">') == 2 and "Long (31 rows)" in text


@pytest.mark.parametrize(
    ("cells", "right"),
    [
        (["0.5", "\u22121.2 [\u22122, 0.1]", "\u2013"], True),
        (["1,234", "< 0.0001", "86.2 \u00b1 0.3", "3 %", "2e-05"], True),
        (["93ce4aa0", "1"], False),
        (["3 of 4", "7.8"], True),
        (["\u2013", ""], False),
        (["one"], False),
    ],
)
def test_columns_of_numbers_are_set_to_the_right(cells: list[str], right: bool) -> None:
    table = Table(["name", "value"], [["a", cell] for cell in cells])
    text = render("t", [Part("r", "run", [Section("a", "A", [table])])])
    assert ('<td class="number">' in text) == right


def test_limits_are_those_of_all_numbers() -> None:
    grids = [Grid("a", numpy.array([[0.1, numpy.nan]])), Grid("b", numpy.array([[-0.3, 0.2]]))]
    limits = {
        diverging: document._limits(HeadGrids("t", grids, "m", diverging=diverging))
        for diverging in (False, True)
    }
    assert limits == {False: (-0.3, 0.2), True: (-0.3, 0.3)}
    nothing = HeadGrids("t", [Grid("a", numpy.full((1, 1), numpy.nan))], "m")
    assert document._limits(nothing) == (0, 1)


def test_equal_parts_give_equal_pages() -> None:
    assert page() == page()


@pytest.mark.parametrize("package", ["jinja2", "vl_convert"])
def test_without_the_extra_it_says_what_to_install(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.vega_bundle.cache_clear()
    monkeypatch.setattr(document, "vega_bundle", library.vega_bundle)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigurationError, match=r"pip install '\.\[report\]'"):
        page()
