"""The order of the batches of training epochs."""

from collections import Counter
from collections.abc import Mapping

from allennlp_heads.data.data_loaders.epoch_sampler import EpochSampler
from allennlp_heads.data.data_loaders.randomness import seeded
from allennlp_heads.data.data_loaders.similar import with_similar_neighbours


class BatchOrder:
    """
    The batches of every training epoch, as a function of the arguments only: a training resumed in
    epoch 7 goes on as if it had never stopped.

    The batches of a pool, by default of a task, are dealt from a stack that is shuffled anew
    whenever it runs out and that goes on from epoch to epoch. Thus also a task of which the sampler
    takes a part only gives all its batches before one comes again.

    # Parameters

    sampler : `EpochSampler`
        Says which task, or pool of batches, each step trains.
    counts : `Mapping[str, int]`
        Number of batches of each task.
    length : `int`
        Number of steps of an epoch.
    seed : `int`
    similar : `int`, optional (default = `1`)
        Steps that follow each other and whose batches are of similar length: see
        `with_similar_neighbours`.
    """

    def __init__(
        self,
        sampler: EpochSampler,
        counts: Mapping[str, int],
        length: int,
        seed: int,
        similar: int = 1,
    ) -> None:
        self._sampler = sampler
        self._counts = dict(counts)
        self._length = length
        self._seed = seed
        self._similar = similar
        self._pools = sampler.pools(self._counts, seed)
        # How many batches of each pool were dealt before epoch 0, 1, 2 ...: known of the epochs
        # asked for and those before them, so that a long training does not draw them all again.
        self._dealt: list[Counter[str]] = [Counter()]

    def of_epoch(self, epoch: int) -> list[tuple[str, int]]:
        """
        # Parameters

        epoch : `int`
            From 0.

        # Returns

        `List[Tuple[str, int]]`
            Task and index of its batch, for every step.
        """
        dealt = self._dealt_before(epoch)
        stacks: dict[tuple[str, int], list[int]] = {}
        order, drawn = [], []
        for pool in self._drawn(epoch):
            task, batches = self._pools[pool]
            number, place = divmod(dealt[pool], len(batches))
            if (pool, number) not in stacks:
                stacks[pool, number] = self._stack(pool, number)
            order.append((task, stacks[pool, number][place]))
            drawn.append((pool, number))
            dealt[pool] += 1
        if self._similar > 1:
            order = with_similar_neighbours(order, drawn, self._similar, self._seed, epoch)
        if epoch + 1 == len(self._dealt):
            self._dealt.append(dealt)
        return order

    def _dealt_before(self, epoch: int) -> Counter[str]:
        while len(self._dealt) <= epoch:
            drawn = Counter(self._drawn(len(self._dealt) - 1))
            self._dealt.append(self._dealt[-1] + drawn)
        return self._dealt[epoch].copy()

    def _drawn(self, epoch: int) -> list[str]:
        return self._sampler.tasks(self._counts, self._length, epoch, self._seed)

    def _stack(self, pool: str, number: int) -> list[int]:
        """The `number`-th shuffle of a pool's batches."""
        stack = list(self._pools[pool][1])
        seeded("batches", self._seed, pool, number).shuffle(stack)
        return stack
