"""
Makes the screenshots of `docs/images/report/` anew: `make pictures RUN=out/demo`, after

    make demo
    allennlp-heads heads importance out/demo -o out/demo/heads/importance
    allennlp-heads heads probe out/demo

It needs the extra `report`, Playwright and Chromium, as the browser tests do. Look at the pictures
before they are committed.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from allennlp_heads.reports.files import atomic_write
from allennlp_heads.reports.page.pages import page_of
from allennlp_heads.reports.page.run_folder import read_runs
from tests.reports.page.chromium import Opened, started

FOLDER = Path(__file__).parent / "images" / "report"
WIDTH, HEIGHT, SCALE = 1160, 760, 1.5
COLOURS = 256
"""Of a picture, which stays small that way."""


def take(runs: list[str], folder: Path = FOLDER) -> list[Path]:
    """
    # Parameters

    runs : `List[str]`
        Arguments of `allennlp heads report`; the first has gates, importance and probes.
    folder : `Path`, optional

    # Returns

    `List[Path]`
        The pictures.
    """
    with tempfile.TemporaryDirectory() as made, started() as browser:
        file = Path(made) / "report.html"
        file.write_text(page_of(read_runs(runs)), encoding="utf-8")
        window = Opened(browser, file, WIDTH, HEIGHT, SCALE)
        window.page.wait_for_selector("html[data-drawn]", timeout=120_000)
        shots = {"page": _page, "heads": _heads, "arcs": _arcs}
        pictures = {name: shot(window.page) for name, shot in shots.items()}
        window.close()
    return [_write(folder / f"{name}.png", picture) for name, picture in pictures.items()]


def _page(page: Any) -> bytes:
    """A run as it opens, at its gates."""
    page.locator("#run-1-gates").evaluate("(one) => one.scrollIntoView()")
    return page.screenshot()


def _heads(page: Any) -> bytes:
    """Two tasks beside each other, and the numbers of a head."""
    figure = page.locator("#run-1-importance figure.grids").first
    other = figure.get_by_label("Compare with")
    other.select_option(other.locator("option").nth(2).get_attribute("value"))
    figure.locator('.panes > :last-child .cell[data-layer="1"][data-head="8"]').hover()
    return _around(page, figure)


def _arcs(page: Any) -> bytes:
    """A sentence, a head and the annotation."""
    return _around(page, page.locator("#run-1-probe-examples figure.sentences").first)


def _around(page: Any, figure: Any) -> bytes:
    """A figure with what is shown at a mark, and a margin."""
    shown = [figure, *figure.locator(".tip:not([hidden])").all()]
    boxes = [one.bounding_box() for one in shown]
    left, top = (min(box[side] for box in boxes) - 8 for side in "xy")
    right = max(box["x"] + box["width"] for box in boxes) + 8
    bottom = max(box["y"] + box["height"] for box in boxes) + 8
    scrolled = page.evaluate("window.scrollY")
    clip = {"x": left, "y": top + scrolled, "width": right - left, "height": bottom - top}
    return page.screenshot(full_page=True, clip=clip)


def _write(path: Path, picture: bytes) -> Path:
    with Image.open(io.BytesIO(picture)) as image:
        few = image.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        with atomic_write(path) as file:
            few.save(file, format="PNG", optimize=True)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("runs", nargs="+", metavar="RUN")
    for path in take(parser.parse_args().runs):
        sys.stdout.write(f"{path}: {path.stat().st_size / 1000:.0f} kB\n")


if __name__ == "__main__":
    main()
