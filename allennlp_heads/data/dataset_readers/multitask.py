"""Several readers under one roof, one a task."""

from collections.abc import Iterator
from os import PathLike
from typing import Any, Optional, Union

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from allennlp.data.dataset_readers.dataset_reader import DatasetReaderInput
from allennlp.data.dataset_readers.multitask import (
    MultiTaskDatasetReader,
    _MultitaskDatasetReaderShim,
)
from allennlp.data.fields import MetadataField

from allennlp_heads.data.fields import be_lenient


class TaskReader(_MultitaskDatasetReaderShim):
    """
    The reader of one task: adds the field `task` to each instance of `inner`, and lets labels be
    unseen in training. AllenNLP's own loses the keyword arguments of `text_to_instance`.
    """

    def read(self, file_path: DatasetReaderInput) -> Iterator[Instance]:
        for instance in super().read(file_path):
            be_lenient(instance)
            yield instance

    def text_to_instance(self, *inputs: Any, **options: Any) -> Instance:
        instance = self.inner.text_to_instance(*inputs, **options)
        instance.add_field("task", MetadataField(self.head))
        be_lenient(instance)
        return instance


@DatasetReader.register("multitask_heads")
class MultiTaskHeadsReader(MultiTaskDatasetReader):
    """
    AllenNLP's `multitask` reader, with arguments of `text_to_instance` passed on as they were
    given.

    Registered as a `DatasetReader` with name "multitask_heads".

    # Parameters

    readers : `Dict[str, DatasetReader]`
        One reader a task. The tasks' names are also those of the heads and of the data paths.

    Raises `ConfigurationError` when there is no reader.
    """

    def __init__(self, readers: dict[str, DatasetReader]) -> None:
        if not readers:
            raise ConfigurationError(
                "reader 'multitask_heads': 'readers' is empty; give one reader for each task."
            )
        self.readers = {task: TaskReader(reader, task) for task, reader in readers.items()}

    def read(  # type: ignore[override]
        self,
        file_paths: Union[str, PathLike, dict[str, Union[str, PathLike]]],
        *,
        force_task: Optional[str] = None,
    ) -> Union[Iterator[Instance], dict[str, Iterator[Instance]]]:
        """The instances of one task, for predictors; a loader asks the readers of the tasks."""
        if force_task is None:
            raise ConfigurationError(
                "reader 'multitask_heads' reads for a data loader that knows of tasks: set the "
                "'type' of 'data_loader' and 'validation_data_loader' to 'multitask_bucketed'."
            )
        if force_task not in self.readers:
            raise ConfigurationError(
                f"there is no task '{force_task}' to read: the readers are {sorted(self.readers)}."
            )
        return super().read(file_paths, force_task=force_task)
