"""
Trains and scores what the tables of answered questions beside classified texts in
`docs/results.md` need.

    HEADS_DATA=data python -m docs.qa_nli_sa --jobs 2

Every run is an ordinary `allennlp-heads train` of a configuration in `training_configs/qa_nli_sa/`,
with its seed and the budget added: each task alone, with as many updates as the others or half as
many, mixed with others, or one after the other. Every run is scored after each of its epochs, on
all development examples; nothing is chosen by these scores. It leaves one record in
`docs/results/qa_nli_sa/`. Started again, the command skips runs that have a record and goes on with
those that were cut off. `python docs/build_results.py` makes tables and picture.
"""

from __future__ import annotations

import argparse
import logging
import sys

from docs.qa_nli_sa.plan import QaBudget, Run, all_runs
from docs.qa_nli_sa.record import read_record
from docs.qa_nli_sa.run import do
from docs.runs.many import add_options, do_all, is_done


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when a run failed."""
    parser = _parser()
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("runs").setLevel(logging.INFO)
    try:
        budget = QaBudget(
            given.sentences,
            given.epochs,
            given.settings,
            given.overlay,
            updates=given.updates,
            encoder_lr=given.encoder_lr,
            head_lr=given.head_lr,
        )
    except ValueError as error:
        parser.error(str(error))

    def do_new(run: Run, threads: int) -> bool:
        if is_done(given.results / f"{run.name}.json", budget, read_record):
            return False
        do(run, budget, given.out, given.results, given.hardware, threads)
        return True

    return do_all(all_runs(given.seeds), given, do_new)


def _parser() -> argparse.ArgumentParser:
    default = QaBudget()
    parser = argparse.ArgumentParser(
        prog="python -m docs.qa_nli_sa",
        description="Trains and scores the tables of answered questions beside classified texts.",
    )
    add_options(parser, "qa_nli_sa")
    parser.set_defaults(epochs=default.epochs)
    parser.add_argument(
        "--updates", type=int, default=default.updates, help="of every run but those of half length"
    )
    parser.add_argument("--encoder-lr", type=float, help="instead of that of the settings")
    parser.add_argument("--head-lr", type=float, help="instead of that of the settings")
    return parser


if __name__ == "__main__":
    sys.exit(main())
