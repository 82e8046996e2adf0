"""The files `applied.*`: what came of learning from the first sources of a ranking."""

from __future__ import annotations

import csv
import io
import math
import os
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy

from allennlp_heads.analysis import PairedTest, paired_test
from allennlp_heads.reports.draft import drafted
from allennlp_heads.reports.files import atomic_write, write_report
from allennlp_heads.reports.markup import MARKDOWN, markdown_rows, p_number, percent, plural

SCHEMA, VERSION = APPLIED = "applied", 1
"""Name and version of the schema."""

RANKED, DIRECT, RANDOM = "ranked", "direct", "random"
"""What comes before the target: the first sources of the ranking, nothing, random sources."""


@dataclass(frozen=True)
class Applied:
    """
    # Parameters

    target : `str`
    metric : `str`
    data : `str`
        What was scored: `"test"` or `"validation"`.
    sources : `Sequence[str]`
        Of the ranking, in the order in which they were learned: the best one last.
    random : `Sequence[Sequence[str]]`
        The random sources of each restart.
    scores : `Mapping[str, Sequence[float]]`
        `"ranked"`, `"direct"` and `"random"` -> a score from 0 to 1 for each restart.
    """

    target: str
    metric: str
    data: str
    sources: Sequence[str]
    random: Sequence[Sequence[str]]
    scores: Mapping[str, Sequence[float]]

    def against(self, other: str, seed: int = 0) -> PairedTest:
        """
        The ranked sources minus `"direct"` or `"random"`, over the restarts. Of a single restart
        interval and p-value are `nan`.
        """
        first, second = (numpy.array(self.scores[name]) for name in (other, RANKED))
        found = paired_test(first, second, seed=seed)
        if len(first) > 1:
            return found
        return found._replace(lower=math.nan, upper=math.nan, p_value=math.nan)


def write_applied(
    folder: str | os.PathLike[str],
    found: Sequence[Applied],
    about: Mapping[str, Any],
    seed: int = 0,
) -> list[str]:
    """
    Write `applied.{json,csv,md}`, all together or none.

    # Parameters

    folder : `PathLike`
    found : `Sequence[Applied]`
    about : `Mapping[str, Any]`
        Further keys of the JSON, as `method`, `regime` and `grid`.
    seed : `int`, optional (default = `0`)
        Of the random sources and intervals.

    # Returns

    `List[str]`
        The names of the files.
    """
    texts = {"csv": _csv(found), "md": "\n".join(["# Rankings applied", "", *_table(found), ""])}
    names = [f"{SCHEMA}.{kind}" for kind in ("csv", "json", "md")]
    with drafted(folder, SCHEMA, VERSION) as draft:
        for kind, text in texts.items():
            with atomic_write(draft / f"{SCHEMA}.{kind}") as file:
                file.write(text.encode())
        targets = {one.target: _content(one, seed) for one in found}
        content = {**about, "targets": targets, "files": names}
        write_report(draft / f"{SCHEMA}.json", SCHEMA, VERSION, content, seed)
    return names


def applied_summary(found: Sequence[Applied]) -> Iterator[str]:
    """A line for each target."""
    for one in found:
        means = {name: statistics.fmean(scores) for name, scores in one.scores.items()}
        yield (
            f"{one.target}, {one.metric} of {one.data} data: {percent(means[RANKED])} after "
            f"{', '.join(one.sources)}; {percent(means[DIRECT])} directly, "
            f"{percent(means[RANDOM])} after random sources ({plural(len(one.random), 'restart')})"
        )


def _content(one: Applied, seed: int) -> dict[str, Any]:
    return {
        "metric": one.metric,
        "data": one.data,
        "sources": one.sources,
        "random_sources": one.random,
        "scores": one.scores,
        "against": {name: one.against(name, seed)._asdict() for name in (DIRECT, RANDOM)},
    }


def _csv(found: Sequence[Applied]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["target", "metric", "data", "before", "sources", "restart", "score"])
    for one in found:
        for name, scores in one.scores.items():
            for restart, score in enumerate(scores):
                before = {RANKED: one.sources, DIRECT: [], RANDOM: one.random[restart]}[name]
                row = [one.target, one.metric, one.data, name, " ".join(before), restart]
                writer.writerow([*row, repr(float(score))])
    return file.getvalue()


def _table(found: Sequence[Applied]) -> list[str]:
    text = MARKDOWN.text
    names = ["target", "sources", "scored", "ranked", "direct", "random", "− direct", "− random"]
    rows = []
    for one in found:
        means = [percent(statistics.fmean(one.scores[way])) for way in (RANKED, DIRECT, RANDOM)]
        tests = [_test(one.against(other)) for other in (DIRECT, RANDOM)]
        scored = f"{one.metric}, {one.data}"
        rows.append([text(one.target), text(", ".join(one.sources)), text(scored), *means, *tests])
    legend = (
        "Scores times 100, means over restarts; the best source is learned last. Differences with "
        "95 % intervals of the bootstrap over restarts, and the exact signed-rank p-value; of a "
        "single restart nothing is known but the difference."
    )
    return [legend, "", *markdown_rows(names, rows)]


def _test(test: PairedTest) -> str:
    numbers = [f"{100 * n:+.1f}" for n in (test.difference, test.lower, test.upper)]
    if math.isnan(test.p_value):
        return numbers[0]
    return f"{numbers[0]} ({numbers[1]} to {numbers[2]}), p {MARKDOWN.text(p_number(test.p_value))}"
