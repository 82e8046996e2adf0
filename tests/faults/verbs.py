"""A command line of every verb that writes, small enough to be repeated often."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults.world import World

Words = list[Any]

WRITING: dict[str, Callable[[World, Path], Words]] = {
    "importance": lambda w, out: [w.run, "-o", out, "--examples", 4, "--rounds", 5],
    "dissociate": lambda w, out: [
        *[w.run, "-o", out, "--examples", 4, "--draws", 1],
        *["--rounds", 5, "--max-instances", 4],
    ],
    "probe": lambda w, out: [w.run, "-o", out, "--task", "pos", "--random-weights", 0],
    "prune": lambda w, out: [w.run, "-o", out, "--keep", 0.5],
    "embed": lambda w, out: [w.run, "-o", out, "--examples", 4],
    "overlap": lambda w, out: [w.run, w.other, "-o", out, "--rounds", 9],
    "compare": lambda w, out: [w.run, w.other, "-o", out, "--rounds", 9],
    "probe-compare": lambda w, out: [
        *[f"one={w.run}", f"two={w.other}", "-o", out],
        *["--rounds", 9, "--task", "pos"],
    ],
    "similarity": lambda w, out: [w.dissociation, "--similarity", w.similarity, "-o", out],
    "rank": lambda w, out: [w.run / "heads/embeddings", "-o", out],
    "report": lambda w, out: [w.run, "-o", out / "report.html"],
    "submission": lambda w, out: [w.glue, "-o", out, "--data", w.data / "glue"],
    "transfer": lambda w, out: [w.grid, "-s", out],
    "fewshot": lambda w, out: [w.fewshot, "-s", out],
}
"""Verb -> what stands behind it, given where to write."""

GOES_ON = {"transfer", "fewshot"}
"""Verbs that keep what is complete and go on with it; the others begin again, with `-f`."""

WITHOUT_OUTPUT = {"check", "validate"}

TRAINING = {"grid", "search"}
"""Their faults are those of `tests/grid`, `tests/search` and the real grid of `make chaos`."""


def command(verb: str, world: World, out: Path) -> Words:
    """All that stands behind `allennlp-heads`."""
    again = [] if verb in GOES_ON else ["-f"]
    return ["heads", verb, *WRITING[verb](world, out), *again]
