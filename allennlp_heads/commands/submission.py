"""`allennlp heads submission`: the files of predictions that benchmarks take, from an archive."""

from __future__ import annotations

import argparse

from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import (
    add_archive,
    add_cuda_device,
    add_json,
    add_output,
    add_task,
    add_weights_file,
)
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.evaluation.submission import Submission, write_submission


@Verb.register("submission")
class WriteSubmission(Verb):
    """
    Predicts the unlabelled test files of every GLUE task that an archive has, MNLI's diagnostic set
    included, and writes the files that GLUE's server takes, as `CoLA.tsv` and `MNLI-mm.tsv`; for
    each task of questions on texts the answers to a file of questions, as `<task>.json` in the form
    of SQuAD's scripts. All of it goes into a folder, which appears whole or not at all.
    """

    description = SHIPPED["submission"]
    example = "allennlp heads submission out/qnli_sst2 -o out/submission"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add_archive(parser)
        add_output(parser, whole=True)
        parser.add_argument(
            "--data",
            metavar="FOLDER",
            help="GLUE's folder, with CoLA/test.tsv and so on (default: glue in HEADS_DATA)",
        )
        parser.add_argument(
            "--questions",
            metavar="FILE",
            help="questions in SQuAD's form (default: the validation data of the configuration)",
        )
        parser.add_argument(
            "--null-threshold",
            type=float,
            metavar="T",
            help="leave a question without an answer from here on; 'inf': answer all (default: "
            "that of the task's head)",
        )
        add_task(parser, "all that read GLUE or SQuAD")
        add_weights_file(parser)
        add_cuda_device(parser)
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        found = write_submission(
            args.archive,
            args.output_dir,
            args.data,
            args.task,
            args.force,
            args.weights_file,
            args.cuda_device,
            args.questions,
            args.null_threshold,
        )
        write_answer(args, _summary(found), args.output_dir)
        return 0


def _summary(found: Submission) -> list[str]:
    lines = [f"{name}.tsv: {number} predictions" for name, number in found.written.items()]
    lines += [f"{name}.tsv: not written, no file {path}" for name, path in found.missing.items()]
    if found.untrained:
        names = ", ".join(f"{name}.tsv" for name in found.untrained)
        lines.append(f"not written, the model has no such task: {names}")
    for task, number in found.answered.items():
        lines.append(f"{task}.json: {number} answers")
        if task in found.thresholds:
            best = found.thresholds[task]
            lines.append(
                f"{task}: on these questions a null threshold of {best.threshold:.9g} would be "
                f"best (token_f1 {best.score:.4f}); choose it on others than those that score"
            )
    return lines
