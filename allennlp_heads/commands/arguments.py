"""Arguments that several verbs have, with one name, letter and meaning in all of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable

_SPLITS = ("train", "validation", "test")


def at_least(least: int) -> Callable[[str], int]:
    """The `type` of an argument: a whole number from `least` on; argparse says what else it is."""

    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is no whole number") from None
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}, not {value}")
        return value

    return number


def add_archive(parser: argparse.ArgumentParser) -> None:
    """`ARCHIVE`: a trained model."""
    parser.add_argument(
        "archive", metavar="ARCHIVE", help="an archived trained model, or the folder of its run"
    )


def add_output(parser: argparse.ArgumentParser, whole: bool = False, default: str = "") -> None:
    """
    `-o`, where a verb writes, and `-f`, which lets it replace what is there.

    # Parameters

    parser : `argparse.ArgumentParser`
    whole : `bool`, optional (default = `False`)
        Whether the verb writes a folder as a whole, not a report beside others.
    default : `str`, optional (default = `""`)
        Where it writes without `-o`, in words; nothing makes the option a required one.
    """
    parser.add_argument(
        "-o",
        "--output-dir",
        required=not default,
        metavar="OUT",
        help="folder to write, not there yet"
        if whole
        else "folder to write into" + f" (default: {default})" * bool(default),
    )
    parser.add_argument(
        "-f",
        "--force",
        action="store_true",
        help="replace the folder if it is there" if whole else "replace a report that is there",
    )


def add_serialization_dir(parser: argparse.ArgumentParser, parts: str) -> None:
    """`-s`, the folder of a verb that trains and goes on where it was: of its `parts`."""
    parser.add_argument(
        "-s",
        "--serialization-dir",
        required=True,
        metavar="OUT",
        help=f"folder to write; finished {parts} that lie there are not repeated",
    )


def add_task(parser: argparse.ArgumentParser, which: str = "all") -> None:
    """`--task`, which may be given several times; `which` are meant without it."""
    parser.add_argument(
        "--task",
        action="append",
        metavar="TASK",
        help=f"only this task; may be given several times (default: {which})",
    )


def add_split(parser: argparse.ArgumentParser) -> None:
    """`--split`: which data of an archive's configuration is read."""
    parser.add_argument(
        "--split",
        choices=_SPLITS,
        default="train",
        help="which data of the archive's configuration",
    )


def add_rounds(
    parser: argparse.ArgumentParser,
    default: int = 10_000,
    of: str = "of bootstrap and randomisation",
    dest: str = "rounds",
) -> None:
    """`--rounds`: how often results are resampled, for intervals and tests."""
    parser.add_argument(
        "--rounds", type=at_least(1), default=default, metavar="N", dest=dest, help=of
    )


def add_seed(parser: argparse.ArgumentParser, of: str = "of everything that is drawn") -> None:
    """`--seed`, and what it is the seed `of`."""
    parser.add_argument("--seed", type=at_least(0), default=0, metavar="N", help=of)


def add_weights_file(parser: argparse.ArgumentParser) -> None:
    """`--weights-file`, as AllenNLP's own commands have it."""
    parser.add_argument(
        "--weights-file", metavar="FILE", help="a path that overrides which weights file to use"
    )


def add_cuda_device(parser: argparse.ArgumentParser) -> None:
    """`--cuda-device`, as AllenNLP's own commands have it."""
    parser.add_argument("--cuda-device", type=int, default=-1, help="id of GPU to use (if any)")


def add_json(parser: argparse.ArgumentParser) -> None:
    """`--json`, for the verbs that end with `write_answer`."""
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON document: where the files are, the summary, and the reports",
    )
