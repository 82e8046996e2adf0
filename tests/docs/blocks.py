"""The commands that the documentation shows, in code blocks marked `bash`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    "README.md",
    "docs/tutorial.md",
    "docs/howto/stem_cell.md",
    "docs/howto/specialization.md",
    "docs/howto/transfer.md",
    "docs/howto/multitask.md",
    "docs/own_parts.md",
    "docs/configurations.md",
    "docs/validate.md",
    "docs/several_tasks.md",
    "docs/pruning.md",
    "docs/importance.md",
    "docs/probing.md",
    "docs/question_answering.md",
    "docs/comparing.md",
    "docs/transfer.md",
    "docs/report.md",
    "docs/scaling.md",
    "docs/distributed.md",
    "docs/search.md",
    "docs/stack.md",
    "fixtures/README.md",
]
_BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r'^```\w+ title="(.+?)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


class Command(NamedTuple):
    """A command line: the variables set before it, and its words."""

    variables: dict[str, str]
    words: list[str]


def commands(text: str) -> list[Command]:
    """All commands of a page, in order, with continued lines put together."""
    found = []
    for block in _BLOCK.findall(text):
        for line in _lines(block.replace("\\\n", " ")):
            words = shlex.split(line, comments=True)
            variables = {}
            while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
                name, _, value = words.pop(0).partition("=")
                variables[name] = value
            if words:
                found.append(Command(variables, words))
    return found


def _lines(block: str) -> Iterator[str]:
    """The lines of a block; one that ends inside quotes goes on in the next."""
    pending = ""
    for line in block.splitlines():
        pending += line
        try:
            shlex.split(pending, comments=True)
        except ValueError:
            pending += "\n"
            continue
        yield pending
        pending = ""
    assert not pending, f"quotes that do not end: {pending}"


def page(name: str) -> list[Command]:
    """The commands of one of the project's pages."""
    return commands((ROOT / name).read_text("utf-8"))


def files(name: str) -> dict[str, str]:
    """The files that a page has its reader write: path -> content."""
    return dict(_FILE.findall((ROOT / name).read_text("utf-8")))
