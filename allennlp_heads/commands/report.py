"""`allennlp heads report`: one page to look at, of one run or several."""

import argparse
import logging
import os
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from allennlp_heads.commands.answer import write_answer
from allennlp_heads.commands.arguments import add_json
from allennlp_heads.commands.shipped import SHIPPED
from allennlp_heads.commands.verb import Verb

logger = logging.getLogger(__name__)

_LARGE = 5_000_000


@Verb.register("report")
class Report(Verb):
    """
    Writes one HTML page of everything that runs and the verbs left in their folders. It opens in a
    browser without a network; what was not analysed is left out.
    """

    description = SHIPPED["report"]
    example = "allennlp heads report out/demo -o report.html"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "runs",
            nargs="+",
            metavar="RUN",
            help="folder of a run, or one that a verb of 'allennlp heads' wrote; NAME=RUN, "
            "which names it; or the folder of a grid: all its complete runs",
        )
        parser.add_argument(
            "-o",
            "--output-file",
            required=True,
            metavar="FILE",
            help="page to write, as report.html",
        )
        parser.add_argument(
            "-f", "--force", action="store_true", help="replace a page that is there"
        )
        parser.add_argument("--title", metavar="TEXT", help="of the page (default: from the runs)")
        add_json(parser)

    def run(self, args: argparse.Namespace) -> int:
        # the page needs extras, which no other verb does
        from allennlp_heads.grid.runs_of import runs_of
        from allennlp_heads.reports.files import atomic_write
        from allennlp_heads.reports.page.pages import page_of
        from allennlp_heads.reports.page.run_folder import read_runs

        path = _writable(args.output_file, args.force)
        page = page_of(read_runs(runs_of(args.runs)), args.title).encode()
        with atomic_write(path) as file:
            file.write(page)
        if len(page) > _LARGE:
            logger.warning("%s has %.1f MB: pages of fewer runs open sooner", path, len(page) / 1e6)
        write_answer(args, [], path)
        return 0


def _writable(output: str, force: bool) -> Path:
    path = Path(output)
    if path.is_dir():
        raise ConfigurationError(f"{path} is a folder: give a file, as -o {path / 'report.html'}")
    there = next(place for place in path.absolute().parents if place.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise ConfigurationError(f"{path} cannot be written: choose another place with -o")
    if path.exists() and not force:
        raise ConfigurationError(
            f"{path} is there already: choose another file with -o, or replace it with --force"
        )
    return path
