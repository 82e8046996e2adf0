"""The loader of multi-task training."""

from collections.abc import Iterator
from itertools import islice
from os import PathLike
from typing import Any, Optional, Union

import torch
from allennlp.common import Params, Tqdm
from allennlp.common.checks import ConfigurationError
from allennlp.data import DataLoader, Instance, Vocabulary
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.data.fields import MetadataField

from allennlp_heads.data.data_loaders.epoch_sampler import AllBatches, EpochSampler
from allennlp_heads.data.data_loaders.order import BatchOrder
from allennlp_heads.data.data_loaders.prebuilt import AnyBatch, build_batches, copy_batch
from allennlp_heads.data.data_loaders.randomness import reseed_generators
from allennlp_heads.data.data_loaders.whole_data import whole_data
from allennlp_heads.data.fields import warn_of_unseen_labels
from allennlp_heads.data.paths import resolve
from allennlp_heads.distributed import Step, dealt, loss_factor, rank, steps_of, world_size


@DataLoader.register("multitask_bucketed")
class MultiTaskBucketed(DataLoader):
    """
    Batches of one task each, of similar length, built once and shuffled anew every epoch.

    All data is read at construction and stays in memory, as text and, from `index_with` on, as
    tensors on the CPU. One process reads: to hand an example from one process to another takes
    three times as long as to read it.

    Beside the fields of the reader a batch has `task` (its task, once an example), `example` (for
    each example its index in the task's data, in reading order, from 0) and `loader_tasks` (all
    tasks of this loader, sorted).

    *Training* (`shuffle=True`). Which batches come in which order depends on `seed` and the epoch
    only. The attribute `epoch` is the number of the next epoch; each `iter()` adds one. Before each
    batch the global generators of Python, NumPy and PyTorch are set to a state that depends on
    seed, epoch and step only (see `reseed_generators`), so that a resumed training draws the same
    noise; a batch has these three numbers as `noise`, for models that set the generators again when
    several batches were drawn at once.

    *Evaluation* (`shuffle=False`). Always the same order, task by task, longest first. The
    generators are never touched.

    *Distributed training*, with the callback `workers`. Every worker reads all data, and they deal
    out the batches of the very same order: in step `s` worker `r` of `W` takes batch `s * W + r`,
    with the noise that a single process would draw for it. A batch then also has `step`, a `Step`.
    A worker for which no batch is left in the last step gets one without examples; in training it
    has as `filler` a batch of another worker, which is run for nothing.

    Registered as a `DataLoader` with name "multitask_bucketed".

    # Parameters

    reader : `MultiTaskDatasetReader`
        Given by AllenNLP. `multitask_heads` or AllenNLP's `multitask`.
    data_path : `Union[str, Dict[str, str]]`
        Given by AllenNLP. One path a task, or one path that every task of the reader reads.
        `${HEADS_DATA}` is replaced.
    batch_size : `int`, optional (default = `64`)
        At most this many examples a batch.
    tokens_per_batch : `int`, optional (default = `6400`)
        At most this many pieces a batch, padding included. An example longer than this is a batch
        of its own.
    shuffle : `bool`, optional (default = `True`)
        Whether this is a loader for training.
    seed : `int`, optional (default = `torch.initial_seed()`)
        Of order and noise. By default what `pytorch_seed` in the configuration sets.
    batches_per_epoch : `int`, optional (default = `None`)
        Length of a training epoch. By default as many batches as there are; the sampler `phases`
        spreads its phases over the epochs.
    sampler : `EpochSampler`, optional (default = `all_batches`)
        Which task each step of a training epoch takes.
    similar_batches : `int`, optional (default = `1`)
        So many batches that follow each other are of similar length, as far as a window of 64 times
        as many has such. Set it to the number of workers, who in every step wait for the one with
        the longest batch. It changes the order in one process as well.
    max_instances : `Union[int, Dict[str, int]]`, optional (default = `None`)
        Read at most this many examples of each task; in a dictionary, of the tasks it names.

    Raises `ConfigurationError` when readers, data paths or `max_instances` name different tasks, a
    task has no example, a number is not positive, an option needs `shuffle`, and when a distributed
    training begins without the callback `workers`.
    """

    def __init__(
        self,
        reader: MultiTaskDatasetReader,
        data_path: Union[str, dict[str, str]],
        batch_size: int = 64,
        tokens_per_batch: int = 6400,
        shuffle: bool = True,
        seed: Optional[int] = None,
        batches_per_epoch: Optional[int] = None,
        sampler: Optional[EpochSampler] = None,
        similar_batches: int = 1,
        max_instances: Union[int, dict[str, int], None] = None,
    ) -> None:
        _check_positive("batch_size", batch_size)
        _check_positive("tokens_per_batch", tokens_per_batch)
        _check_positive("batches_per_epoch", batches_per_epoch)
        _check_positive("similar_batches", similar_batches)
        if not shuffle and (sampler or batches_per_epoch is not None or similar_batches > 1):
            raise ConfigurationError(
                "data loader 'multitask_bucketed': 'sampler', 'batches_per_epoch' and "
                "'similar_batches' are for training; remove them or set 'shuffle' to true."
            )
        self.paths = _paths_of_tasks(reader, data_path)
        self.tasks = sorted(self.paths)
        self.batch_size = batch_size
        self.tokens_per_batch = tokens_per_batch
        self.shuffle = shuffle
        self.seed = torch.initial_seed() if seed is None else seed
        self.batches_per_epoch = batches_per_epoch
        self.sampler = sampler or AllBatches()
        self.sampler.check(self.tasks)
        self.similar_batches = similar_batches
        self.epoch = 0
        self.vocab: Optional[Vocabulary] = None
        self._device = torch.device("cpu")
        self._batches: Optional[dict[str, list[AnyBatch]]] = None
        self._order: Optional[BatchOrder] = None
        self._world, self._rank = world_size(), rank()
        self._accumulated: Optional[int] = None  # where batches are dealt out
        limits = _limits_of_tasks(self.tasks, max_instances)
        self._instances = {
            task: _read(reader, task, self.paths[task], limits.get(task)) for task in self.tasks
        }

    @property
    def instances(self) -> dict[str, list[Instance]]:
        """The examples of each task, in reading order."""
        return self._instances

    @property
    def device(self) -> torch.device:
        """Where the batches are put."""
        return self._device

    def index_with(self, vocab: Vocabulary) -> None:
        self.vocab = vocab
        self._batches, self._order = {}, None
        for task in self.tasks:
            instances = self._instances[task]
            self._batches[task] = build_batches(
                instances,
                vocab,
                self.batch_size,
                self.tokens_per_batch,
                self.seed if self.shuffle else None,
            )
            warn_of_unseen_labels(task, self.paths[task], instances)

    def __len__(self) -> int:
        """The number of steps of an epoch: of its batches, or of this worker's share of them."""
        shared = self.shuffle or self._accumulated is not None
        return steps_of(self.epoch_batches, self._world) if shared else self.epoch_batches

    @property
    def epoch_batches(self) -> int:
        """The number of batches of an epoch, those of all workers."""
        if self.batches_per_epoch is not None:
            return self.batches_per_epoch
        counts = self.batch_counts()
        return self.sampler.default_length(counts) if self.shuffle else sum(counts.values())

    def deal_out(self, accumulated: int = 1) -> None:
        """
        From now on share the batches with the other workers of a distributed training.

        # Parameters

        accumulated : `int`, optional (default = `1`)
            How many batches of each worker make an update.
        """
        self._accumulated = accumulated

    def deal_to_one(self) -> None:
        """From now on give this process all batches."""
        self._accumulated = None

    def __iter__(self) -> Iterator[AnyBatch]:
        # not a generator itself: the epoch counts from the call, not from the first batch
        if not self.shuffle:
            return self._dealt_out(self._fixed_order())
        self._check_workers()
        self.sampler.begin()
        batches = self._training_batches(self.epoch, self._training_order(self.epoch))
        self.epoch += 1
        return batches

    def batch_counts(self) -> dict[str, int]:
        """Number of batches of each task. Known from `index_with` on."""
        return {task: len(batches) for task, batches in self._built().items()}

    def prebuilt(self, task: str) -> list[AnyBatch]:
        """
        The batches of a task as they lie in memory, not to be changed. Known from `index_with` on.
        """
        return self._built()[task]

    def iter_instances(self) -> Iterator[Instance]:
        for task in self.tasks:
            yield from self._instances[task]

    def set_target_device(self, device: torch.device) -> None:
        self._device = device

    def _check_workers(self) -> None:
        if self._world > 1 and self._accumulated is None:
            raise ConfigurationError(
                "'distributed' trains with several processes, but none deals out the batches to "
                "them: add 'workers' to trainer.callbacks"
            )

    def _training_order(self, epoch: int) -> list[tuple[str, int]]:
        if self._order is None:
            counts, length = self.batch_counts(), self.epoch_batches
            self._order = BatchOrder(self.sampler, counts, length, self.seed, self.similar_batches)
        return self._order.of_epoch(epoch)

    def _training_batches(self, epoch: int, order: list[tuple[str, int]]) -> Iterator[AnyBatch]:
        for step, batch in enumerate(self._dealt_out(order)):
            noise = (self.seed, epoch, step * self._world + self._rank)
            reseed_generators(*noise)
            yield {**batch, "noise": noise}

    def _dealt_out(self, order: list[tuple[str, int]]) -> Iterator[AnyBatch]:
        """The batches of this process in their order."""
        if self._world == 1 or self._accumulated is None:
            yield from (self._batch(*one) for one in order)
            return
        for step, own in enumerate(dealt(order, self._rank, self._world)):
            factor = loss_factor(step, len(order), self._world, self._accumulated)
            # without a batch of its own a worker borrows the first one's, who always has one
            batch = self._filler(*order[step * self._world]) if own is None else self._batch(*own)
            yield {**batch, "step": Step(factor)}

    def _fixed_order(self) -> list[tuple[str, int]]:
        built = self._built()
        return [(task, index) for task in self.tasks for index in range(len(built[task]))]

    def _batch(self, task: str, index: int) -> AnyBatch:
        batch: AnyBatch = copy_batch(self._built()[task][index], self._device)
        batch["loader_tasks"] = list(self.tasks)
        return batch

    def _filler(self, task: str, index: int) -> AnyBatch:
        empty: AnyBatch = {"task": [], "example": [], "loader_tasks": list(self.tasks)}
        return {**empty, "filler": self._batch(task, index)} if self.shuffle else empty

    def _built(self) -> dict[str, list[AnyBatch]]:
        if self._batches is None:
            raise ConfigurationError(
                "data loader 'multitask_bucketed' has no batches yet; call index_with(vocab) first."
            )
        return self._batches


