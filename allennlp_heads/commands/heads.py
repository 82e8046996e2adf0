"""The subcommand that holds every verb of this project."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from allennlp.commands.subcommand import Subcommand

from allennlp_heads.commands.verb import Verb
from allennlp_heads.commands.verb_choice import VerbChoice
from allennlp_heads.commands.verb_parser import VerbParser


@Subcommand.register("heads")
class Heads(Subcommand):
    """
    `allennlp heads VERB ...`; without a verb it prints its help. AllenNLP knows the subcommand once
    the plugin is loaded: by `.allennlp_plugins`, by `~/.allennlp/plugins`, or by the console script
    `allennlp-heads`, which needs neither.
    """

    def add_subparser(self, parser: argparse._SubParsersAction[Any]) -> argparse.ArgumentParser:
        description = "Commands about attention heads."
        subparser: argparse.ArgumentParser = parser.add_parser(
            self.name, description=description, help=description
        )
        subparser.set_defaults(func=partial(_print_help, subparser))
        verbs = subparser.add_subparsers(
            title="Verbs", metavar="", parser_class=VerbParser, action=VerbChoice
        )
        for name in Verb.list_available():
            described = Verb.description_of(name)
            verbs.add_parser(name, verb=name, description=described, help=described)
        return subparser


def _print_help(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    parser.print_help()
