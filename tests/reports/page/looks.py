"""What can be measured of how a page looks, by scripts that run in the browser."""

from __future__ import annotations

from typing import Any

_SMALL_TEXTS = """(least) => {
    const small = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim();
        const element = walker.currentNode.parentElement;
        if (!text || !element.checkVisibility({visibilityProperty: true})) continue;
        if (!element.getBoundingClientRect().width) continue;
        const matrix = element.getScreenCTM ? element.getScreenCTM() : {c: 0, d: 1};
        const scale = Math.hypot(matrix.c, matrix.d);
        const size = parseFloat(getComputedStyle(element).fontSize) * scale;
        if (size < least - 0.01) small.push([text.slice(0, 40), size]);
    }
    return small;
}"""

_COLLISIONS = """() => {
    const found = [];
    for (const svg of document.querySelectorAll("svg")) {
        const labels = [];
        for (const text of svg.querySelectorAll("text")) {
            const box = text.getBoundingClientRect();
            const shown = text.textContent.trim() && text.checkVisibility({
                opacityProperty: true, visibilityProperty: true,
            });
            // the box of slanted text is larger than the text
            if (shown && box.width && !text.getScreenCTM().b) labels.push([text, box]);
        }
        labels.forEach(([text, box], place) => {
            for (const [other, beside] of labels.slice(place + 1)) {
                const across = Math.min(box.right, beside.right) - Math.max(box.left, beside.left);
                const down = Math.min(box.bottom, beside.bottom) - Math.max(box.top, beside.top);
                // lines of text may touch: letters do not fill their boxes
                if (across > 2 && down > 0.4 * Math.min(box.height, beside.height))
                    found.push([text.textContent, other.textContent]);
            }
        });
    }
    return found;
}"""

_UNNAMED = """() => [...document.querySelectorAll("button, input, select, a[href], summary")]
    .filter((one) => one.checkVisibility() && !(
        one.getAttribute("aria-label") || one.getAttribute("aria-labelledby") ||
        one.textContent.trim() || one.title || (one.labels && one.labels.length)))
    .map((one) => one.outerHTML.slice(0, 120))"""

_HEADINGS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .map((heading) => Number(heading.tagName[1]))"""


def small_texts(page: Any, least: float) -> list[tuple[str, float]]:
    """Visible texts of less than `least` pixels, with their sizes after all scaling."""
    return page.evaluate(_SMALL_TEXTS, least)


def collisions(page: Any) -> list[tuple[str, str]]:
    """Pairs of level texts of one drawing that lie on each other."""
    return page.evaluate(_COLLISIONS)


def overflow(page: Any) -> int:
    """By how many pixels the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def unnamed_controls(page: Any) -> list[str]:
    """Controls that a screen reader has no name for."""
    return page.evaluate(_UNNAMED)


def heading_levels(page: Any) -> list[int]:
    """Of all headings, in order."""
    return page.evaluate(_HEADINGS)


def repeated_ids(page: Any) -> list[str]:
    """Identifiers that several elements have."""
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    return sorted({one for one in ids if ids.count(one) > 1})


def luminance(colour: str) -> float:
    """
    Of `rgb(r, g, b)`, from 0 to 1, as the Web Content Accessibility Guidelines define it: what is
    left of a colour in grey.
    """
    parts = colour.removeprefix("rgba").removeprefix("rgb").strip("()").split(",")[:3]
    red, green, blue = (_linear(float(part) / 255) for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
