"""`allennlp heads probe-compare`: what training changed in what the heads know."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing import GroupScore, ProbeComparison, compare_probes
from allennlp_heads.commands.report_folder import report_folder
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

    description = "Compare the probes of several runs, label by label."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "groups",
            nargs="+",
            metavar="GROUP",
            help="NAME=RUN,RUN: runs that repeat each other, folders with what 'heads probe' or "
            "the callback 'head_probe' wrote; runs without NAME= form groups by what they were "
            "trained for, called pos+dep, or static",
        )
        parser.add_argument(
            "-o", "--output-dir", required=True, metavar="OUT", help="folder to write"
        )
        parser.add_argument(
            "--reference",
            metavar="NAME",
            help="the group that the others are compared with (default: the first)",
        )
        parser.add_argument(
            "--task",
            action="append",
            metavar="TASK",
            help="only this task; may be given several times (default: all that can be compared)",
        )
        parser.add_argument(
            "--rounds", type=int, default=10_000, help="of bootstrap and randomisation"
        )
        parser.add_argument("--seed", type=int, default=0, help="of these")
        parser.add_argument(
            "-f", "--force", action="store_true", help="replace a report that is there"
        )

    def run(self, args: argparse.Namespace) -> int:
        if args.rounds < 1 or args.seed < 0:
            raise ConfigurationError("--rounds must be at least 1, and --seed at least 0")
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
        sys.stdout.write("\n".join([*summary(found), f"Written: {folder}", ""]))
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
