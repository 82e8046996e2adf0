from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.topic_pairs import topic_pairs


def _check(topics: list[int], pairs: list[tuple[int, int]]) -> None:
    """The four properties of the specification, and as many pairs as items."""
    assert len(pairs) == len(topics)
    assert Counter(place for pair in pairs for place in pair) == dict.fromkeys(
        range(len(topics)), 2
    )
    assert all(a != b for a, b in pairs)
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    assert 2 * sum(topics[a] == topics[b] for a, b in pairs) == len(topics)


def _possible(sizes: list[int]) -> bool:
    """The bounds on pairs across topics, from the items that must and can have them."""
    items = sum(sizes)
    if items < 4 or items % 2 or (len(sizes) == 2 and items % 4):
        return False
    return sum(size < 3 for size in sizes) <= items // 2 <= 2 * (items - max(sizes))


@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=9),
    seed=st.integers(0, 9),
    data=st.data(),
)
def test_properties(sizes: list[int], seed: int, data: st.DataObject) -> None:
    topics = data.draw(
        st.permutations([topic for topic, size in enumerate(sizes) for _ in range(size)])
    )
    if _possible(sizes):
        pairs = topic_pairs(topics, seed)
        _check(topics, pairs)
        assert pairs == topic_pairs(topics, seed)
    else:
        with pytest.raises(ValueError):
            topic_pairs(topics, seed)


def _graphs(nodes: int) -> list[list[tuple[int, int]]]:
    """All graphs in which each node has two neighbours."""
    found: list[list[tuple[int, int]]] = []

    def extend(edges: list[tuple[int, int]], left: list[int]) -> None:
        open_nodes = [node for node in range(nodes) if left[node]]
        if not open_nodes:
            found.append(edges)
            return
        first, *rest = open_nodes
        for others in combinations(rest, left[first]):
            fewer = list(left)
            fewer[first] = 0
            for other in others:
                fewer[other] -= 1
            extend([*edges, *((first, other) for other in others)], fewer)

    extend([], [2] * nodes)
    return found


def _partitions(total: int, largest: int) -> Iterator[list[int]]:
    if total == 0:
        yield []
    for size in range(min(total, largest), 0, -1):
        for rest in _partitions(total - size, size):
            yield [size, *rest]


@pytest.mark.parametrize("items", range(1, 9))
def test_refused_only_where_no_graph_has_the_properties(items: int) -> None:
    graphs = _graphs(items)
    for sizes in _partitions(items, items):
        topics = [topic for topic, size in enumerate(sizes) for _ in range(size)]
        possible = any(2 * sum(topics[a] == topics[b] for a, b in g) == items for g in graphs)
        assert possible == _possible(sizes)
        if possible:
            _check(topics, topic_pairs(topics, 1))
        else:
            with pytest.raises(ValueError):
                topic_pairs(topics, 1)


def test_as_random_as_the_paper_describes_it() -> None:
    topics = [place % 4 for place in range(4000)]
    pairs = topic_pairs(topics, 7)
    same = Counter(place for a, b in pairs if topics[a] == topics[b] for place in (a, b))
    first = Counter(a for a, _ in pairs)
    for counts in (same, first):  # a quarter 0, a half 1, a quarter 2: two fair coins
        shares = Counter(counts[place] for place in range(4000))
        assert shares[0] == pytest.approx(1000, abs=100)
        assert shares[1] == pytest.approx(2000, abs=150)
    across = Counter((topics[a], topics[b]) for a, b in pairs if topics[a] != topics[b])
    assert min(across.values()) > 110 and max(across.values()) < 230  # 167 each expected
    assert pairs != topic_pairs(topics, 8)


@pytest.mark.parametrize(
    "sizes, reason",
    [
        ([3, 2], "an even number"),
        ([1, 1], "an even number"),
        ([7, 1], "at most three quarters"),
        ([8], "at most three quarters"),
        ([1, 1, 1, 1], "only one or two items"),
        ([3, 3], "half of 6 is odd"),
    ],
)
def test_reasons(sizes: list[int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        topic_pairs([topic for topic, size in enumerate(sizes) for _ in range(size)], 0)
