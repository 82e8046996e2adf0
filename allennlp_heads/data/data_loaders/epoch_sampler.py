"""Which task each step of an epoch trains."""

from collections.abc import Mapping, Sequence

from allennlp.common import Registrable

from allennlp_heads.data.data_loaders.randomness import seeded


class EpochSampler(Registrable):
    """
    Chooses the task of every step of an epoch, or the pool of batches it takes from. Which of the
    pool's batches it gets is not its business, see `BatchOrder`.
    """

    default_implementation = "all_batches"

    def check(self, tasks: Sequence[str]) -> None:
        """Raise `ConfigurationError` for tasks it cannot sample, before their data is read."""

    def begin(self) -> None:
        """
        Called by the data loader before each training epoch. Raise `ConfigurationError` when
        something that the sampler needs of the training is not there. A loader does not know the
        trainer, so whatever provides this must have told the sampler when the training started: the
        callback `phases` sets `Phases.has_callback`.
        """

    def default_length(self, counts: Mapping[str, int]) -> int:
        """The number of steps of an epoch for which none is configured: all batches."""
        return sum(counts.values())

    def pools(self, counts: Mapping[str, int], seed: int) -> dict[str, tuple[str, Sequence[int]]]:
        """
        Which batches are dealt together: all of a pool come before one comes again.

        # Parameters

        counts : `Mapping[str, int]`
            Number of batches of each task.
        seed : `int`

        # Returns

        `Dict[str, Tuple[str, Sequence[int]]]`
            For each pool its task and the indices of its batches. By default each task is a pool of
            its own name.
        """
        return {task: (task, range(count)) for task, count in counts.items()}

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
            The pool of each step, which by default is its task. Must depend on the arguments only:
            a resumed training asks again.
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
