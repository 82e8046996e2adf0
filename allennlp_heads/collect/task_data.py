"""The examples of several tasks, for analyses that read them as often as they like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import MetadataField

from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.data.data_loaders.prebuilt import AnyBatch, build_batches, copy_batch
from allennlp_heads.data.data_loaders.randomness import seeded
from allennlp_heads.data.fields import warn_of_unseen_labels


class TaskData:
    """
    Batches of one task each, the same in every pass. No random generator is touched.

    # Parameters

    instances : `Mapping[str, Sequence[Instance]]`
        The examples of each task, in the order of its file.
    vocab : `Vocabulary`
    paths : `Mapping[str, str]`
        Where each task's examples come from.
    batch_size : `int`, optional (default = `32`)
        At most this many examples a batch.
    tokens_per_batch : `int`, optional (default = `6400`)
        At most this many pieces a batch, padding included.
    limit : `int`, optional (default = `None`)
        Take this many examples of each task, drawn at random; all of a task that has no more.
    seed : `int`, optional (default = `0`)
        Of this draw.
    device : `torch.device`, optional (default = `torch.device("cpu")`)
        Where the batches are put: the model's.

    Raises `ConfigurationError` for a task without examples and a number that is not positive.
    """

    def __init__(
        self,
        instances: Mapping[str, Sequence[Instance]],
        vocab: Vocabulary,
        paths: Mapping[str, str],
        batch_size: int = 32,
        tokens_per_batch: int = 6400,
        limit: int | None = None,
        seed: int = 0,
        device: torch.device = torch.device("cpu"),
    ) -> None:
        given = {"batch_size": batch_size, "tokens_per_batch": tokens_per_batch, "limit": limit}
        for name, number in given.items():
            if number is not None and number < 1:
                raise ConfigurationError(f"'{name}' is {number}: give at least 1 (limit: examples)")
        self.paths = dict(paths)
        self.vocab = vocab
        self.batch_size = batch_size
        self.tokens_per_batch = tokens_per_batch
        self.device = device
        self._instances = {
            task: _drawn(task, _named(task, found), limit, seed)
            for task, found in instances.items()
        }
        self._batches: dict[str, list[AnyBatch]] = {}

    @classmethod
    def of_loader(
        cls, loader: object, limit: int | None = None, seed: int = 0, batch_size: int | None = None
    ) -> TaskData:
        """
        The examples of a loader, whose position in the training data does not move.

        # Parameters

        loader : `DataLoader`
            `multitask_bucketed`, and indexed.
        limit, seed :
            See above.
        batch_size : `int`, optional
            By default the loader's own.

        Raises `ConfigurationError` for another loader.
        """
        if not isinstance(loader, MultiTaskBucketed) or loader.vocab is None:
            raise ConfigurationError(
                f"the examples of each task are known to the data loader 'multitask_bucketed' "
                f"only, not to {type(loader).__name__}: set the type of 'data_loader' to it"
            )
        return cls(
            loader.instances,
            loader.vocab,
            loader.paths,
            batch_size or loader.batch_size,
            loader.tokens_per_batch,
            limit,
            seed,
            loader.device,
        )

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks, sorted."""
        return sorted(self._instances)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of examples of each task."""
        return {task: len(self._instances[task]) for task in self.tasks}

    def instances(self, task: str) -> list[Instance]:
        """
        The examples of a task in the order of its file, each with the field `example`, its index in
        the file.

        Raises `ConfigurationError` for an unknown task.
        """
        self._check(task)
        return list(self._instances[task])

    def batches(self, task: str) -> Iterator[AnyBatch]:
        """
        The batches of a task, longest examples first: what a model's `forward` takes, with `task`
        (once an example) and `example` (for each its index in the file). Built at the first call
        and kept on the CPU.

        Raises `ConfigurationError` for an unknown task.
        """
        self._check(task)
        if task not in self._batches:
            self._batches[task] = build_batches(
                self._instances[task], self.vocab, self.batch_size, self.tokens_per_batch
            )
        return (copy_batch(batch, self.device) for batch in self._batches[task])

    def chunks(
        self, task: str, size: int, seed: int = 0, limit: int | None = None
    ) -> Iterator[TaskData]:
        """
        A task's examples in a random order, cut into pieces of `size` (the last may be smaller), as
        far as the first `limit` of them. Every piece is a sample of the task's examples, as the
        batches, which go by length, are not; and only its batches are in memory.

        Raises `ConfigurationError` for an unknown task.
        """
        self._check(task)
        instances = list(self._instances[task])
        seeded("chunks", seed, task).shuffle(instances)
        instances = instances[:limit]
        for start in range(0, len(instances), size):
            yield TaskData(
                {task: instances[start : start + size]},
                self.vocab,
                self.paths,
                self.batch_size,
                self.tokens_per_batch,
                device=self.device,
            )

    def warn_of_unseen_labels(self, task: str) -> bool:
        """
        Log the labels that the vocabulary lacks, of the examples that were made into batches so
        far. Returns whether there are any.
        """
        self._check(task)
        return warn_of_unseen_labels(task, self.paths.get(task, task), self._instances[task])

    def _check(self, task: str) -> None:
        if task not in self._instances:
            raise ConfigurationError(
                f"there is no data of a task '{task}': the tasks are {self.tasks}"
            )


def _named(task: str, instances: Sequence[Instance]) -> Sequence[Instance]:
    """With the fields `task` and `example`, which our loader and its readers add."""
    if not instances:
        raise ConfigurationError(f"the task '{task}' has no examples")
    for number, instance in enumerate(instances):
        if "example" not in instance.fields:
            instance.add_field("example", MetadataField(number))
        if "task" not in instance.fields:
            instance.add_field("task", MetadataField(task))
    return instances


def _drawn(
    task: str, instances: Sequence[Instance], limit: int | None, seed: int
) -> list[Instance]:
    if limit is None or limit >= len(instances):
        return list(instances)
    places = seeded("examples", seed, task).sample(range(len(instances)), limit)
    return [instances[place] for place in sorted(places)]
