"""`allennlp heads overlap`: which heads the gates of several runs open, and who shares them."""

from __future__ import annotations

import argparse
import math
import sys

from allennlp.common.checks import ConfigurationError

from allennlp_heads.commands.verb import Verb
from allennlp_heads.reports.markup import p_text, plural
from allennlp_heads.reports.overlap import Overlap, measure
from allennlp_heads.reports.overlap_files import write_overlap
from allennlp_heads.reports.overlap_groups import read_groups


@Verb.register("overlap")
class ShowOverlap(Verb):
    """
    Reads the gates of any number of runs and writes their overlap into a folder: `overlap.json`,
    `overlap.npz`, tables and pictures. Runs of the same tasks are repeats of each other; a run
    with gates for each task counts for each of them.
    """

    description = "Compare the heads that the gates of several runs open."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "runs",
            nargs="+",
            metavar="RUN",
            help="folder of a run with 'gate_report', or of a model that 'heads prune' wrote",
        )
        parser.add_argument("-o", "--output", required=True, metavar="OUT", help="folder to write")
        parser.add_argument(
            "--names",
            nargs="+",
            metavar="NAME",
            help="names of the groups of runs, in the order in which they are first given",
        )
        parser.add_argument(
            "--threshold", type=float, default=1e-3, help="a head is open when its gate is above"
        )
        parser.add_argument(
            "--draws", type=int, default=10_000, help="random masks in each permutation test"
        )
        parser.add_argument("--seed", type=int, default=0, help="of the permutation tests")

    def run(self, args: argparse.Namespace) -> int:
        if not 0 <= args.threshold < 1:
            raise ConfigurationError(f"--threshold must be in [0, 1), not {args.threshold}")
        if args.draws < 1 or args.seed < 0:
            raise ConfigurationError("--draws must be at least 1, and --seed at least 0")
        groups = read_groups(args.runs, args.names)
        overlap = measure(groups, args.threshold, args.draws, args.seed)
        write_overlap(overlap, args.output)
        sys.stdout.write("\n".join([*_summary(overlap), f"written into {args.output}", ""]))
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
