"""The grid in a file of configuration."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import torch
from allennlp.common import Params

from allennlp_heads.training.run_info import file_digests
from allennlp_heads.transfer.bench import TransferBench
from allennlp_heads.transfer.grid import TransferGrid

Config = dict[str, Any]

_PATHS = ("train_data_path", "validation_data_path", "test_data_path")


def read_config(config_file: str) -> Config:
    """The configuration as it is written, Jsonnet evaluated."""
    config: Config = Params.from_file(config_file).as_dict(quiet=True)
    return config


def grid_of(config: Config) -> TransferGrid:
    """The grid that a configuration describes. Raises `ConfigurationError` where it does not."""
    return TransferGrid.from_params(Params(deepcopy(config)))


def open_bench(
    config_file: str, device: torch.device = torch.device("cpu"), test: bool = False
) -> TransferBench:
    """
    The bench of the grid in a file.

    # Parameters

    config_file : `str`
        Jsonnet of a `TransferGrid`.
    device : `torch.device`, optional (default = `torch.device("cpu")`)
    test : `bool`, optional (default = `False`)
        Score tasks that have test data on these.
    """
    return TransferBench(grid_of(read_config(config_file)), device, test)


def data_files(config: Config) -> dict[str, str | None]:
    """The data of all tasks with their SHA-256: see `file_digests`."""
    tasks = config["tasks"].values()
    return file_digests(task[key] for task in tasks for key in _PATHS if task.get(key))


def resolved_grid(
    config: Config, bench: TransferBench, tasks: Sequence[str] | None = None
) -> Config:
    """
    All that decides the cells of a grid, with the values that were left to defaults: numbers of the
    grid, recipe and class of each task, digests of the encoder and of the data files.

    # Parameters

    config : `Dict[str, Any]`
        The configuration as it was given, for readers and heads.
    bench : `TransferBench`
        Of the same configuration.
    tasks : `List[str]`, optional (default = all)
        Only these.
    """
    grid = bench.grid
    numbers = {key: value for key, value in vars(grid).items() if key not in ("tasks", "recipes")}
    embeddings = None if grid.embeddings is None else grid.embeddings.as_dict()
    given = {task: config["tasks"][task] for task in tasks or grid.tasks}
    resolved = {
        task: {
            **{key: said for key, said in one.items() if key != "test_data_path"},
            "class": bench.task_class(task),
            "recipe": vars(bench.recipe(task)),
        }
        for task, one in given.items()
    }
    return {
        **numbers,
        "embeddings": embeddings,
        "tasks": resolved,
        "encoder_sha256": bench.described()["pretrained_sha256"],
        "data_files": data_files({"tasks": given}),
    }
