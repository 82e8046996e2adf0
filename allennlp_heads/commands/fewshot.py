"""`allennlp heads fewshot`: what is a start worth when there are few examples?"""

from __future__ import annotations

import argparse

from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import add_cuda_device, add_json, add_serialization_dir
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.fewshot import few_shot
from allennlp_heads.reports.fewshot import STEM


@Verb.register("fewshot")
class FewShot(Verb):
    """
    Fine-tunes trained multi-task models and pretrained encoders on a few examples of a new task,
    many times, and compares them. A stopped command goes on where it was when it is repeated.
    """

    description = SHIPPED["fewshot"]
    example = "allennlp heads fewshot few_shot.jsonnet -s out/scitail"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "config", metavar="CONFIG", help="Jsonnet with starts, task, training, examples, seeds"
        )
        add_serialization_dir(parser, "runs")
        add_cuda_device(parser)
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        table = few_shot(args.config, args.serialization_dir, args.cuda_device)
        write_answer(args, [table], args.serialization_dir, [f"{STEM}.json"])
        return 0
