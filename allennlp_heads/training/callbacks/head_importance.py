"""Which heads matter to each task, at the end of training and on the way."""

import logging
from pathlib import Path
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.analysis.masks import number_of_heads
from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.collect.importance import collect_importance
from allennlp_heads.collect.importance_options import ImportanceOptions
from allennlp_heads.reports.importance import summary, write_importance
from allennlp_heads.training.callbacks.report_callback import ReportCallback
from allennlp_heads.training.run_info import file_digests, run_seed

logger = logging.getLogger(__name__)


@TrainerCallback.register("head_importance")
class HeadImportance(ReportCallback):
    """
    Computes how much every head matters to each task, from the training examples and the weights
    that are archived, and writes `heads/importance.{json,npz}` and a picture (one a task, where
    there are several), as `allennlp heads importance` would. Neither training nor loader notices.

    A failure is logged and never stops the training or costs its archive.

    Registered as `"head_importance"`. List it before `exact_resume`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    importance : `ImportanceOptions`, optional
        Measure, number of examples, alpha; by default all examples and the defaults there.
    tasks : `List[str]`, optional (default = `None`)
        Which of the tasks; by default all.
    every_epochs : `int`, optional (default = `None`)
        Also compute it after every so many epochs, from the weights as they are then, and write it
        into `heads/importance_epochs/<epoch>/`, epochs counted from 0.

    Raises `ConfigurationError` before training for a model without the gated encoder, another
    loader than `multitask_bucketed`, unknown tasks, and an `alpha` that selects no head.
    """

    what = "The importance of heads"

    def __init__(
        self,
        serialization_dir: str,
        importance: Optional[ImportanceOptions] = None,
        tasks: Optional[list[str]] = None,
        every_epochs: Optional[int] = None,
    ) -> None:
        super().__init__(serialization_dir, every_epochs)
        self._options = importance or ImportanceOptions()
        self._chosen = tasks
        if every_epochs is not None and every_epochs < 1:
            raise ConfigurationError(
                f"trainer.callbacks, 'head_importance': 'every_epochs' is {every_epochs}: give at "
                "least 1, or leave it out"
            )

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        heads = sum(encoder_of(trainer.model).heads)
        try:
            number_of_heads(self._options.alpha, heads)
        except ValueError as error:  # now, not after the training
            raise ConfigurationError(f"trainer.callbacks, 'head_importance': {error}") from error
        known = TaskData.of_loader(trainer.data_loader).tasks
        unknown = sorted(set(self._chosen or ()) - set(known))
        if unknown:
            raise ConfigurationError(
                f"trainer.callbacks, 'head_importance': there are no tasks {unknown}: choose from "
                f"{known}"
            )

    def _measure(self, trainer: GradientDescentTrainer, epoch: Optional[int] = None) -> Any:
        model = trainer.model
        data = TaskData.of_loader(trainer.data_loader, batch_size=self._options.batch_size)
        samples = {
            task: collect_importance(model, data, task, self._options)
            for task in self._chosen or data.tasks
        }
        about = {
            "encoder": encoder_of(model).transformer_model,
            "split": "train",
            "data_files": file_digests(data.paths.values()),
        }
        return samples, about

    def _write(self, measured: Any, epoch: Optional[int] = None) -> None:
        folder = self._folder
        if epoch is not None:
            folder = folder / "importance_epochs" / str(epoch)
        samples, about = measured
        tasks = write_importance(folder, samples, about, run_seed(self.serialization_dir))
        logger.info("The importance of heads is in %s\n%s", folder, summary(tasks))

    def _command(self) -> str:
        options = self._options.flags()
        options += [f"--task {task}" for task in self._chosen or ()]
        run = self.serialization_dir
        return " ".join(
            ["allennlp heads importance", run, f"-o {Path(run) / 'importance'}", *options]
        )
