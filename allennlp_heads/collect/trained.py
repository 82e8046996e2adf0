"""A trained model together with the data its configuration names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from allennlp.models import Model

from allennlp_heads.collect.configured_data import ConfiguredData
from allennlp_heads.collect.task_data import TaskData
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
        loader = ConfiguredData(self.name, self.config, self.source.folder).loader(
            split, tasks, paths
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
