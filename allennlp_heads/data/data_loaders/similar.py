"""Batches of similar length next to each other, so that workers need not wait for each other."""

from collections.abc import Hashable, Sequence

from allennlp_heads.data.data_loaders.randomness import seeded

Batch = tuple[str, int]

WINDOW = 64
"""Groups among which batches change places: of more, more would be alike, and less at random."""


def with_similar_neighbours(
    order: Sequence[Batch], pools: Sequence[Hashable], together: int, seed: int, epoch: int
) -> list[Batch]:
    """
    Batches change places within windows, such that those of a group are of similar length.

    In every window each pool's batches go, from the longest to the shortest, to the groups in one
    random order of these, so that groups of several pools are alike, too.

    # Parameters

    order : `Sequence[Tuple[str, int]]`
        Task and index of the batch for each step; the batches of a task are numbered from the
        longest to the shortest.
    pools : `Sequence[Hashable]`
        Of each step: it keeps its pool.
    together : `int`
        The size of a group; the first begins with the first step.
    seed, epoch : `int`
        The result depends on the arguments only.

    # Returns

    `List[Tuple[str, int]]`
        The same batches, each not further from its place than a window is long.
    """
    found = list(order)
    window = WINDOW * together
    for start in range(0, len(found), window):
        steps = range(start, min(start + window, len(found)))
        turns = list(range(-(-len(steps) // together)))
        seeded("similar", seed, epoch, start).shuffle(turns)
        places: dict[Hashable, list[int]] = {}
        for step in sorted(steps, key=lambda step: turns[(step - start) // together]):
            places.setdefault(pools[step], []).append(step)
        for own in places.values():
            for place, batch in zip(own, sorted(order[step] for step in own)):
                found[place] = batch
    return found
