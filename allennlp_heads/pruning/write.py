"""The files of a pruned archive."""

import json
import shutil
from glob import glob
from pathlib import Path
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.meta import META_NAME, Meta
from allennlp.models.archival import archive_model

from allennlp_heads.models.archival import ARCHIVE, CONFIG, VOCABULARY, WEIGHTS, Source
from allennlp_heads.reports import atomic_write


def write_archive(
    source: Source, folder: Path, config: dict[str, Any], state: dict[str, torch.Tensor]
) -> Source:
    """
    Write everything a model needs into `folder`, and all of it once more as `model.tar.gz`.

    # Parameters

    source : `Source`
        What was pruned; vocabulary and further files are copied from there.
    folder : `Path`
    config : `Dict[str, Any]`
    state : `Dict[str, torch.Tensor]`
        The weights.

    # Returns

    `Source`
        What was written.
    """
    with atomic_write(folder / CONFIG) as file:
        file.write(f"{json.dumps(config, indent=4)}\n".encode())
    _save(folder / WEIGHTS, state)
    for name in (VOCABULARY, *config["include_in_archive"]):
        for path in map(Path, glob(str(source.folder / name))):
            _copy(path, folder / path.relative_to(source.folder))
    if (source.folder / META_NAME).is_file():
        _copy(source.folder / META_NAME, folder / META_NAME)
    else:
        Meta.new().to_file(folder / META_NAME)
    archive_model(folder, WEIGHTS, folder / ARCHIVE, config["include_in_archive"])
    return Source(source.name, folder, folder / WEIGHTS)


def _save(path: Path, state: dict[str, torch.Tensor]) -> None:
    try:
        with atomic_write(path) as file:
            torch.save(state, file)
    except RuntimeError as error:  # torch reports a full disk as one about positions in the file
        raise ConfigurationError(
            f"cannot write {path}: {str(error).splitlines()[0]}. Free space there or choose "
            "another folder with -o"
        ) from error


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copyfile(source, target)
