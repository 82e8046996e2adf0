"""Files that a configuration names and that are not there: all of them at once."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from copy import deepcopy

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.parts import split_part
from allennlp_heads.data.paths import resolve
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.written import Config, is_data_path, walk

_FILES = {
    "weights_file_path": "Train that model first, or correct the path",
    "weights_file": "Train that model first, or correct the path",
    "archive": "Train that model first, or correct the path",
    "pretrained_file": "Correct the path",
}
_INITIALIZERS = "model.initializer.regexes."
_DATA = "Correct the path, relative to the working directory, or set HEADS_DATA to the data folder"


def check_files(config: Config, findings: Findings) -> list[str]:
    """
    Find missing data files, archives and weights, and what only the network has.

    # Returns

    `List[str]`
        The keys of what is not here.
    """
    missing = []
    for key, path, cure in _named(config):
        if "://" in path:
            missing.append(key)
            findings.warning(
                key,
                f"{path} is an address, and this command loads nothing from the network",
                "Nothing that needs it was checked. Give a file to check with",
            )
            continue
        try:
            whole = split_part(resolve(path))[0].split("!")[0]
        except ConfigurationError as error:
            missing.append(key)
            findings.error(key, error.message)
            continue
        if not os.path.exists(whole) and not glob.glob(whole, recursive=True):
            missing.append(key)
            findings.error(key, f"{whole} does not exist", f"{cure}.")
    return missing


def without_starts(config: Config, keys: Sequence[str]) -> Config | None:
    """
    The configuration without the initializers at these keys, whose weights are not here: all else
    can be looked at. `None` where a key is that of something else.
    """
    if not all(key.startswith(_INITIALIZERS) for key in keys):
        return None
    config = deepcopy(config)
    gone = {int(key.removeprefix(_INITIALIZERS).split(".")[0]) for key in keys}
    if gone:
        regexes = config["model"]["initializer"]["regexes"]
        kept = [pair for number, pair in enumerate(regexes) if number not in gone]
        config["model"]["initializer"]["regexes"] = kept
    return config


def _named(config: Config) -> Iterator[tuple[str, str, str]]:
    """Key, path and what to do where it is missing."""
    for key, name, value in walk(config):
        if isinstance(value, str) and is_data_path(key):
            yield key, value, _DATA
        elif isinstance(value, str) and name in _FILES:
            yield key, value, _FILES[name]
