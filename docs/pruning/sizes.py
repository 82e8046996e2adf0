"""Heads kept, sizes and speed of the models without their closed heads."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any, NamedTuple

from docs.pruning.comparisons import Results
from docs.pruning.plan import kept_of
from docs.runs.records import TASKS, Record
from docs.runs.tables import markdown, spread

_MILLION = 1e6
_SPEED = """Size and speed of what is left. Parameters are those of the encoder, megabytes those of
the whole model's weights, what the tasks add to the encoder included (a model of `all_per_task` is
left with one task). Speed is that of the encoder without the closed heads against the one that
multiplies them by zero, on {batch} x {tokens} pieces: expected from the number of multiply-adds,
and measured, the two in turns, while the machine had other work. Expect little: attention's
projections are {share:.0f} % of the multiply-adds, and the feed-forward layers stay. Even without
any heads the encoder would not be twice as fast."""


class Removal(NamedTuple):
    """One set of gates of one run: its record, its set, and the training as the page calls it."""

    training: str
    record: Record
    found: dict[str, Any]


def sizes(results: Results) -> list[str]:
    """The lines about sizes and speed: a text, a table, and what the runs have in common."""
    removals = list(_removals(results))
    trainings = dict.fromkeys(removal.training for removal in removals)
    header = ["training", "heads kept", "parameters, millions", "weights, MB"]
    table = [[*header, "speed expected", "speed measured", "seeds"]]
    for training in trainings:
        runs = [removal for removal in removals if removal.training == training]
        table.append([training, *_cells([removal.found for removal in runs]), str(len(runs))])
    return [*_text(removals), "", *markdown(table), "", *_in_common(removals)]


def _removals(results: Results) -> Iterator[Removal]:
    for setting in dict.fromkeys(row.setting for row in results.rows()):
        for record in results.gated(setting).values():
            for name in sorted(record["sets"], key=_place):
                found = record["sets"][name]
                own = f"{setting}: {name.upper()}" if len(record["sets"]) > 1 else setting
                yield Removal(own, record, found)


def _cells(sets: list[dict[str, Any]]) -> list[str]:
    about = [found["pruning"] for found in sets]
    kept = ", ".join(str(_kept(found)) for found in sets)
    speeds = [found["cost"]["expected_speedup"] for found in about]
    measured = [found["measured"]["speedup"] for found in about]
    return [
        f"{kept} of {sets[0]['heads']}",
        _change([found["parameters"]["encoder"] for found in about]),
        _change([found["bytes"] for found in about]),
        spread(speeds, 2),
        spread(measured, 2),
    ]


def _change(sizes: list[dict[str, int]]) -> str:
    before, after = (
        statistics.mean(size[when] for size in sizes) / _MILLION for when in ("before", "after")
    )
    return f"{before:.2f} to {after:.2f}"


def _text(removals: list[Removal]) -> list[str]:
    about = removals[0].found["pruning"]
    measured, cost = about["measured"], about["cost"]
    text = _SPEED.format(
        batch=measured["batch"],
        tokens=measured["tokens"],
        share=100 * cost["attention_projections_share"],
    )
    return text.splitlines()


def _in_common(removals: list[Removal]) -> list[str]:
    reached = sum(abs(_kept(removal.found) - _wanted(removal)) <= 1 for removal in removals)
    differences = [
        difference
        for removal in removals
        for difference in removal.found["pruning"]["largest_difference"].values()
    ]
    return [
        f"{reached} of {len(removals)} sets of gates keep within one head of the number aimed at. "
        "The outputs of the masked, the removed and the reloaded encoder differ by "
        f"{max(differences):.0e} at most."
    ]


def _place(name: str) -> int:
    return TASKS.index(name) if name in TASKS else -1


def _kept(found: dict[str, Any]) -> int:
    return sum(map(len, found["kept"]))


def _wanted(removal: Removal) -> int:
    return kept_of(removal.found["heads"], removal.record["budget"]["target"])
