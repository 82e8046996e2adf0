"""What follows `allennlp heads` on the command line."""

from __future__ import annotations

import argparse

from allennlp.common import Registrable


class Verb(Registrable):
    """
    One verb of `allennlp heads`: registered under its name, found by `Heads`. A new verb is a file
    with a subclass, imported by `allennlp_heads.commands`.
    """

    description: str = ""
    """One sentence for the help of `allennlp heads` and of the verb."""

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
            Exit status of the process: 0 for success.
        """
        raise NotImplementedError
