"""
Trains, masks and scores what the tables about specialised heads in `docs/results.md` need.

    HEADS_DATA=data python -m docs.specialization --jobs 2

Runs are of two kinds. A *training from the pretrained encoder* is an `allennlp-heads train` of a
shipped configuration, five sentence tasks, two of them, or the five structured tasks, then
`allennlp-heads heads importance` on its training data and `allennlp-heads heads dissociate` on data
that it was not trained on. A *training that goes on* starts from the archive of five sentence tasks
of its seed and trains for one more epoch all heads, or only the important, random or least
important ones of the task at hand.

A run is done in stages: `train`, `importance`, `dissociate`, `record`. Each leaves files
in `--out` and is not done again while they are there, unless `--again` says so; the last leaves a
record in `docs/results/specialization/`. Started again, the command skips runs that have a record
and goes on with those that were cut off. Weights are deleted when no run needs them any more,
unless `--keep` says otherwise. `python docs/build_results.py` makes tables and pictures.
"""

from __future__ import annotations

import argparse
import logging
import sys

from docs.runs.many import add_options, do_all, is_done
from docs.specialization.plan import Run, SpecializationBudget, all_runs
from docs.specialization.record import read_record
from docs.specialization.run import STAGES, Place, delete_weights, do


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when a run failed."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if given.again and "train" in given.stages:
        parser.error("--again repeats what follows the training: name those of --stages")
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("runs").setLevel(logging.INFO)
    budget = SpecializationBudget(
        given.sentences,
        given.epochs,
        given.settings,
        given.overlay,
        given.test_sentences,
        given.structured_sentences,
        given.structured_epochs,
        given.scored,
        given.draws,
        given.masked_again,
    )
    place = Place(given.out, given.results, given.hardware)
    runs = all_runs(given.seeds, given.sweep_seeds)

    def do_new(run: Run, threads: int) -> bool:
        if is_done(place.record_of(run), budget, read_record) and not given.again:
            return False
        do(run, budget, place, threads, given.stages, given.again)
        return True

    status = do_all(runs, given, do_new, wave=lambda run: int(run.source is not None))
    if not given.keep and not given.list:
        delete_weights(runs, place)
    return status


def _parser() -> argparse.ArgumentParser:
    default = SpecializationBudget()
    parser = argparse.ArgumentParser(
        prog="python -m docs.specialization",
        description="Trains, masks and scores the tables about specialised heads.",
    )
    add_options(parser, "specialization")
    parser.set_defaults(sentences=default.sentences, epochs=default.epochs)
    for option, help_text in (
        ("structured-sentences", "training sentences of each structured task"),
        ("structured-epochs", "of the structured tasks"),
        ("scored", "examples of each task that a mask is scored on"),
        ("draws", "random masks of each size"),
        ("masked-again", "seed of the trainings that go on whose heads are masked too"),
    ):
        value = getattr(default, option.replace("-", "_"))
        parser.add_argument(f"--{option}", type=int, default=value, help=help_text)
    parser.add_argument(
        "--sweep-seeds", type=int, nargs="*", default=[13], help="of the runs over alpha and start"
    )
    parser.add_argument(
        "--stages", nargs="+", choices=STAGES, default=list(STAGES), help="only these, in order"
    )
    parser.add_argument("--again", action="store_true", help="repeat stages that are done")
    parser.add_argument("--keep", action="store_true", help="do not delete weights")
    return parser


if __name__ == "__main__":
    sys.exit(main())
