"""`allennlp heads dissociate`: what each task loses without its own heads, and without others'."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from allennlp_heads.collect.dissociation_masks import MaskOptions
from allennlp_heads.collect.dissociation_runs import DataOptions, dissociate_archives
from allennlp_heads.collect.importance_options import ImportanceOptions
from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import (
    add_cuda_device,
    add_json,
    add_output,
    add_rounds,
    add_seed,
    add_task,
    at_least,
)
from allennlp_heads.commands.report_folder import report_folder
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.reports.dissociation import STEM, write_dissociation
from allennlp_heads.reports.dissociation_results import Options, Result


@Verb.register("dissociate")
class Dissociate(Verb):
    """
    Masks the heads most important to each task of a trained model and scores all tasks, with as
    many random heads as a baseline. Nothing is removed. Writes `dissociation.{json,npz,md,csv,
    png,svg}`. Several archives are seeds of one experiment.
    """

    description = SHIPPED["dissociate"]
    example = "allennlp heads dissociate out/qnli_sst2 --examples 500"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "archives",
            nargs="+",
            metavar="ARCHIVE",
            help="archived trained models, or their folders: seeds of one experiment",
        )
        add_output(parser, default="'heads' in the folder of the only model")
        parser.add_argument(
            "--alpha",
            nargs="+",
            type=float,
            default=[0.3],
            metavar="SHARE",
            help="shares of the heads to mask; the smaller masks are parts of the larger",
        )
        parser.add_argument(
            "--examples",
            type=at_least(1),
            metavar="N",
            help="training examples a task for the importance (default: all)",
        )
        parser.add_argument(
            "--importance",
            nargs="+",
            metavar="FOLDER",
            help="take what 'heads importance' wrote: one folder for all models, or one for each",
        )
        parser.add_argument(
            "--draws",
            type=at_least(1),
            default=5,
            metavar="N",
            help="random masks of the same size",
        )
        kinds = parser.add_mutually_exclusive_group()
        kinds.add_argument(
            "--balanced",
            action="store_const",
            const=True,
            default=False,
            help="random masks with equally many heads in each layer",
        )
        kinds.add_argument(
            "--balanced-as-mask",
            dest="balanced",
            action="store_const",
            const="as_mask",
            help="random masks with as many heads in each layer as the task's own",
        )
        parser.add_argument(
            "--split",
            choices=("validation", "test"),
            default="validation",
            help="data that scores",
        )
        parser.add_argument(
            "--same-data",
            action="store_true",
            help="allow that the data that chose the heads scores too",
        )
        add_task(parser)
        parser.add_argument(
            "--max-instances",
            type=at_least(1),
            metavar="N",
            help="score this many examples a task, drawn at random",
        )
        add_rounds(parser, 2_000, "of bootstrap and tests")
        add_seed(parser)
        parser.add_argument(
            "--mask-seed",
            type=at_least(0),
            metavar="N",
            help="of the random masks alone (default: --seed), so that runs scored on the same "
            "examples, one command each, still have different ones",
        )
        parser.add_argument(
            "--batch-size", type=at_least(1), default=32, metavar="N", help="changes no score"
        )
        add_cuda_device(parser)
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        folder = report_folder(args.output_dir, args.archives, STEM, args.force)
        mask_seed = args.seed if args.mask_seed is None else args.mask_seed
        masks = MaskOptions(args.alpha, args.draws, args.balanced, mask_seed)
        importance = ImportanceOptions(
            examples=args.examples,
            seed=args.seed,
            alpha=masks.alphas[0],
            batch_size=args.batch_size,
        )
        names = ("split", "max_instances", "seed", "batch_size", "same_data")
        source = DataOptions(tasks=args.task, **{name: getattr(args, name) for name in names})
        data = dissociate_archives(
            args.archives, masks, importance, source, args.importance, args.cuda_device
        )
        found = write_dissociation(data, folder, Options(rounds=args.rounds, seed=args.seed))
        write_answer(args, summary(found), folder, [f"{STEM}.json"])
        return 0


def summary(found: Sequence[Result]) -> list[str]:
    """What the results say in a few lines."""
    lines = []
    for result in found:
        mean = _text(result.mean.mean, result.intervals.mean)
        lines.append(f"{result.masked} heads masked (alpha {100 * result.alpha:g} %): D {mean}")
        for task, value in result.mean.d.items():
            lines.append(f"  {task}: D_i {_text(value, result.intervals.d[task])}")
        lines += [f"  {p.first} and {p.second}: {p.verdict}" for p in result.mean.pairs]
    return lines


def _text(value: float, interval: Any) -> str:
    if value != value:
        return "undefined, since the base score is not above 0"
    if interval.lower != interval.lower:
        return f"{value:.2f} %, of no certain sign and size since the base score is near 0"
    return f"{value:.2f} % [{interval.lower:.2f}, {interval.upper:.2f}]"
