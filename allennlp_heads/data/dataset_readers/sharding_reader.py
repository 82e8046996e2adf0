"""Readers that leave out what other workers read, unless a loader wants all of it."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from allennlp.data import DatasetReader

T = TypeVar("T")


class ShardingReader(DatasetReader):
    """
    Base of readers that skip what is not their worker's before they parse it. AllenNLP's method of
    the same name asks torch which worker this is; here the answer is the reader's
    `get_distributed_info`, so that the loader `multitask_bucketed`, which deals out batches instead
    of examples, can have all examples in every worker.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(
            manual_distributed_sharding=True, manual_multiprocess_sharding=True, **options
        )

    def shard_iterable(self, iterable: Iterable[T]) -> Iterator[T]:
        """The items of this worker of a distributed training and of a loader's processes."""
        items = iter(iterable)
        training, loading = self.get_distributed_info(), self.get_worker_info()
        if training is not None:
            items = islice(items, training.global_rank, None, training.world_size)
        if loading is not None:
            items = islice(items, loading.id, None, loading.num_workers)
        return items if self.max_instances is None else islice(items, self.max_instances)
