"""What the tables say, counted."""

from __future__ import annotations

from collections.abc import Iterator

from allennlp_heads.analysis import SeedBySeed, least_p_value
from docs.qa_nli_sa.comparisons import Compared, Results
from docs.qa_nli_sa.names import ALONE, HALVED, MEASURES, TITLES, kind_of, row_of
from docs.qa_nli_sa.plan import half_of
from docs.runs.tables import markdown

LEVEL = 0.05
BETTER, WORSE, UNDECIDED = "better", "worse", "undecided"


NOT_IN_ALL = "not in all seeds"


def verdict(row: Compared) -> str:
    """What a comparison says at the level, after correction: of examples, not of seeds."""
    if row.adjusted >= LEVEL:
        return UNDECIDED
    return BETTER if row.found.examples.difference > 0 else WORSE


def verdict_and_seeds(row: Compared) -> str:
    """The same, and whether the seeds disagree on the sign of what is decided."""
    return f"{verdict(row)}, {NOT_IN_ALL}" if _is_doubtful(row) else verdict(row)


def by_kind(results: Results) -> list[str]:
    """How often each way of training is better or worse than the task alone, tasks together."""
    table = [["", "trainings"]]
    for name in (ALONE, HALVED):
        table[0] += [f"higher than {name}", "decided"]
    found: dict[str, dict[bool, list[Compared]]] = {}
    for row in results.compared:
        if row.measure == results.metrics[row.task]:
            sides = found.setdefault(kind_of(row.setting, row.task), {False: [], True: []})
            sides[row.against == half_of(row.task)].append(row)
    for kind, sides in found.items():
        cells = [text for rows in sides.values() for text in (_higher(rows), _decided(rows))]
        table.append([kind, str(max(map(len, sides.values()))), *cells])
    return [*markdown(table), ""] if found else []


def counted(results: Results) -> list[str]:
    """How many settings are better, worse or undecided, and which."""
    lines = []
    for halved, words in ((False, "all its updates"), (True, "half of them")):
        rows = [
            row
            for row in results.compared
            if (row.against == half_of(row.task)) == halved and row.setting != half_of(row.task)
        ]
        if rows:
            lines.append(
                f"- Against the task alone with {words}: of {len(rows)} comparisons {_told(rows)}."
            )
    return [*lines, *_about_length(results), *_about_seeds(results)]


def _told(rows: list[Compared]) -> str:
    words = {word: [row for row in rows if verdict(row) == word] for word in (BETTER, WORSE)}
    parts = [
        f"{len(found)} are {word}{_doubtful(found)}{_listed(found)}"
        for word, found in words.items()
    ]
    undecided = len(rows) - sum(map(len, words.values()))
    return f"{' and '.join(parts)}, and {undecided} are undecided"


def _higher(rows: list[Compared]) -> str:
    higher = sum(row.found.examples.difference > 0 for row in rows)
    return f"{higher} of {len(rows)}" if rows else ""


def _decided(rows: list[Compared]) -> str:
    parts = []
    for word in (BETTER, WORSE):
        found = [row for row in rows if verdict(row) == word]
        parts.append(f"{len(found)} {word}{_doubtful(found)}")
    return "; ".join(parts) if rows else ""


def _doubtful(rows: list[Compared]) -> str:
    number = sum(map(_is_doubtful, rows))
    return f", {number} of them {NOT_IN_ALL}" if number else ""


def _listed(rows: list[Compared]) -> str:
    names = [
        f"{TITLES[row.task]} {MEASURES[row.measure]} {row_of(row.setting, row.task)}"
        + f", {NOT_IN_ALL}" * _is_doubtful(row)
        for row in rows
    ]
    return f" ({'; '.join(names)})" if names else ""


def _about_length(results: Results) -> Iterator[str]:
    rows = [row for row in results.compared if row.setting == half_of(row.task)]
    if rows:
        yield f"- Half the updates against all of them, the task alone: {_told(rows)}."


def _about_seeds(results: Results) -> Iterator[str]:
    over = [row.found for row in results.compared if row.found.over_seeds]
    if over:
        seeds = max(len(found.seeds) for found in over)
        same = sum(_is_one_sided(found) for found in over)
        yield (
            f"- Over seeds: in {same} of {len(over)} comparisons all seeds agree on the sign. With "
            f"{seeds} seeds the signed-rank test cannot give less than {least_p_value(seeds):.4f}"
            f"{_of_level(least_p_value(seeds))}."
        )


def _of_level(least: float) -> str:
    return ", so it decides nothing here, whatever the scores" if least >= LEVEL else ""


def _is_doubtful(row: Compared) -> bool:
    return verdict(row) != UNDECIDED and not _is_one_sided(row.found)


def _is_one_sided(found: SeedBySeed) -> bool:
    signs = [difference > 0 for difference in found.examples.by_run if difference]
    return len(signs) == len(found.seeds) and len(set(signs)) == 1
