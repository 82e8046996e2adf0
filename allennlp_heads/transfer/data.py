"""The examples of one task of a grid, read once and made into batches once for each draw."""

from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data.fields import MetadataField

from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.data.data_loaders.prebuilt import AnyBatch, build_batches, copy_batch
from allennlp_heads.data.data_loaders.randomness import seeded
from allennlp_heads.fewshot.data import FewShotData
from allennlp_heads.transfer.grid import TransferGrid


class TransferData(FewShotData):
    """
    # Parameters

    name : `str`
        The task's.
    grid : `TransferGrid`
    device : `torch.device`, optional (default = `torch.device("cpu")`)
        Where batches are put.
    test : `bool`, optional (default = `False`)
        Score all of the task's test data, where it has some.

    Raises `ConfigurationError` that names the task when a file has no example, and when examples
    that are learned from would be scored.
    """

    def __init__(
        self,
        name: str,
        grid: TransferGrid,
        device: torch.device = torch.device("cpu"),
        test: bool = False,
    ) -> None:
        task = grid.task(name).scored_on(name, test)
        tested = task.validation_data_path != grid.task(name).validation_data_path
        limit = None if tested else grid.dev_examples
        try:
            super().__init__(task, limit, device)
        except ConfigurationError as error:
            raise ConfigurationError(f"tasks.{name}: {error}") from error
        for number, instance in enumerate(self._train):
            instance.add_field("example", MetadataField(number))
        self._grid = grid
        self._path = task.train_data_path
        self._warned = False
        self._batches: dict[tuple[str, Optional[int]], list[AnyBatch]] = {}

    def number(self, size: str) -> int:
        """How many examples are learned from: `size` is `"full"` or `"limited"`."""
        wanted = self._grid.limited if size == "limited" else self._grid.full
        return len(self._train) if wanted is None else min(wanted, len(self._train))

    def places(self, size: str, restart: int) -> list[int]:
        """The numbers of the examples that a restart learns from, ascending."""
        number = self.number(size)
        if number == len(self._train):
            return list(range(number))
        draw = seeded("transfer draw", self._grid.seed, self.task, size, restart)
        return sorted(draw.sample(range(len(self._train)), number))

    def batches(self, size: str, restart: int, most: int) -> list[AnyBatch]:
        """
        What a restart learns from, in batches of similar length, on the CPU.

        # Parameters

        size : `str`
        restart : `int`
        most : `int`
            Examples a batch; fewer where texts are long.
        """
        whole = self.number(size) == len(self._train)
        key = ("full", None) if whole else (size, restart)
        if key not in self._batches:
            instances = [self._train[place] for place in self.places(size, restart)]
            self._batches[key] = build_batches(
                instances, self.vocab, most, self._grid.tokens_per_batch
            )
        return self._batches[key]

    def warn_of_unseen_labels(self) -> None:
        """Log which labels that are scored no training example has: once, after they were read."""
        if not self._warned:
            self._warned = True
            self._validation.warn_of_unseen_labels(self.task)

    def on_device(self, batch: AnyBatch) -> dict[str, Any]:
        """A copy as the model takes it."""
        # with the loader's tasks the model says what data without gold lacks
        return {**copy_batch(batch, self._device), "loader_tasks": [self.task]}

    def learned_from(self, size: str, restart: int) -> TaskData:
        """The examples of a restart, for analyses; `example` is their number in the file."""
        drawn = [self._train[place] for place in self.places(size, restart)]
        return TaskData(
            {self.task: drawn},
            self.vocab,
            {self.task: self._path},
            tokens_per_batch=self._grid.tokens_per_batch,
            device=self._device,
        )
