"""`allennlp heads grid`: many trainings with one command."""

from __future__ import annotations

import argparse
import logging

from allennlp.common import logging as common_logging
from allennlp.common.util import SigTermReceived

from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import add_json, add_serialization_dir, at_least
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.grid.executor import GridExecutor
from allennlp_heads.grid.grid import dry_run, run_grid
from allennlp_heads.grid.local_executor import LocalExecutor
from allennlp_heads.grid.machine import Machine
from allennlp_heads.grid.names import SUMMARY

logger = logging.getLogger(__name__)


@Verb.register("grid")
class Grid(Verb):
    """
    Trains the runs of a grid, each into a folder of its own, as many at a time as there is room
    for. A stopped or killed command goes on where it was when it is repeated; a run that fails
    does not stop the others, but makes the exit status 1.
    """

    description = SHIPPED["grid"]
    example = "allennlp heads grid training_configs/grid/pairs.jsonnet -s out/pairs"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "config",
            metavar="GRID",
            help="Jsonnet with runs, each with config, overrides, seeds, after, resources and "
            "environment",
        )
        add_serialization_dir(parser, "runs")
        parser.add_argument(
            "--jobs",
            type=at_least(1),
            metavar="N",
            help="runs at a time (default: as many as there are cores, GPUs and memory for)",
        )
        parser.add_argument(
            "--only",
            action="extend",
            nargs="+",
            metavar="RUN",
            help="only runs like these, as 'pos_*.13', and those that they come after",
        )
        parser.add_argument(
            "--retries",
            type=at_least(0),
            default=2,
            metavar="N",
            help="how often to begin a run again that was killed or has failed",
        )
        parser.add_argument(
            "--ray-address",
            metavar="ADDRESS",
            help="do the runs on the machines of this Ray cluster, as 'auto'; they need the "
            "folder under the same path",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="write nothing; print the runs and their states"
        )
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        has_gpus = bool(args.ray_address or Machine.this().gpus)
        if args.dry_run:
            write_answer(
                args, dry_run(args.config, args.serialization_dir, args.only, has_gpus), None
            )
            return 0
        # first, since it takes seconds until its processes have imported what they need
        local = None if args.ray_address else LocalExecutor(args.jobs)
        try:
            lines, missing = run_grid(
                args.config,
                args.serialization_dir,
                lambda: local or _on_ray(args),
                args.only,
                args.retries,
                args.include_package,
                has_gpus,
                common_logging.FILE_FRIENDLY_LOGGING,
            )
        except (KeyboardInterrupt, SigTermReceived):
            logger.warning(
                "Interrupted. The runs were ended; repeat the command to go on where they were."
            )
            raise
        write_answer(args, lines, args.serialization_dir, [SUMMARY])
        return 1 if missing else 0


def _on_ray(args: argparse.Namespace) -> GridExecutor:
    # an extra, which takes its time to import
    from allennlp_heads.grid.ray_executor import RayExecutor

    return RayExecutor(args.ray_address, args.jobs)
