"""The page in a real browser: it is quiet, it answers, and text out of data stays text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reports.page.chromium import Opened
from tests.reports.page.hostile import RUN, SCRIPT, TASKS, TEXTS

GATES, IMPORTANCE, ARCS = "#run-1-gates", "#run-1-importance", "#run-1-probe-examples"
CURVES = "#run-1-curves"


@pytest.fixture(scope="module")
def window(opened: Callable[[Path], Opened], small_page: Path) -> Opened:
    return opened(small_page)


@pytest.fixture
def page(window: Opened) -> Any:
    """Whatever a test does leaves the console silent."""
    before = len(window.said)
    yield window.page
    assert window.said[before:] == []
    window.page.mouse.move(0, 0)


def grids(page: Any, section: str) -> Any:
    return page.locator(f"{section} figure.grids").first


def cell(figure: Any, layer: int, head: int, pane: int = 0) -> Any:
    """As people count."""
    cells = figure.locator(".panes > *").nth(pane)
    return cells.locator(f'.cell[data-layer="{layer - 1}"][data-head="{head - 1}"]')


def fills(figure: Any, pane: int = 0) -> list[str]:
    """The colour of each head."""
    drawn = figure.locator(".panes > *").nth(pane).locator(".cell > rect:first-child")
    return drawn.evaluate_all("(all) => all.map((one) => one.getAttribute('fill'))")


def tip(figure: Any) -> Any:
    return figure.locator(".tip:not([hidden])")


def test_it_says_nothing_and_asks_for_nothing(window: Opened, small_page: Path) -> None:
    assert window.said == []
    assert window.requests == [small_page.resolve().as_uri()]
    undrawn = "(all) => all.filter((one) => !one.querySelector('svg')).map((one) => one.id)"
    assert window.page.locator("figure").evaluate_all(undrawn) == []
    assert small_page.stat().st_size < 5_000_000


def test_hostile_text_stays_text(page: Any) -> None:
    scripts = page.locator("script:not([type='application/json'])").count()
    assert scripts == 2, "the library and our own"
    assert page.locator("main img, main b, [onclick], [onerror], [onload]").count() == 0
    shown = page.locator("body").evaluate("(body) => body.textContent")
    assert all(text in shown for text in [*TEXTS, *TASKS[:2], RUN])
    assert page.title() == f"Attention heads: {RUN}, two, overlap and others"


def test_words_of_sentences_stay_text(page: Any) -> None:
    figure = page.locator(f"{ARCS} figure.sentences")
    choice = figure.get_by_role("combobox", name="Sentence")
    hostile = choice.locator("option", has_text=SCRIPT)
    choice.select_option(hostile.get_attribute("value"))
    said = figure.locator(".word").evaluate_all("(all) => all.map((one) => one.ariaLabel)")
    assert [word.partition(", attends to ")[0] for word in said] == ["ROOT", *TEXTS]
    figure.locator(".word").nth(1).hover()
    assert tip(figure).locator("strong").text_content().startswith(SCRIPT)


def test_another_head_has_other_arcs(page: Any) -> None:
    figure = page.locator(f"{ARCS} figure.sentences")
    paths = figure.locator(".arc path")
    drawn = "(all) => all.map((one) => one.getAttribute('d'))"
    before = paths.evaluate_all(drawn)
    figure.get_by_role("combobox", name="Head").select_option(index=5)
    assert paths.evaluate_all(drawn) != before


def test_a_head_shows_its_numbers_to_the_pointer(page: Any) -> None:
    figure = grids(page, IMPORTANCE)
    assert tip(figure).count() == 0
    cell(figure, 2, 3).hover()
    first = tip(figure).inner_text()
    assert "Layer 2, head 3" in first and any(map(str.isdigit, first.split("\n")[2]))
    cell(figure, 4, 5).hover()
    assert "Layer 4, head 5" in tip(figure).inner_text() != first
    page.mouse.move(0, 0)
    assert tip(figure).count() == 0


def test_a_head_shows_its_numbers_to_the_keyboard(page: Any) -> None:
    figure = grids(page, GATES)
    stops = figure.locator('.cell[tabindex="0"]')
    assert stops.count() == 1, "one stop of the tab key for the whole grid"
    stops.focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        page.keyboard.press(key)
    assert "Layer 2, head 3" in tip(figure).inner_text()
    focused = page.locator(":focus")
    assert focused.get_attribute("aria-label").startswith("Layer 2, head 3: ")
    ring = focused.locator(".ring")
    assert ring.evaluate("(one) => getComputedStyle(one).stroke") != "none"
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    assert "Layer 2, head 12" in tip(figure).inner_text()
    page.keyboard.press("Escape")
    assert tip(figure).count() == 0


def test_another_task_is_another_picture(page: Any) -> None:
    figure = grids(page, IMPORTANCE)
    before = fills(figure)
    figure.get_by_label("Show").select_option(label=TASKS[1])
    assert fills(figure) != before and len(before) == 72
    assert TASKS[1] in figure.get_by_role("grid").get_attribute("aria-label")
    figure.get_by_label("Show").select_option(label=TASKS[0])
    assert fills(figure) == before


def test_removed_heads_are_hatched(page: Any) -> None:
    figure = grids(page, IMPORTANCE)
    assert fills(figure)[0].startswith("url(#")
    cell(figure, 1, 1).hover()
    assert "no such head, closed or removed" in tip(figure).inner_text()


def test_the_slider_goes_through_the_epochs(page: Any) -> None:
    figure = grids(page, GATES)
    slider, said = figure.get_by_role("slider"), figure.locator("output")
    last, name = fills(figure), said.inner_text()
    slider.focus()
    page.keyboard.press("Home")
    assert fills(figure) != last and said.inner_text() != name
    assert len(set(fills(figure))) == 1, "all gates are open before the training"
    assert slider.get_attribute("aria-valuetext") == said.inner_text()
    page.keyboard.press("End")
    assert fills(figure) == last and said.inner_text() == name


def test_two_grids_side_by_side(page: Any) -> None:
    figure = grids(page, IMPORTANCE)
    other = figure.get_by_label("Compare with")
    groups = other.locator("optgroup").evaluate_all("(all) => all.map((one) => one.label)")
    assert any(group.startswith("two: ") for group in groups), "grids of other runs as well"
    own = other.locator("option").nth(2).get_attribute("value")
    other.select_option(own)
    assert figure.get_by_role("grid").count() == 2
    assert fills(figure, 0) != fills(figure, 1)
    boxes = [figure.get_by_role("grid").nth(pane).bounding_box() for pane in (0, 1)]
    assert boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] < boxes[1]["x"]
    cell(figure, 3, 4, pane=1).hover()
    assert "difference" in tip(figure).inner_text()
    assert figure.locator(".cell.chosen").count() == 2, "the same head in both"
    other.select_option("")
    assert figure.get_by_role("grid").count() == 1


def test_a_chart_shows_the_numbers_of_a_mark(page: Any) -> None:
    figure = page.locator(f"{CURVES} figure.chart").first
    figure.locator("g.mark-symbol path").first.hover(force=True)
    box = page.locator("#vg-tooltip-element.visible")
    box.wait_for(timeout=10_000)
    assert "epoch" in box.inner_text()
    figure.get_by_text("Numbers").click()
    assert figure.locator("table tbody tr").count() > 1


@pytest.mark.parametrize("kind", ["SVG", "PNG"])
@pytest.mark.parametrize(
    "figure", [f"{IMPORTANCE} .grids", f"{ARCS} .sentences", f"{CURVES} .chart"]
)
def test_figures_are_saved(page: Any, window: Opened, figure: str, kind: str) -> None:
    with page.expect_download() as download:
        page.locator(figure).first.get_by_role("button", name=f"Save as {kind}").click()
    saved = Path(download.value.path()).read_bytes()
    assert download.value.suggested_filename.endswith(f".{kind.lower()}")
    if kind == "PNG":
        assert saved.startswith(b"\x89PNG") and len(saved) > 2000
    else:
        assert saved.startswith(b"<svg") and b"<text" in saved and b"<script" not in saved
    assert not [url for url in window.requests if not url.startswith(("file:", "blob:"))]


def test_on_paper(page: Any) -> None:
    fold = page.locator("main details.fold").first
    assert not fold.evaluate("(one) => one.open")
    page.emulate_media(media="print")
    for hidden in ("nav", ".controls", ".download"):
        assert not page.locator(hidden).first.is_visible()
    assert page.locator(f"{GATES} figure svg").first.is_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert fold.evaluate("(one) => one.open"), "paper cannot be unfolded"
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert not fold.evaluate("(one) => one.open")
    page.emulate_media(media="screen")
    assert page.pdf(format="A4", page_ranges="1-3").startswith(b"%PDF")
