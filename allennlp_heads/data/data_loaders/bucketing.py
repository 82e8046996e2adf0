"""Which examples share a batch: similar lengths, little padding."""

from collections.abc import Sequence

from allennlp_heads.data.data_loaders.randomness import seeded


def bucket(
    lengths: Sequence[int], batch_size: int, tokens_per_batch: int, seed: int | None = None
) -> list[list[int]]:
    """
    Cut examples into batches of similar length, the longest first, so that a batch too large for
    the memory shows at once.

    # Parameters

    lengths : `Sequence[int]`
        Length of each example, in pieces.
    batch_size : `int`
        At most this many examples a batch.
    tokens_per_batch : `int`
        At most this many pieces a batch, padding included: examples times the longest. A single
        example longer than this is a batch of its own; nothing is dropped.
    seed : `int`, optional (default = `None`)
        Puts examples of equal length in a random order; without it they keep theirs.

    # Returns

    `List[List[int]]`
        Indices into `lengths`, each exactly once.
    """
    order = list(range(len(lengths)))
    if seed is not None:
        seeded("ties", seed).shuffle(order)
    order.sort(key=lambda index: -lengths[index])
    batches: list[list[int]] = []
    room = 0
    for index in order:
        if room == 0:
            batches.append([])
            room = max(1, min(batch_size, tokens_per_batch // max(1, lengths[index])))
        batches[-1].append(index)
        room -= 1
    return batches
