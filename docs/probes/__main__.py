"""
Trains and probes what the tables about probes in `docs/results.md` need.

    HEADS_DATA=data python -m docs.probes --sentences 1000 --epochs 6 --jobs 2 --seeds 13 14

Probed are the pretrained encoder as it is (`static`, and with random weights as its baseline), each
of the five tasks trained alone (`pos.<seed>` and so on, of `training_configs/stem_cell/single`) and
all five together (`all.<seed>`, of `training_configs/stem_cell/joint`), pairs where `--pair-seeds`
says so (`pos_dep.<seed>`). A run is an ordinary `allennlp-heads train` of the shipped configuration
with seed and budget added, then `allennlp-heads heads probe` for the tasks that it was trained for:
centroids of the training sentences, heads chosen on the development sentences, scores on the test
sentences. Runs named `*.transductive` probe the same archives as the first seed did, with the test
sentences for everything.

A finished training that lies in `--out` under the name of its run, or a link to one, is probed
without being trained again, if its configuration is the same; trainings of `docs.five_tasks` have
the same names. Every run leaves a record in
`docs/results/probes/`; started again, the command skips runs that have one and goes on with those
that were cut off. The weights of what was trained here are deleted when no run needs them any more,
unless `--keep` says otherwise. `python docs/build_results.py` makes tables and pictures.
"""

from __future__ import annotations

import argparse
import logging
import sys

from docs.probes.plan import ProbesBudget, Run, all_runs
from docs.probes.record import read_record
from docs.probes.run import Place, delete_weights, do
from docs.runs.many import add_options, do_all, is_done


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when a run failed."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("runs").setLevel(logging.INFO)
    budget = ProbesBudget(
        given.sentences,
        given.epochs,
        given.settings,
        given.overlay,
        given.test_sentences,
        given.draws,
        given.random_weights,
    )
    place = Place(given.out, given.results, given.hardware)
    runs = all_runs(given.seeds, given.pair_seeds, given.transductive_seeds)

    def do_new(run: Run, threads: int) -> bool:
        if is_done(place.record_of(run), budget, read_record):
            return False
        do(run, budget, place, threads)
        return True

    # a transductive run probes the archive of another
    status = do_all(runs, given, do_new, wave=lambda run: int(not run.held_out))
    if not given.keep and not given.list:
        delete_weights(runs, place)
    return status


def _parser() -> argparse.ArgumentParser:
    default = ProbesBudget()
    parser = argparse.ArgumentParser(
        prog="python -m docs.probes", description="Trains and probes the tables about probes."
    )
    add_options(parser, "probes")
    parser.set_defaults(sentences=default.sentences, epochs=default.epochs, seeds=[13, 14])
    for option, help_text in (
        ("draws", "samples of the bootstrap"),
        ("random-weights", "encoders with random weights, beside the untouched one"),
    ):
        value = getattr(default, option.replace("-", "_"))
        parser.add_argument(f"--{option}", type=int, default=value, help=help_text)
    parser.add_argument("--pair-seeds", type=int, nargs="*", default=[], help="of the ten pairs")
    parser.add_argument(
        "--transductive-seeds", type=int, nargs="*", default=[13], help="none: no such runs at all"
    )
    parser.add_argument("--keep", action="store_true", help="do not delete weights")
    return parser


if __name__ == "__main__":
    sys.exit(main())
