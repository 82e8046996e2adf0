"""`allennlp heads probe`: which head does each label best."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing import ProbeResult, Score, TreeScore
from allennlp_heads.collect.probing.configuration import ProbeConfiguration
from allennlp_heads.collect.probing.flags import add_flags, given_options
from allennlp_heads.collect.probing.gold import TaskGold, read_gold
from allennlp_heads.collect.probing.probe import probe_task
from allennlp_heads.collect.probing.source import probe_source
from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import (
    add_cuda_device,
    add_json,
    add_output,
    add_task,
    add_weights_file,
)
from allennlp_heads.commands.report_folder import report_folder
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.reports.markup import percent
from allennlp_heads.reports.probing.files import SCHEMA
from allennlp_heads.reports.probing.tables import head_name
from allennlp_heads.reports.probing.with_or_without_pictures import (
    write_with_or_without_pictures,
)

_SAID = 5
"""Labels of each task."""


@Verb.register("probe")
class Probe(Verb):
    """
    Asks of every head, without training anything, how well it tells the labels of words and phrases
    apart, or points from words to their heads; with baselines, and scored on other data than
    chooses. Writes `probe.{json,npz,md,csv,tex}` and pictures.
    """

    description = SHIPPED["probe"]
    example = "allennlp heads probe out/all --task dep -o out/probes"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "source",
            metavar="SOURCE",
            help="an archived trained model, the folder of its training, or a Jsonnet that names "
            "a pretrained encoder, or an archive, with readers and data",
        )
        add_output(parser, default="'heads' in the folder of the training")
        add_task(parser, "all that can be probed")
        parser.add_argument(
            "--label",
            action="append",
            metavar="LABEL",
            help="say the head of this label; may be given several times (default: of the most "
            "frequent ones; all are written)",
        )
        add_flags(parser)
        parser.add_argument(
            "--overrides",
            default="",
            metavar="JSON",
            help="changes to the configuration, such as "
            '\'{"test_data_path": {"dep": "test.conllu"}}\'',
        )
        add_weights_file(parser)
        add_cuda_device(parser)
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        configuration = ProbeConfiguration.read(args.source, args.overrides, args.weights_file)
        folder = report_folder(args.output_dir, [args.source], SCHEMA, args.force)
        options = given_options(args)
        with probe_source(configuration, args.task, args.cuda_device, **options) as source:
            # of all tasks before the heads of any take their time
            gold = {
                task: read_gold(source.data, task, chosen)
                for task, chosen in source.options.items()
            }
            _check_labels(args.label or (), gold)
            results = {
                task: probe_task(source.encoder, source.data, task, chosen, gold[task])
                for task, chosen in source.options.items()
            }
        write_with_or_without_pictures(folder, results, source.about, source.seed)
        write_answer(args, summary(results, args.label), folder, [f"{SCHEMA}.json"])
        return 0


def _check_labels(labels: Sequence[str], gold: Mapping[str, TaskGold]) -> None:
    """Raise `ConfigurationError` when none of the tasks has one of these labels."""
    known = {task: read.gold.labels for task, read in gold.items()}
    unknown = sorted(set(labels).difference(*known.values()))
    if unknown:
        choices = "; ".join(f"{task} has {', '.join(found)}" for task, found in known.items())
        raise ConfigurationError(
            f"--label: no task has {', '.join(unknown)} in what is read: {choices}"
        )


def summary(
    results: Mapping[str, ProbeResult], labels: Sequence[str] | None = None
) -> Iterator[str]:
    """
    What a person wants to know first, line by line: of each task, then of these labels, or of the
    most frequent ones.
    """
    for task, result in results.items():
        items = int(result.counts.sum())
        yield f"{task}, {items:,} items ({result.options['division']})"
        yield f"  each label by its head: {_score(result.overall['weighted'])}"
        one = result.overall["one_head"]
        yield f"  all by one head, {_place(one)}: {_score(one)}"
        if result.tree is not None:
            tree = result.tree
            chains = max(tree.left_chain, tree.right_chain)
            yield (
                f"  trees of head {_place(tree)}: {_interval(tree)} of {tree.count:,} words "
                f"attached; chain {percent(chains)}"
            )
        for score in result.labels:
            if score.label in labels if labels else score in result.labels[:_SAID]:
                rare = ", few" if score.rare else ""
                yield (
                    f"  {score.label} ({score.count:,}{rare}): head {_place(score)}, "
                    f"{_score(score, one_label=True)}"
                )
        for reason, count in result.notes.items():
            yield f"  note: {reason}: {count:,}"
    known = {score.label for result in results.values() for score in result.labels}
    for label in labels or ():
        if label not in known:
            yield f"{label}: no task has scored items of this label"


def _score(score: Score, one_label: bool = False) -> str:
    baselines = {
        "random head": score.random_head,
        "best offset": score.offset_accuracy,
        # of one label it is 0 or 1
        "majority": None if one_label else score.majority,
        "random weights": score.random_weights,
        "control": score.control,
    }
    said = [f"{name} {percent(value)}" for name, value in baselines.items() if value is not None]
    return f"{_interval(score)}; {', '.join(said)}"


def _interval(score: Score | TreeScore) -> str:
    accuracy = score.uas if isinstance(score, TreeScore) else score.accuracy
    return f"{percent(accuracy)} % [{percent(score.low)}, {percent(score.high)}]"


def _place(score: Any) -> str:
    return head_name(score.layer, score.head)
