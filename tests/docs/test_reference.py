"""The reference has everything that is registered, and nothing that is not there."""

from __future__ import annotations

import importlib
import re

import pytest
from allennlp.common import Registrable

from allennlp_heads.commands.verb import Verb
from docs.plain_docstrings import as_markdown
from docs.verb_help import help_of, on_page_markdown
from tests.docs.blocks import ROOT
from tests.docs.test_names import KINDS

PAGES = sorted((ROOT / "docs" / "reference").glob("*.md"))
VERBS = ROOT / "docs" / "reference" / "verbs.md"


def shown() -> dict[str, set[str]]:
    """What the pages show, by class: the headings above it."""
    found: dict[str, set[str]] = {}
    for page in PAGES:
        heading = ""
        for line in page.read_text("utf-8").splitlines():
            if line.startswith("#"):
                heading = line.lstrip("# ").strip("`")
            elif line.startswith("::: "):
                found.setdefault(line[4:], set()).add(heading)
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_registered_names_are_headings(kind: type[Registrable]) -> None:
    for name in Verb.list_available():
        Verb.by_name(name)
    found = shown()
    for name, (registered, _) in Registrable._registry[kind].items():
        if registered.__module__.startswith("allennlp_heads"):
            headings = found.get(f"{registered.__module__}.{registered.__qualname__}", set())
            assert name in headings or kind.__name__ == "Subcommand" and headings, name


@pytest.mark.parametrize("shown_name", sorted(shown()))
def test_what_is_shown_is_there_and_documented(shown_name: str) -> None:
    try:
        found = importlib.import_module(shown_name)
    except ModuleNotFoundError:
        module, _, name = shown_name.rpartition(".")
        found = getattr(importlib.import_module(module), name)
    assert found.__doc__


def test_members_that_are_named_are_there() -> None:
    named = re.compile(r"^::: ([a-z_.]+)\n    options: .*members: \[(.*?)\]", re.MULTILINE)
    for page in PAGES:
        for module, names in named.findall(page.read_text("utf-8")):
            for name in names.split(", "):
                assert hasattr(importlib.import_module(module), name), f"{module}.{name}"


def test_every_verb_shows_its_help() -> None:
    text = on_page_markdown(VERBS.read_text("utf-8"))
    assert "<!--" not in text
    for verb in Verb.list_available():
        assert f"heads {verb} [-h]" in help_of(verb) and help_of(verb) in text


def test_docstrings_become_lists() -> None:
    text = "One\nidea. See [`Two`](./two.md#there) or [a page](https://example.org).\n\n"
    text += "# Parameters\n\na : `A`\nb, c : `B`, optional (default =\n`1`)\n    Text\n    on.\n\n"
    text += "    More.\n\n"
    text += "# Returns\n\n`C`\n    Last.\n\n- item\n    goes on\n\nRaises."
    assert as_markdown(text) == (
        "One\nidea. See `Two` or [a page](https://example.org).\n\n# Parameters\n\n"
        "- **a** : `A`\n- **b, c** : `B`, optional (default = `1`)  \n    Text\n    on.\n\n"
        "    More.\n\n# Returns\n\n- `C`  \n    Last.\n\n- item\n    goes on\n\nRaises."
    )
