"""The examples that the readers and data paths of a configuration name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.data.dataset_readers import MultiTaskDatasetReader

from allennlp_heads.data.data_loaders import MultiTaskBucketed

Config = dict[str, Any]


@dataclass(frozen=True)
class ConfiguredData:
    """
    # Parameters

    name : `str`
        What the user knows the configuration by, for messages.
    config : `Dict[str, Any]`
        With `dataset_reader` (and `validation_dataset_reader`), `train_data_path` and so on, and
        where the training read only a part, `data_loader` (and `validation_data_loader`).
    folder : `Path`, optional (default = `None`)
        Of the archive, which holds its tokenizer's files.
    """

    name: str
    config: Config
    folder: Path | None = None

    @property
    def tasks(self) -> list[str]:
        """
        All tasks that there are readers for, sorted. Raises `ConfigurationError` where the readers
        are not those of tasks.
        """
        return sorted(self._readers("train", None, {}))

    def paths(self, split: str) -> dict[str, str]:
        """The data path of each task that has one, as it is written."""
        return self._paths(split, list(self._readers(split, None, {})))

    def loader(
        self,
        split: str,
        tasks: Sequence[str] | None = None,
        paths: dict[str, str] | None = None,
    ) -> MultiTaskBucketed:
        """
        The examples of one of the data paths, as far as the training read them (`max_instances`).

        # Parameters

        split : `str`
            `"train"`, `"validation"` or `"test"`.
        tasks : `Sequence[str]`, optional (default = `None`)
            Which of the tasks; by default all.
        paths : `Dict[str, str]`, optional (default = `None`)
            Other data for some tasks, of which all is read.

        Raises `ConfigurationError` where the configuration has no such data, no readers of tasks,
        or not these tasks.
        """
        readers = self._readers(split, tasks, paths or {})
        found = {**self._paths(split, list(readers)), **(paths or {})}
        missing = sorted(set(readers) - set(found))
        if missing:
            raise ConfigurationError(
                f"{self.name}: its configuration names no '{split}_data_path' of {missing}: give "
                "their paths, or choose another split"
            )
        return MultiTaskBucketed(
            self._reader(split, readers),
            {task: found[task] for task in readers},
            shuffle=False,
            max_instances=self.limits(split, set(readers) - set(paths or {})),
        )

    def limits(self, split: str, tasks: Collection[str]) -> dict[str, int]:
        """
        How many examples of these tasks' own data the training read at most (`max_instances`),
        where there is a limit: the others were never part of it.
        """
        loader = self.config.get("data_loader") or {}
        if split != "train":
            loader = self.config.get("validation_data_loader") or loader
        limits = loader.get("max_instances") or {}
        if isinstance(limits, int):
            return dict.fromkeys(tasks, limits)
        return {task: number for task, number in limits.items() if task in tasks}

    def _readers(self, split: str, tasks: Sequence[str] | None, paths: dict[str, str]) -> Config:
        readers = self._reader_config(split).get("readers")
        if not isinstance(readers, dict) or not readers:
            raise ConfigurationError(
                f"{self.name}: its 'dataset_reader' has no tasks: give the reader "
                "'multitask_heads', with one of 'readers' for each task"
            )
        unknown = sorted({*(tasks or ()), *paths} - set(readers))
        if unknown:
            raise ConfigurationError(
                f"{self.name} has no tasks {unknown}: choose from {sorted(readers)}"
            )
        return {task: readers[task] for task in sorted(tasks or readers)}

    def _reader(self, split: str, readers: Config) -> MultiTaskDatasetReader:
        params = Params(deepcopy({**self._reader_config(split), "readers": readers}))
        folder = None if self.folder is None else str(self.folder)
        reader = DatasetReader.from_params(params, serialization_dir=folder)
        assert isinstance(reader, MultiTaskDatasetReader), "only these have 'readers'"
        return reader

    def _reader_config(self, split: str) -> Config:
        own = None if split == "train" else self.config.get("validation_dataset_reader")
        return own or self.config.get("dataset_reader") or {}

    def _paths(self, split: str, tasks: list[str]) -> dict[str, str]:
        given = self.config.get(f"{split}_data_path") or {}
        if isinstance(given, str):
            return dict.fromkeys(tasks, given)
        return {task: path for task, path in given.items() if task in tasks}
