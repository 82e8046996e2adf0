"""What the tests say, in words that their outcome chooses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy

from allennlp_heads.analysis import least_p_value
from allennlp_heads.analysis.transfer import RANDOM
from docs.transfer.comparisons import OTHER_RESTARTS, TESTED, Against, Results
from docs.transfer.plan import MEASURES, TASK, title_of

LEVEL = 0.05
BETTER, WORSE, AS_WELL, UNDECIDED = "better", "worse", "as well", "undecided"
_WORDS = {BETTER: "better", WORSE: "worse", AS_WELL: "as well within the margin"}


def verdict(results: Results, row: Against) -> str:
    """
    What a comparison with TaskEmb says: a difference at the level after correction, or else that
    the interval leaves out all losses beyond the margin, or nothing.
    """
    difference, lower, _ = row.gain
    if row.adjusted < LEVEL:
        return BETTER if difference > 0 else WORSE
    return AS_WELL if lower > -results.margin(row.measure) else UNDECIDED


def is_above_chance(results: Results, method: str) -> bool:
    """In both measures that tests are made of."""
    return all(results.above_chance.get((method, name), 1.0) < LEVEL for name in TESTED)


def answer(results: Results) -> list[str]:
    """The question of the page, answered as far as the tests allow."""
    rows = results.about_heads
    if not rows:
        return ["- There is no embedding of heads beside a TaskEmb: the question cannot be asked."]
    return [_answered(results, rows), *(_told(results, row) for row in rows), *_least(results)]


def about_chance(results: Results) -> list[str]:
    """Which methods rank better than at random."""
    methods = [name for name in results.shown if name != RANDOM]
    lines = []
    for measure in TESTED:
        above = [name for name in methods if results.above_chance[name, measure] < LEVEL]
        lines.append(
            f"- Better than random rankings in {MEASURES[measure]}: {len(above)} of "
            f"{len(methods)} methods{_in_brackets(above)}."
        )
    return lines


def about_others(results: Results) -> list[str]:
    """Every other method against TaskEmb, counted."""
    lines = []
    for measure in TESTED:
        rows = [row for row in results.about_others if row.measure == measure]
        found = [verdict(results, row) for row in rows]
        parts = []
        for word in (BETTER, WORSE, AS_WELL):
            names = [row.method for row, said in zip(rows, found) if said == word]
            parts.append(f"{len(names)} rank {_WORDS[word]}" + _in_brackets(names))
        if rows:
            lines.append(
                f"- Of {len(rows)} other methods against {title_of(TASK)} in {MEASURES[measure]} "
                f"{', '.join(parts)}, and {found.count(UNDECIDED)} are undecided."
            )
    return lines


def about_transfer(results: Results) -> list[str]:
    """Whether there is anything to predict: gains, and how well they come back."""
    matrix = results.matrix
    differences = (matrix.performance - matrix.baseline)[~numpy.eye(len(matrix.tasks), dtype=bool)]
    known = differences[numpy.isfinite(differences)]
    lines = []
    if known.size:
        lines.append(
            f"- Of {known.size} measured transfers {int((known > 0).sum())} are above direct "
            f"fine-tuning, by {known.mean():+.2f} points in the mean of all (from "
            f"{known.min():+.1f} to {known.max():+.1f})."
        )
    missing = results.measured.missing
    if missing:
        lines.append(f"- {len(missing)} of the cells are missing; nothing is put there.")
    return [*lines, *_noise(results)]


def _noise(results: Results) -> Iterator[str]:
    if not results.by_restart:
        yield "- One restart only: what is chance in these scores cannot be told from what is not."
        return
    scores = results.matrix.scores
    whole = numpy.isfinite(scores).all(axis=-1)
    deviation = 100 * float(scores[whole].std(axis=-1, ddof=1).mean())
    found = results.by_restart[OTHER_RESTARTS]
    yield (
        f"- The same transfer differs between restarts by {deviation:.2f} points (mean standard "
        "deviation); the ranking of sources measured with the other restarts correlates with that "
        f"of one restart by {found['spearman']:.2f} (Spearman, mean over targets)."
    )


def _answered(results: Results, rows: Sequence[Against]) -> str:
    said = [verdict(results, row) for row in rows]
    number = results.sizes[rows[0].method]
    whole = f"the whole of {title_of(TASK)} ({results.sizes[TASK]:,} numbers)"
    asked = f"Does an embedding of {number} numbers, one a head, rank sources as well as {whole}?"
    if not is_above_chance(results, TASK):
        answered = (
            f"This experiment cannot say: {title_of(TASK)} itself is not clearly better than "
            "random rankings in both measures, so that to equal it would mean nothing"
        )
        if BETTER in said:
            answered += f"; against it, {_where(rows, said, BETTER)}"
    elif set(said) <= {BETTER, AS_WELL}:
        answered = "Yes, within the margins, in both measures and by both kinds of numbers"
    elif WORSE in said:
        answered = f"No: {_where(rows, said, WORSE)}"
    elif set(said) == {UNDECIDED}:
        answered = "Undecided: no difference is significant, and none is shown to be small"
    else:
        answered = f"Undecided as a whole: {_where(rows, said, BETTER, AS_WELL)}"
    return f"- **{asked}** {answered}."


def _where(rows: Sequence[Against], said: Sequence[str], *words: str) -> str:
    return "; ".join(
        f"{_WORDS[word]} by {title_of(row.method)} in {MEASURES[row.measure]}"
        for row, word in zip(rows, said)
        if word in words
    )


def _told(results: Results, row: Against) -> str:
    difference, lower, upper = row.gain
    margin = f"{results.margin(row.measure):.3g}"
    words = {
        BETTER: "better",
        WORSE: "worse",
        AS_WELL: f"as well, since a loss of more than {margin} is ruled out",
        UNDECIDED: f"undecided, since a loss of more than {margin} is not ruled out",
    }
    return (
        f"- {title_of(row.method)}, {MEASURES[row.measure]}: {difference:+.3f} ({lower:+.3f} to "
        f"{upper:+.3f}; positive is better), p (Holm) {row.adjusted:.4f}: "
        f"{words[verdict(results, row)]}."
    )


def _least(results: Results) -> Iterator[str]:
    """What the number of targets allows."""
    targets = int(numpy.isfinite(results.evaluations[TASK].measures[TESTED[0]].targets).sum())
    for rows, name in (
        (results.about_heads, "embeddings of heads"),
        (results.about_others, "other methods"),
    ):
        if rows:
            least = min(1.0, least_p_value(targets) * len(rows))
            text = f"- The {len(rows)} tests of {name} have {targets} targets, which share their "
            text += f"sources. The least p (Holm) that all of them could have is {least:.4f}"
            more = ", so that they can hardly decide anything" if least >= LEVEL else ""
            yield f"{text}{more}."


def _in_brackets(methods: Sequence[str]) -> str:
    return f" ({'; '.join(map(title_of, methods))})" if methods else ""
