"""`allennlp heads rank`: which source to learn from first, and whether such advice is good."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from allennlp.common.checks import ConfigurationError, check_for_gpu

from allennlp_heads.analysis.transfer import KINDS
from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import (
    add_cuda_device,
    add_json,
    add_output,
    add_rounds,
    add_seed,
    at_least,
)
from allennlp_heads.commands.report_folder import report_folder
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.reports.draft import remove_report
from allennlp_heads.reports.transfer import (
    ORDERS,
    Applied,
    Ranking,
    applied_summary,
    evaluation_summary,
    matrix_file,
    measure_evaluation,
    measure_ranking,
    ranking_summary,
    read_matrix,
    write_applied,
    write_evaluation,
    write_ranking,
)
from allennlp_heads.reports.transfer.applied import APPLIED
from allennlp_heads.reports.transfer.evaluation_files import EVALUATION
from allennlp_heads.training.run_info import file_digests
from allennlp_heads.transfer import open_bench
from allennlp_heads.transfer.applied_parts import AppliedParts
from allennlp_heads.transfer.applying import apply_rankings, check_orders
from allennlp_heads.transfer.configuration import read_config, resolved_grid

_ROUNDS = 10_000


@Verb.register("rank")
class Rank(Verb):
    """
    Ranks for each task the others as sources to fine-tune on first, by the similarity of their
    embeddings and by baselines: `ranking.*`. With a measured matrix it evaluates all of these
    rankings: `evaluation.*`. With `--apply` it uses one and measures what that brings: `applied.*`;
    this comes first, and what is done of it lies in `applied/` until all reports are written.
    """

    description = SHIPPED["rank"]
    example = "allennlp heads rank out/embeddings --target ner -o out/ranking"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "embeddings", metavar="EMBEDDINGS", help="folder that 'allennlp heads embed' wrote"
        )
        add_output(parser)
        parser.add_argument(
            "--target",
            action="append",
            metavar="TASK",
            help="list sources of this task only; may be given several times (default: all)",
        )
        parser.add_argument(
            "--kind",
            action="append",
            choices=KINDS,
            help="kind of embeddings to compare; may be given several times (default: all there "
            "are)",
        )
        parser.add_argument(
            "--method",
            metavar="METHOD",
            help="orders the lists, and is the one in pictures and in --apply: a kind, kinds "
            "joined by '+', a component, or a baseline (default: all kinds fused)",
        )
        parser.add_argument(
            "--within", choices=("class",), help="only sources of the target's own class"
        )
        parser.add_argument(
            "--order", choices=ORDERS, default=ORDERS[0], help="of tasks in maps of similarity"
        )
        add_seed(parser)
        _add_evaluation(parser)
        _add_use(parser)
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        _check_idle(args)
        matrix = None if args.matrix is None else read_matrix(args.matrix)
        ranking = measure_ranking(args.embeddings, args.kind, matrix, args.within is not None)
        method = ranking.require_method(args.method or ranking.fused, "--method")
        targets = _targets(ranking, args.target)
        folder = _folder(args)
        evaluation = None
        if matrix is not None:
            evaluation = measure_evaluation(ranking, matrix, args.reference, args.rounds, args.seed)
        orders = {
            target: [source for source, _ in ranking.order(method, target)] for target in targets
        }
        regime = None if matrix is None else matrix.regime
        use = _Use(args, orders, regime, folder) if _wanted(args) else None
        # first, since only it is long: stopped and repeated it goes on, and the folder is free
        found = [] if use is None else use.apply()
        write_ranking(folder, ranking, targets, method, args.order, args.seed)
        lines = [*ranking_summary(ranking, targets, method), *ranking.notes]
        if args.force:  # of the ranking that was there
            for report in (EVALUATION, APPLIED):
                remove_report(folder, *report)
        if evaluation is not None:
            about = {"matrix": file_digests([str(matrix_file(args.matrix))])}
            write_evaluation(folder, evaluation, method, about)
            lines += [*evaluation_summary(evaluation), *evaluation.notes]
        if use is not None:
            write_applied(folder, found, {"method": method, **use.about}, args.seed)
            use.parts.drop()
            lines += applied_summary(found)
        write_answer(args, lines, folder, [f"{stem}.json" for stem in _reports(args)])
        return 0


def _targets(ranking: Ranking, given: list[str] | None) -> list[str]:
    for target in given or ():
        if target not in ranking.tasks:
            raise ConfigurationError(
                f"--target {target}: there is no such task; there are {', '.join(ranking.tasks)}"
            )
    return list(dict.fromkeys(given or ranking.tasks))


def _folder(args: argparse.Namespace) -> Path:
    folders = [report_folder(args.output_dir, (), stem, args.force) for stem in _reports(args)]
    return folders[0]


def _reports(args: argparse.Namespace) -> list[str]:
    wanted = {"ranking": True, "evaluation": args.matrix, "applied": args.apply}
    return [stem for stem, there in wanted.items() if there is not None]


def _check_idle(args: argparse.Namespace) -> None:
    """Options that would do nothing."""
    idle = {
        "--reference": args.matrix is None and args.reference is not None,
        "--rounds": args.matrix is None and args.rounds != _ROUNDS,
        "--cuda-device": args.apply is None and args.cuda_device >= 0,
    }
    for option in [name for name, is_idle in idle.items() if is_idle]:
        needed = "--apply K --grid GRID" if option == "--cuda-device" else "--matrix FILE"
        raise ConfigurationError(
            f"{option} does nothing without {needed}: give both, or leave it out"
        )


def _wanted(args: argparse.Namespace) -> bool:
    if (args.apply is None) != (args.grid is None):
        raise ConfigurationError("--apply K and --grid GRID.jsonnet belong together: give both")
    return args.apply is not None


class _Use:
    """What `--apply` needs; what is wrong with the grid shows before anything is written."""

    def __init__(
        self,
        args: argparse.Namespace,
        orders: dict[str, list[str]],
        regime: str | None,
        folder: Path,
    ) -> None:
        check_for_gpu(args.cuda_device)
        device = torch.device("cpu" if args.cuda_device < 0 else args.cuda_device)
        self._bench = open_bench(args.grid, device, test=True)
        check_orders(self._bench, orders, args.apply)
        self._orders = orders
        self._seed = args.seed
        self._regime = regime or self._bench.grid.regimes[0]
        self.about = {
            "sources": args.apply,
            "regime": self._regime,
            "grid": file_digests([args.grid]),
        }
        tasks = dict.fromkeys(task for one, found in orders.items() for task in (one, *found))
        resolved = resolved_grid(read_config(args.grid), self._bench, list(tasks))
        self.parts = AppliedParts(folder / "applied", {"grid": resolved, "regime": self._regime})

    def apply(self) -> list[Applied]:
        number = self.about["sources"]
        return apply_rankings(
            self._bench, self._orders, number, self._seed, self._regime, self.parts
        )


def _add_evaluation(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--matrix",
        metavar="FILE",
        help="transfer.json of 'allennlp heads transfer', or its folder: evaluate the rankings",
    )
    parser.add_argument(
        "--reference",
        metavar="METHOD",
        help="the method that the others are compared with (default: task)",
    )
    add_rounds(
        parser, _ROUNDS, of="of the bootstrap, and at most of exchanges of names for p-values"
    )


def _add_use(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--apply",
        type=at_least(1),
        metavar="K",
        help="fine-tune on the first K sources in turn, the best one last, then on the target, "
        "against no source and K random ones, in one process with one thread; stopped and "
        "repeated, it goes on; with --grid",
    )
    parser.add_argument(
        "--grid", metavar="GRID", help="Jsonnet of 'allennlp heads transfer': encoder and tasks"
    )
    add_cuda_device(parser)
