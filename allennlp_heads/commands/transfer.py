"""`allennlp heads transfer`: which task helps which?"""

from __future__ import annotations

import argparse
from pathlib import Path

from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import (
    add_cuda_device,
    add_json,
    add_serialization_dir,
    at_least,
)
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.reports.transfer.matrix import STEM
from allennlp_heads.transfer import transfer

_MATRICES = f"*/{STEM}.json"


@Verb.register("transfer")
class Transfer(Verb):
    """
    Fine-tunes on each source, from there on each target, and directly on each target. A stopped
    command goes on where it was when it is repeated.
    """

    description = SHIPPED["transfer"]
    example = "allennlp heads transfer grid.jsonnet -s out/transfer --jobs 2"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "config", metavar="GRID", help="Jsonnet with encoder, tasks, regimes, limited, restarts"
        )
        add_serialization_dir(parser, "cells")
        parser.add_argument(
            "--jobs",
            type=at_least(1),
            default=1,
            metavar="N",
            help="processes, with one thread each; the numbers are the same with any",
        )
        parser.add_argument(
            "--only",
            action="extend",
            nargs="+",
            metavar="CELL",
            help="only cells <source>.<target>.<restart> like these, as 'sst2.*' 'none.*.0'",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="write nothing; print the cells to be done and how long they will take",
        )
        add_cuda_device(parser)
        add_json(parser)

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
        matrices = sorted(f"{file.parent.name}/{file.name}" for file in Path(out).glob(_MATRICES))
        write_answer(args, lines, None if args.dry_run else out, matrices)
        return 0
