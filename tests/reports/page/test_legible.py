"""A page of 24 x 16 heads and six tasks can be read: on a desk, on a phone, in grey, by ear."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reports.page.chromium import Opened
from tests.reports.page.hostile import TASKS
from tests.reports.page.looks import (
    collisions,
    heading_levels,
    luminance,
    overflow,
    repeated_ids,
    small_texts,
    unnamed_controls,
)

LEAST = 9
"""Pixels of the smallest letters."""
PHONE, DESK = 360, 1280
UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
IMPORTANCE = "#run-1-importance figure.grids"


@pytest.fixture(scope="module")
def window(opened: Callable[[Path], Opened], large_page: Path) -> Opened:
    found = opened(large_page)
    assert overflow(found.page) == 0, "folded, as it opens"
    found.page.evaluate(UNFOLD)
    return found


@pytest.fixture(scope="module", params=[DESK, PHONE])
def page(window: Opened, request: pytest.FixtureRequest) -> Any:
    """As wide as the parameter says, with everything unfolded and drawn anew."""
    if request.param != DESK:
        window.page.set_viewport_size({"width": request.param, "height": 900})
        last = window.page.locator("figure.chart svg.marks").last
        narrow = "(chart) => chart.closest('.scroll').clientWidth <= 360"
        last.scroll_into_view_if_needed()
        window.page.wait_for_function(narrow, arg=last.element_handle(), timeout=60_000)
        window.page.wait_for_timeout(500)
    return window.page


def test_everything_is_legible(page: Any, window: Opened) -> None:
    assert overflow(page) == 0
    assert small_texts(page, LEAST) == []
    assert collisions(page) == []
    assert window.said == [] and len(window.requests) == 1


def test_a_large_grid(page: Any) -> None:
    figure = page.locator(IMPORTANCE).first
    assert figure.get_by_label("Show").locator("option").all_text_contents() == TASKS
    assert figure.locator(".cell").count() == 24 * 16
    box = figure.locator('.cell[data-layer="23"][data-head="15"]').bounding_box()
    assert min(box["width"], box["height"]) >= 14, "large enough to be pointed at"
    width = page.viewport_size["width"]
    assert box["x"] + box["width"] <= width
    other = figure.get_by_label("Compare with")
    other.select_option(other.locator("option").nth(5).get_attribute("value"))
    boxes = [figure.get_by_role("grid").nth(pane).bounding_box() for pane in (0, 1)]
    beside = boxes[1]["x"] > boxes[0]["x"]
    assert beside == (width == DESK), "side by side where there is room, else below"
    assert overflow(page) == 0
    other.select_option("")


def test_a_screen_reader_finds_its_way(page: Any) -> None:
    assert page.locator("html").get_attribute("lang") == "en"
    levels = heading_levels(page)
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below <= level + 1 for level, below in zip(levels, levels[1:]))
    assert unnamed_controls(page) == [] and repeated_ids(page) == []
    charts = page.locator("figure.chart")
    said = charts.locator('[role="graphics-document"][aria-label*=". "]')
    assert said.count() == charts.count(), "title and description of each chart"
    assert page.locator(".panes svg:not([role=grid][aria-label])").count() == 0
    aims = "(all) => all.map((one) => document.getElementById(one.hash.slice(1)) !== null)"
    assert all(page.locator("nav a, .skip").evaluate_all(aims))
    page.locator(".skip").focus()
    assert page.locator(".skip").bounding_box()["x"] >= 0, "seen when it has the focus"


def test_grey_still_orders_the_heads(page: Any) -> None:
    cells = page.locator("#run-1-gates figure.grids").first.locator(".cell")
    looks = "(all) => all.map((one) => [one.ariaLabel, one.firstChild.getAttribute('fill')])"
    drawn = [
        (float(re.findall(r"[\d.]+(?:e.\d+)?$", label.replace("−", "-"))[0]), luminance(fill))
        for label, fill in cells.evaluate_all(looks)
    ]
    lights = [light for _, light in sorted(drawn, key=lambda one: (one[0], -one[1]))]
    assert all(later <= light + 0.002 for light, later in zip(lights, lights[1:]))
    assert lights[0] > 0.9 and lights[-1] < 0.1, "the more, the darker"


def test_lines_are_told_apart_without_colours(page: Any) -> None:
    lines = page.locator("#run-1-curves figure.chart").first.locator("g.mark-line path")
    dashes = "(all) => all.map((one) => one.getAttribute('stroke-dasharray'))"
    assert lines.count() == len(TASKS) == len(set(lines.evaluate_all(dashes)))


def test_a_wide_table_fades_where_it_goes_on(page: Any) -> None:
    box = page.locator("#all-runs .scroll").first
    wide = box.evaluate("(one) => one.scrollWidth > one.clientWidth + 3")
    assert (box.get_attribute("data-more") is not None) == wide
    assert wide or page.viewport_size["width"] == DESK
    box.evaluate("(one) => { one.scrollLeft = 1e6; }")
    whole = "(one) => !one.hasAttribute('data-more')"
    page.wait_for_function(whole, arg=box.element_handle())
    name, around = box.locator("tbody th").first.bounding_box(), box.bounding_box()
    assert abs(name["x"] - around["x"]) < 1, "the names of the rows stay"
    box.evaluate("(one) => { one.scrollLeft = 0; }")
    if wide:
        page.wait_for_function("(one) => one.hasAttribute('data-more')", arg=box.element_handle())


def test_the_scale_of_a_grid_is_named_in_full(page: Any) -> None:
    texts = page.locator(IMPORTANCE).first.locator(".panes svg > text").all_text_contents()
    assert "importance, 1 = the task's highest" in texts
