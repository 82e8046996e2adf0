"""The texts of the new task, read and indexed once for all runs of all starts."""

from collections.abc import Iterator, Sequence
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, Instance, Vocabulary
from allennlp.data.fields import LabelField

from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.data.data_loaders.prebuilt import copy_batch
from allennlp_heads.data.dataset_readers.multitask import MultiTaskHeadsReader
from allennlp_heads.data.parts import share_examples
from allennlp_heads.data.paths import resolve
from allennlp_heads.fewshot.options import FewShotTask
from allennlp_heads.fewshot.sampling import sample

_FIRST_SEED = 0


class FewShotData:
    """
    # Parameters

    task : `FewShotTask`
    limit : `int`, optional (default = `None`)
        Score only so many validation examples, drawn at random with a fixed seed.
    device : `torch.device`, optional (default = `torch.device("cpu")`)
        Where batches are put.

    Raises `ConfigurationError` when a file has no example, and when both are the same one.
    """

    def __init__(
        self,
        task: FewShotTask,
        limit: Optional[int] = None,
        device: torch.device = torch.device("cpu"),
    ) -> None:
        self.task = task.name
        self._device = device
        if share_examples(resolve(task.train_data_path), resolve(task.validation_data_path)):
            raise ConfigurationError(
                f"task: examples would be drawn from {task.train_data_path} and scored again in "
                f"{task.validation_data_path}: give data of its own to score on"
            )
        reader = MultiTaskHeadsReader({task.name: task.reader}).readers[task.name]
        self._train = list(reader.read(task.train_data_path))
        if not self._train:
            raise ConfigurationError(f"task: nothing was read from {task.train_data_path}")
        self._classes = [_class_of(instance) for instance in self._train]
        self.vocab = Vocabulary.from_instances(self._train)
        self._validation = TaskData(
            {task.name: list(reader.read(task.validation_data_path))},
            self.vocab,
            {task.name: task.validation_data_path},
            limit=limit,
            seed=_FIRST_SEED,
            device=device,
        )

    @property
    def sizes(self) -> dict[str, int]:
        """Number of examples to draw from, and of those that are scored."""
        return {"train": len(self._train), "validation": self._validation.sizes[self.task]}

    def draw(self, number: int, per_class: bool, seed: int) -> list[int]:
        """
        The examples that a run learns from, see `sample`. Raises `ConfigurationError` when there
        are too few, or no classes where `per_class` needs them.
        """
        if per_class and None in self._classes:
            raise ConfigurationError(
                f"per_class: the examples of '{self.task}' have no single label each; set it to "
                "false"
            )
        try:
            return sample(self._classes, number, per_class, seed)
        except ValueError as error:
            raise ConfigurationError(f"examples: {error} to learn from") from error

    def batch(self, examples: Sequence[int]) -> dict[str, Any]:
        """Training examples by their numbers, as the model takes them."""
        batch = Batch([self._train[index] for index in examples])
        batch.index_instances(self.vocab)
        tensors = copy_batch(batch.as_tensor_dict(), self._device)
        # with the loader's tasks the model says what data without gold lacks
        return {**tensors, "loader_tasks": [self.task]}

    def validation(self) -> Iterator[dict[str, Any]]:
        """The validation batches, one after the other, in the same order every time."""
        return self._validation.batches(self.task)


def _class_of(instance: Instance) -> Optional[str]:
    """The one label of the whole text; words with labels of their own have none."""
    labels = [field for field in instance.fields.values() if isinstance(field, LabelField)]
    return str(labels[0].label) if len(labels) == 1 else None
