"""Whether the heads of a sentence make a tree."""

from collections.abc import Sequence

from allennlp_heads.nn.trees import find_cycle


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
    cycle = find_cycle(heads)
    if cycle:
        around = " is ".join(str(word) for word in [*cycle, cycle[0]])
        return cycle[0] - 1, f"cycle: head of word {around}."
    return None
