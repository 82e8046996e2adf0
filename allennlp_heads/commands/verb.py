"""What follows `allennlp heads` on the command line."""

from __future__ import annotations

import argparse
import importlib
from typing import cast

from allennlp.common import Registrable

from allennlp_heads.commands.shipped import SHIPPED


class Verb(Registrable):
    """
    One verb of `allennlp heads`: registered under its name, found by `Heads`. A new verb is a class
    in any plugin. Those of this project are known without being imported: see `SHIPPED`.
    """

    description: str = ""
    """One sentence for the help of `allennlp heads` and of the verb."""

    example: str = ""
    """A whole command line, for the end of the verb's help."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """
        Declares the verb's arguments; none by default.

        # Parameters

        parser : `argparse.ArgumentParser`
            The verb's own parser.
        """

    def run(self, args: argparse.Namespace) -> int:
        """
        Does the work.

        # Parameters

        args : `argparse.Namespace`
            The arguments that `add_arguments` declared, and AllenNLP's own.

        # Returns

        `int`
            Exit status of the process: 0 for success, 1 where something was looked for and found
            wrong. What cannot be done raises `ConfigurationError`.
        """
        raise NotImplementedError

    @classmethod
    def by_name(cls, name: str) -> type[Verb]:
        """The class of that name, imported first where it is one of this project."""
        if name in SHIPPED and name not in Registrable._registry[cls]:
            importlib.import_module(f"allennlp_heads.commands.{name.replace('-', '_')}")
        return cast(type[Verb], super().by_name(name))

    @classmethod
    def list_available(cls) -> list[str]:
        """The names of all verbs, imported or not."""
        return sorted({*SHIPPED, *super().list_available()})

    @classmethod
    def description_of(cls, name: str) -> str:
        """The description of a verb, without importing it where it is one of this project."""
        return SHIPPED[name] if name in SHIPPED else cls.by_name(name).description
