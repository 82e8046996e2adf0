"""`allennlp heads importance`: which heads matter to which task."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from allennlp_heads.analysis.importance import MEASURES
from allennlp_heads.collect import encoder_of, trained
from allennlp_heads.collect.importance import collect_importance
from allennlp_heads.collect.importance_options import LOSSES, ImportanceOptions
from allennlp_heads.commands.verb import Verb
from allennlp_heads.models.archival import archive_file
from allennlp_heads.pruning.output import whole_folder
from allennlp_heads.reports.importance import summary, write_importance
from allennlp_heads.training.run_info import file_digests


@Verb.register("importance")
class Importance(Verb):
    """
    Computes, for every task of a trained model, the mean over examples of the absolute gradient of
    an example's loss with respect to a gate on each head (Li et al. 2023, Eq. 4), or another
    measure, with bootstrap intervals, and writes `importance.{json,npz}` and a map of the heads for
    each task.
    """

    description = "Compute how much each attention head matters to each task."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "archive", type=str, help="path to an archived trained model, or to its folder"
        )
        parser.add_argument(
            "-o", "--output-dir", type=str, required=True, help="folder to write, not there yet"
        )
        parser.add_argument(
            "--task",
            action="append",
            metavar="TASK",
            help="only this task; may be given several times (default: all)",
        )
        parser.add_argument(
            "--split",
            choices=("train", "validation", "test"),
            default="train",
            help="which data of the archive's configuration (default: train)",
        )
        _add_options(parser)
        parser.add_argument(
            "-f", "--force", action="store_true", help="replace the output folder if it is there"
        )
        parser.add_argument(
            "--weights-file", type=str, help="a path that overrides which weights file to use"
        )
        parser.add_argument("--cuda-device", type=int, default=-1, help="id of GPU to use (if any)")

    def run(self, args: argparse.Namespace) -> int:
        names = [field.name for field in fields(ImportanceOptions)]
        options = ImportanceOptions(**{name: getattr(args, name) for name in names})
        archive, out = archive_file(args.archive), Path(args.output_dir).absolute()
        sources = [archive, *([Path(args.weights_file)] if args.weights_file else [])]
        # a folder of a run's other reports is not ours to replace
        sources += [file for file in out.glob("*") if not file.name.startswith("importance.")]
        with (
            whole_folder(out, args.force, never_delete=sources) as folder,
            trained(archive, args.weights_file, args.cuda_device) as source,
        ):
            data = source.data(args.split, tasks=args.task, batch_size=options.batch_size)
            samples = {
                task: collect_importance(source.model, data, task, options) for task in data.tasks
            }
            about = {
                "encoder": encoder_of(source.model).transformer_model,
                "archive": {"weights_sha256": source.digest},
                "split": args.split,
                "data_files": file_digests(data.paths.values()),
            }
            tasks = write_importance(folder, samples, about, source.config.get("pytorch_seed"))
        sys.stdout.write(f"{summary(tasks)}\nWritten: {args.output_dir}\n")
        return 0


def _add_options(parser: argparse.ArgumentParser) -> None:
    defaults = ImportanceOptions()
    parser.add_argument(
        "--examples", type=int, help="how many examples of each task, drawn at random"
    )
    parser.add_argument("--seed", type=int, default=0, help="of this draw and the bootstrap")
    parser.add_argument(
        "--measure",
        choices=MEASURES,
        default=defaults.measure,
        help="of the gradients: their absolute values (Eq. 4), squares (Fisher), minus their mean, "
        "or absolute values token by token",
    )
    parser.add_argument(
        "--label-free", action="store_true", help="take predictions for the gold labels"
    )
    parser.add_argument(
        "--loss",
        choices=LOSSES,
        default=defaults.loss,
        help="of an example: the mean over its units, such as words, or their sum",
    )
    parser.add_argument(
        "--by-layer", action="store_true", help="divide each layer's scores by their L2 norm"
    )
    parser.add_argument("--min-max", action="store_true", help="map the scores to 0 to 1")
    parser.add_argument(
        "--alpha",
        type=float,
        default=defaults.alpha,
        help="share of the heads that counts as the most important ones (default: 0.3)",
    )
    parser.add_argument(
        "--until-stable",
        action="store_true",
        help="take no more examples once the most important heads are stable",
    )
    parser.add_argument(
        "--draws", type=int, default=defaults.draws, help="samples of the bootstrap"
    )
    parser.add_argument("--batch-size", type=int, default=defaults.batch_size)
