"""Messages on the page of errors are those of the programs."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import allennlp.common
import allennlp.training
import pytest

from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "errors.md").read_text("utf-8")
MESSAGES = re.findall(r"^```text\n(.*?)\n```$", PAGE, re.MULTILINE | re.DOTALL)
THEIRS = [
    Path(allennlp.common.__file__).parent / "params.py",
    Path(allennlp.common.__file__).parent / "registrable.py",
    Path(allennlp.training.__file__).parent / "util.py",
]
"""Files of AllenNLP whose messages are on the page too."""

_LEAST = 15
"""Characters of a message that are no placeholders; shorter texts would be found anywhere."""


@functools.cache
def templates() -> list[re.Pattern[str]]:
    """All texts in the sources that could be messages; what is put into them may be anything."""
    found = set()
    for path in [*(ROOT / "allennlp_heads").rglob("*.py"), *THEIRS]:
        found |= set(_texts(ast.parse(path.read_text("utf-8"))))
    return [re.compile(text) for text in found]


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        constants = [p.value if isinstance(p, ast.Constant) else None for p in parts]
        texts = [text for text in constants if isinstance(text, str)]
        if texts and len("".join(texts)) >= _LEAST:
            yield ".*".join(re.escape(part) for part in _placeholders(constants))


def _placeholders(parts: list[object]) -> list[str]:
    """Constant parts, with the places of `{}` and `%s` cut out; the latter are logging's."""
    joined = "".join(part if isinstance(part, str) else "\0" for part in parts)
    return [piece.strip() for piece in re.split(r"\0|\{\}|%[sd]", joined)]


@pytest.mark.parametrize("message", MESSAGES)
def test_message_is_in_the_source(message: str) -> None:
    fixed = [piece.strip() for piece in re.split(r"<[^<>]+>", message) if len(piece.strip()) > 3]
    assert fixed
    assert any(_says(template, message, fixed) for template in templates()), message


def _says(template: re.Pattern[str], message: str, fixed: list[str]) -> bool:
    """The message is what the template makes, or its beginning."""
    text = template.pattern.replace("\\", "")
    places = [text.find(piece) for piece in fixed]
    return bool(template.search(message)) or (min(places) >= 0 and places == sorted(places))


def test_there_are_messages() -> None:
    assert len(MESSAGES) > 20
