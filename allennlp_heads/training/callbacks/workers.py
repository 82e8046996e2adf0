"""What lets several processes work on one training."""

from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.distributed import world_size


@TrainerCallback.register("workers")
class Workers(TrainerCallback):
    """
    Shares the batches of the data loader `multitask_bucketed` among the workers of a distributed
    training, in training and in validation, so that `W` workers compute what a single process
    computes with `W` times the `num_gradient_accumulation_steps`. Without distributed training it
    does nothing, so that a configuration may always have it.

    ```
    "distributed": {
        "cuda_devices": [0, 1],
        "ddp_accelerator": "multitask_torch"
    },
    "trainer": {"callbacks": ["workers", "example_scores", "exact_resume"], ...}
    ```

    When the training is over the loaders give all batches again: `evaluate_on_test` is the affair
    of the first worker alone.

    Registered as `"workers"`. List it as the first callback.

    Raises `ConfigurationError` when torch is not told to look for parameters that a worker does not
    train in a step, such as another task's head.
    """

    def on_start(
        self, trainer: GradientDescentTrainer, is_primary: bool = True, **kwargs: Any
    ) -> None:
        super().on_start(trainer, is_primary, **kwargs)
        if world_size() == 1:
            return
        _check_unused_parameters(trainer)
        for loader in _loaders(trainer):
            loader.deal_out(trainer._num_gradient_accumulation_steps)

    def on_end(
        self,
        trainer: GradientDescentTrainer,
        metrics: Optional[dict[str, Any]] = None,
        epoch: Optional[int] = None,
        is_primary: bool = True,
        **kwargs: Any,
    ) -> None:
        for loader in _loaders(trainer):
            loader.deal_to_one()


def _loaders(trainer: GradientDescentTrainer) -> list[MultiTaskBucketed]:
    loaders = (trainer.data_loader, trainer._validation_data_loader)
    return [loader for loader in loaders if isinstance(loader, MultiTaskBucketed)]


def _check_unused_parameters(trainer: GradientDescentTrainer) -> None:
    wrapped = trainer._ddp_wrapped_model
    model = None if wrapped is None else wrapped.model
    if (
        isinstance(model, torch.nn.parallel.DistributedDataParallel)
        and not model.find_unused_parameters
    ):
        raise ConfigurationError(
            "distributed.ddp_accelerator: in a step, each worker trains the head of one task, and "
            "torch would wait for the gradients of the others. Give 'distributed' "
            '"ddp_accelerator": "multitask_torch"'
        )
