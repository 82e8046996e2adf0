"""Pairs of items, each item in two of them, half of the pairs within a topic."""

import random
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

SWAPS = 10
"""Attempted swaps a run; each is moved several times, see `_arranged`."""


def topic_pairs(topics: Sequence[Hashable], seed: int) -> list[tuple[int, int]]:
    """
    Joins items at random so that each is in exactly two pairs, no item is joined with itself, no
    pair occurs twice, and exactly half of the pairs are within a topic (Li et al., 2023, AG-Pair).

    Such pairs are the edges of circles of items. Along a circle, items of one topic follow each
    other in runs, and only the step from a run to the next one crosses topics: n items need n / 2
    runs. The lengths of a topic's runs are a random composition, with the mean 2, so that an item's
    two pairs are of the same kind half of the time, as with a fair coin for each pair.

    # Parameters

    topics : `Sequence[Hashable]`
        The topic of each item.
    seed : `int`
        The same topics and seed give the same pairs.

    # Returns

    `List[Tuple[int, int]]`
        As many pairs of positions in `topics` as there are items, in random order.

    Raises `ValueError` when there are no such pairs, with the reason.
    """
    draw = random.Random(seed)
    members: dict[Hashable, list[int]] = {}
    for place, topic in enumerate(topics):
        members.setdefault(topic, []).append(place)
    _check([len(places) for places in members.values()])
    for places in members.values():
        draw.shuffle(places)
    steps = len(topics) // 2
    circles = _own_circles(members, steps)
    counts = _run_counts({topic: len(places) for topic, places in members.items()}, steps)
    runs = {topic: _cut(places, counts[topic], draw) for topic, places in members.items()}
    circles.append([place for topic in _arranged(counts, draw) for place in runs[topic].pop()])
    pairs = [_either_way(a, b, draw) for circle in circles for a, b in _steps_of(circle)]
    draw.shuffle(pairs)
    return pairs


def _check(sizes: list[int]) -> None:
    """A topic of one or two items cannot keep its pairs to itself; a large one must."""
    items = sum(sizes)
    if items < 4 or items % 2:
        raise ValueError(f"{items} items have no half; an even number, at least 4, is needed")
    if 2 * (items - max(sizes)) < items / 2:
        raise ValueError(
            f"{max(sizes)} of {items} items have the same topic, which leaves too few others for "
            "half of the pairs to be across topics; at most three quarters may"
        )
    small = sum(size < 3 for size in sizes)
    if small > items // 2:
        raise ValueError(
            f"{small} topics have only one or two items, which leaves too few pairs within topics"
        )
    if len(sizes) == 2 and items % 4:
        raise ValueError(
            f"the {items} items have two topics, between which the number of pairs is even, and "
            f"half of {items} is odd; leave out two items"
        )


def _own_circles(members: dict[Hashable, list[int]], steps: int) -> list[list[int]]:
    """Takes topics out that must keep to themselves, as there are more topics than runs."""
    largest = sorted(members, key=lambda topic: len(members[topic]), reverse=True)
    return [members.pop(topic) for topic in largest[: max(0, len(members) - steps)]]


def _run_counts(sizes: dict[Hashable, int], runs: int) -> dict[Hashable, int]:
    """
    How many runs each topic is cut into: about half of its items, and no more than half of all
    runs, since two runs of a topic are never neighbours.
    """
    most = {topic: min(size, runs // 2) for topic, size in sizes.items()}
    counts = {topic: max(1, min(size // 2, most[topic])) for topic, size in sizes.items()}
    missing = runs - sum(counts.values())
    for topic in sorted(counts, key=lambda topic: most[topic] - counts[topic], reverse=True):
        change = min(missing, most[topic] - counts[topic])
        if missing < 0:
            change = max(missing, 1 - counts[topic])
        counts[topic] += change
        missing -= change
    return counts


def _cut(places: list[int], pieces: int, draw: random.Random) -> list[list[int]]:
    cuts = list(range(1, len(places)))
    draw.shuffle(cuts)
    ends = [0, *sorted(cuts[: pieces - 1]), len(places)]
    return [places[start:end] for start, end in zip(ends, ends[1:])]


def _arranged(counts: dict[Hashable, int], draw: random.Random) -> list[Hashable]:
    """
    The runs' topics around the circle, no two neighbours alike: first every second place in order
    of size, then the others, which is always right; then swaps at random that keep it right.
    """
    ordered = [topic for topic, count in Counter(counts).most_common() for _ in range(count)]
    circle: list[Hashable] = list(ordered)
    half = (len(ordered) + 1) // 2
    circle[::2], circle[1::2] = ordered[:half], ordered[half:]
    size = len(circle)
    for _ in range(SWAPS * size):
        a, b = int(draw.random() * size), int(draw.random() * size)
        if _may_stand(circle, a, circle[b]) and _may_stand(circle, b, circle[a]):
            circle[a], circle[b] = circle[b], circle[a]
    return circle


def _may_stand(circle: list[Hashable], place: int, topic: Hashable) -> bool:
    # the place after the last is the first, which counting from the end says without a division
    return circle[place - 1] != topic != circle[place + 1 - len(circle)]


def _steps_of(circle: list[int]) -> Iterable[tuple[int, int]]:
    return zip(circle, [*circle[1:], circle[0]])


def _either_way(a: int, b: int, draw: random.Random) -> tuple[int, int]:
    return (a, b) if draw.random() < 0.5 else (b, a)
