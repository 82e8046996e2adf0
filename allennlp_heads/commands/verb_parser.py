"""The parser of one verb's part of the command line."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from allennlp.commands import ArgumentParserWithDefaults
from allennlp.common import logging as common_logging
from allennlp.common.checks import ConfigurationError

from allennlp_heads.commands.verb import Verb


class VerbParser(ArgumentParserWithDefaults):
    """
    Asks the verb for its arguments when the command line comes to it: the help of all verbs and the
    work of one need not wait until all of them are imported.

    # Parameters

    verb : `str`
        Its registered name.
    settings : `Any`
        What `argparse.ArgumentParser` takes.
    """

    def __init__(self, verb: str, **settings: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **settings)
        self._name: str | None = verb

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Reads the arguments, which are declared first."""
        if self._name is not None:
            name, self._name = self._name, None
            self._declare(Verb.by_name(name)())
        return super().parse_known_args(args, namespace)

    def _declare(self, verb: Verb) -> None:
        if verb.example:
            # the plugin's own command where that was typed: plain `allennlp` may not find it
            typed = verb.example.replace("allennlp", self.prog.split()[0], 1)
            self.epilog = f"example:\n  {typed}"
        verb.add_arguments(self)
        # AllenNLP adds the first option to the subcommand; users write it after the verb. Without
        # a default of its own a value given before the verb stays. AllenNLP's parser would print
        # that missing default in its help, hence the plain parser's method.
        argparse.ArgumentParser.add_argument(
            self,
            "--include-package",
            type=str,
            action="append",
            default=argparse.SUPPRESS,
            help="additional packages to include",
        )
        self.add_argument(
            "--file-friendly-logging",
            action="store_true",
            help="outputs tqdm status on separate lines and slows tqdm refresh rate",
        )
        self.set_defaults(func=partial(_run, verb))


def _run(verb: Verb, args: argparse.Namespace) -> None:
    if args.file_friendly_logging:
        common_logging.FILE_FRIENDLY_LOGGING = True
    try:
        status = verb.run(args)
    except ConfigurationError as error:
        from allennlp_heads.validation.unregistered import Unregistered

        unknown = Unregistered.in_message(error.message, start=False)
        if unknown is None:
            raise
        raise ConfigurationError(unknown.in_short()) from error
    if status:
        raise SystemExit(status)
