"""`allennlp heads importance`: which heads matter to which task."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

from allennlp_heads.analysis.importance import MEASURES
from allennlp_heads.collect import encoder_of, trained
from allennlp_heads.collect.importance import collect_importance
from allennlp_heads.collect.importance_options import LOSSES, ImportanceOptions
from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import (
    add_archive,
    add_cuda_device,
    add_json,
    add_output,
    add_rounds,
    add_seed,
    add_split,
    add_task,
    add_weights_file,
    at_least,
)
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.models.archival import archive_file
from allennlp_heads.pruning.output import whole_folder
from allennlp_heads.reports.importance import SCHEMA, summary, write_importance
from allennlp_heads.training.run_info import file_digests


@Verb.register("importance")
class Importance(Verb):
    """
    Computes, for every task of a trained model, the mean over examples of the absolute gradient of
    an example's loss with respect to a gate on each head (Li et al. 2023, Eq. 4), or another
    measure, with bootstrap intervals, and writes `importance.{json,npz}` and a map of the heads for
    each task.
    """

    description = SHIPPED["importance"]
    example = "allennlp heads importance out/qnli_sst2 -o out/importance"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_archive(parser)
        add_output(parser, whole=True)
        add_task(parser)
        add_split(parser)
        _add_options(parser)
        add_weights_file(parser)
        add_cuda_device(parser)
        add_json(parser)

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
        write_answer(args, [summary(tasks)], args.output_dir, [f"{SCHEMA}.json"])
        return 0


def _add_options(parser: argparse.ArgumentParser) -> None:
    defaults = ImportanceOptions()
    parser.add_argument(
        "--examples",
        type=at_least(1),
        metavar="N",
        help="how many examples of each task, drawn at random (default: all)",
    )
    add_seed(parser, "of this draw and the bootstrap")
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
        metavar="SHARE",
        help="share of the heads that counts as the most important ones",
    )
    parser.add_argument(
        "--until-stable",
        action="store_true",
        help="take no more examples once the most important heads are stable",
    )
    add_rounds(parser, defaults.draws, "of the bootstrap", dest="draws")
    parser.add_argument(
        "--batch-size",
        type=at_least(1),
        default=defaults.batch_size,
        metavar="N",
        help="changes no score",
    )
