"""Which task each step of an epoch trains."""

from collections.abc import Mapping

from allennlp.common import Registrable

from allennlp_heads.data.data_loaders.randomness import seeded


class EpochSampler(Registrable):
    """
    Chooses the task of every step of an epoch. Which of the task's batches it gets is not its
    business, see `BatchOrder`.
    """

    default_implementation = "all_batches"

    def tasks(self, counts: Mapping[str, int], length: int, epoch: int, seed: int) -> list[str]:
        """
        # Parameters

        counts : `Mapping[str, int]`
            Number of batches of each task.
        length : `int`
            Number of steps of an epoch.
        epoch : `int`
            From 0.
        seed : `int`

        # Returns

        `List[str]`
            The task of each step. Must depend on the arguments only: a resumed training asks again.
        """
        raise NotImplementedError


@EpochSampler.register("all_batches")
class AllBatches(EpochSampler):
    """
    Every batch equally often, tasks mixed at random. An epoch shorter or longer than all batches
    takes up where the one before it ended, so that no batch comes a second time before all came
    once.

    Registered as an `EpochSampler` with name "all_batches", the default.
    """

    def tasks(self, counts: Mapping[str, int], length: int, epoch: int, seed: int) -> list[str]:
        every = [task for task in sorted(counts) for _ in range(counts[task])]
        first, last = epoch * length // len(every), ((epoch + 1) * length - 1) // len(every)
        mixed: list[str] = []
        for number in range(first, last + 1):
            one = list(every)
            seeded("tasks", seed, number).shuffle(one)
            mixed.extend(one)
        start = epoch * length - first * len(every)
        return mixed[start : start + length]
