"""`allennlp heads check`: the installation."""

from __future__ import annotations

import argparse

from allennlp_heads import installation
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb


@Verb.register("check")
class Check(Verb):
    """
    Reports the installed versions and the combinations of them that cannot work, with exit
    status 1 if there are any. Where not even AllenNLP imports, `allennlp-heads check` does the
    same.
    """

    description = SHIPPED["check"]
    example = "allennlp heads check"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        installation.add_arguments(parser)

    def run(self, args: argparse.Namespace) -> int:
        return installation.run(as_json=args.json, python_only=args.python_only)
