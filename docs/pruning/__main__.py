"""
Trains, prunes and scores what the table about removed heads in `docs/results.md` needs.

    HEADS_DATA=data python -m docs.pruning --sentences 1000 --epochs 6 --jobs 2

A run with learned gates is an `allennlp-heads train` of a shipped configuration in
`training_configs/stem_cell/gate`, with its seed, the budget and the target added; `allennlp-heads
evaluate` on the test files, with the gates as they are and with gates of 0 and 1; `allennlp-heads
heads prune`; and `allennlp-heads evaluate` of the smaller archive. A baseline is a training, with
the same budget, data and seed, of `training_configs/stem_cell/{single,joint}` with a fixed mask of
as many heads: random ones, or those with the largest weights in the pretrained encoder.

Every run leaves one record in `docs/results/pruning/`. Started again, the command skips runs that
have a record and goes on with those that were cut off. `python docs/build_results.py` makes tables
and picture of the records; scores before pruning are those of `python -m docs.five_tasks`.
"""

from __future__ import annotations

import argparse
import logging
import sys

from docs.pruning.plan import PruningBudget, Run, all_runs
from docs.pruning.record import read_record
from docs.pruning.run import do
from docs.runs.many import add_options, do_all, is_done


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when a run failed."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("runs").setLevel(logging.INFO)
    budget = PruningBudget(
        given.sentences,
        given.epochs,
        given.settings,
        given.overlay,
        given.test_sentences,
        given.target,
    )

    def do_new(run: Run, threads: int) -> bool:
        if is_done(given.results / f"{run.name}.json", budget, read_record):
            return False
        do(run, budget, given.out, given.results, given.hardware, threads)
        return True

    return do_all(all_runs(given.seeds, given.other_seeds), given, do_new)


def _parser() -> argparse.ArgumentParser:
    default = PruningBudget()
    parser = argparse.ArgumentParser(
        prog="python -m docs.pruning",
        description="Trains, prunes and scores the table about removed heads.",
    )
    add_options(parser, "pruning")
    parser.set_defaults(settings=default.settings)
    parser.add_argument("--target", type=float, default=default.target, help="share to close")
    parser.add_argument(
        "--other-seeds", type=int, nargs="+", default=[13], help="of ner, con, srl, all_per_task"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
