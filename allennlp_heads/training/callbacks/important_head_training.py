"""Ends a training with a phase in which each task trains its important heads only."""

import logging
from pathlib import Path
from typing import Any, Optional, Union

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import TensorDict
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads import distributed as workers
from allennlp_heads.attention import PARTS, HeadRows
from allennlp_heads.collect import TaskData, existing_heads
from allennlp_heads.collect.importance import ImportanceSample, collect_importance
from allennlp_heads.collect.importance_options import ImportanceOptions, options_within
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.reports.files import remove_leftovers
from allennlp_heads.reports.important_heads import write_important_heads, write_pictures
from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.eligible import require
from allennlp_heads.training.important_heads import (
    CHOICES,
    HERE,
    MEASURED,
    HeadMasks,
    Phase,
    choose_heads,
    find_heads,
    foretell,
    in_present_numbering,
    shared_by_all,
    task_of,
    without_shared,
)
from allennlp_heads.training.run_info import run_data, run_seed
from allennlp_heads.training.updates import updates_of_an_epoch

logger = logging.getLogger(__name__)


@TrainerCallback.register("important_head_training")
class ImportantHeadTraining(TrainerCallback):
    """
    Important-attention training (Li et al., EMNLP 2023, section 5): in the last updates of the
    training a batch of a task trains only the heads that are important to this task. All heads
    compute as before; what is masked is the gradient of their parameters.

    Importance is measured on the training examples when the phase begins. Heads that none of the
    tasks of an update has chosen stand still in it: weights, moments of the optimizer and weight
    decay. Other tasks' updates move them only if these tasks chose them. Learned gates belong to
    the other parameters. Under a `moving_average` the weights stand still, while their averages go
    on approaching them; importance is measured on the weights, not on the averages.

    With several batches to one update, accumulated or of several workers, each batch has its own
    mask; the masks are the same in all workers. A batch must be of one task, as those of
    `multitask_bucketed` are. With validation data only epochs that end in the phase may be the best
    one and count for `patience`, so that the archive is always a model of the phase.

    Writes into `<serialization_dir>/heads/`: `important_head_training.json`, the masks and how they
    were made; at the end `important_head_training.png` and `.svg` and a picture of each task. A run
    resumed with `--recover` continues as if it had not been killed. A failure to write is logged
    and never stops the training.

    Registered as `"important_head_training"`. List it before `exact_resume`. To branch from a
    trained model, give `start` 0 and load its weights with the initializer `pretrained`.

    # Parameters

    serialization_dir : `str`
        Given by AllenNLP.
    alpha : `float`, optional (default = `0.3`)
        The share of all heads that a task trains, rounded down.
    start : `float`, optional (default = `0.9`)
        The share of all updates that comes before the phase, from 0 to below 1.
    heads : `str`, optional (default = `"important"`)
        Which heads a task trains; the others are controls: `"random"` (as many, drawn for each
        task), `"bottom"` (as many, the least important), `"all"` (no masks: the plain training).
    parts : `List[str]`, optional (default = `["query", "key", "value"]`)
        What is masked of a head, rows and biases; `"output"`, its columns of the output projection,
        may be among them.
    shared_heads : `bool`, optional (default = `True`)
        `False`: heads that all tasks have chosen are taken out of every mask.
    other_parameters : `bool`, optional (default = `True`)
        `False`: in the phase only the tasks' heads (in the sense of AllenNLP) and the chosen
        attention heads train.
    examples : `int`, optional (default = `None`)
        Measure importance on this many training examples of each task, drawn at random; by default
        on all.
    recompute_every : `int` or `str`, optional (default = `None`)
        Choose anew after so many updates, or at the end of every `"epoch"`, in the phase.
    importance : `ImportanceOptions`, optional (default = `None`)
        How importance is measured; by default the mean of |dL/d gate| over the examples (Eq. 4).
        `alpha`, `examples` and `seed` are those given here.
    seed : `int`, optional (default = `0`)
        Of the random heads and of the examples drawn.

    Raises `ConfigurationError` for values out of range, an `alpha` that selects no head, a model,
    loader or encoder that does not tell tasks or heads apart, and an encoder that does not train.
    """

    def __init__(
        self,
        serialization_dir: str,
        alpha: float = 0.3,
        start: float = 0.9,
        heads: str = "important",
        parts: Optional[list[str]] = None,
        shared_heads: bool = True,
        other_parameters: bool = True,
        examples: Optional[int] = None,
        recompute_every: Union[int, str, None] = None,
        importance: Optional[ImportanceOptions] = None,
        seed: int = 0,
    ) -> None:
        super().__init__(serialization_dir)
        _check("alpha", alpha, 0 < alpha <= 1, "a share above 0 and at most 1")
        _check("start", start, 0 <= start < 1, "a share from 0 to below 1")
        _check("heads", heads, heads in CHOICES, f"one of {', '.join(CHOICES)}")
        _check("examples", examples, examples is None or examples > 0, "at least 1")
        every_epoch = recompute_every in (None, "epoch")
        every_updates = isinstance(recompute_every, int) and recompute_every > 0
        _check(
            "recompute_every",
            recompute_every,
            every_epoch or every_updates,
            'a number of updates, or "epoch"',
        )
        self._folder = Path(serialization_dir) / "heads"
        self._alpha = alpha
        self._start = start
        self._how = heads
        self._parts = list(PARTS[:3] if parts is None else parts)
        self._shared_heads = shared_heads
        self._other_parameters = other_parameters
        self._every = recompute_every
        self._importance = options_within(
            importance, HERE, alpha=alpha, examples=examples, seed=seed
        )
        self._seed = seed
        self._writes = True
        self._encoder: GatedEncoder
        self._rows: list[HeadRows] = []
        self._tasks: list[str] = []
        self._phase = Phase(0, 1, 1)
        self._updates = 0
        self._rate_share: Optional[float] = None
        self._choices: list[dict[str, Any]] = []
        self._masking: Optional[HeadMasks] = None
        self._frozen: list[torch.nn.Parameter] = []
        self._restored: Optional[dict[str, Any]] = None

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        self._encoder, self._rows = find_heads(
            trainer, self._alpha, self._parts, self._shared_heads
        )
        epoch_updates = updates_of_an_epoch(trainer, "important_head_training")
        self._tasks = trainer.data_loader.tasks  # type: ignore[attr-defined]
        self._phase = Phase.from_share(self._start, trainer._num_epochs, epoch_updates, self._every)
        if trainer._validation_data_loader is not None:
            require(trainer, lambda: self._updates > self._phase.first)
        self._writes = is_primary and workers.is_primary()
        if self._writes:
            remove_leftovers(self._folder)
        if self._restored is not None:
            self._continue_from(self._restored)
            return
        self._rate_share = foretell(trainer, self._phase, self._rows[0].parameter)
        if self._phase.masks_due(0):
            self._choose()

    def on_backward(
        self,
        trainer: GradientDescentTrainer,
        batch_outputs: dict[str, torch.Tensor],
        backward_called: bool,
        **kwargs: Any,
    ) -> bool:
        task = task_of(batch_outputs)
        if backward_called:
            raise ConfigurationError(
                f"{HERE} must know the task before the gradients are computed: list it before the "
                "callback that computes them"
            )
        if self._masking is not None and task is not None:
            self._masking.use(task)
        return False

    def on_batch(
        self,
        trainer: GradientDescentTrainer,
        batch_inputs: list[TensorDict],
        batch_outputs: list[dict[str, Any]],
        batch_metrics: dict[str, Any],
        epoch: int,
        batch_number: int,
        is_training: bool,
        is_primary: bool = True,
        batch_grad_norm: Optional[float] = None,
        **kwargs: Any,
    ) -> None:
        if not is_training:
            return
        self._updates += 1
        if self._masking is not None:
            self._masking.end_update()
        if self._phase.masks_due(self._updates):
            self._choose()

    def on_end(
        self,
        trainer: GradientDescentTrainer,
        metrics: Optional[dict[str, Any]] = None,
        epoch: Optional[int] = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        self._release()
        if self._writes and self._choices:
            attempt(self._write_end, "The report and pictures of the important heads")

    def state_dict(self) -> dict[str, Any]:
        return {
            "updates": self._updates,
            "rate_share": self._rate_share,
            "choices": list(self._choices),
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        # the model is known in on_start
        self._restored = state_dict

    def _choose(self) -> None:
        """Choose each task's heads and train only these from the next update on."""
        assert self.trainer is not None, "trainers call on_start first"
        if self._choices and self._how in ("random", "all"):
            return
        self._release()
        samples = self._measure() if self._how in MEASURED else {}
        masks = choose_heads(
            self._how, self._alpha, self._encoder, self._tasks, samples, self._seed
        )
        logger.info(
            "Heads of each task: %s; %d of them of all tasks, which %s",
            {task: int(mask.sum()) for task, mask in masks.items()},
            shared_by_all(masks).sum(),
            "train" if self._shared_heads else "are taken out",
        )
        if not self._shared_heads and self._how != "all":
            masks = without_shared(masks)
        for task in (task for task, mask in masks.items() if not mask.any()):
            logger.warning("No head is left for '%s' to train", task)
        self._choices.append(
            {
                "update": self._updates,
                "examples": {task: len(sample.example) for task, sample in samples.items()},
                "importance": {
                    task: torch.from_numpy(sample.scores) for task, sample in samples.items()
                },
                "masks": masks,
            }
        )
        self._apply()
        if self._writes:
            attempt(self._write, "The report of the important heads")

    def _measure(self) -> dict[str, ImportanceSample]:
        assert self.trainer is not None
        options = self._importance
        data = TaskData.of_loader(self.trainer.data_loader, batch_size=options.batch_size)
        return {
            task: collect_importance(self.trainer.model, data, task, options) for task in data.tasks
        }

    def _apply(self) -> None:
        """Train as the last choice says."""
        assert self.trainer is not None
        if self._how != "all" or not self._other_parameters:
            masks = in_present_numbering(self._encoder, self._choices[-1]["masks"])
            self._masking = HeadMasks(self._rows, masks, self._other_parameters)
            self._masking.attach(self.trainer.optimizer)
        if not self._other_parameters:
            self._freeze(self.trainer.model)

    def _freeze(self, model: Any) -> None:
        trained = {id(row.parameter) for row in self._rows}
        trained |= {id(parameter) for parameter in model.heads.parameters()}
        self._frozen = [p for p in model.parameters() if p.requires_grad and id(p) not in trained]
        for parameter in self._frozen:
            parameter.requires_grad_(False)
            parameter.grad = None  # or the optimizer would go on with the last one

    def _release(self) -> None:
        if self._masking is not None:
            self._masking.detach()
            self._masking = None
        for parameter in self._frozen:
            parameter.requires_grad_(True)
        self._frozen = []

    def _continue_from(self, state: dict[str, Any]) -> None:
        self._restored = None
        self._updates = state["updates"]
        self._rate_share = state["rate_share"]
        self._choices = list(state["choices"])
        if self._choices:
            self._apply()

    def _write_end(self) -> None:
        # again, where it could not be written when the heads were chosen
        self._write()
        write_pictures(self._folder)

    def _write(self) -> None:
        write_important_heads(
            self._folder,
            self._about(),
            existing_heads(self._encoder),
            self._choices,
            run_seed(self.serialization_dir),
        )

    def _about(self) -> dict[str, Any]:
        return {
            "encoder": self._encoder.transformer_model,
            "tasks": self._tasks,
            "data_files": run_data(self.serialization_dir),
            "alpha": self._alpha,
            "chosen": self._how,
            "importance": self._importance.as_dict(),
            "parts": self._parts,
            "shared_heads": self._shared_heads,
            "other_parameters": self._other_parameters,
            "first_update": self._phase.first,
            "updates": self._phase.total,
            "learning_rate_share": self._rate_share,
        }


def _check(key: str, value: object, fits: bool, wanted: str) -> None:
    if not fits:
        raise ConfigurationError(f"{HERE}: '{key}' is {value!r}: give {wanted}")
