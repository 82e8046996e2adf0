"""Whether the heads of a sentence make a tree."""

from collections.abc import Sequence


def problem_with_heads(heads: Sequence[int]) -> tuple[int, str] | None:
    """
    Look for what keeps heads from being a tree under ROOT, in linear time.

    # Parameters

    heads : `Sequence[int]`
        For each word the number of its head: 0 is ROOT, `i` the i-th word (from 1).

    # Returns

    `Optional[Tuple[int, str]]`
        `None` for a tree (several words may have ROOT as their head, as in some CoNLL-X treebanks);
        otherwise the index (from 0) of the word to blame and a sentence that says why.
    """
    for index, head in enumerate(heads):
        if not 0 <= head <= len(heads):
            return index, f"head {head} is out of range, the sentence has {len(heads)} words."
        if head == index + 1:
            return index, f"word {head} is its own head."
    if 0 not in heads:
        return 0, "no root: no word of this sentence has head 0."
    return _cycle(heads)


def _cycle(heads: Sequence[int]) -> tuple[int, str] | None:
    # the walk that reached a word first; a walk that meets its own trace has gone round
    reached_by = [0] * (len(heads) + 1)
    for start in range(1, len(heads) + 1):
        word = start
        while word and not reached_by[word]:
            reached_by[word] = start
            word = heads[word - 1]
        if word and reached_by[word] == start:
            return word - 1, f"cycle: {_round_trip(heads, word)}."
    return None


def _round_trip(heads: Sequence[int], start: int) -> str:
    words, word = [start], heads[start - 1]
    while word != start:
        words.append(word)
        word = heads[word - 1]
    return "head of word " + " is ".join(str(word) for word in [*words, start])
