"""`allennlp heads probe-compare`: what training changed in what the heads know."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing import GroupScore, ProbeComparison, compare_probes
from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import add_json, add_output, add_rounds, add_seed, add_task
from allennlp_heads.commands.report_folder import report_folder
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.reports.markup import p_text, percent
from allennlp_heads.reports.probing.comparison import SCHEMA, write_comparison
from allennlp_heads.reports.probing.groups import ProbeRun, read_groups, results_of
from allennlp_heads.reports.probing.strip import LEVEL


@Verb.register("probe-compare")
class ProbeCompare(Verb):
    """
    Compares the probes of groups of runs, such as encoders without training, trained for one task
    and for several, label by label, with paired tests. Writes `probe_comparison.*`.
    """

    description = SHIPPED["probe-compare"]
    example = "allennlp heads probe-compare static=out/static MTL-5=out/mtl -o out/compared"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "groups",
            nargs="+",
            metavar="GROUP",
            help="NAME=RUN,RUN: runs that repeat each other, folders with what 'heads probe' or "
            "the callback 'head_probe' wrote; runs without NAME= form groups by what they were "
            "trained for, called pos+dep, or static",
        )
        add_output(parser)
        parser.add_argument(
            "--reference",
            metavar="NAME",
            help="the group that the others are compared with (default: the first)",
        )
        add_task(parser, "all that can be compared")
        add_rounds(parser)
        add_seed(parser)
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        folder = report_folder(args.output_dir, (), SCHEMA, args.force)
        groups = read_groups(args.groups)
        reference = args.reference or next(iter(groups))
        found = {}
        for task, results in results_of(groups, reference, args.task).items():
            try:
                found[task] = compare_probes(results, reference, args.rounds, args.seed)
            except ValueError as error:
                raise ConfigurationError(
                    f"task '{task}': {error} ({_runs(groups, task)})"
                ) from error
        write_comparison(folder, found, _about(groups), args.seed)
        write_answer(args, summary(found), folder, [f"{SCHEMA}.json"])
        return 0


def summary(found: Mapping[str, ProbeComparison]) -> Iterator[str]:
    """What a person wants to know first, line by line: of each task, then of each group."""
    for task, comparison in found.items():
        items = sum(comparison.counts)
        yield f"{task}, {items:,} items, each label by its head:"
        for name, scores in comparison.overall.items():
            yield f"  {name}: {_score(scores['weighted'], comparison.reference)}"
            changed = _changed(comparison, name)
            if changed:
                yield f"    labels that differ (p < {LEVEL} after Holm's correction): {changed}"


def _score(score: GroupScore, reference: str) -> str:
    text = f"{percent(score.mean)} %"
    if score.std is not None:
        text += f" (std {percent(score.std)} over {len(score.runs)} runs)"
    if score.against is not None:
        test = score.against
        text += f", {_signed(test.difference)} [{_signed(test.low)}, {_signed(test.high)}]"
        text += f" against {reference}, {p_text(test.p_value)}"
    return text


def _changed(comparison: ProbeComparison, name: str) -> str:
    found = []
    for label, score in zip(comparison.labels, comparison.by_label[name]):
        test = score.against
        if test is not None and test.adjusted is not None and test.adjusted < LEVEL:
            found.append(f"{label} {_signed(test.difference)}")
    return ", ".join(found)


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _runs(groups: Mapping[str, list[ProbeRun]], task: str) -> str:
    """Which runs those are that messages count."""
    found = {
        name: [run.folder for run in runs if task in run.results] for name, runs in groups.items()
    }
    return "; ".join(f"{name}: {', '.join(folders)}" for name, folders in found.items() if folders)


def _about(groups: Mapping[str, list[ProbeRun]]) -> dict[str, Any]:
    return {
        "runs": {
            name: [{"folder": run.folder, "seed": run.seed} for run in runs]
            for name, runs in groups.items()
        }
    }
