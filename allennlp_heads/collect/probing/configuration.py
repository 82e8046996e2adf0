"""From what a user names and overrides to the experiment that is meant."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.params import parse_overrides, with_overrides

from allennlp_heads.collect.bare_encoder import example_configuration
from allennlp_heads.collect.probing.experiment import ProbeExperiment
from allennlp_heads.collect.probing.types import check_type
from allennlp_heads.models.archival import ARCHIVE, CONFIG, PathLike, archive_file

Config = dict[str, Any]

_ENDINGS = (".jsonnet", ".json", ".libsonnet")
_EMPTY: Config = {"probes": {"tasks": {}}}
"""What overrides may reach into though nobody wrote it."""


@dataclass(frozen=True)
class ProbeConfiguration:
    """
    A configuration as far as it is written, and the changes to it.

    # Parameters

    name : `str`
        What the user knows it by, for messages.
    written : `Dict[str, Any]`
    changes : `Dict[str, Any]`
        By key, dotted ones among them.
    """

    name: str
    written: Config
    changes: Config

    @classmethod
    def read(
        cls, source: PathLike, overrides: str = "", weights_file: str | None = None
    ) -> ProbeConfiguration:
        """
        # Parameters

        source : `PathLike`
            An archive, the folder of its training, or the Jsonnet of a `ProbeExperiment`.
        overrides : `str`, optional (default = `""`)
            JSON, as for `allennlp train`.
        weights_file : `str`, optional (default = `None`)
            Instead of the archive's weights.

        Raises `ConfigurationError` for a source that is none of these, what cannot be read, unknown
        keys, and values of other types than theirs.
        """
        written, changes = _written(source), _changes(overrides)
        if weights_file is not None:
            written["weights_file"] = weights_file
        _check(str(source), written)
        _check("--overrides", {key: changes[key] for key in changes if "." not in key})
        found = cls(str(source), written, changes)
        if found.get("archive") == "":
            raise ConfigurationError(
                f"{source}: 'archive' is empty: name one, or the folder of a training. Where it is "
                f"the environment variable ARCHIVE, {_how_to_give(source, 'ARCHIVE')}"
            )
        return found

    def get(self, key: str) -> Any:
        """A value of the configuration itself, or `None`."""
        return self.changes.get(key, self.written.get(key))

    def experiment(self, training: Mapping[str, Any]) -> ProbeExperiment:
        """
        The whole experiment.

        # Parameters

        training : `Mapping[str, Any]`
            The configuration of the archive's training, whose readers and data paths count where
            none are written.

        Raises `ConfigurationError` for overrides that fit nothing, and whatever else
        `ProbeExperiment` refuses.
        """
        own = {key: training[key] for key in ("dataset_reader", *_PATH_KEYS) if training.get(key)}
        try:
            config = with_overrides({**_EMPTY, **own, **self.written}, self.changes)
        except ValueError as error:
            raise ConfigurationError(f"--overrides: {error}") from error
        _check(self.name, config)
        try:
            experiment = ProbeExperiment.from_params(Params(config))
        except ConfigurationError as error:
            raise ConfigurationError(f"{self.name}: {error.message}") from error
        self._check_paths(experiment.tasks)
        return experiment

    def _check_paths(self, tasks: list[str]) -> None:
        """Paths of an archive's other tasks do no harm, but one that is written is meant."""
        for key in _PATH_KEYS:
            paths = self.get(key)
            unknown = sorted(set(paths) - set(tasks)) if isinstance(paths, dict) else []
            if tasks and unknown:
                raise ConfigurationError(
                    f"{self.name}: {key} has {', '.join(unknown)}, but the tasks of "
                    f"'dataset_reader' are {', '.join(tasks)}"
                )


_KEYS = {
    key: hint for key, hint in get_type_hints(ProbeExperiment.__init__).items() if key != "return"
}
_PATH_KEYS = tuple(key for key in _KEYS if key.endswith("_data_path"))


def _check(name: str, config: Config) -> None:
    """Keys and types of what stands in a configuration, or overrides, of this name."""
    unknown = sorted(set(config) - set(_KEYS))
    if unknown:
        trains = "model" in unknown and "trainer" in unknown
        raise ConfigurationError(
            f"{name} has the keys {', '.join(unknown)}, but a configuration of probes has "
            f"{', '.join(_KEYS)}"
            + (". To probe the model it trains, give the folder of its training" * trains)
        )
    for key, value in config.items():
        try:
            check_type(key, value, _KEYS[key])
        except ConfigurationError as error:
            raise ConfigurationError(f"{name}: {error.message}") from error


def _how_to_give(source: PathLike, variable: str) -> str:
    return (
        "give it in front of the command, as in\n"
        f"{variable}=out/dep allennlp-heads heads probe {source} -o out/heads"
    )


def _written(source: PathLike) -> Config:
    path = Path(source)
    if path.suffix not in _ENDINGS or path.is_dir():
        if not path.exists() or _is_encoder(path):
            raise ConfigurationError(
                f"{source} is no trained model (an archive, or the folder of its training) and no "
                "configuration. To probe a pretrained encoder, write a configuration like this "
                f"into a file, such as probe.jsonnet, and name that file:\n"
                f"{example_configuration(str(source))}"
            )
        return {"archive": str(archive_file(path))}
    if not path.is_file():
        raise ConfigurationError(f"there is no configuration {source}")
    try:
        return dict(Params.from_file(path).as_dict(quiet=True))
    except RuntimeError as error:  # of Jsonnet, with file and line
        variable = re.search(r"undefined external variable: (\w+)", str(error))
        if variable is not None:
            raise ConfigurationError(
                f"{source} needs the environment variable {variable[1]}: "
                f"{_how_to_give(source, variable[1])}"
            ) from error
        raise ConfigurationError(f"{source} cannot be read: {error}") from error
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{source} holds no object: give one with {', '.join(_KEYS)}"
        ) from error


def _is_encoder(path: Path) -> bool:
    """Whether this is the plain folder of an encoder."""
    if (path / ARCHIVE).exists() or not (path / CONFIG).is_file():
        return False
    try:
        return "model_type" in json.loads((path / CONFIG).read_text(encoding="utf-8"))
    except ValueError:
        return False


def _changes(overrides: str) -> Config:
    try:
        found = parse_overrides(overrides)
    except RuntimeError as error:
        raise ConfigurationError(f"--overrides cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ConfigurationError(f"--overrides: give a JSON object, not {overrides}")
    return found
