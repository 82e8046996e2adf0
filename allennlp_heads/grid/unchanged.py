"""What lies in a grid's folder is of the data that are there now, and of the runs that it names."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence

from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.executor import PlannedRun
from allennlp_heads.grid.folders import holds_something
from allennlp_heads.grid.state import RunState
from allennlp_heads.grid.variables import variables_set
from allennlp_heads.training.run_info import data_files_of, file_digests

_ADVICE = "choose another folder with -s, or delete {} to train it anew"


def check_data(states: Sequence[RunState]) -> None:
    """
    Note the digests of each run's data, as its own environment names them. Raises
    `ConfigurationError` where a run has begun with other data.
    """
    known: dict[tuple[frozenset[tuple[str, str]], str], str | None] = {}
    for one in states:
        variables, now = frozenset(one.run.environment.items()), {}
        with variables_set(one.run.environment):
            for path in sorted(set(data_files_of(one.run.config))):
                if (variables, path) not in known:
                    known[variables, path] = file_digests([path])[path]
                now[path] = known[variables, path]
        if holds_something(one.run):
            for path, digest in one.data_files.items():
                if path in now and now[path] != digest:
                    raise ConfigurationError(
                        f"{one.run.name}: {path} is not what it was when "
                        f"{one.run.folder} was begun: put the old one back, or HEADS_DATA, "
                        + _ADVICE.format("this folder")
                    )
        one.data_files = now


def check_sources(runs: Sequence[PlannedRun]) -> None:
    """
    Raise `ConfigurationError` where a run was trained from another one whose folder is gone: it
    would be trained anew, and what was trained from the old one would stay.
    """
    there = {run.name for run in runs if holds_something(run)}
    folders = {run.name: run.folder for run in runs}
    for run in runs:
        for source in run.after:
            if run.name in there and source not in there and _uses(run, folders[source]):
                raise ConfigurationError(
                    f"{run.name} was trained from {source}, which is to be trained anew: "
                    f"put {folders[source]} back, " + _ADVICE.format(f"{run.folder}, too,")
                )


def _uses(run: PlannedRun, folder: str) -> bool:
    return json.dumps(os.path.join(folder, ""))[1:-1] in json.dumps(dict(run.config))
