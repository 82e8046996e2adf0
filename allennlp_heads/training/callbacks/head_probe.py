"""What the heads know of each task, at the end of training and on the way."""

import json
import logging
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.collect.configured_data import ConfiguredData
from allennlp_heads.collect.encoder_digest import encoder_digest
from allennlp_heads.collect.probing.data import ProbeData
from allennlp_heads.collect.probing.flags import flags_of
from allennlp_heads.collect.probing.gold import read_gold
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.probe import probe_tasks
from allennlp_heads.collect.probing.source import check_apart, data_about, probed_tasks
from allennlp_heads.collect.probing.types import check_type
from allennlp_heads.reports.probing.files import write_probe
from allennlp_heads.reports.probing.with_or_without_pictures import (
    write_with_or_without_pictures,
)
from allennlp_heads.training.callbacks.report_callback import ReportCallback
from allennlp_heads.training.run_info import run_seed

logger = logging.getLogger(__name__)

_HERE = "trainer.callbacks, 'head_probe'"
_OPTIONS = {
    "probe": Optional[dict[str, Any]],
    "tasks": Optional[list[str]],
    "every_epochs": Optional[int],
}
_WITHOUT_TEST = '{"test_data_path": null}'


@TrainerCallback.register("head_probe")
class HeadProbe(ReportCallback):
    """
    Finds the head that does each label of each task best, as `allennlp heads probe` would, and
    writes `heads/probe.{json,npz,md,csv,tex}` with pictures, from the weights that are archived.
    One half of the training examples gives centroids and both or the other choose the heads, which
    the validation data scores. Neither training nor loaders notice.

    A failure is logged with the command that repeats it, and never costs the training or its
    archive.

    Registered as `"head_probe"`. List it before `exact_resume`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    probe : `ProbeOptions`, optional
    tasks : `List[str]`, optional (default = `None`)
        Which of the tasks; by default all whose examples have gold labels to probe with.
    every_epochs : `int`, optional (default = `None`)
        Also probe after every so many epochs, from the weights as they are then, and write it
        without pictures into `heads/probe_epochs/<epoch>/`, epochs counted from 0. Random weights,
        which training does not change, and examples are then left out.

    Raises `ConfigurationError` before training for a model without the gated encoder, another
    loader than `multitask_bucketed`, no validation data or that of the training, tasks that are
    unknown or cannot be probed, and gold labels that do not fit the options.
    """

    what = "The report on probes of heads"

    @classmethod
    def from_params(cls, params: Params, *args: Any, **extras: Any) -> "HeadProbe":
        """As AllenNLP does it, with errors that say what there is."""
        try:
            _check_options(params.as_dict(quiet=True))
            made: HeadProbe = super().from_params(params, *args, **extras)
        except ConfigurationError as error:
            raise ConfigurationError(f"{_HERE}: {error.message}") from error
        return made

    def __init__(
        self,
        serialization_dir: str,
        probe: Optional[ProbeOptions] = None,
        tasks: Optional[list[str]] = None,
        every_epochs: Optional[int] = None,
    ) -> None:
        super().__init__(serialization_dir, every_epochs)
        self._options = probe or ProbeOptions()
        self._chosen = tasks
        if every_epochs is not None and every_epochs < 1:
            raise ConfigurationError(
                f"'every_epochs' is {every_epochs}: give at least 1, or leave it out"
            )

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        encoder_of(trainer.model)
        try:
            data, tasks = self._data(trainer)
            for task in tasks:
                read_gold(data, task, self._options)
        except ConfigurationError as error:  # now, not after the training
            raise ConfigurationError(f"{_HERE}: {error.message}") from error

    def _data(self, trainer: GradientDescentTrainer) -> tuple[ProbeData, list[str]]:
        """Sentences that choose and sentences that score, and the tasks."""
        if trainer._validation_data_loader is None:
            raise ConfigurationError("there is no validation data to score on: give some")
        data = ProbeData(
            train=TaskData.of_loader(trainer.data_loader),
            validation=TaskData.of_loader(trainer._validation_data_loader),
        )
        tasks = probed_tasks(data)
        unknown = sorted(set(self._chosen or ()) - set(tasks))
        if unknown:
            raise ConfigurationError(f"there are no tasks {unknown} to probe: choose from {tasks}")
        tasks = self._chosen or tasks
        check_apart(data, dict.fromkeys(tasks, self._options))
        return data, tasks

    def _measure(self, trainer: GradientDescentTrainer, epoch: Optional[int] = None) -> Any:
        encoder = encoder_of(trainer.model)
        data, tasks = self._data(trainer)
        options = self._options
        if epoch is not None:
            options = replace(options, random_weights=0, examples=0)
        return encoder, data, probe_tasks(encoder, data, tasks, options)

    def _write(self, measured: Any, epoch: Optional[int] = None) -> None:
        encoder, data, found = measured
        folder = self._folder
        results = {
            task: replace(one, epoch=epoch, notes={**one.notes, **self._limits(data, task)})
            for task, one in found.items()
        }
        about = {
            "encoder": encoder.transformer_model,
            "trained_tasks": data.tasks,
            "encoder_sha256": encoder_digest(encoder),
            **data_about(data, list(results)),
        }
        seed = run_seed(self.serialization_dir)
        if epoch is None:
            write_with_or_without_pictures(folder, results, about, seed)
        else:
            folder = folder / "probe_epochs" / str(epoch)
            write_probe(folder, results, about, seed, figures=False)
        logger.info("The probes of heads are in %s", folder)

    def _limits(self, data: ProbeData, task: str) -> dict[str, int]:
        """Notes on files that were not read to their end."""
        file = Path(self.serialization_dir) / "config.json"
        config = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        configured = ConfiguredData(str(file), config)
        read = {name: len(found) for name, found in data.instances(task).items()}
        limits = {name: configured.limits(name, [task]).get(task) for name in read}
        return {
            f"sentences of the {name} data, of which 'max_instances' allows no more": count
            for name, count in read.items()
            if count == limits[name]
        }

    def _command(self) -> str:
        parts = ["allennlp heads probe", shlex.quote(str(self.serialization_dir))]
        parts += [f"--task {shlex.quote(task)}" for task in self._chosen or ()]
        parts += [*flags_of(self._options), f"--overrides {shlex.quote(_WITHOUT_TEST)}"]
        return " ".join(parts)


def _check_options(given: dict[str, Any]) -> None:
    unknown = sorted(set(given) - set(_OPTIONS))
    if unknown:
        raise ConfigurationError(
            f"there are no options {', '.join(unknown)}: there are {', '.join(_OPTIONS)}; what is "
            f"asked of heads stands in 'probe', with {', '.join(ProbeOptions.names())}"
        )
    for name, value in given.items():
        check_type(name, value, _OPTIONS[name])
