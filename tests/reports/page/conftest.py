"""The pages of both sizes of specimens, and a browser to look at them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from allennlp_heads.reports.page.pages import page_of
from allennlp_heads.reports.page.run_folder import read_runs
from tests.reports.page.chromium import NoBrowser, Opened, started
from tests.reports.page.specimens import LARGE, SMALL, Size, write_all


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium; where there is none the test is skipped, in CI it fails."""
    try:
        with started() as running:
            yield running
    except NoBrowser as error:
        reason = f"a real browser: {error}"
        if os.environ.get("HEADS_REQUIRE_DATA"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def small_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All kinds of reports of 6 layers of 12 heads and two tasks."""
    return _page(tmp_path_factory.mktemp("small"), SMALL)


@pytest.fixture(scope="session")
def large_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All kinds of reports of 24 layers of 16 heads and six tasks."""
    return _page(tmp_path_factory.mktemp("large"), LARGE)


@pytest.fixture(scope="module")
def opened(browser: Any) -> Iterator[Callable[[Path], Opened]]:
    """Opens a page, once for all tests of a file, and waits until everything is drawn."""
    windows: dict[Path, Opened] = {}

    def of(file: Path) -> Opened:
        if file not in windows:
            windows[file] = Opened(browser, file)
            windows[file].page.wait_for_selector("html[data-drawn]", timeout=120_000)
        return windows[file]

    yield of
    for window in windows.values():
        window.close()


def _page(folder: Path, size: Size) -> Path:
    path = folder / "report.html"
    path.write_text(page_of(read_runs(write_all(folder, size))), encoding="utf-8")
    return path
