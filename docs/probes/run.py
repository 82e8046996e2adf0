"""One run: train unless that was done, probe the heads, keep what is small."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from allennlp_heads.models.archival import ARCHIVE
from allennlp_heads.reports.files import package_versions
from allennlp_heads.training.run_info import file_digests
from docs.probes.kept import keep
from docs.probes.plan import ProbesBudget, Run, probe_of, text_of
from docs.probes.record import PROBES, Record, write_record
from docs.record_result import result_of
from docs.runs import console
from docs.runs.budget import command_of, configuration, data_paths

_NOTHING: dict[str, Any] = {"minutes": {}, "resumed": False}
_LARGE = ("*.th", ARCHIVE)


class Place(NamedTuple):
    """
    Where runs are done.

    # Parameters

    out : `Path`
        For the folders of the trainings, each under the name that `Run.trained` gives, and for
        those of the probes, in `probes/`. A training that is finished there, or a link to one, is
        taken as it is if its configuration is that of the run.
    results : `Path`
        For the records.
    hardware : `str`
        In words.
    """

    out: Path
    results: Path
    hardware: str

    def training_of(self, run: Run) -> Path:
        """The folder of a run's training."""
        return self.out / run.trained

    def record_of(self, run: Run) -> Path:
        """The file of a run's record."""
        return self.results / f"{run.name}.json"


def do(run: Run, budget: ProbesBudget, place: Place, threads: int) -> None:
    """
    Do, or go on with, a run.

    # Parameters

    run : `Run`
    budget : `ProbesBudget`
    place : `Place`
    threads : `int`
        Of each command.

    Raises `Failed` when a command fails, or a training of another configuration is in the way.
    """
    config = configuration(text_of(run, budget))
    untrained = run.training is None
    trained = _NOTHING if untrained else _trained(run, budget, place, threads)
    minutes = _probe(run, budget, place, threads)
    keep(_probed(run, place), place.results / PROBES / run.name)
    record: Record = {
        "system": run.system,
        "tasks": list(run.tasks),
        "held_out": run.held_out,
        "experiment": run.experiment,
        "command": command_of("docs.probes", budget),
        "seed": run.seed,
        "encoder": config["model"]["backbone"]["transformer_model"],
        "hardware": place.hardware,
        "minutes": {**trained["minutes"], "probe": minutes},
        "resumed": trained["resumed"],
        "budget": asdict(budget),
        "data": file_digests(data_paths(config)),
        "versions": package_versions(),
    }
    write_record(place.record_of(run), record)


def delete_weights(runs: Iterable[Run], place: Place) -> None:
    """
    Delete the weights of trainings all of whose runs have a record. What a link leads to is not
    ours, and is left alone.
    """
    every = list(runs)
    needed = {place.training_of(run) for run in every if not place.record_of(run).is_file()}
    for folder in {place.training_of(run) for run in every} - needed:
        if not folder.is_symlink():
            for pattern in _LARGE:
                for path in folder.glob(pattern):
                    path.unlink()


def _probed(run: Run, place: Place) -> Path:
    return place.out / "probes" / run.name


def _trained(run: Run, budget: ProbesBudget, place: Place, threads: int) -> dict[str, Any]:
    folder, text = place.training_of(run), text_of(run, budget)
    _check_same(folder, configuration(text, with_tests=False))
    resumed = console.train(text, folder, threads)
    if not run.held_out:
        return _NOTHING  # the training counts once
    return {"minutes": {"train": result_of(folder)["minutes"]}, "resumed": resumed}


def _check_same(folder: Path, config: dict[str, Any]) -> None:
    """Whether what is there was trained, or begun, with this configuration."""
    path = folder / "config.json"
    if not path.is_file():
        return
    found = json.loads(path.read_text("utf-8"))
    differ = [key for key in sorted({*found, *config}) if found.get(key) != config.get(key)]
    if differ:
        raise console.Failed(
            f"{folder} is of another configuration ({', '.join(differ)} differ): give another "
            "--out, or the budget it was trained with"
        )


def _probe(run: Run, budget: ProbesBudget, place: Place, threads: int) -> float:
    """Minutes that it took."""
    folder = _probed(run, place)
    asked = folder.with_name(f"{folder.name}.jsonnet")
    asked.parent.mkdir(parents=True, exist_ok=True)
    archive = place.training_of(run) / ARCHIVE
    asked.write_text(json.dumps(probe_of(run, budget, archive), indent=1) + "\n", "utf-8")
    words = ["heads", "probe", str(asked), "-o", str(folder), "--force"]
    words += [word for task in run.tasks for word in ("--task", task)]
    started = time.monotonic()
    console.heads(words, folder, threads)
    return round((time.monotonic() - started) / 60, 2)
