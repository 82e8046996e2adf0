"""Whether structured tasks that open the same gates are also less dissociated."""

from __future__ import annotations

import numpy

from allennlp_heads.analysis.dissociation import Dissociation
from allennlp_heads.analysis.task_similarity import Association, similarity_test
from allennlp_heads.reports.overlap import Overlap


def with_gates(found: Dissociation, gates: Overlap | None) -> list[str]:
    """
    A paragraph about the correlation over pairs of tasks, or nothing where there are no such gates
    or a pair's D is undefined.

    # Parameters

    found : `Dissociation`
    gates : `Overlap`, optional
        Of groups of runs that are named after the tasks which they train alone.
    """
    if gates is None or not set(found.tasks) <= set(gates.names):
        return []
    places = [gates.names.index(task) for task in found.tasks]
    alike = gates.correlation[numpy.ix_(places, places)]
    d = numpy.zeros(alike.shape)
    for pair in found.pairs:
        one, other = found.tasks.index(pair.first), found.tasks.index(pair.second)
        d[one, other] = d[other, one] = pair.d
    apart = ~numpy.eye(len(d), dtype=bool)
    if len(d) < 3 or not numpy.isfinite(d[apart]).all() or not numpy.isfinite(alike[apart]).all():
        return []
    test = similarity_test(d, alike)
    return [
        f"D of the {test.pairs} pairs against Pearson's r of the gates that these tasks learn "
        f"alone (the section on removed heads): {_text('Pearson', test.pearson)}, "
        f"{_text('Spearman', test.spearman)}; two-sided, of {test.permutations} permutations of "
        "the tasks. If tasks dissociate less the more their gates have in common, it is negative.",
        "",
    ]


def _text(name: str, found: Association) -> str:
    return f"{name} {found.r:+.2f} (p = {found.p_value:.2f})"
