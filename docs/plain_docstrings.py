"""
An extension of griffe, which reads the docstrings for the reference. They are in AllenNLP's form:
links lead to the page of another module, where here modules share pages, and parameters are lines
with their text indented below, which plain Markdown would run together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import griffe

_LINK = re.compile(r"\[([^\]\[]+)\]\(\.[^)]*\.md[^)]*\)")
_PARAMETER = re.compile(r"^([\w*, `]+?) :( |$)")
_NO_TERM = ("-", "*", "#", ">", "|", "`" * 3)


class PlainDocstrings(griffe.Extension):
    """Makes Markdown of each docstring."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Called for every module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(text: str) -> str:
    """The docstring with lists of parameters and results, and names instead of links."""
    blocks: list[list[str]] = [[]]
    for line in _LINK.sub(r"\1", text).splitlines():
        if not line or _begins(line, blocks[-1]):
            blocks.append([])
        blocks[-1].append(line)
    return "\n".join(line for block in blocks for line in _listed(block))


def _begins(line: str, block: list[str]) -> bool:
    """Whether a line after this block is the first of another; long terms go on there."""
    if not block or line.startswith(" "):
        return False
    after = not block[-1] or block[-1].startswith(("    ", "#"))
    return after or bool(_PARAMETER.match(line))


def _listed(block: list[str]) -> Iterator[str]:
    """A term with its text as an item of a list; anything else as it is."""
    head = [line for line in block if line and not line.startswith(" ")]
    below = [line for line in block if line.startswith("    ")]
    parameter = _PARAMETER.match(head[0]) if head else None
    if not head or head[0].startswith(_NO_TERM) or not (below or parameter):
        yield from block
        return
    term = _PARAMETER.sub(r"**\1** :\2", " ".join(head))
    yield f"- {term}" + "  " * bool(below)
    yield from below
