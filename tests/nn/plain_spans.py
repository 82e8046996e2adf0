"""Binary trees over spans: all of them one by one, and charts as in the textbook."""

import math
from collections.abc import Iterator, Sequence

Spans = list[tuple[int, int]]
Scores = Sequence[Sequence[float]]


def all_trees(start: int, end: int) -> Iterator[Spans]:
    """The spans of each binary tree over the words from start to end (inclusive)."""
    if start == end:
        yield [(start, end)]
    for middle in range(start, end):
        for left in all_trees(start, middle):
            for right in all_trees(middle + 1, end):
                yield [(start, end), *left, *right]


def plain_inside(scores: Scores) -> float:
    """The log-partition of one sentence under `scores[start][end]`, one cell at a time."""
    words = len(scores)
    inside = {(i, i): scores[i][i] for i in range(words)}
    for width in range(1, words):
        for i in range(words - width):
            j = i + width
            ways = [inside[i, k] + inside[k + 1, j] for k in range(i, j)]
            highest = max(ways)
            total = math.log(sum(math.exp(way - highest) for way in ways))
            inside[i, j] = scores[i][j] + highest + total
    return inside[0, words - 1]


def plain_cky(scores: Scores) -> Spans:
    """The spans of the best tree of one sentence, one cell at a time, in order."""
    words = len(scores)
    best = {(i, i): scores[i][i] for i in range(words)}
    splits = {}
    for width in range(1, words):
        for i in range(words - width):
            j = i + width
            highest, splits[i, j] = max((best[i, k] + best[k + 1, j], k) for k in range(i, j))
            best[i, j] = scores[i][j] + highest
    spans, waiting = [], [(0, words - 1)]
    while waiting:
        i, j = waiting.pop()
        spans.append((i, j))
        if i < j:
            waiting += [(i, splits[i, j]), (splits[i, j] + 1, j)]
    return sorted(spans)
