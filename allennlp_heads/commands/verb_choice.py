"""Which verb the command line names, and what is said where there is no such verb."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    _SubParsersAction = argparse._SubParsersAction[Any]
else:  # it takes no type at run time
    _SubParsersAction = argparse._SubParsersAction


class VerbChoice(_SubParsersAction):
    """
    As argparse chooses among subcommands, with an error that names the nearest verb instead of
    listing them all. For the argument `action` of `add_subparsers`.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        # or argparse would check them first, in its own words
        self.choices = None  # type: ignore[assignment]

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Hands over to the parser of the verb."""
        assert isinstance(values, Sequence), "the verb and what follows it"
        verb, known = str(values[0]), list(self._name_parser_map)
        if verb not in known:
            close = difflib.get_close_matches(verb, known, n=1)
            cure = f"write '{close[0]}', if that is meant; " if close else ""
            raise argparse.ArgumentError(
                None, f"there is no verb '{verb}': {cure}'{parser.prog} --help' names all"
            )
        super().__call__(parser, namespace, values, option_string)
