"""A real browser that looks at the page, without a window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",  # root, as in a container, may not have one
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class NoBrowser(Exception):
    """What is missing."""


@contextmanager
def started() -> Iterator[Any]:
    """Playwright's `Browser`. Raises `NoBrowser` where it, or Chromium, is not installed."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise NoBrowser("the package playwright is not installed") from error
    executable = next(filter(None, map(shutil.which, NAMES)), None)
    if executable is None:
        raise NoBrowser(f"none of {', '.join(NAMES)} is installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


class Opened:
    """
    A file in a window of its own, with what it said and asked for.

    # Parameters

    browser : `Browser`
    file : `Path`
    width, height : `int`, optional (default = `1280`, `900`)
        Of the window, in pixels.
    scale : `float`, optional (default = `1`)
        Pixels of a screenshot for one of the window.
    """

    def __init__(
        self, browser: Any, file: Path, width: int = 1280, height: int = 900, scale: float = 1
    ) -> None:
        self.said: list[str] = []
        """Messages of the console, errors and dialogs."""
        self.requests: list[str] = []
        size = {"width": width, "height": height}
        self._context = browser.new_context(viewport=size, device_scale_factor=scale)
        self.page = self._context.new_page()
        self.page.set_default_timeout(120_000)  # of a machine with other work
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("dialog", self._dismiss)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.resolve().as_uri())

    def close(self) -> None:
        """Close the window."""
        self._context.close()

    def _dismiss(self, dialog: Any) -> None:
        self.said.append(f"dialog: {dialog.message}")
        dialog.dismiss()
