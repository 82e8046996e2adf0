"""Dissociation of tasks in a model at hand, and in archives that are seeds of one experiment."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.models import Model

from allennlp_heads.collect.dissociation import measure_dissociation
from allennlp_heads.collect.dissociation_masks import Importance, MaskOptions
from allennlp_heads.collect.importance import collect_importance
from allennlp_heads.collect.importance_options import ImportanceOptions
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.trained import Split, Trained, trained
from allennlp_heads.data.parts import share_examples, share_parts
from allennlp_heads.data.paths import resolve
from allennlp_heads.models.archival import PathLike, opened
from allennlp_heads.modules.find_encoder import NAME
from allennlp_heads.reports.dissociation_data import DissociationData, joined
from allennlp_heads.reports.files import read_report
from allennlp_heads.reports.importance import SCHEMA, VERSION, read_importance
from allennlp_heads.training.run_info import file_digests

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class DataOptions:
    """
    What scores.

    # Parameters

    split : `str`, optional (default = `"validation"`)
        Of the configuration's data paths.
    tasks : `Sequence[str]`, optional (default = `None`)
        By default all of the model.
    max_instances : `int`, optional (default = `None`)
        So many examples of each task, drawn at random; by default all.
    seed : `int`, optional (default = `0`)
        Of this draw.
    batch_size : `int`, optional (default = `32`)
        No score depends on it.
    same_data : `bool`, optional (default = `False`)
        Allow that the file that chose the heads scores too.
    """

    split: Split = "validation"
    tasks: Sequence[str] | None = None
    max_instances: int | None = None
    seed: int = 0
    batch_size: int = 32
    same_data: bool = False


def dissociate_archives(
    archives: Sequence[PathLike],
    masks: MaskOptions,
    importance: ImportanceOptions,
    data: DataOptions,
    folders: Sequence[str] | None = None,
    cuda_device: int = -1,
) -> DissociationData:
    """
    # Parameters

    archives : `Sequence[PathLike]`
        Models that differ by their seed only.
    masks : `MaskOptions`
    importance : `ImportanceOptions`
        How it is estimated from the training data.
    data : `DataOptions`
    folders : `Sequence[str]`, optional (default = `None`)
        Take the importance from these instead: one folder for all archives, or one for each.
    cuda_device : `int`, optional (default = `-1`)

    # Returns

    `DissociationData`
        Of all archives together.

    Raises `ConfigurationError` for archives of other tasks or encoders, before anything is measured
    if their configurations tell, and for whatever keeps one of them from being measured.
    """
    if folders is not None and len(folders) not in (1, len(archives)):
        raise ConfigurationError(
            f"there are {len(archives)} models and {len(folders)} folders of importance: give one "
            "for all models, or one for each in the same order"
        )
    _check_alike(archives)
    runs = []
    digests: dict[str, str] = {}
    for place, archive in enumerate(archives):
        with trained(archive, cuda_device=cuda_device) as source:
            scoring = source.data(
                data.split, data.max_instances, data.seed, data.tasks, batch_size=data.batch_size
            )
            run = {
                "name": source.name,
                "seed": source.config.get("pytorch_seed"),
                "weights_sha256": source.digest,
            }
            if source.digest in digests:
                raise ConfigurationError(
                    f"{source.name} has the same weights as {digests[source.digest]}: give every "
                    "seed once, or the spread over seeds would be too small"
                )
            digests[source.digest] = source.name
            if folders is not None:
                folder = folders[place % len(folders)]
                found, about = _saved(folder, source, scoring, data)
            else:
                selection = source.data("train", tasks=data.tasks, batch_size=data.batch_size)
                found, about = estimated(
                    source.model, selection, scoring, importance, data.same_data
                )
            measured = measure_dissociation(source.model, scoring, found, masks, run, place)
        runs.append(described(measured, scoring, masks, {**about, "split": data.split}))
    return joined(runs)


def estimated(
    model: Model,
    selection: TaskData,
    scoring: TaskData,
    options: ImportanceOptions,
    same_data: bool = False,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """
    The importance of the heads to the tasks of `scoring`, from the examples of `selection`, and
    what the report says of it. Raises `ConfigurationError` when both are the same data.
    """
    check_apart(selection.paths, scoring.paths, same_data)
    samples = {task: collect_importance(model, selection, task, options) for task in scoring.tasks}
    about = {
        "selection": {
            "source": None,
            "split": "train",
            "examples": {task: len(sample.example) for task, sample in samples.items()},
            "options": options.as_dict(),
        },
        "selection_files": file_digests(_paths(selection, scoring.tasks)),
    }
    return {task: sample.scores for task, sample in samples.items()}, about


def described(
    measured: DissociationData, scoring: TaskData, masks: MaskOptions, about: Mapping[str, Any]
) -> DissociationData:
    """The measurements, with what the report says of data and masks."""
    more = {
        "data_files": file_digests(_paths(scoring, scoring.tasks)),
        "random_masks": {"balanced": masks.balanced, "seed": masks.seed},
    }
    return replace(measured, about={**measured.about, **more, **about})


def check_apart(
    selection: Mapping[str, str], scoring: Mapping[str, str], same_data: bool = False
) -> None:
    """
    Raise `ConfigurationError` when a data path of a task scores and, for it or another task,
    chooses the heads too, unless `same_data` allows it.
    """
    for task, path in scoring.items():
        shared = [other for other, chosen in selection.items() if share_examples(path, chosen)]
        if shared and not same_data:
            raise ConfigurationError(
                f"{path} would choose the heads (of '{shared[0]}') and score '{task}' without "
                "them: what selects must not see what scores. Give other data, or allow it with "
                "'same_data'"
            )


def _saved(
    folder: str, source: Trained, scoring: TaskData, data: DataOptions
) -> tuple[Importance, dict[str, Any]]:
    """The importance in a folder, and what the report says of it."""
    report = read_report(Path(folder) / "importance.json", SCHEMA, VERSION)
    split = report.get("split")
    paths = source.config.get(f"{split}_data_path") or {}
    if isinstance(paths, str):
        paths = dict.fromkeys(scoring.tasks, paths)
    check_apart(
        {task: resolve(path) for task, path in paths.items()}, scoring.paths, data.same_data
    )
    if not data.same_data:
        _check_measured_on(folder, report.get("data_files") or {}, scoring)
    weights = (report.get("archive") or {}).get("weights_sha256")
    if weights is not None and weights != source.digest:
        logger.warning(
            "the importance in %s was measured on other weights than those of %s",
            folder,
            source.name,
        )
    about = {
        "selection": {
            "source": folder,
            "split": split,
            "examples": {task: found["examples"] for task, found in report["tasks"].items()},
            "options": report["options"],
        },
        "selection_files": report.get("data_files"),
    }
    return read_importance(folder), about


def _check_measured_on(folder: str, measured: Mapping[str, Any], scoring: TaskData) -> None:
    """By content, wherever the files lay when the importance was measured."""
    scored = file_digests(_paths(scoring, scoring.tasks))
    for path, digest in measured.items():
        for other, found in scored.items():
            if digest is not None and digest == found and share_parts(path, other):
                raise ConfigurationError(
                    f"the importance in {folder} was measured on {path}, which is the data that "
                    f"would be scored, {other}: what selects must not see what scores. Give other "
                    "data, or allow it with 'same_data'"
                )


def _paths(data: TaskData, tasks: Sequence[str]) -> list[str]:
    return [data.paths[task] for task in tasks]


def _check_alike(archives: Sequence[PathLike]) -> None:
    """By the configurations, since to measure one archive may take long."""
    first: tuple[str, dict[str, Any]] | None = None
    for archive in archives:
        with opened(archive) as source:
            config = source.config()
            found = {"tasks": _tasks(config), "encoders": sorted(_encoders(config["model"]))}
            first = first or (source.name, found)
            for what, value in found.items():
                if value != first[1][what]:
                    raise ConfigurationError(
                        f"{source.name} has the {what} {value}, but {first[0]} has "
                        f"{first[1][what]}: give seeds of one experiment"
                    )


def _tasks(config: Mapping[str, Any]) -> list[str]:
    return sorted((config.get("dataset_reader") or {}).get("readers") or {})


def _encoders(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in _encoders(item)]
    if not isinstance(value, dict):
        return []
    own = [str(value.get("transformer_model"))] if value.get("type") == NAME else []
    return own + [name for item in value.values() for name in _encoders(item)]
