"""A ranking as tables: Markdown and a few lines for people, CSV for programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence

from allennlp_heads.reports.markup import MARKDOWN, markdown_rows
from allennlp_heads.reports.transfer.ranking import Ranking

_FIRST = 5
_COLUMNS = ("target", "source", "method", "rank", "score")


def ranking_csv(ranking: Ranking, targets: Sequence[str]) -> str:
    """A row for each target, main method and allowed source; what is not known is empty."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for target in targets:
        column = list(ranking.tasks).index(target)
        for method in ranking.main:
            for source, rank in ranking.order(method, target):
                score = ranking.methods[method][list(ranking.tasks).index(source), column]
                numbers = ["" if math.isnan(number) else repr(float(number)) for number in (score,)]
                writer.writerow([target, source, method, rank_text(rank, ""), *numbers])
    return file.getvalue()


def ranking_markdown(ranking: Ranking, targets: Sequence[str], method: str) -> str:
    """Target by target the sources, ordered by one method, with their ranks by all main ones."""
    text = MARKDOWN.text
    within = "of the target's own class" if ranking.within else "of all classes"
    lines = ["# Sources for each target", ""]
    lines += [f"Ranks of sources {within}, 1 the best, ordered by {text(method)}.", ""]
    lines += [f"- {text(note)}" for note in ranking.notes]
    lines += [""] if ranking.notes else []
    others = [name for name in ranking.main if name != method]
    names = ["source", "class", text(method), *map(text, others)]
    for target in targets:
        given = {name: dict(ranking.order(name, target)) for name in others}
        rows = [
            [
                *(text(source), text(ranking.classes[source]), rank_text(rank)),
                *(rank_text(given[name][source]) for name in others),
            ]
            for source, rank in ranking.order(method, target)
        ]
        title = f"{target} ({ranking.classes[target]})"
        lines += [f"## {text(title)}", "", *markdown_rows(names, rows), ""]
    return "\n".join(lines)


def ranking_summary(ranking: Ranking, targets: Sequence[str], method: str) -> Iterator[str]:
    """Of each target the first few sources, a line each."""
    width = max(map(len, targets))
    yield f"The first sources for each target, by {method}:"
    for target in targets:
        first = ranking.order(method, target)[:_FIRST]
        shown = ", ".join(f"{rank_text(rank)} {source}" for source, rank in first)
        yield f"  {target:<{width}}  {shown or MARKDOWN.undefined}"


def rank_text(rank: float, undefined: str = MARKDOWN.undefined) -> str:
    """`3`, or `3.5` where two share it."""
    return undefined if math.isnan(rank) else f"{rank:g}"
