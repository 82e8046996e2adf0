"""What is probed: an encoder, bare or of a trained model, and labelled sentences for its heads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary

from allennlp_heads.collect.bare_encoder import bare_encoder, reading_for
from allennlp_heads.collect.configured_data import ConfiguredData
from allennlp_heads.collect.encoder_digest import encoder_digest
from allennlp_heads.collect.encoder_of import encoder_of
from allennlp_heads.collect.probing.configuration import ProbeConfiguration
from allennlp_heads.collect.probing.data import FILES, ProbeData
from allennlp_heads.collect.probing.experiment import ProbeExperiment
from allennlp_heads.collect.probing.gold import kind_of_task
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.data.parts import share_examples, share_parts
from allennlp_heads.data.paths import resolve
from allennlp_heads.models.archival import Source, opened
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.training.run_info import file_digests

Config = dict[str, Any]


@dataclass(frozen=True)
class ProbeSource:
    """
    # Parameters

    encoder : `GatedEncoder`
        In evaluation mode.
    data : `ProbeData`
    options : `Dict[str, ProbeOptions]`
        Of each task that is to be probed.
    about : `Dict[str, Any]`
        What the report says of encoder and data.
    seed : `int`, optional
        Of the training of an archive; of a bare encoder the configuration's.
    """

    encoder: GatedEncoder
    data: ProbeData
    options: dict[str, ProbeOptions]
    about: Config
    seed: int | None


@contextmanager
def probe_source(
    configuration: ProbeConfiguration,
    tasks: Sequence[str] | None = None,
    cuda_device: int = -1,
    **changed: Any,
) -> Iterator[ProbeSource]:
    """
    Open what is to be probed; what was unpacked is gone afterwards.

    # Parameters

    configuration : `ProbeConfiguration`
    tasks : `Sequence[str]`, optional (default = `None`)
        By default all whose examples have gold labels to probe with.
    cuda_device : `int`, optional (default = `-1`)
    changed : `Any`
        `ProbeOptions` that win over those of the configuration.

    Raises `ConfigurationError` for whatever is wrong with configuration, encoder or data.
    """
    path = configuration.get("archive")
    weights = configuration.get("weights_file")
    with nullcontext() if path is None else opened(path, weights) as archive:
        training = {} if archive is None else archive.config()
        experiment = configuration.experiment(training)
        # before weights and data take their time
        every = experiment.options(tasks or experiment.tasks, **changed)
        encoder = _encoder(experiment, archive, cuda_device)
        data = _data(configuration.name, experiment, encoder, archive, tasks)
        options = {task: every[task] for task in tasks or probed_tasks(data)}
        check_apart(data, options)
        about = {
            "encoder": encoder.transformer_model,
            "trained_tasks": sorted(training["model"].get("heads") or {}) if training else [],
            "archive": None if archive is None else {"weights_sha256": archive.digest},
            "encoder_sha256": encoder_digest(encoder),
            **data_about(data, list(options)),
        }
        seed = training["pytorch_seed"] if "pytorch_seed" in training else experiment.random_seed
        yield ProbeSource(encoder, data, options, about, seed)


def probed_tasks(data: ProbeData) -> list[str]:
    """
    The tasks whose examples have gold labels to probe heads with. Raises `ConfigurationError` where
    there are none.
    """
    found, reasons = [], []
    for task in data.tasks:
        try:
            kind_of_task(data, task)
        except ConfigurationError as error:
            reasons.append(error.message)
        else:
            found.append(task)
    if not found:
        raise ConfigurationError(f"there is nothing to probe heads with: {'; '.join(reasons)}")
    return found


def check_apart(data: ProbeData, options: Mapping[str, ProbeOptions]) -> None:
    """
    Raise `ConfigurationError` when two files of a task are one, or copies: what chooses heads would
    score them. Transductive probes have only one.
    """
    for task in (task for task, chosen in options.items() if chosen.held_out):
        paths = data.paths(task)
        digests = file_digests(paths.values())
        for one, other in combinations(paths, 2):
            if _share(paths[one], paths[other], digests):
                raise ConfigurationError(
                    f"{paths[one]} is both '{one}_data_path' and '{other}_data_path' of the task "
                    f"'{task}', or a copy of it: what chooses heads must not score them. Give "
                    "other data, or leave one of the two out: a single file is divided by "
                    "cross-fitting"
                )


def data_about(data: ProbeData, tasks: Sequence[str]) -> Config:
    """What the report says of the sentences of these tasks: their files by task, with digests."""
    paths = {task: data.paths(task) for task in tasks}
    return {
        "data": paths,
        "data_files": file_digests(path for files in paths.values() for path in files.values()),
    }


def _share(first: str, second: str, digests: Mapping[str, str | None]) -> bool:
    """Whether two data paths mean some of the same examples, by name or by content."""
    copied = digests[first] is not None and digests[first] == digests[second]
    by_content = copied and share_parts(first, second)
    return by_content or share_examples(resolve(first), resolve(second))


def _encoder(experiment: ProbeExperiment, archive: Source | None, cuda_device: int) -> GatedEncoder:
    if archive is not None:
        return encoder_of(archive.load(cuda_device))
    return bare_encoder(str(experiment.transformer_model), experiment.max_length, cuda_device)


def _data(
    name: str,
    experiment: ProbeExperiment,
    encoder: GatedEncoder,
    archive: Source | None,
    tasks: Sequence[str] | None,
) -> ProbeData:
    training = {} if archive is None else archive.config()
    reader = experiment.dataset_reader
    config: Config = {**training, "dataset_reader": reader}
    if reader is not None and reader != training.get("dataset_reader"):
        config["dataset_reader"] = reading_for(encoder.transformer_model, reader)
        config.pop("validation_dataset_reader", None)
    config |= {f"{file}_data_path": experiment.path(file) for file in FILES}
    data = ConfiguredData(name, config, None if archive is None else archive.folder)
    missing = set(tasks or ()) - {task for file in FILES for task in data.paths(file)}
    if missing:
        raise ConfigurationError(
            f"{name} has no data of the tasks {sorted(missing)}: choose from {data.tasks}, or give "
            f"{', '.join(f'{file}_data_path' for file in FILES)}"
        )
    found: dict[str, TaskData] = {}
    for file in FILES:
        paths = data.paths(file)
        chosen = {task: path for task, path in paths.items() if task in (tasks or paths)}
        if chosen:
            # also of the data of which the training read a part
            loader = data.loader(file, list(chosen), chosen)
            # words are looked up in the tokenizer, labels nowhere
            found[file] = TaskData(loader.instances, Vocabulary(), loader.paths)
    return ProbeData(**found)
