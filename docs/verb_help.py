"""A hook of mkdocs: the page of verbs shows the help that each verb prints itself."""

from __future__ import annotations

import argparse
import re
from contextlib import redirect_stdout, suppress
from io import StringIO
from typing import Any

from allennlp_heads.commands.heads import Heads

_PLACE = re.compile(r"^<!-- help of ([\w-]+) -->$", re.MULTILINE)


def on_page_markdown(markdown: str, **about: Any) -> str:
    """Called by mkdocs for every page before it is rendered."""
    return _PLACE.sub(lambda found: f"```text\n{help_of(found[1])}```", markdown)


def help_of(verb: str) -> str:
    """What `allennlp heads VERB --help` prints."""
    parser = argparse.ArgumentParser(prog="allennlp")
    Heads().add_subparser(parser.add_subparsers())
    with redirect_stdout(StringIO()) as said, suppress(SystemExit):
        parser.parse_args(["heads", verb, "--help"])
    return said.getvalue()
