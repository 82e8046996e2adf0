"""Embeddings of the tasks at the end of training."""

import logging
from shlex import quote
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.collect.embedding import EmbeddingOptions
from allennlp_heads.collect.embedding.source import pretrained_encoder
from allennlp_heads.collect.sharing import in_all_workers
from allennlp_heads.collect.undisturbed import generators_kept
from allennlp_heads.reports.embeddings import write_embedding
from allennlp_heads.reports.embeddings.computed import TaskEmbedder
from allennlp_heads.training.callbacks.report_callback import ReportCallback
from allennlp_heads.training.run_info import run_seed

logger = logging.getLogger(__name__)


@TrainerCallback.register("task_embedding")
class TaskEmbedding(ReportCallback):
    """
    Embeds the tasks of the training, from its examples and the weights that are archived, and
    writes `heads/embeddings/<task>.{npz,json}`, as `allennlp heads embed` would. Neither training
    nor loader notices.

    A failure is logged and never stops the training or costs its archive.

    Registered as `"task_embedding"`. List it before `exact_resume`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    embedding : `EmbeddingOptions`, optional
        Kinds, number of examples, components and so on; by default the defaults there.
    tasks : `List[str]`, optional (default = `None`)
        Which of the tasks; by default all.
    task_class : `str`, optional (default = `None`)
        The class of these tasks; by default that which their heads tell.

    Raises `ConfigurationError` before training for a model without the gated encoder, another
    loader than `multitask_bucketed`, and unknown tasks.
    """

    what = "The embeddings of tasks"

    def __init__(
        self,
        serialization_dir: str,
        embedding: Optional[EmbeddingOptions] = None,
        tasks: Optional[list[str]] = None,
        task_class: Optional[str] = None,
    ) -> None:
        super().__init__(serialization_dir)
        self._options = embedding or EmbeddingOptions()
        self._chosen = tasks
        self._class = task_class

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        encoder_of(trainer.model)
        known = TaskData.of_loader(trainer.data_loader).tasks
        unknown = sorted(set(self._chosen or ()) - set(known))
        if unknown:
            raise ConfigurationError(
                f"trainer.callbacks, 'task_embedding': there are no tasks {unknown}: choose from "
                f"{known}"
            )

    def _measure(self, trainer: GradientDescentTrainer, epoch: Optional[int] = None) -> Any:
        data = TaskData.of_loader(trainer.data_loader, batch_size=self._options.batch_size)
        embedder = in_all_workers(lambda: self._embedder(trainer))
        return [embedder.embed(data, task, self._class) for task in self._chosen or data.tasks]

    def _embedder(self, trainer: GradientDescentTrainer) -> TaskEmbedder:
        with generators_kept():
            pretrained = pretrained_encoder(encoder_of(trainer.model), self._options)
        about = {"seed": run_seed(self.serialization_dir), "split": "train"}
        return TaskEmbedder(self._options, trainer.model, pretrained, about)

    def _write(self, measured: Any, epoch: Optional[int] = None) -> None:
        for embedding in measured:
            write_embedding(self._folder / "embeddings", embedding)
        tasks = ", ".join(embedding.task for embedding in measured)
        logger.info("The embeddings of %s are in %s/embeddings", tasks, self._folder)

    def _command(self) -> str:
        words = ["allennlp heads embed", self.serialization_dir]
        words += [f"-o {self._folder / 'embeddings'} --force", *self._options.flags()]
        words += [f"--task {task}" for task in self._chosen or ()]
        if self._class is not None:
            words.append(f"--class {quote(self._class)}")
        return " ".join(words)
