"""The order of an epoch's batches."""

from collections import Counter
from collections.abc import Mapping

from allennlp_heads.data.data_loaders.epoch_sampler import EpochSampler
from allennlp_heads.data.data_loaders.randomness import seeded


def batch_order(
    sampler: EpochSampler, counts: Mapping[str, int], length: int, epoch: int, seed: int
) -> list[tuple[str, int]]:
    """
    The batches of a training epoch, as a function of its arguments only: nothing remembers earlier
    epochs, so a resumed training goes on as if it had never stopped.

    A task's batches are dealt from a stack that is shuffled anew whenever it runs out and that goes
    on from epoch to epoch. Thus also a task of which the sampler takes a part only gives all its
    batches before one comes again.

    # Parameters

    sampler : `EpochSampler`
        Says which task each step trains.
    counts : `Mapping[str, int]`
        Number of batches of each task.
    length : `int`
        Number of steps of an epoch.
    epoch : `int`
        From 0.
    seed : `int`

    # Returns

    `List[Tuple[str, int]]`
        Task and index of its batch, for every step.
    """
    dealt: Counter[str] = Counter()
    for earlier in range(epoch):
        dealt.update(sampler.tasks(counts, length, earlier, seed))
    stacks: dict[tuple[str, int], list[int]] = {}
    order = []
    for task in sampler.tasks(counts, length, epoch, seed):
        number, place = divmod(dealt[task], counts[task])
        if (task, number) not in stacks:
            stacks[task, number] = list(range(counts[task]))
            seeded("batches", seed, task, number).shuffle(stacks[task, number])
        order.append((task, stacks[task, number][place]))
        dealt[task] += 1
    return order
