"""`allennlp heads prune`: a smaller archive without the heads that gates have closed."""

from __future__ import annotations

import argparse

from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import (
    add_archive,
    add_cuda_device,
    add_json,
    add_output,
    add_weights_file,
)
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.pruning import PruneOptions, prune_archive, summary


@Verb.register("prune")
class Prune(Verb):
    """
    Removes the heads that the gates of a trained model close, and writes an archive that every
    command of AllenNLP takes, with a report in `heads/pruning.json`, and the encoder alone for the
    `transformers` library where it can express it. Heads can be removed again from the result.
    """

    description = SHIPPED["prune"]
    example = "allennlp heads prune out/pos_dep -o out/fewer --keep 0.5"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_archive(parser)
        add_output(parser, whole=True)
        parser.add_argument(
            "--threshold",
            type=float,
            metavar="GATE",
            help="keep heads whose gate is above (default: 0.5)",
        )
        parser.add_argument(
            "--keep",
            type=_number_or_share,
            metavar="HEADS",
            help="keep so many heads instead, those with the highest gates: 36, or 0.5 for half",
        )
        parser.add_argument(
            "--task", metavar="TASK", help="whose gates, where tasks have gates of their own"
        )
        parser.add_argument(
            "--no-measure",
            dest="measure",
            action="store_false",
            help="do not time the encoder before and after",
        )
        parser.add_argument(
            "--no-plain",
            dest="plain",
            action="store_false",
            help="write no folder for the transformers library",
        )
        add_weights_file(parser)
        add_cuda_device(parser)
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        names = ("threshold", "keep", "task", "force", "measure", "plain")
        options = PruneOptions(
            **{name: getattr(args, name) for name in names},
            weights_file=args.weights_file,
            cuda_device=args.cuda_device,
        )
        report = prune_archive(args.archive, args.output_dir, options)
        write_answer(args, [summary(report)], args.output_dir, ["heads/pruning.json"])
        return 0


def _number_or_share(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(
                f"'{text}': give a number of heads such as 36, or a share such as 0.5"
            ) from None
