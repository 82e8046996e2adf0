"""Dissociation of pairs of tasks beside their similarity: the test, its files and its picture."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy
from allennlp.common.checks import ConfigurationError
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from allennlp_heads.analysis.task_similarity import (
    Association,
    SimilarityTest,
    pair_matrix,
    similarity_test,
)
from allennlp_heads.reports.beside_dots import label_beside
from allennlp_heads.reports.charts import chart
from allennlp_heads.reports.dissociation_pairs import dissociation_file, read_pairs
from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.figures import save_figure
from allennlp_heads.reports.files import write_report
from allennlp_heads.reports.markup import p_text
from allennlp_heads.reports.similarity_file import read_similarity
from allennlp_heads.training.run_info import file_digests

SCHEMA, VERSION, STEM = "task_similarity", 1, "task_similarity"

# points from a dot to its label: right of it first, then around
_OFFSETS = ((5, 3), (5, -9), (-5, 3), (-5, -9), (0, 8), (0, -14), (5, 12), (-5, 12), (5, -18))
_DOT = 5  # half the width of a dot, pixels


@dataclass(frozen=True)
class TaskSimilarity:
    """
    # Parameters

    tasks : `List[str]`
    dissociation, similarity : `numpy.ndarray`
        `[tasks, tasks]`, symmetric: D in percent, and whatever the similarity is measured in.
    test : `SimilarityTest`
    alpha : `float`, optional
        The share of masked heads that was asked for.
    seed : `int`
        Of the permutations.
    files : `Dict[str, Optional[str]]`
        What was read, with SHA-256.
    """

    tasks: list[str]
    dissociation: numpy.ndarray
    similarity: numpy.ndarray
    test: SimilarityTest
    alpha: float | None
    seed: int
    files: dict[str, str | None]

    @property
    def pairs(self) -> list[tuple[str, str, float, float]]:
        """Every pair of tasks, its D and its similarity."""
        return [
            (self.tasks[row], self.tasks[column], float(d), float(s))
            for row, column in zip(*numpy.triu_indices(len(self.tasks), 1))
            for d, s in [(self.dissociation[row, column], self.similarity[row, column])]
        ]


def measure_similarity(
    folders: Sequence[str],
    similarity: str,
    tasks: Sequence[str] | None = None,
    alpha: float | None = None,
    rounds: int = 10_000,
    seed: int = 0,
) -> TaskSimilarity:
    """
    Correlate D with a similarity over all pairs of tasks.

    # Parameters

    folders : `Sequence[str]`
        Folders with a dissociation report; several are pooled.
    similarity : `str`
        A file, see `read_similarity`.
    tasks : `Sequence[str]`, optional (default = `None`)
        Only these; by default all that the reports have.
    alpha : `float`, optional (default = `None`)
        Share of masked heads, where a report has several.
    rounds, seed : `int`, optional (default = `10000`, `0`)
        Of the permutations, see `similarity_test`.

    Raises `ConfigurationError` that names the pairs for which either number is missing.
    """
    d, alike = read_pairs(folders, alpha), read_similarity(similarity)
    known = sorted({task for pair in d for task in pair})
    chosen = known if tasks is None else list(dict.fromkeys(tasks))
    first, missing = pair_matrix(chosen, d)
    _require(missing, f"{', '.join(folders)} has no D", "Give more folders")
    second, missing = pair_matrix(chosen, alike)
    _require(missing, f"{similarity} has no number", "Add them")
    try:
        test = similarity_test(first, second, rounds, seed)
    except ValueError as error:
        raise ConfigurationError(
            f"heads similarity, tasks {', '.join(chosen) or 'none'}: {error}"
        ) from error
    files = [*(str(dissociation_file(folder)) for folder in folders), similarity]
    return TaskSimilarity(chosen, first, second, test, alpha, seed, file_digests(files))


def write_similarity(found: TaskSimilarity, folder: str | os.PathLike[str]) -> None:
    """Write `task_similarity.json`, `.png` and `.svg`; equal measurements give equal bytes."""
    content = {
        "tasks": found.tasks,
        "alpha": found.alpha,
        "files": found.files,
        "pairs": [
            {"tasks": [one, other], "d": d, "similarity": alike}
            for one, other, d, alike in found.pairs
        ],
        "pearson": found.test.pearson._asdict(),
        "spearman": found.test.spearman._asdict(),
        "permutations": found.test.permutations,
        "exact": found.test.exact,
    }
    with drafted(folder, STEM, VERSION) as draft:
        save_figure(similarity_figure(found), draft / STEM)
        write_report(draft / f"{STEM}.json", SCHEMA, VERSION, content, seed=found.seed)


def summary(found: TaskSimilarity) -> str:
    """One line for people."""
    test = found.test
    how = "all" if test.exact else "random"
    return (
        f"{test.pairs} pairs of {len(found.tasks)} tasks: Pearson's r {_text(test.pearson)}, "
        f"Spearman's rho {_text(test.spearman)}; {test.permutations} permutations of the tasks "
        f"({how})"
    )


def similarity_figure(found: TaskSimilarity) -> Figure:
    """A dot for each pair of tasks."""
    title = (
        f"Dissociation and similarity of {found.test.pairs} pairs of tasks: Pearson's r "
        f"{_text(found.test.pearson)}, Spearman's rho {_text(found.test.spearman)}"
    )
    figure, axes = chart(6.0, 4.4, title)
    axes.scatter([pair[3] for pair in found.pairs], [pair[2] for pair in found.pairs], color="0.2")
    axes.margins(0.15)
    axes.grid(color="0.9")
    axes.set_axisbelow(True)
    axes.set_xlabel("similarity")
    axes.set_ylabel("dissociation D, %")
    figure.canvas.draw()  # the layout, and with it the room of each label, is known only then
    points = axes.transData.transform([(alike, d) for _, _, d, alike in found.pairs])
    taken = [Bbox.from_bounds(x - _DOT, y - _DOT, 2 * _DOT, 2 * _DOT) for x, y in points]
    for one, other, d, alike in found.pairs:
        taken.append(label_beside(axes, f"{one}, {other}", (alike, d), taken, _OFFSETS))
    return figure


def _require(missing: list[tuple[str, str]], problem: str, advice: str) -> None:
    if missing:
        listed = "; ".join(", ".join(pair) for pair in missing[:10])
        more = f" and {len(missing) - 10} more" if len(missing) > 10 else ""
        raise ConfigurationError(
            f"{problem} for the pairs {listed}{more}. {advice}, or choose tasks with --task"
        )


def _text(association: Association) -> str:
    return f"{association.r:.3f} ({p_text(association.p_value)})"
