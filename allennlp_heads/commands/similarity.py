"""`allennlp heads similarity`: are tasks that are alike less dissociated?"""

from __future__ import annotations

import argparse

from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import add_json, add_output, add_rounds, add_seed, add_task
from allennlp_heads.commands.report_folder import report_folder
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.reports.task_similarity import (
    STEM,
    measure_similarity,
    summary,
    write_similarity,
)


@Verb.register("similarity")
class Similarity(Verb):
    """
    Correlates the dissociation D of pairs of tasks with a similarity of the tasks, and writes
    `task_similarity.json` and a scatter plot. The p-values come from permuting the tasks.
    """

    description = SHIPPED["similarity"]
    example = "allennlp heads similarity out/five --similarity tasks.csv -o out/similarity"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "folders",
            nargs="+",
            metavar="FOLDER",
            help="folder with a dissociation report, or of a training that wrote one; several are "
            "pooled",
        )
        parser.add_argument(
            "--similarity",
            required=True,
            metavar="FILE",
            help="a square table of tasks (.csv), or {a: {b: number}} (.json)",
        )
        add_output(parser)
        add_task(parser)
        parser.add_argument(
            "--alpha",
            type=float,
            metavar="SHARE",
            help="share of masked heads, where a report has several",
        )
        add_rounds(parser, of="random permutations where the tasks have more than so many")
        add_seed(parser, "of the permutations")
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        folder = report_folder(args.output_dir, (), STEM, args.force)
        found = measure_similarity(
            args.folders, args.similarity, args.task, args.alpha, args.rounds, args.seed
        )
        write_similarity(found, folder)
        write_answer(args, [summary(found)], folder, [f"{STEM}.json"])
        return 0
