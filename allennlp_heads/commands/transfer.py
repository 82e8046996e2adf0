"""`allennlp heads transfer`: which task helps which?"""

from __future__ import annotations

import argparse
import sys

from allennlp_heads.commands.verb import Verb
from allennlp_heads.transfer import transfer


@Verb.register("transfer")
class Transfer(Verb):
    """
    Fine-tunes on each source, from there on each target, and directly on each target. A stopped
    command goes on where it was when it is repeated.
    """

    description = (
        "Measure how much fine-tuning on one task first helps with another, for all pairs."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "config", metavar="GRID", help="Jsonnet with encoder, tasks, regimes, limited, restarts"
        )
        parser.add_argument(
            "-s",
            "--serialization-dir",
            required=True,
            metavar="OUT",
            help="folder to write; finished cells that lie there are not repeated",
        )
        parser.add_argument(
            "--jobs",
            type=int,
            default=1,
            metavar="N",
            help="processes, with one thread each; the numbers are the same with any",
        )
        parser.add_argument(
            "--only",
            nargs="+",
            metavar="CELL",
            help="only cells <source>.<target>.<restart> like these, as 'sst2.*' 'none.*.0'",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="write nothing; print the cells to be done and how long they will take",
        )
        parser.add_argument("--cuda-device", type=int, default=-1, help="id of GPU to use (if any)")

    def run(self, args: argparse.Namespace) -> int:
        out = args.serialization_dir
        lines = transfer(
            args.config,
            out,
            args.jobs,
            args.only,
            args.dry_run,
            args.cuda_device,
            args.include_package,
        )
        ending = [] if args.dry_run else [f"Written: {out}"]
        sys.stdout.write("\n".join([*lines, *ending, ""]))
        return 0
