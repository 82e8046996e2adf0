"""
Tries what `docs/reliability.md` promises.

    HEADS_DATA=data python -m docs.chaos --jobs 2

The stage `faults` tries the table of faults, `tests/faults`. `undisturbed` trains a grid,
`disturbed` the same grid once more, killing the command and all its processes (`kill -9`) at random
moments, and `records` compares the two and writes what was found into `docs/results/chaos/`. What
was stopped goes on where it was when the command is repeated; `--only` takes some of the stages.
`python docs/build_results.py` puts the records into the page.
"""

from __future__ import annotations

import argparse
import logging
import sys

from docs.chaos.content import faults_content, grid_content
from docs.chaos.plan import DISTURBED, FAULTS, UNDISTURBED, ChaosBudget, Stage, all_stages
from docs.chaos.record import FAULTS as TABLE
from docs.chaos.record import GRID, write_record
from docs.chaos.run import JUNIT, train_in_peace, train_under_fire, try_faults
from docs.runs.many import add_options, do_all


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when a stage failed."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("runs").setLevel(logging.INFO)
    budget = ChaosBudget(
        given.sentences,
        given.epochs,
        given.settings,
        given.overlay,
        dev_sentences=given.dev_sentences,
        save_every=given.save_every,
        kills=given.kills,
        kill_seed=given.kill_seed,
        moments=given.moments,
    )

    def do_one(stage: Stage, _: int) -> bool:
        if stage.name == FAULTS:
            try_faults(budget, given.out, given.jobs)
        elif stage.name == UNDISTURBED:
            train_in_peace(budget, given.out, given.jobs)
        elif stage.name == DISTURBED:
            train_under_fire(budget, given.out, given.jobs)
        else:
            _write_records(budget, given)
        return True

    stages = all_stages()
    return do_all(stages, given, do_one, wave=stages.index)


def _write_records(budget: ChaosBudget, given: argparse.Namespace) -> None:
    if (given.out / JUNIT).is_file():
        record = faults_content(given.out, budget, given.hardware)
        write_record(given.results / f"{TABLE}.json", record)
    if (given.out / DISTURBED).is_dir():
        record = grid_content(given.out, budget, given.hardware)
        write_record(given.results / f"{GRID}.json", record)


def _parser() -> argparse.ArgumentParser:
    default = ChaosBudget()
    parser = argparse.ArgumentParser(
        prog="python -m docs.chaos", description="Tries what docs/reliability.md promises."
    )
    add_options(parser, "chaos")
    parser.set_defaults(
        sentences=default.sentences, epochs=default.epochs, settings=default.settings, jobs=2
    )
    for name in ("dev_sentences", "save_every", "kills", "kill_seed", "moments"):
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=int, default=getattr(default, name))
    return parser


if __name__ == "__main__":
    sys.exit(main())
