"""Eisner's chart as in the textbook, one sentence and one cell at a time; ROOT has one child."""

from collections.abc import Sequence

Scores = Sequence[Sequence[float]]


def plain_eisner(scores: Scores) -> list[int]:
    """
    The heads of the words 1, 2, ... under `scores[dependent][head]`, ROOT being 0.

    The tree over the words alone is best for each word as its top; the best top with its score
    under ROOT wins.
    """
    words = len(scores) - 1
    charts = [[[0.0] * (words + 1) for _ in range(words + 1)] for _ in range(4)]
    splits = [[[0] * (words + 1) for _ in range(words + 1)] for _ in range(4)]
    right, left, arc_right, arc_left = charts
    for width in range(1, words):
        for i in range(1, words + 1 - width):
            j = i + width
            best, at = max((right[i][k] + left[k + 1][j], k) for k in range(i, j))
            arc_right[i][j], arc_left[i][j] = best + scores[j][i], best + scores[i][j]
            splits[2][i][j] = splits[3][i][j] = at
            right[i][j], splits[0][i][j] = max(
                (arc_right[i][k] + right[k][j], k) for k in range(i + 1, j + 1)
            )
            left[i][j], splits[1][i][j] = max((left[i][k] + arc_left[k][j], k) for k in range(i, j))
    _, top = max((left[1][k] + right[k][words] + scores[k][0], k) for k in range(1, words + 1))
    heads = [0] * (words + 1)
    _follow(splits, heads, 1, 1, top)
    _follow(splits, heads, 0, top, words)
    return heads[1:]


def _follow(splits: list[list[list[int]]], heads: list[int], kind: int, i: int, j: int) -> None:
    """Sets the heads inside a span; kinds 0 to 3 are right, left, arc right and arc left."""
    if i == j:
        return
    k = splits[kind][i][j]
    if kind == 0:
        parts = [(2, i, k), (0, k, j)]
    elif kind == 1:
        parts = [(1, i, k), (3, k, j)]
    else:
        heads[j if kind == 2 else i] = i if kind == 2 else j
        parts = [(0, i, k), (1, k + 1, j)]
    for part in parts:
        _follow(splits, heads, *part)
