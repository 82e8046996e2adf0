"""`allennlp heads fewshot`: what is a start worth when there are few examples?"""

from __future__ import annotations

import argparse
import sys

from allennlp_heads.commands.verb import Verb
from allennlp_heads.fewshot import few_shot


@Verb.register("fewshot")
class FewShot(Verb):
    """
    Fine-tunes trained multi-task models and pretrained encoders on a few examples of a new task,
    many times, and compares them. A stopped command goes on where it was when it is repeated.
    """

    description = "Compare trained models by what they learn from a few examples of a new task."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "config", metavar="CONFIG", help="Jsonnet with starts, task, training, examples, seeds"
        )
        parser.add_argument(
            "-o",
            "--output",
            required=True,
            metavar="OUT",
            help="folder to write; finished runs that lie there are not repeated",
        )
        parser.add_argument("--cuda-device", type=int, default=-1, help="id of GPU to use (if any)")

    def run(self, args: argparse.Namespace) -> int:
        table = few_shot(args.config, args.output, args.cuda_device)
        sys.stdout.write(f"{table}written into {args.output}\n")
        return 0
