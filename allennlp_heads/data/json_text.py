"""JSON that somebody else wrote: every way of being wrong is a `ValueError`."""

import json
from collections import Counter
from typing import Any


def load_json(text: str) -> Any:
    """
    What a JSON text says. Python's own reader lets the last of two equal keys win, and ends deep
    nesting in a `RecursionError`.

    # Parameters

    text : `str`

    # Returns

    `Any`
        Texts in it may hold half of a surrogate pair (`"\\ud800"`), which UTF-8 cannot write: see
        `is_writable`.

    Raises `ValueError`, of which `json.JSONDecodeError` is one, for a text that is no JSON, a key
    that stands twice in an object, nesting that is too deep (some hundred levels), and a whole
    number of thousands of digits.
    """
    try:
        return json.loads(text, object_pairs_hook=_object)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def is_writable(text: str) -> bool:
    """Whether a text can be written as UTF-8, as those with half of a surrogate pair cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        raise ValueError(f"the key '{twice}' stands twice in an object")
    return value
