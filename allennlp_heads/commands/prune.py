"""`allennlp heads prune`: a smaller archive without the heads that gates have closed."""

from __future__ import annotations

import argparse
import sys

from allennlp.common.checks import ConfigurationError

from allennlp_heads.commands.verb import Verb
from allennlp_heads.pruning import PruneOptions, prune_archive, summary


@Verb.register("prune")
class Prune(Verb):
    """
    Removes the heads that the gates of a trained model close, and writes an archive that every
    command of AllenNLP takes, with a report in `heads/pruning.json`, and the encoder alone for the
    `transformers` library where it can express it. Heads can be removed again from the result.
    """

    description = "Remove the heads that gates have closed, and write the smaller model."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "archive", type=str, help="path to an archived trained model, or to its folder"
        )
        parser.add_argument(
            "-o", "--output-dir", type=str, required=True, help="folder to write, not there yet"
        )
        parser.add_argument(
            "--threshold", type=float, help="keep heads whose gate is above (default: 0.5)"
        )
        parser.add_argument(
            "--keep",
            type=_number_or_share,
            help="keep so many heads instead, those with the highest gates: 36, or 0.5 for half",
        )
        parser.add_argument(
            "--task", type=str, help="whose gates, where tasks have gates of their own"
        )
        parser.add_argument(
            "-f", "--force", action="store_true", help="replace the output folder if it is there"
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
        parser.add_argument(
            "--weights-file", type=str, help="a path that overrides which weights file to use"
        )
        parser.add_argument("--cuda-device", type=int, default=-1, help="id of GPU to use (if any)")

    def run(self, args: argparse.Namespace) -> int:
        names = ("threshold", "keep", "task", "force", "measure", "plain")
        options = PruneOptions(
            **{name: getattr(args, name) for name in names},
            weights_file=args.weights_file,
            cuda_device=args.cuda_device,
        )
        report = prune_archive(args.archive, args.output_dir, options)
        sys.stdout.write(f"{summary(report)}\nWritten: {args.output_dir}\n")
        return 0


def _number_or_share(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            raise ConfigurationError(
                f"--keep is '{text}': give a number of heads such as 36, or a share such as 0.5"
            ) from None
