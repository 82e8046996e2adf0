"""Spans selected slowly and plainly, one after the other."""

from typing import Any

Span = tuple[int, int, int]


def conflict(left: Any, right: Any, nested: bool) -> bool:
    """Whether two spans, given by their first and last word, cannot both be kept."""
    mine, other = (set(range(span[0], span[1] + 1)) for span in (left, right))
    if not nested:
        return bool(mine & other)
    return mine == other or bool(mine & other and mine - other and other - mine)


def select(spans: list[Any], scores: list[float], nested: bool) -> list[int]:
    """The places of the accepted spans: the best first, the front one first on a tie."""
    accepted: list[int] = []
    for place in sorted(range(len(spans)), key=lambda place: -scores[place]):
        if not any(conflict(spans[place], spans[other], nested) for other in accepted):
            accepted.append(place)
    return sorted(accepted)


def decode(scores: Any, words: int, nested: bool) -> list[Span]:
    """The spans of one sentence from its scores `[class][first word][last word]`."""
    found: list[Span] = []
    values: list[float] = []
    for start in range(words):
        for end in range(start, words):
            classes = [float(table[start][end]) for table in scores]
            best = max(range(len(classes)), key=lambda number: classes[number])
            if best > 0:
                found.append((start, end, best - 1))
                values.append(classes[best])
    return [found[place] for place in select(found, values, nested)]
