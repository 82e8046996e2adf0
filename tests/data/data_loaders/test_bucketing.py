from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.data_loaders.bucketing import bucket

LENGTHS = st.lists(st.integers(0, 30), max_size=60)


@given(LENGTHS, st.integers(1, 9), st.integers(1, 70), st.none() | st.integers(-5, 5))
def test_every_example_once_and_within_both_budgets(
    lengths: list[int], batch_size: int, tokens: int, seed: int | None
) -> None:
    batches = bucket(lengths, batch_size, tokens, seed)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[index] for index in batch)
        assert len(batch) <= batch_size
        assert len(batch) == 1 or len(batch) * longest <= tokens
    assert batches == bucket(lengths, batch_size, tokens, seed)


@given(LENGTHS, st.integers(1, 9), st.integers(1, 70))
def test_no_batch_could_take_the_next_example(lengths: list[int], size: int, tokens: int) -> None:
    batches = bucket(lengths, size, tokens, seed=1)
    for batch in batches[:-1]:
        longest = max(1, lengths[batch[0]])  # nothing takes less room than one piece
        assert len(batch) == size or (len(batch) + 1) * longest > tokens


@given(LENGTHS, st.integers(0, 5))
def test_longest_first(lengths: list[int], seed: int) -> None:
    flat = [lengths[index] for batch in bucket(lengths, 4, 50, seed) for index in batch]
    assert flat == sorted(lengths, reverse=True)


def test_ties_keep_their_order_without_a_seed_and_not_with_one() -> None:
    lengths = [3] * 40 + [5] * 40
    assert sum(bucket(lengths, 7, 1000), []) == [*range(40, 80), *range(40)]
    one, two = (sum(bucket(lengths, 7, 1000, seed), []) for seed in (1, 2))
    assert one != two
    assert sorted(one[:40]) == sorted(two[:40]) == list(range(40, 80))
