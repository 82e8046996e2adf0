"""What the configuration of `allennlp heads probe` says."""

from collections.abc import Sequence
from typing import Any, Optional, Union

from allennlp.common import FromParams, Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.probing.options import ProbeOptions

Config = dict[str, Any]
Paths = Union[str, dict[str, str]]

_TASKS = "tasks"
"""The key of `probes` that holds the options of single tasks."""


class ProbeExperiment(FromParams):
    """
    The whole configuration: an encoder, labelled sentences, and what is asked of the heads.

    # Parameters

    transformer_model : `str`, optional (default = `None`)
        A pretrained encoder as it is: a hub name, a folder, or `package:<package>/<folder>`.
    archive : `str`, optional (default = `None`)
        A trained model instead: `model.tar.gz` or the folder of its training.
    weights_file : `str`, optional (default = `None`)
        Weights to take instead of the archive's.
    dataset_reader : `Dict[str, Any]`, optional (default = the archive's)
        `multitask_heads` with one reader a task. A reader without `token_indexers` gets
        `transformer_words` of the encoder.
    train_data_path, validation_data_path, test_data_path : `str` or `Dict[str, str]`, optional
        By task, or one for all; by default the archive's. What each is used for depends on how many
        there are, see `ProbeData`.
    probes : `Dict[str, Any]`, optional
        `ProbeOptions` of all tasks; `tasks` in it holds those of single tasks, by name.
    max_length : `int`, optional (default = `None`)
        Pieces in a window of a pretrained encoder; by default as many as it takes.
    random_seed : `int`, optional (default = `None`)
        The seed of the probes, where `probes` gives none.

    Raises `ConfigurationError` unless there is exactly one of `transformer_model` and `archive`, or
    when an option does not belong to it.
    """

    def __init__(
        self,
        transformer_model: Optional[str] = None,
        archive: Optional[str] = None,
        weights_file: Optional[str] = None,
        dataset_reader: Optional[dict[str, Any]] = None,
        train_data_path: Optional[Paths] = None,
        validation_data_path: Optional[Paths] = None,
        test_data_path: Optional[Paths] = None,
        probes: Optional[dict[str, Any]] = None,
        max_length: Optional[int] = None,
        random_seed: Optional[int] = None,
    ) -> None:
        if (transformer_model is None) == (archive is None):
            raise ConfigurationError(
                "give one of 'transformer_model' (a pretrained encoder) and 'archive' (a trained "
                "model)"
            )
        if archive is None and weights_file is not None:
            raise ConfigurationError(
                "'weights_file' (--weights-file) is for the weights of an 'archive', not of the "
                f"pretrained encoder {transformer_model}"
            )
        if archive is not None and max_length is not None:
            raise ConfigurationError("'max_length' of an archive is that of its training")
        if transformer_model is not None and dataset_reader is None:
            raise ConfigurationError(
                "'dataset_reader' is missing: give the reader 'multitask_heads', with one of "
                "'readers' for each task"
            )
        readers = (dataset_reader or {}).get("readers")
        self.tasks = sorted(readers) if isinstance(readers, dict) else []
        """Of the readers."""
        self._check_tasks("probes.tasks", (probes or {}).get(_TASKS))
        self.transformer_model = transformer_model
        self.archive = archive
        self.weights_file = weights_file
        self.dataset_reader = dataset_reader
        self._paths = {
            "train": train_data_path,
            "validation": validation_data_path,
            "test": test_data_path,
        }
        self.probes = probes or {}
        self.max_length = max_length
        self.random_seed = random_seed

    def path(self, file: str) -> Optional[Paths]:
        """What is written under `<file>_data_path`."""
        return self._paths[file]

    def options(self, tasks: Sequence[str], **changed: Any) -> dict[str, ProbeOptions]:
        """
        The options of each task: those of `probes`, then its own, then `changed`.

        Raises `ConfigurationError` for an option that there is not, options of other tasks, and
        values out of range; it names the key.
        """
        common = {name: value for name, value in self.probes.items() if name != _TASKS}
        if "seed" not in common and self.random_seed is not None:
            common["seed"] = self.random_seed
        own = self.probes.get(_TASKS) or {}
        _check_names("probes", common, (*ProbeOptions.names(), _TASKS))
        if not isinstance(own, dict) or not all(isinstance(one, dict) for one in own.values()):
            raise ConfigurationError("probes.tasks: give options by task, as in {dep: {folds: 3}}")
        for task, options in own.items():
            _check_names(f"probes.tasks.{task}", options, ProbeOptions.names())
        found = {}
        for task in tasks:
            where = f"probes.tasks.{task}" if task in own else "probes"
            found[task] = _options({**common, **own.get(task, {}), **changed}, where)
        return found

    def _check_tasks(self, key: str, given: Any) -> None:
        unknown = sorted(set(given) - set(self.tasks)) if isinstance(given, dict) else []
        if unknown:
            raise ConfigurationError(
                f"{key} has {', '.join(unknown)}, but the tasks of 'dataset_reader' are "
                f"{', '.join(self.tasks)}"
            )


def _options(config: Config, where: str) -> ProbeOptions:
    try:
        return ProbeOptions.from_params(Params(dict(config)))
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error.message}") from error


def _check_names(where: str, config: Config, allowed: Sequence[str]) -> None:
    unknown = sorted(set(config) - set(allowed))
    if unknown:
        raise ConfigurationError(
            f"{where} has {', '.join(unknown)}, but its keys are {', '.join(allowed)}"
        )
