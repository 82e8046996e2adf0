"""Names out of data inside the sentences of a page."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_FROM_THE_RIGHT = {"R", "AL", "AN", "RLE", "RLO", "RLI"}
_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def isolated(name: str) -> str:
    """
    A name that a sentence may go on behind: one that is read from the right would else draw the
    numbers and signs after it to its other side. Other names stay as they are.
    """
    turned = any(unicodedata.bidirectional(letter) in _FROM_THE_RIGHT for letter in name)
    return f"{_ISOLATE}{name}{_END}" if turned else name


def listed(names: Iterable[str]) -> str:
    """As `a, b, c`, in this order whatever their letters."""
    return ", ".join(map(isolated, names))
