"""`allennlp heads validate`: a configuration, before it costs hours."""

from __future__ import annotations

import argparse
import json
import sys

from allennlp_heads.commands.arguments import at_least
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.validation import validate


@Verb.register("validate")
class Validate(Verb):
    """
    Builds what a configuration describes, in a temporary folder, and says what it comes to and what
    is wrong with it. The exit status is 1 where there is an error, 0 with warnings only.
    """

    description = SHIPPED["validate"]
    example = "allennlp heads validate training_configs/half_the_heads.jsonnet"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "config",
            metavar="CONFIG",
            help="Jsonnet that 'allennlp train' or one of 'allennlp heads transfer', 'fewshot', "
            "'probe' and 'grid' reads",
        )
        parser.add_argument(
            "-o",
            "--overrides",
            default="",
            metavar="JSON",
            help="changes to the configuration, as for 'allennlp train'",
        )
        parser.add_argument(
            "--try-steps",
            type=at_least(0),
            default=0,
            metavar="N",
            help="train N steps and say how long all would take",
        )
        parser.add_argument(
            "--json", action="store_true", help="print one JSON document instead of text"
        )

    def run(self, args: argparse.Namespace) -> int:
        found = validate(args.config, args.overrides, args.try_steps)
        document = json.dumps(found.as_dict(), ensure_ascii=False, indent=2) + "\n"
        sys.stdout.write(document if args.json else found.as_text())
        return 1 if found.findings.failed else 0
