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
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from docs.five_tasks.plan import ROOT, Budget, Run, all_runs
from docs.five_tasks.run import Failed, do, is_done

logger = logging.getLogger("five_tasks")


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when a run failed."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    budget = Budget(
        given.sentences, given.epochs, given.settings, given.overlay, given.test_sentences
    )
    runs = all_runs(given.seeds, given.pair_seeds)
    unknown = set(given.only or []) - {run.name for run in runs}
    if unknown:
        sys.stderr.write(f"no run {', '.join(sorted(unknown))}: see --list\n")
        return 1
    runs = [run for run in runs if not given.only or run.name in given.only]
    if given.list:
        sys.stdout.write("".join(f"{run.name}\t{run.experiment}\n" for run in runs))
        return 0

    def attempt(run: Run) -> bool:
        try:
            if is_done(run, budget, given.results):
                return True
            logger.info("%s: starts", run.name)
            do(run, budget, given.out, given.results, given.hardware, threads)
            logger.info("%s: done", run.name)
            return True
        except (Failed, ConfigurationError, ValueError, RuntimeError, OSError) as error:
            logger.error("%s: %s", run.name, error)
            return False

    threads = max(1, (os.cpu_count() or 1) // given.jobs)
    with ThreadPoolExecutor(given.jobs) as pool:
        failed = [run.name for run, ok in zip(runs, pool.map(attempt, runs)) if not ok]
    logger.info("%d runs, failed: %s", len(runs), ", ".join(failed) or "none")
    return int(bool(failed))


def _parser() -> argparse.ArgumentParser:
    default = Budget()
    parser = argparse.ArgumentParser(
        prog="python -m docs.five_tasks", description="Trains and scores the table of five tasks."
    )
    parser.add_argument("--sentences", type=int, help="training sentences of each task")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--settings", default=default.settings, help="a file of lib/")
    parser.add_argument("--overlay", default=default.overlay, help="Jsonnet added to every run")
    parser.add_argument("--test-sentences", type=int, help="for trials; a table needs all")
    parser.add_argument("--seeds", type=int, nargs="+", default=[13, 14, 15])
    parser.add_argument("--pair-seeds", type=int, nargs="+", default=[13])
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--only", nargs="+", metavar="RUN", help="names out of --list")
    parser.add_argument("--list", action="store_true", help="only name the runs")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "five_tasks")
    parser.add_argument("--results", type=Path, default=ROOT / "docs" / "results" / "five_tasks")
    parser.add_argument("--hardware", default=f"{os.cpu_count()} CPU cores")
    return parser


if __name__ == "__main__":
    sys.exit(main())