def _check_positive(name: str, value: Optional[int]) -> None:
    if value is not None and value < 1:
        raise ConfigurationError(
            f"data loader 'multitask_bucketed': '{name}' is {value}, but must be at least 1."
        )


def _paths_of_tasks(reader: Any, data_path: Any) -> dict[str, str]:
    if not isinstance(reader, MultiTaskDatasetReader):
        raise ConfigurationError(
            "data loader 'multitask_bucketed' needs the dataset reader 'multitask_heads', "
            f"not {type(reader).__name__}."
        )
    if isinstance(data_path, Params):  # what build-vocab, count-instances and find-lr hand over
        data_path = data_path.as_dict(quiet=True)
    if isinstance(data_path, (str, PathLike)):
        return dict.fromkeys(reader.readers, resolve(data_path))
    if not isinstance(data_path, dict):
        raise ConfigurationError(
            f"data loader 'multitask_bucketed': the data path is {data_path!r}; give one path, or "
            "a dictionary with a path for each task."
        )
    if set(data_path) != set(reader.readers):
        raise ConfigurationError(
            f"The dataset reader has the tasks {sorted(reader.readers)}, but the data path has "
            f"{sorted(data_path)}. Give one path for every task, under the same name."
        )
    return {task: resolve(path) for task, path in data_path.items()}


def _limits_of_tasks(
    tasks: list[str], limits: Union[int, dict[str, int], None]
) -> dict[str, Optional[int]]:
    if not isinstance(limits, dict):
        _check_positive("max_instances", limits)
        return dict.fromkeys(tasks, limits)
    unknown = sorted(set(limits) - set(tasks))
    if unknown:
        raise ConfigurationError(
            f"data loader 'multitask_bucketed': 'max_instances' has {unknown}, which are no tasks; "
            f"the dataset reader has {tasks}."
        )
    for task, limit in limits.items():
        _check_positive(f"max_instances.{task}", limit)
    return dict(limits)


def _read(
    reader: MultiTaskDatasetReader, task: str, path: str, limit: Optional[int]
) -> list[Instance]:
    own = reader.readers[task]
    with whole_data(own):
        instances = list(Tqdm.tqdm(islice(own.read(path), limit), desc=f"reading {task}"))
    if not instances:
        raise ConfigurationError(f"Task '{task}' has no example: nothing was read from {path}.")
    for number, instance in enumerate(instances):
        instance.add_field("example", MetadataField(number))
    return instances
