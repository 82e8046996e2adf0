"""Options of probes as they are written on a command line, and read from it."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import fields
from typing import Any

from allennlp_heads.analysis.probing.arcs import DIRECTIONS
from allennlp_heads.collect.probing.options import KINDS, PHRASES, SPAN_WORDS, ProbeOptions

_TRANSDUCTIVE = "--transductive"

_CHOSEN: dict[str, tuple[tuple[str, ...], str]] = {
    "kind": (KINDS, "what is probed (default: what the labels of the data are)"),
    "direction": (DIRECTIONS, "which of the two words of an arc must point at the other"),
    "span_words": (SPAN_WORDS, "which words of an argument must point, or be pointed at"),
    "phrases": (PHRASES, "lowest phrases, or all of them by label and height"),
}
_SWITCHED = {
    "diagonal": "whether a word may point at itself",
    "control": "also probe random labels, one for each word form",
    "statistics": "also describe the attention of each head (default: of arcs)",
    "trees": "also score the best tree of the head that attaches words best",
}
_COUNTED = {
    "folds": "of cross-fitting, where there is one file",
    "sentences": "at most so many for centroids, for the choice and for the score, drawn at random "
    "(default: all)",
    "examples": "scored sentences of which to keep what every head looks at, to draw it",
    "random_weights": "copies of the encoder with random weights to probe beside it",
    "rare": "mark labels with fewer scored items",
    "draws": "of the bootstrap",
    "seed": "of all draws",
    "batch_size": "changes no result",
    "max_offset": "largest distance in words that the baseline of fixed offsets tries",
}


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Declare a flag for every option; without it the configuration counts."""
    group = parser.add_argument_group(
        "options of the probes", "They win over the configuration, which wins over these defaults."
    )
    for name, (choices, help_text) in _CHOSEN.items():
        group.add_argument(_flag(name), choices=choices, help=_with_default(name, help_text))
    group.add_argument(
        _flag("head_words"),
        metavar="PATH",
        help=".conllu files with the trees of the same sentences, for --span-words head",
    )
    group.add_argument(
        _TRANSDUCTIVE,
        dest="held_out",
        action="store_const",
        const=False,
        help="take centroids, heads and scores from the sentences to score, as the first seed did",
    )
    for name, help_text in _SWITCHED.items():
        group.add_argument(
            _flag(name),
            action=argparse.BooleanOptionalAction,
            default=None,
            help=_with_default(name, help_text),
        )
    for name, help_text in _COUNTED.items():
        group.add_argument(
            _flag(name), type=int, dest=name, metavar="N", help=_with_default(name, help_text)
        )


def given_options(args: argparse.Namespace) -> dict[str, Any]:
    """The options whose flags were given, by name."""
    values = {field.name: getattr(args, field.name) for field in fields(ProbeOptions)}
    return {name: value for name, value in values.items() if value is not None}


def flags_of(options: ProbeOptions) -> list[str]:
    """The flags that give these options, quoted for a shell."""
    flags = []
    for name, value in options.changed().items():
        if name == "held_out":
            flags.append(_TRANSDUCTIVE)
        elif isinstance(value, bool):
            flags.append(_flag(name) if value else _flag(f"no_{name}"))
        else:
            flags.append(f"{_flag(name)} {shlex.quote(str(value))}")
    return flags


def _with_default(name: str, help_text: str) -> str:
    """Where the default is none, the text says what that means."""
    default = getattr(ProbeOptions(), name)
    if default is None:
        return help_text
    shown = {True: "yes", False: "no"}[default] if isinstance(default, bool) else default
    return f"{help_text} (default: {shown})"


def _flag(name: str) -> str:
    # the verbs' common word for samples of the bootstrap
    return "--rounds" if name == "draws" else f"--{name.replace('_', '-')}"
