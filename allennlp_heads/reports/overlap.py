"""The numbers of `allennlp heads overlap`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from allennlp_heads.analysis.claims import Claims, count_claims, majority
from allennlp_heads.analysis.overlap import (
    OverlapTest,
    RunToRun,
    correlations,
    overlap_test,
    run_to_run,
)
from allennlp_heads.analysis.significance import holm
from allennlp_heads.reports.markup import plural
from allennlp_heads.reports.overlap_groups import Group
from allennlp_heads.reports.overlap_runs import GateRun


@dataclass
class Overlap:
    """
    What is known about the heads that groups of runs open.

    # Parameters

    groups : `List[Group]`
    exists : `numpy.ndarray`
        `[layers, heads]`, `bool`.
    threshold : `float`
        A head is open when its gate is above.
    draws, seed : `int`
        Of the permutation tests.
    counted : `List[int]`
        The groups in `mean` and `claims`: those of one task where there are at least two such,
        otherwise all.
    means : `numpy.ndarray`
        `[groups, layers, heads]`: each group's mean gates over its runs.
    mean : `numpy.ndarray`
        `[layers, heads]`: the mean of the counted groups' means, so that each group weighs the
        same however many runs it has.
    open_heads : `List[numpy.ndarray]`
        For each group `[runs, layers, heads]`, `bool`.
    correlation : `numpy.ndarray`
        `[groups, groups]`; `nan` on the diagonal.
    run_to_run : `List[RunToRun]`
    jaccard : `OverlapTest`
    adjusted : `numpy.ndarray`
        `[groups, groups]`: the p-values of `jaccard` after Holm, those between groups as one family
        and those within groups as another.
    claimed : `numpy.ndarray`
        `[groups, layers, heads]`, `bool`: open in more than half of the group's runs.
    claims : `Claims`, optional
        Of the counted groups; `None` where there is only one.
    """

    groups: list[Group]
    exists: numpy.ndarray
    threshold: float
    draws: int
    seed: int
    counted: list[int]
    means: numpy.ndarray
    mean: numpy.ndarray
    open_heads: list[numpy.ndarray]
    correlation: numpy.ndarray
    run_to_run: list[RunToRun]
    jaccard: OverlapTest
    adjusted: numpy.ndarray
    claimed: numpy.ndarray
    claims: Claims | None

    @property
    def names(self) -> list[str]:
        """The groups' names."""
        return [group.name for group in self.groups]

    @property
    def counted_runs(self) -> list[GateRun]:
        """The sets of gates of the counted groups: one of each run, or one of each of its tasks."""
        return [run for place in self.counted for run in self.groups[place].runs]

    @property
    def claimed_by(self) -> numpy.ndarray:
        """`[layers, heads]`: how many of the counted groups claim a head."""
        times: numpy.ndarray = self.claimed[self.counted].sum(axis=0)
        return times

    @property
    def counted_as(self) -> str:
        """
        What the counted groups are, for titles: `5 tasks`, or `2 groups` where one is of several
        tasks, or where two are of the same task, alone and with others.
        """
        groups = [self.groups[place] for place in self.counted]
        tasks = {group.runs[0].tasks or (group.name,) for group in groups}
        each = len(tasks) == len(groups) and all(group.one_task for group in groups)
        return plural(len(groups), "task" if each else "group")

    @property
    def correlation_table(self) -> numpy.ndarray:
        """`[groups, groups]`: Pearson's r, and on the diagonal the root of the adjusted R²."""
        table = self.correlation.copy()
        numpy.fill_diagonal(table, [found.adjusted_r for found in self.run_to_run])
        return table


def measure(
    groups: Sequence[Group], threshold: float = 1e-3, draws: int = 10_000, seed: int = 0
) -> Overlap:
    """
    Compare the gates of groups of runs.

    # Parameters

    groups : `Sequence[Group]`
        At least one, all of the same grid.
    threshold : `float`, optional (default = `1e-3`)
    draws : `int`, optional (default = `10000`)
    seed : `int`, optional (default = `0`)

    # Returns

    `Overlap`
    """
    exists = groups[0].runs[0].exists
    grids = [
        numpy.stack([numpy.where(exists, run.gates, 0) for run in group.runs]) for group in groups
    ]
    means = numpy.stack([grid.mean(axis=0) for grid in grids])
    one_task = [place for place, group in enumerate(groups) if group.one_task]
    counted = one_task if len(one_task) > 1 else list(range(len(groups)))
    # in the precision of the report of the gates, so that both count the same heads as open
    limit = numpy.float32(threshold)
    open_heads = [(grid.astype(numpy.float32) > limit) & exists for grid in grids]
    claimed = numpy.stack([majority(masks) for masks in open_heads])
    group_of = numpy.repeat(numpy.arange(len(groups)), [len(grid) for grid in grids])
    test = overlap_test(numpy.concatenate(open_heads), group_of, exists, draws, seed)
    several = len(counted) > 1
    return Overlap(
        list(groups),
        exists,
        threshold,
        draws,
        seed,
        counted,
        means,
        means[counted].mean(axis=0),
        open_heads,
        correlations(means[:, exists]),
        [run_to_run(grid[:, exists]) for grid in grids],
        test,
        _adjust(test.p_values),
        claimed,
        count_claims(claimed[counted], exists, draws, seed) if several else None,
    )


def _adjust(p_values: numpy.ndarray) -> numpy.ndarray:
    adjusted = numpy.full_like(p_values, numpy.nan)
    families = (numpy.tril_indices(len(p_values), -1), numpy.diag_indices(len(p_values)))
    for rows, columns in families:
        found = ~numpy.isnan(p_values[rows, columns])
        rows, columns = rows[found], columns[found]
        adjusted[rows, columns] = adjusted[columns, rows] = holm(p_values[rows, columns])
    return adjusted
