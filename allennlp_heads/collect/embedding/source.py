"""What is embedded: trained models, or a bare encoder, with the data of their tasks."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary

from allennlp_heads.collect.bare_encoder import bare_encoder, reading_for
from allennlp_heads.collect.configured_data import ConfiguredData
from allennlp_heads.collect.embedding.options import EmbeddingOptions
from allennlp_heads.collect.encoder_of import encoder_of
from allennlp_heads.collect.probing.configuration import ProbeConfiguration
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.trained import Split, trained
from allennlp_heads.models.archival import PathLike, opened
from allennlp_heads.modules import GatedEncoder

logger = logging.getLogger(__name__)

_CONFIGURATIONS = (".jsonnet", ".json")


@dataclass(frozen=True)
class EmbeddingSource:
    """
    # Parameters

    data : `TaskData`
    model : `torch.nn.Module`, optional
        Trained; `None` for a bare encoder.
    pretrained : `GatedEncoder`, optional
        The encoder before any training; `None` where it cannot be loaded, and texts are not to be
        embedded.
    weights_sha256 : `str`, optional
        Of the archive.
    seed : `int`, optional
        Of the training.
    """

    data: TaskData
    model: torch.nn.Module | None
    pretrained: GatedEncoder | None
    weights_sha256: str | None = None
    seed: int | None = None


def embedded_tasks(sources: Sequence[PathLike], tasks: Sequence[str] | None) -> list[list[str]]:
    """
    The tasks that are to be embedded of each source.

    # Parameters

    sources : `Sequence[PathLike]`
        See `embedding_source`.
    tasks : `Sequence[str]`, optional
        Only these; by default all.

    Raises `ConfigurationError` for a source that cannot be read, a task that no source has, and one
    that two have: its embeddings would stand under one name.
    """
    owners: dict[str, PathLike] = {}
    found: list[list[str]] = []
    there: list[str] = []
    for source in sources:
        every = _tasks(source)
        there += every
        found.append([task for task in every if task in (tasks or every)])
        for task in found[-1]:
            if task in owners:
                raise ConfigurationError(
                    f"{owners[task]} and {source} both have a task '{task}': embed them into "
                    "different folders, or choose tasks with --task"
                )
            owners[task] = source
    unknown = sorted(set(tasks or ()) - set(owners))
    if unknown:
        raise ConfigurationError(
            f"{', '.join(map(str, sources))}: there is no task {', '.join(unknown)}; there are "
            f"{', '.join(sorted(set(there)))}"
        )
    return found


@contextmanager
def embedding_source(
    source: PathLike,
    tasks: Sequence[str],
    options: EmbeddingOptions,
    split: Split = "train",
    cuda_device: int = -1,
) -> Iterator[EmbeddingSource]:
    """
    Open what is to be embedded; what was unpacked is gone afterwards.

    # Parameters

    source : `PathLike`
        An archive, the folder of its training, or the Jsonnet of a pretrained encoder with readers
        and data, as `allennlp heads probe` takes it.
    tasks : `Sequence[str]`
    options : `EmbeddingOptions`
    split : `str`, optional (default = `"train"`)
        `"train"`, `"validation"` or `"test"`.
    cuda_device : `int`, optional (default = `-1`)

    Raises `ConfigurationError` for whatever is wrong with the source, and for a bare encoder where
    more than texts is to be embedded.
    """
    if _is_configuration(source):
        yield _bare(source, tasks, options, split, cuda_device)
        return
    with trained(source, cuda_device=cuda_device) as found:
        data = found.data(split, tasks=tasks, batch_size=options.batch_size)
        pretrained = pretrained_encoder(encoder_of(found.model), options)
        seed = found.config.get("pytorch_seed")
        yield EmbeddingSource(data, found.model, pretrained, found.digest, seed)


def pretrained_encoder(encoder: GatedEncoder, options: EmbeddingOptions) -> GatedEncoder | None:
    """
    The encoder that this one was before its training, on the same device: the kind `"text"` is of
    it, and its digest says which embeddings may be compared. Where it cannot be loaded,
    `ConfigurationError` is raised if that kind is asked for; else it is logged, and `None`.
    """
    device = next(encoder.transformer.parameters()).device
    try:
        return bare_encoder(encoder.transformer_model, encoder.max_length).to(device)
    except ConfigurationError as error:
        if "text" not in options.kinds:
            logger.info("The pretrained encoder is known by its name only: %s", error.message)
            return None
        raise ConfigurationError(
            f"the kind 'text' is of the pretrained encoder, which is not there: {error.message}. "
            "Leave this kind out, with --kind task --kind heads"
        ) from error


def _bare(
    source: PathLike,
    tasks: Sequence[str],
    options: EmbeddingOptions,
    split: Split,
    cuda_device: int,
) -> EmbeddingSource:
    if options.kinds != ("text",):
        raise ConfigurationError(
            f"{source}: a pretrained encoder has no heads of tasks, and so no gradients: give "
            "--kind text, or an archive"
        )
    configuration = ProbeConfiguration.read(source)
    experiment = configuration.experiment({})
    if experiment.transformer_model is None:
        raise ConfigurationError(
            f"{source} names the archive {experiment.archive}: give that itself to 'embed'"
        )
    encoder = bare_encoder(experiment.transformer_model, experiment.max_length, cuda_device)
    assert experiment.dataset_reader is not None, "checked with 'transformer_model'"
    reader = reading_for(experiment.transformer_model, experiment.dataset_reader)
    config = {"dataset_reader": reader, f"{split}_data_path": experiment.path(split)}
    loader = ConfiguredData(str(source), config).loader(split, tasks)
    # words are looked up in the tokenizer; labels are read but not used
    vocab = Vocabulary.from_instances(one for found in loader.instances.values() for one in found)
    device = next(encoder.parameters()).device
    data = TaskData(loader.instances, vocab, loader.paths, options.batch_size, device=device)
    return EmbeddingSource(data, None, encoder, seed=experiment.random_seed)


def _is_configuration(source: PathLike) -> bool:
    return Path(source).suffix in _CONFIGURATIONS and not Path(source).is_dir()


def _tasks(source: PathLike) -> list[str]:
    if _is_configuration(source):
        return ProbeConfiguration.read(source).experiment({}).tasks
    with opened(source) as archive:
        return ConfiguredData(archive.name, archive.config()).tasks
