"""Compared probes, made up: what training does to each label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from allennlp_heads.analysis.probing.paired_probes import (
    Difference,
    GroupScore,
    ProbeComparison,
)


def comparison(
    labels: Sequence[str], groups: Sequence[str], runs: int = 2, seed: int = 0
) -> ProbeComparison:
    """The first group is the reference; only the first label's differences are significant."""
    random = numpy.random.default_rng(seed)
    counts = [int(3000 / place**1.2) + 2 for place in range(1, len(labels) + 1)]
    base = random.beta(5, 2, len(labels))

    def score(mean: float, against: Difference | None) -> GroupScore:
        each = tuple(mean + 0.01 * run for run in range(runs))
        std = float(numpy.std(each, ddof=1)) if runs > 1 else None
        return GroupScore(float(numpy.mean(each)), std, each, against)

    by_label, overall = {}, {}
    for group in groups:
        first = group == groups[0]
        changes = numpy.zeros(len(labels)) if first else random.normal(-0.05, 0.1, len(labels))
        by_label[group] = [
            score(
                float(base[place] + change),
                None if first else _difference(float(change), 0.01 if place == 0 else 0.5),
            )
            for place, change in enumerate(changes)
        ]
        whole = float(numpy.average(changes, weights=counts))
        test = None if first else _difference(whole, None)
        overall[group] = {
            way: score(0.7 + whole, test) for way in ("weighted", "unweighted", "one_head")
        }
    rare = [count < 20 for count in counts]
    return ProbeComparison("tagger", groups[0], list(labels), counts, rare, by_label, overall)


def _difference(change: float, adjusted: float | None) -> Difference:
    return Difference(change, change - 0.03, change + 0.03, 0.0004, adjusted)
