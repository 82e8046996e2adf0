"""`allennlp heads similarity`: are tasks that are alike less dissociated?"""

from __future__ import annotations

import argparse
import sys

from allennlp.common.checks import ConfigurationError

from allennlp_heads.commands.verb import Verb
from allennlp_heads.reports.task_similarity import measure_similarity, summary, write_similarity


@Verb.register("similarity")
class Similarity(Verb):
    """
    Correlates the dissociation D of pairs of tasks with a similarity of the tasks, and writes
    `task_similarity.json` and a scatter plot. The p-values come from permuting the tasks.
    """

    description = "Correlate the dissociation of tasks with a similarity of the tasks."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "folders",
            nargs="+",
            metavar="DISSOCIATION_FOLDER",
            help="folder with a dissociation report, or of a training that wrote one; several are "
            "pooled",
        )
        parser.add_argument(
            "--similarity",
            required=True,
            metavar="FILE",
            help="a square table of tasks (.csv), or {a: {b: number}} (.json)",
        )
        parser.add_argument("-o", "--output", required=True, metavar="OUT", help="folder to write")
        parser.add_argument("--tasks", nargs="+", metavar="TASK", help="only these tasks")
        parser.add_argument(
            "--alpha", type=float, help="share of masked heads, where a report has several"
        )
        parser.add_argument(
            "--rounds",
            type=int,
            default=10_000,
            help="random permutations where the tasks have more than so many",
        )
        parser.add_argument("--seed", type=int, default=0, help="of the permutations")

    def run(self, args: argparse.Namespace) -> int:
        if args.rounds < 1 or args.seed < 0:
            raise ConfigurationError("--rounds must be at least 1, and --seed at least 0")
        found = measure_similarity(
            args.folders, args.similarity, args.tasks, args.alpha, args.rounds, args.seed
        )
        write_similarity(found, args.output)
        sys.stdout.write(f"{summary(found)}\nwritten into {args.output}\n")
        return 0
