"""What a comparison finds: a table a task, a cell a setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from allennlp_heads.reports.comparing.spent import Spent

LEVEL = 0.05
"""Below this a p-value, after Holm's correction, is marked."""


@dataclass(frozen=True)
class Against:
    """
    A setting minus the reference, over the seeds that both have.

    # Parameters

    seeds : `Sequence[int]`
    difference, low, high : `float`
        Of the mean scores, and the 95 % interval of the paired bootstrap over examples.
    by_seed : `Sequence[float]`
    p_value, adjusted : `float`
        Two-sided, of approximate randomisation of examples; and after Holm's correction for all
        comparisons of the report.
    exact : `bool`
        Whether all exchanges of examples were enumerated.
    p_over_seeds, adjusted_over_seeds : `float`, optional
        Of the exact signed-rank test, in the same way; `None` of one seed.
    least_over_seeds : `float`
        The smallest p-value that so many seeds can give.
    """

    seeds: Sequence[int]
    difference: float
    low: float
    high: float
    by_seed: Sequence[float]
    p_value: float
    adjusted: float
    exact: bool
    p_over_seeds: float | None
    adjusted_over_seeds: float | None
    least_over_seeds: float


@dataclass(frozen=True)
class Cell:
    """
    What one setting reaches in one task.

    # Parameters

    setting : `str`
    seeds, scores, epochs : `Sequence`
        Of its runs, by ascending seed; epochs from 0.
    mean : `float`
    std : `float`, optional
        Sample standard deviation; `None` of one run.
    budget : `Spent`, optional
        `None` where it is not known.
    against : `Against`, optional
        `None` of the reference, and where there is none with a common seed.
    differs : `Sequence[str]`, optional (default = `()`)
        In which configuration keys it differs from the reference beside tasks and their mixing.
    chosen_alike : `bool`, optional (default = `None`)
        Whether its best epochs are chosen in the same way as those of the reference; `None` without
        one.
    """

    setting: str
    seeds: Sequence[int]
    scores: Sequence[float]
    epochs: Sequence[int]
    mean: float
    std: float | None
    budget: Spent | None
    against: Against | None = None
    differs: Sequence[str] = ()
    chosen_alike: bool | None = None


@dataclass(frozen=True)
class TaskTable:
    """
    # Parameters

    task : `str`
    metric : `str`
    examples : `int`
        Scored.
    path, digest : `str`, optional
        Of their file.
    reference : `str`, optional
        The setting that the others are compared with.
    alone : `bool`
        Whether that trains nothing but this task.
    cells : `Sequence[Cell]`
        The reference first, then in the order of the settings.
    """

    task: str
    metric: str
    examples: int
    path: str | None
    digest: str | None
    reference: str | None
    alone: bool
    cells: Sequence[Cell]
