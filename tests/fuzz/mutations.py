"""Files that are a little wrong, made from right ones."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

import numpy
from hypothesis import strategies as st

BYTES = [
    *(b"\t", b"\n", b"\r", b"\n\n", b" ", b"\0", b"#", b"-", b"_", b"*", b"(", b")", b'"', b","),
    *(b"{", b"}", b"[", b"]", b":", b"null", b"true", b"1", b"-1", b"0", b"9" * 30, b"9" * 5000),
    *(b"1e999", b"NaN", b"1-2", b"1.1", b"(A(B", b"*)", b"-NONE-", b"B-", b"I-PER", b"\\ud800"),
    *("\ufeff".encode(), "\u2028".encode(), "\u0661".encode(), "\U0001f469".encode()),
    *(b"\xff", b"\xc3", b"\x1b[2J", b"\xff\xfe", b"-DOCSTART-", b"(" * 600, b"[" * 3000),
]
"""What means something to one format or another, or to none."""

VALUES: list[Any] = [
    *(None, True, 0, -1, 7, 0.5, 1e300, 10**30, "", "x", "\ud800", "../x", "\x1b[2J"),
    *([], {}, [[]], [None], {"a": 1}, [1, 2, 3], [[1.5]], {"name": None}),
]


@st.composite
def changed_bytes(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds with a few changes: parts inserted, overwritten, repeated and left out."""
    raw = bytearray(draw(st.sampled_from(list(seeds))))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(raw)))
        length = draw(st.sampled_from([0, 1, 2, 8, 60, 10_000]))
        here = bytes(raw[place : place + length])
        new = draw(st.sampled_from([b"", *BYTES]) | st.just(here) | st.binary())
        raw[place : place + draw(st.sampled_from([0, length]))] = new
    return bytes(raw)


@st.composite
def changed_json(draw: st.DrawFn, document: Any, fixed: Sequence[str] = ()) -> Any:
    """The document with one of its parts, in no key of `fixed`, left out, repeated or replaced."""
    document = copy.deepcopy(document)
    ways = [way for way in _ways(document) if way and way[0] not in fixed]
    if not ways:
        return document
    *above, last = draw(st.sampled_from(ways))
    node = document
    for step in above:
        node = node[step]
    change = draw(st.sampled_from(["replace", "replace", "remove", "repeat"]))
    if change == "remove":
        del node[last]
    elif change == "repeat" and isinstance(node, list):
        node.append(copy.deepcopy(node[last]))
    else:
        node[last] = draw(st.sampled_from(VALUES))
    return document


@st.composite
def changed_arrays(draw: st.DrawFn, arrays: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
    """The arrays with one left out, cut, of another type, or without numbers."""
    arrays = dict(arrays)
    name = draw(st.sampled_from(sorted(arrays)))
    array = arrays[name]
    change = draw(st.sampled_from(["remove", "cut", "flat", "text", "nan"]))
    if change == "remove":
        del arrays[name]
    elif change == "cut":
        arrays[name] = array[:0] if array.ndim else numpy.zeros((0, 3))
    elif change == "flat":
        arrays[name] = array.reshape(-1)[:-1]
    elif change == "text":
        arrays[name] = array.astype(str)
    else:
        arrays[name] = numpy.full(array.shape, numpy.nan)
    return arrays


def _ways(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every part; of long lists to their first items."""
    yield way
    if isinstance(value, dict):
        for key in value:
            yield from _ways(value[key], (*way, key))
    elif isinstance(value, list):
        for place in range(min(len(value), 4)):
            yield from _ways(value[place], (*way, place))
