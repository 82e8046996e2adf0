"""
Trains and scores what the table of five tasks in `docs/results.md` needs.

    HEADS_DATA=data python -m docs.five_tasks --epochs 5 --sentences 1000

Every run is an ordinary `allennlp-heads train` of a shipped configuration in
`training_configs/stem_cell/{single,pair,joint}`, with its seed and the budget added, then an
`allennlp-heads evaluate` on the test files. It leaves one record in `docs/results/five_tasks/`.
Started again, the command skips runs that have a record and goes on with one that was cut off.
`python docs/build_results.py` makes the table of the records.
"""

from __future__ import annotations

import argparse
import logging
import sys

from docs.five_tasks.plan import Run, all_runs
from docs.five_tasks.record import read_record
from docs.five_tasks.run import do
from docs.runs.budget import Budget
from docs.runs.many import add_options, do_all, is_done


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when a run failed."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("runs").setLevel(logging.INFO)
    budget = Budget(
        given.sentences, given.epochs, given.settings, given.overlay, given.test_sentences
    )

    def do_new(run: Run, threads: int) -> bool:
        if is_done(given.results / f"{run.name}.json", budget, read_record):
            return False
        do(run, budget, given.out, given.results, given.hardware, threads)
        return True

    return do_all(all_runs(given.seeds, given.pair_seeds), given, do_new)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m docs.five_tasks", description="Trains and scores the table of five tasks."
    )
    add_options(parser, "five_tasks")
    parser.add_argument("--pair-seeds", type=int, nargs="+", default=[13])
    return parser


if __name__ == "__main__":
    sys.exit(main())
