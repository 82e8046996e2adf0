"""`allennlp heads submission`: the files of predictions that benchmarks take, from an archive."""

from __future__ import annotations

import argparse
import sys

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

    description = "Predict GLUE's test files or SQuAD's questions and write what benchmarks take."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "archive", type=str, help="path to an archived trained model, or to its folder"
        )
        parser.add_argument(
            "-o", "--output-dir", type=str, required=True, help="folder to write, not there yet"
        )
        parser.add_argument(
            "--data",
            type=str,
            metavar="FOLDER",
            help="GLUE's folder, with CoLA/test.tsv and so on (default: glue in HEADS_DATA)",
        )
        parser.add_argument(
            "--questions",
            type=str,
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
        parser.add_argument(
            "--tasks",
            nargs="+",
            metavar="TASK",
            help="which of the archive's tasks (default: all that read GLUE or SQuAD)",
        )
        parser.add_argument(
            "-f", "--force", action="store_true", help="replace the output folder if it is there"
        )
        parser.add_argument(
            "--weights-file", type=str, help="a path that overrides which weights file to use"
        )
        parser.add_argument("--cuda-device", type=int, default=-1, help="id of GPU to use (if any)")

    def run(self, args: argparse.Namespace) -> int:
        found = write_submission(
            args.archive,
            args.output_dir,
            args.data,
            args.tasks,
            args.force,
            args.weights_file,
            args.cuda_device,
            args.questions,
            args.null_threshold,
        )
        lines = [*_summary(found), f"Written: {args.output_dir}"]
        sys.stdout.write("\n".join(lines) + "\n")
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
