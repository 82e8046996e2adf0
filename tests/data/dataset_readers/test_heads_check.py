from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.dataset_readers.heads_check import problem_with_heads


def _reaches_root(heads: tuple[int, ...], word: int) -> bool:
    for _ in heads:
        word = heads[word - 1]
        if word == 0:
            return True
    return False


def test_against_brute_force() -> None:
    for size in range(1, 6):
        for heads in product(range(size + 1), repeat=size):
            tree = all(_reaches_root(heads, word) for word in range(1, size + 1))
            problem = problem_with_heads(heads)
            assert (problem is None) == tree, heads
            if problem is not None and problem[1].startswith("cycle"):
                assert not _reaches_root(heads, problem[0] + 1)


@given(st.lists(st.integers(-3, 9), max_size=6))
def test_out_of_range_is_found(heads: list[int]) -> None:
    bad = [index for index, head in enumerate(heads) if not 0 <= head <= len(heads)]
    problem = problem_with_heads(heads)
    if bad:
        assert problem is not None and problem[0] <= bad[0]


def test_what_it_says() -> None:
    assert problem_with_heads([0, 3, 4, 2]) == (1, "cycle: head of word 2 is 3 is 4 is 2.")
    assert problem_with_heads([2, 1]) == (0, "no root: no word of this sentence has head 0.")
    assert problem_with_heads([0, 2]) == (1, "word 2 is its own head.")
    assert problem_with_heads([0, 3]) == (
        1,
        "head 3 is out of range, the sentence has 2 words.",
    )
    assert problem_with_heads([0, 0]) is None


def test_long_chains_need_no_recursion() -> None:
    assert problem_with_heads(range(200_000)) is None
