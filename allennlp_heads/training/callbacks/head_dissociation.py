"""Says at the end of training whether the tasks rest on heads of their own."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any, Optional, Union

from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.collect.dissociation import measure_dissociation
from allennlp_heads.collect.dissociation_masks import MaskOptions, check_masks
from allennlp_heads.collect.dissociation_runs import check_apart, described, estimated
from allennlp_heads.collect.importance_options import ImportanceOptions, options_within
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.models.archival import Source
from allennlp_heads.reports.dissociation import write_dissociation
from allennlp_heads.reports.dissociation_results import Options
from allennlp_heads.training.callbacks.report_callback import ReportCallback
from allennlp_heads.training.run_info import run_seed

logger = logging.getLogger(__name__)

_HERE = "trainer.callbacks, 'head_dissociation'"


@TrainerCallback.register("head_dissociation")
class HeadDissociation(ReportCallback):
    """
    When training is over, masks the heads that matter most to each task and scores all tasks, on
    the best weights; as many random heads are the baseline. The importance of the heads comes from
    the training examples, the scores from the validation data. The model is left as it is.

    Writes `dissociation.{json,npz,md,csv,png,svg}` into `<serialization_dir>/heads/`. A failure is
    logged with the command that repeats it, and costs nothing else.

    Registered as `"head_dissociation"`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    alpha : `float` or `List[float]`, optional (default = `0.3`)
        The share of the heads to mask; several in one run.
    draws : `int`, optional (default = `5`)
        Random masks of the same size.
    balanced : `bool` or `str`, optional (default = `False`)
        See `MaskOptions`.
    examples : `int`, optional (default = `None`)
        How many training examples of each task the importance is estimated from; by default all.
    importance : `ImportanceOptions`, optional
        Other options of this estimate; `examples`, `seed` and `alpha` are taken from here.
    max_instances : `int`, optional (default = `None`)
        How many validation examples of each task score; by default all.
    rounds : `int`, optional (default = `2000`)
        Of bootstrap and tests.
    seed : `int`, optional (default = `0`)
        Of everything that is drawn.
    same_data : `bool`, optional (default = `False`)
        Allow that the training reads the file that it is validated on.

    Raises `ConfigurationError` before training when there are not two tasks, a share masks no head,
    or the data loaders are no `multitask_bucketed`.
    """

    what = "The dissociation of the tasks"

    def __init__(
        self,
        serialization_dir: str,
        alpha: Union[float, list[float]] = 0.3,
        draws: int = 5,
        balanced: Union[bool, str] = False,
        examples: Optional[int] = None,
        importance: Optional[ImportanceOptions] = None,
        max_instances: Optional[int] = None,
        rounds: int = 2_000,
        seed: int = 0,
        same_data: bool = False,
    ) -> None:
        super().__init__(serialization_dir)
        alphas = alpha if isinstance(alpha, list) else [alpha]
        self._masks = MaskOptions(alphas, draws, balanced, seed)
        self._importance = options_within(
            importance, _HERE, alpha=min(alphas), examples=examples, seed=seed
        )
        self._max_instances = max_instances
        self._options = Options(rounds=rounds, seed=seed)
        self._same_data = same_data

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        try:
            selection, scoring = self._data(trainer)
            check_apart(selection.paths, scoring.paths, self._same_data)
            check_masks(trainer.model, scoring.tasks, self._masks)
        except ConfigurationError as error:
            raise ConfigurationError(f"{_HERE}: {error}") from error

    def _data(self, trainer: GradientDescentTrainer) -> tuple[TaskData, TaskData]:
        """What chooses the heads, and what scores."""
        if trainer._validation_data_loader is None:
            raise ConfigurationError("there is no validation data to score on: give some")
        selection = TaskData.of_loader(trainer.data_loader)
        scoring = TaskData.of_loader(
            trainer._validation_data_loader, self._max_instances, self._options.seed
        )
        return selection, scoring

    def _measure(self, trainer: GradientDescentTrainer, epoch: Optional[int] = None) -> Any:
        selection, scoring = self._data(trainer)
        found, about = estimated(
            trainer.model, selection, scoring, self._importance, self._same_data
        )
        measured = measure_dissociation(trainer.model, scoring, found, self._masks)
        return described(measured, scoring, self._masks, {**about, "split": "validation"})

    def _write(self, measured: Any, epoch: Optional[int] = None) -> None:
        folder = Path(self.serialization_dir)
        run = {
            "name": str(folder),
            "seed": run_seed(self.serialization_dir),
            "weights_sha256": Source(str(folder), folder, folder / "best.th").digest,
        }
        write_dissociation(replace(measured, runs=[run]), self._folder, self._options)
        logger.info("What the tasks lose without each other's heads is in %s", self._folder)

    def _command(self) -> str:
        masks, run = self._masks, self.serialization_dir
        parts = [f"allennlp heads dissociate {run} --alpha"]
        parts += [f"{alpha:g}" for alpha in masks.alphas]
        parts.append(f"--draws {masks.draws} --seed {masks.seed}")
        if masks.balanced:
            parts.append("--balanced-as-mask" if masks.balanced == "as_mask" else "--balanced")
        given = {
            "examples": self._importance.examples,
            "max-instances": self._max_instances,
            "rounds": self._options.rounds,
        }
        parts += [f"--{name} {value}" for name, value in given.items() if value is not None]
        parts += ["--same-data"] if self._same_data else []
        if not self._importance_is_usual():
            # The verb takes these options from a report of the importance alone.
            folder, flags = Path(run) / "importance", self._importance.flags()
            first = ["allennlp heads importance", run, f"-o {folder}", *flags, "&&"]
            parts = [*first, *parts, f"--importance {folder}"]
        return " ".join(parts)

    def _importance_is_usual(self) -> bool:
        """Whether the verb has an option for all that differs from the defaults."""
        names = ("examples", "seed", "alpha", "batch_size")
        usual = {name: getattr(self._importance, name) for name in names}
        return self._importance == ImportanceOptions(**usual)
