"""A trained model together with the data its configuration names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.models import Model

from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models.archival import PathLike, Source, opened

Split = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Trained:
    """
    An opened archive.

    # Parameters

    source : `Source`
    model : `Model`
        In evaluation mode.
    """

    source: Source
    model: Model

    @property
    def name(self) -> str:
        """What the user knows the archive by."""
        return self.source.name

    @property
    def digest(self) -> str:
        """The SHA-256 of the weights."""
        return self.source.digest

    @property
    def config(self) -> dict[str, Any]:
        """The configuration of the training."""
        return self.source.config()

    def data(
        self,
        split: Split = "train",
        limit: int | None = None,
        seed: int = 0,
        tasks: Sequence[str] | None = None,
        paths: dict[str, str] | None = None,
        batch_size: int = 32,
    ) -> TaskData:
        """
        The examples of one of the configuration's data paths, as far as the training read them
        (`max_instances`).

        # Parameters

        split : `str`, optional (default = `"train"`)
            `"train"`, `"validation"` or `"test"`.
        limit, seed, batch_size :
            See `TaskData`.
        tasks : `Sequence[str]`, optional (default = `None`)
            Which of the tasks; by default all.
        paths : `Dict[str, str]`, optional (default = `None`)
            Other data for some tasks, of which all is read.

        Raises `ConfigurationError` where the configuration has no such data, no readers of tasks,
        or not these tasks.
        """
        config = self.config
        readers = self._readers(config, split, tasks, paths or {})
        found = {**_paths(config, split, list(readers)), **(paths or {})}
        missing = sorted(set(readers) - set(found))
        if missing:
            raise ConfigurationError(
                f"{self.name}: its configuration names no '{split}_data_path' of {missing}: give "
                "their paths, or choose another split"
            )
        loader = MultiTaskBucketed(
            self._reader(config, split, readers),
            {task: found[task] for task in readers},
            shuffle=False,
            max_instances=_limits(config, split, set(readers) - set(paths or {})),
        )
        device = next(self.model.parameters()).device
        return TaskData(
            loader.instances,
            self.model.vocab,
            loader.paths,
            batch_size,
            limit=limit,
            seed=seed,
            device=device,
        )

    def _readers(
        self,
        config: dict[str, Any],
        split: Split,
        tasks: Sequence[str] | None,
        paths: dict[str, str],
    ) -> dict[str, Any]:
        readers = _reader_config(config, split).get("readers")
        if not isinstance(readers, dict):
            raise ConfigurationError(
                f"{self.name}: its dataset reader has no tasks ('readers'), so there is nothing to "
                "compare; train with the reader 'multitask_heads'"
            )
        unknown = sorted({*(tasks or ()), *paths} - set(readers))
        if unknown:
            raise ConfigurationError(
                f"{self.name} has no tasks {unknown}: choose from {sorted(readers)}"
            )
        return {task: readers[task] for task in sorted(tasks or readers)}

    def _reader(
        self, config: dict[str, Any], split: Split, readers: dict[str, Any]
    ) -> MultiTaskDatasetReader:
        params = Params(deepcopy({**_reader_config(config, split), "readers": readers}))
        # an archive's tokenizer files lie in its folder
        reader = DatasetReader.from_params(params, serialization_dir=str(self.source.folder))
        assert isinstance(reader, MultiTaskDatasetReader), "only these have 'readers'"
        return reader


@contextmanager
def trained(
    archive: PathLike, weights_file: str | None = None, cuda_device: int = -1
) -> Iterator[Trained]:
    """
    Open an archive for an analysis; what was unpacked is gone afterwards.

    # Parameters

    archive : `PathLike`
        A `model.tar.gz`, or a serialization directory that has one.
    weights_file : `str`, optional (default = `None`)
        Weights to take instead of the archive's.
    cuda_device : `int`, optional (default = `-1`)

    Raises `ConfigurationError` for an archive that is missing, damaged or not safe.
    """
    with opened(archive, weights_file) as source:
        yield Trained(source, source.load(cuda_device))


def _reader_config(config: dict[str, Any], split: Split) -> dict[str, Any]:
    own = None if split == "train" else config.get("validation_dataset_reader")
    return own or config.get("dataset_reader") or {}


def _paths(config: dict[str, Any], split: Split, tasks: list[str]) -> dict[str, str]:
    given = config.get(f"{split}_data_path") or {}
    if isinstance(given, str):
        return dict.fromkeys(tasks, given)
    return {task: path for task, path in given.items() if task in tasks}


def _limits(config: dict[str, Any], split: Split, tasks: set[str]) -> dict[str, int]:
    """Of the tasks' own data: the other examples were never part of the training."""
    loader = config.get("data_loader") or {}
    if split != "train":
        loader = config.get("validation_data_loader") or loader
    limits = loader.get("max_instances") or {}
    if isinstance(limits, int):
        return dict.fromkeys(tasks, limits)
    return {task: number for task, number in limits.items() if task in tasks}
