"""Every tree there is over a few words, for comparison; words from 1, ROOT is 0."""

from functools import cache
from itertools import product

import torch


def is_tree(heads: tuple[int, ...]) -> bool:
    """Whether every word's chain of heads ends in ROOT."""
    for word in range(1, len(heads) + 1):
        seen = set()
        while word:
            if word in seen:
                return False
            seen.add(word)
            word = heads[word - 1]
    return True


def is_projective(heads: tuple[int, ...]) -> bool:
    """Whether all words between a tree's head and its dependent descend from the head."""

    def descends(word: int, ancestor: int) -> bool:
        while word not in (0, ancestor):
            word = heads[word - 1]
        return word == ancestor

    return all(
        descends(between, head)
        for word, head in enumerate(heads, start=1)
        for between in range(min(word, head) + 1, max(word, head))
    )


@cache
def trees(words: int, single_root: bool, projective: bool) -> torch.Tensor:
    """All trees of a kind, shape `[trees, words]`."""
    found = [
        heads
        for heads in product(range(words + 1), repeat=words)
        if (heads.count(0) == 1 or not single_root)
        and is_tree(heads)
        and (not projective or is_projective(heads))
    ]
    return torch.tensor(found)


def total(scores: torch.Tensor, heads: torch.Tensor) -> torch.Tensor:
    """The score of head vectors `[..., words]` under scores `[dependent, head]`."""
    words = heads.size(-1)
    return scores[torch.arange(1, words + 1), heads].sum(-1)


def best_total(scores: torch.Tensor, single_root: bool, projective: bool) -> torch.Tensor:
    """The highest score of all trees of a kind."""
    return total(scores, trees(scores.size(0) - 1, single_root, projective)).max()
