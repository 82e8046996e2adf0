"""`allennlp heads compare`: any number of runs in one table, with tests and budgets."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from allennlp.common.checks import ConfigurationError

from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import add_json, add_output, add_rounds, add_seed, add_task
from allennlp_heads.commands.report_folder import report_folder
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb
from allennlp_heads.grid.runs_of import runs_of
from allennlp_heads.reports.comparing import (
    EPOCHS,
    SCHEMA,
    VALIDATION,
    Cell,
    TaskTable,
    choose,
    compare_settings,
    notes_of,
    read_settings,
    write_comparison,
)
from allennlp_heads.reports.comparing.tables import score_text, signed
from allennlp_heads.reports.markup import p_number, p_text, plural


@Verb.register("compare")
class Compare(Verb):
    """
    Compares the scores of any number of runs, such as trainings of one task and of several, each
    with some seeds: a table of tasks and settings with spread, differences to the task alone, tests
    over examples and over seeds, Holm's correction, and what was spent. Writes `comparison.*`.
    """

    description = SHIPPED["compare"]
    example = "allennlp heads compare out/pos.13 out/pos_dep.13 -o out/comparison"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "runs",
            nargs="+",
            metavar="RUN",
            help="folder of a run with the callback 'example_scores'; runs that differ in nothing "
            "but seeds and places of files are one setting, named after its tasks; or "
            "NAME=RUN,RUN: all runs of a setting; or the folder of a grid: all its runs",
        )
        add_output(parser)
        parser.add_argument(
            "--data",
            default=VALIDATION,
            metavar="NAME",
            help="compare RUN/scores.NAME.json, which 'allennlp evaluate ... --output-file "
            "RUN/NAME.json' wrote, rather than the validations",
        )
        parser.add_argument("--epoch", choices=EPOCHS, default=EPOCHS[0], help="which validation")
        parser.add_argument(
            "--reference",
            action="append",
            default=[],
            metavar="[TASK=]NAME",
            help="the setting that others are compared with (default: the one that trains the task "
            "alone); may be given several times",
        )
        add_task(parser)
        parser.add_argument(
            "--metric",
            action="append",
            default=[],
            metavar="TASK=METRIC",
            help="another measure of the kept counts than the head's main metric, as "
            "squad=exact_match; may be given several times",
        )
        add_rounds(parser)
        add_seed(parser)
        parser.add_argument(
            "--skip-unfinished", action="store_true", help="leave out runs that are not finished"
        )
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        metrics = _metrics(args.metric)
        folder = report_folder(args.output_dir, (), SCHEMA, args.force)
        runs = runs_of(args.runs, unfinished=True)
        settings, skipped = read_settings(runs, args.data, args.epoch, args.skip_unfinished)
        choices = choose(settings, args.reference, args.task, metrics)
        tables = compare_settings(choices, args.rounds, args.seed)
        notes = notes_of(tables, settings, args.data, args.epoch, skipped)
        epoch = args.epoch if args.data == VALIDATION else None
        about = {"data": args.data, "epoch": epoch, "rounds": args.rounds, "skipped": skipped}
        write_comparison(folder, tables, settings, notes, about, args.seed)
        write_answer(args, [*summary(tables), *notes], folder, [f"{SCHEMA}.json"])
        return 0


def summary(tables: Sequence[TaskTable]) -> Iterator[str]:
    """What a person wants to see first, line by line: of each task, each setting."""
    width = max(len(cell.setting) for table in tables for cell in table.cells)
    for table in tables:
        against = "" if table.reference is None else f", differences to {table.reference}"
        examples = plural(table.examples, "example")
        yield f"{table.task}, {table.metric} of {examples}{against}:"
        for cell in table.cells:
            yield f"  {cell.setting:<{width}}  {_cell(cell)}"


def _cell(cell: Cell) -> str:
    text = f"{score_text(cell)} ({plural(len(cell.seeds), 'seed')})"
    test = cell.against
    if test is not None:
        text += f"  {signed(test.difference)} [{signed(test.low)}, {signed(test.high)}]"
        text += f", {p_text(test.p_value)}, after Holm {p_number(test.adjusted)}"
    return text


def _metrics(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in given:
        task, _, metric = text.partition("=")
        if not task or not metric:
            raise ConfigurationError(f"--metric {text}: write TASK=METRIC, as squad=exact_match")
        found[task] = metric
    return found
