"""
Measures what the tables of transfer between tasks in `docs/results.md` need.

    HEADS_DATA=data python -m docs.transfer --jobs 2

Four stages are each an ordinary `allennlp-heads heads transfer` of a grid like
`training_configs/transfer/small.jsonnet`: one measures all cells and embeds the tasks, the others
embed them in another way. The last, `records`, writes what they left into `docs/results/transfer/`,
also while cells are missing. A command that was stopped goes on where it was when it is repeated;
`--only` takes some of the stages, `--cells` some of the cells, and `--restarts` may be raised
later. `python docs/build_results.py` makes tables and pictures.
"""

from __future__ import annotations

import argparse
import logging
import sys

from docs.runs.many import add_options, do_all
from docs.transfer.plan import RECORDS, Stage, TransferBudget, all_stages
from docs.transfer.run import fine_tune, write_records


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when a stage failed."""
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("runs").setLevel(logging.INFO)
    budget = TransferBudget(
        given.sentences,
        given.epochs,
        given.settings,
        given.overlay,
        dev_sentences=given.dev_sentences,
        restarts=given.restarts,
        batch_size=given.batch_size,
        encoder_lr=given.encoder_lr,
        head_lr=given.head_lr,
    )

    def do_one(stage: Stage, _: int) -> bool:
        if stage.name == RECORDS:
            write_records(budget, given.out, given.results, given.hardware)
        else:
            fine_tune(stage, budget, given.out, given.jobs, given.cells)
        return True

    stages = all_stages()
    return do_all(stages, given, do_one, wave=stages.index)


def _parser() -> argparse.ArgumentParser:
    default = TransferBudget()
    parser = argparse.ArgumentParser(
        prog="python -m docs.transfer",
        description="Measures the tables of transfer between tasks.",
    )
    add_options(parser, "transfer")
    parser.set_defaults(
        sentences=default.sentences, epochs=default.epochs, settings=default.settings
    )
    for name in ("dev_sentences", "restarts", "batch_size"):
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=int, default=getattr(default, name))
    for name in ("encoder_lr", "head_lr"):
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=float, default=getattr(default, name))
    parser.add_argument("--cells", nargs="+", metavar="CELL", help="as --only of the verb")
    return parser


if __name__ == "__main__":
    sys.exit(main())
