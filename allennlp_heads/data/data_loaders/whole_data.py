"""All examples in every worker of a distributed training."""

from collections.abc import Iterator
from contextlib import contextmanager

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.data.dataset_readers.dataset_reader import DistributedInfo

from allennlp_heads.data.dataset_readers.sharding_reader import ShardingReader


@contextmanager
def whole_data(reader: DatasetReader) -> Iterator[None]:
    """
    While the context manager is open the reader reads everything. In distributed training it would
    leave out what is not its worker's.

    Raises `ConfigurationError` for a reader that does so by itself and cannot be told otherwise.
    """
    readers = list(_inside(reader))
    kept = [one.get_distributed_info() for one in readers]
    if not any(kept):
        yield
        return
    for one in readers:
        if one.manual_distributed_sharding and not isinstance(one, ShardingReader):
            raise ConfigurationError(
                f"data loader 'multitask_bucketed' needs all examples in every process, but the "
                f"reader {type(one).__name__} gives each a part of them: derive it from "
                "ShardingReader, or remove 'distributed'"
            )
        one._set_distributed_info(DistributedInfo(world_size=1, global_rank=0))
    try:
        yield
    finally:
        for one, info in zip(readers, kept):
            one._set_distributed_info(info)


def _inside(reader: DatasetReader) -> Iterator[DatasetReader]:
    """The reader and those it reads with."""
    yield reader
    for value in vars(reader).values():
        found = value.values() if isinstance(value, dict) else [value]
        for one in found:
            if isinstance(one, DatasetReader):
                yield from _inside(one)
