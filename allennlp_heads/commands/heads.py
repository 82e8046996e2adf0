"""The subcommand that holds every verb of this project."""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from allennlp.commands.subcommand import Subcommand

from allennlp_heads.commands.verb import Verb


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
        verbs = subparser.add_subparsers(title="Verbs", metavar="")
        for name in sorted(Verb.list_available()):
            verb: Verb = Verb.by_name(name)()
            verb_parser = verbs.add_parser(
                name, description=verb.description, help=verb.description
            )
            verb.add_arguments(verb_parser)
            _add_include_package(verb_parser)
            verb_parser.set_defaults(func=partial(_run, verb))
        return subparser


def _add_include_package(parser: argparse.ArgumentParser) -> None:
    # AllenNLP adds the option to the subcommand; users write it after the verb. Without a default
    # of its own the verb's parser leaves a value given before the verb alone. AllenNLP's parser
    # would print that missing default in its help, hence the plain parser's method.
    argparse.ArgumentParser.add_argument(
        parser,
        "--include-package",
        type=str,
        action="append",
        default=argparse.SUPPRESS,
        help="additional packages to include",
    )


def _print_help(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    parser.print_help()


def _run(verb: Verb, args: argparse.Namespace) -> None:
    status = verb.run(args)
    if status:
        raise SystemExit(status)
