"""`allennlp heads search`: hyper-parameters of a configuration, found by trying."""

from __future__ import annotations

import argparse
import logging

from allennlp.common.util import SigTermReceived

from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import add_json, add_seed, add_serialization_dir, at_least
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.grid.executor import GridExecutor

logger = logging.getLogger(__name__)


@Verb.register("search")
class Search(Verb):
    """
    Trains one configuration with many values of its hyper-parameters, which Optuna chooses after
    what earlier ones gave. Files and options are those of `allennlp-optuna`. A stopped or killed
    command goes on where it was when it is repeated.
    """

    description = SHIPPED["search"]
    example = (
        "allennlp heads search training_configs/search/gates.jsonnet "
        "training_configs/search/gates_hparams.json -s out/search --n-trials 20"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "config",
            metavar="CONFIG",
            help="Jsonnet of 'allennlp train' that reads hyper-parameters with std.extVar",
        )
        parser.add_argument(
            "hparams",
            metavar="HPARAMS",
            help="JSON: a list of hyper-parameters, each with type and attributes",
        )
        add_serialization_dir(parser, "trials")
        parser.add_argument(
            "--optuna-param-path", metavar="FILE", help="JSON with Optuna's sampler and pruner"
        )
        parser.add_argument(
            "--metrics",
            action="append",
            metavar="METRIC",
            help="key of metrics.json, as best_validation_score, or closed_share; may be given "
            "several times (default: what the configuration chooses its best epoch by)",
        )
        parser.add_argument(
            "--direction",
            action="append",
            choices=("maximize", "minimize"),
            help="of each metric, in their order (default: losses small, everything else large)",
        )
        parser.add_argument(
            "--n-trials",
            "--trials",
            type=at_least(1),
            default=50,
            metavar="N",
            help="trials in all, with those of earlier commands",
        )
        parser.add_argument(
            "--timeout", type=float, metavar="SECONDS", help="begin no trial after this time"
        )
        parser.add_argument(
            "--jobs",
            type=at_least(1),
            metavar="N",
            help="trials at a time (default: as many as there are cores, GPUs and memory for); "
            "with 1 the same values are tried each time",
        )
        parser.add_argument(
            "--retries",
            type=at_least(0),
            default=1,
            metavar="N",
            help="how often to begin a trial again that was killed or has failed",
        )
        parser.add_argument(
            "--ray-address",
            metavar="ADDRESS",
            help="do the trials on the machines of this Ray cluster, as 'auto'; they need the "
            "folder under the same path",
        )
        add_seed(parser, of="of the values that are tried")
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        # what is imported here is costly, and other verbs do not need it
        from allennlp_heads.grid.machine import Machine
        from allennlp_heads.reports.search import STEM
        from allennlp_heads.search.options import SearchOptions
        from allennlp_heads.search.results import write_results
        from allennlp_heads.search.search import search

        options = SearchOptions(
            args.config,
            args.hparams,
            args.optuna_param_path,
            args.metrics,
            args.direction,
            args.n_trials,
            args.timeout,
            args.retries,
            args.seed,
            args.include_package,
            bool(args.ray_address or Machine.this().gpus),
        )
        try:
            lines = search(options, args.serialization_dir, lambda: _executor(args), write_results)
        except (KeyboardInterrupt, SigTermReceived):
            logger.warning(
                "Interrupted. The trials were ended; repeat the command to go on where they were."
            )
            raise
        write_answer(args, lines, args.serialization_dir, [f"{STEM}.json"])
        return 0 if any(line.startswith("best: ") for line in lines) else 1


def _executor(args: argparse.Namespace) -> GridExecutor:
    from allennlp_heads.grid.local_executor import LocalExecutor
    from allennlp_heads.grid.ray_executor import RayExecutor

    if args.ray_address is None:
        return LocalExecutor(args.jobs)
    return RayExecutor(args.ray_address, args.jobs)
