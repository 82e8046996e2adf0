"""`allennlp heads overlap`: which heads the gates of several runs open, and who shares them."""

from __future__ import annotations

import argparse
import math

from allennlp.common.checks import ConfigurationError

from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import add_json, add_output, add_rounds, add_seed
from allennlp_heads.commands.report_folder import report_folder
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.grid.runs_of import runs_of
from allennlp_heads.reports.markup import p_text, plural
from allennlp_heads.reports.overlap import Overlap, measure
from allennlp_heads.reports.overlap_files import REPORT, write_overlap
from allennlp_heads.reports.overlap_groups import read_groups
from allennlp_heads.reports.overlap_report import SCHEMA


@Verb.register("overlap")
class ShowOverlap(Verb):
    """
    Reads the gates of any number of runs and writes their overlap into a folder: `overlap.json`,
    `overlap.npz`, tables and pictures. Runs of the same tasks are repeats of each other; a run
    with gates for each task counts for each of them.
    """

    description = SHIPPED["overlap"]
    example = "allennlp heads overlap out/pos_dep out/half -o out/overlap"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "runs",
            nargs="+",
            metavar="RUN",
            help="folder of a run with 'gate_report', or of a model that 'heads prune' wrote, "
            "or the folder of a grid: all its complete runs",
        )
        add_output(parser)
        parser.add_argument(
            "--names",
            nargs="+",
            metavar="NAME",
            help="names of the groups of runs, in the order in which they are first given",
        )
        parser.add_argument(
            "--threshold",
            type=float,
            default=1e-3,
            metavar="GATE",
            help="a head is open when its gate is above",
        )
        add_rounds(parser, of="random masks in each permutation test")
        add_seed(parser, "of the permutation tests")
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        if not 0 <= args.threshold < 1:
            raise ConfigurationError(f"--threshold must be in [0, 1), not {args.threshold}")
        folder = report_folder(args.output_dir, (), SCHEMA, args.force)
        groups = read_groups(runs_of(args.runs), args.names)
        overlap = measure(groups, args.threshold, args.rounds, args.seed)
        write_overlap(overlap, folder)
        write_answer(args, _summary(overlap), folder, [REPORT])
        return 0


def _summary(overlap: Overlap) -> list[str]:
    heads = int(overlap.exists.sum())
    lines = []
    for place, group in enumerate(overlap.groups):
        open_heads = overlap.open_heads[place].sum(axis=(1, 2))
        agree = overlap.run_to_run[place].pearson
        line = f"{group.name}: {open_heads.mean():.4g} of {heads} heads open"
        line += f" ({100 * open_heads.mean() / heads:.1f} %), {plural(len(group.runs), 'run')}"
        lines.append(line if math.isnan(agree) else f"{line}, r between runs {agree:.2f}")
    if overlap.claims is not None:
        found = overlap.claims
        common = plural(int(found.observed[-1]), "head")
        lines.append(
            f"claimed by all of {overlap.counted_as}: {common}, by chance "
            f"{found.expected[-1]:.1f} ({p_text(found.exact_p_all)})"
        )
    return lines
