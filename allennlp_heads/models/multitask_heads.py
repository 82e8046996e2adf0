"""The multi-task model: one gated backbone, one head a task."""

import inspect
import re
from collections import defaultdict
from functools import reduce
from typing import Any, Optional

import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp.models.heads import Head
from allennlp.modules import Backbone
from allennlp.nn import InitializerApplicator, RegularizerApplicator
from allennlp.nn.parallel import DdpAccelerator

from allennlp_heads.data.data_loaders.randomness import reseed_generators
from allennlp_heads.distributed import Step
from allennlp_heads.gates import HardConcreteL0, HeadGates, OpenGates, check_regularizer
from allennlp_heads.models.gold import no_gold
from allennlp_heads.models.loss_balancers import LossBalancer
from allennlp_heads.models.precision import (
    autocast,
    autocast_dtype,
    in_float32,
    outside_autocast,
)
from allennlp_heads.models.rows import rows_of, scatter_rows, select_rows
from allennlp_heads.models.together import (
    check_metrics,
    detached,
    merge_metrics,
    uncounted,
    weights_in_turn,
)

PER_EXAMPLE = ("example_loss", "example_units", "example_counts")
"""What a head says of each example; the model hands it on in the order of the batch."""


@Model.register("multitask_heads")
class MultiTaskHeads(Model):
    """
    Encodes a batch with the shared backbone and gives it to the head of its task.

    It does what AllenNLP's `multitask` model is for, with these differences: a batch of several
    tasks is split without changing it; what a head returns reaches that head only, whatever the
    names of the others; outputs are kept a head and, once readable, are given in the order of the
    batch; heads are told their input size; the gates' penalty is asked for the tasks just run;
    `score` is the unweighted mean of the tasks' main metrics.

    In distributed training with our loader the metrics are those of all workers when they are reset
    at the end of an epoch, before that this worker's own; the loss balancer is told of all workers'
    losses in the order in which one process would have them.

    Registered as a `Model` with name `"multitask_heads"`.

    # Parameters

    vocab : `Vocabulary`
    backbone : `Backbone`
        Usually `gated_transformer`. Its `forward` may take the argument `task`.
    heads : `Dict[str, Lazy[Head]]`
        One head a task, under the task's key. The model gives each its `input_dim`.
    loss_balancer : `Lazy[LossBalancer]`, optional (default = `None`)
        `fixed` or `moving_average`: weighs the tasks' losses in training. By default all count as
        they are.
    autocast : `str`, optional (default = `None`)
        `"bfloat16"`: in training the backbone computes its matrix products in bfloat16
        (`torch.autocast`), which is faster on CPUs and GPUs that support it. Weights, heads, losses
        and gates stay in float32, and so does evaluation, whose scores must not depend on how
        examples are batched. Not together with the trainer's `use_amp`, which does the same in
        float16 on a GPU, in evaluation too.
    initializer : `InitializerApplicator`, optional
    regularizer : `RegularizerApplicator`, optional (default = `None`)
        For anything but gates, which have a penalty of their own here.
    serialization_dir, ddp_accelerator :
        Given by AllenNLP.

    Raises `ConfigurationError` for a model without heads, for a batch whose task has no head, for
    a head whose task no loader serves, for training data without the gold that the head takes, for
    gates of other tasks than the heads', when gates are penalised both by themselves and by a
    regularizer, and for heads whose metrics several workers cannot count.
    """

    default_predictor = "multitask_heads"

    def __init__(
        self,
        vocab: Vocabulary,
        backbone: Backbone,
        heads: dict[str, Lazy[Head]],
        loss_balancer: Optional[Lazy[LossBalancer]] = None,
        autocast: Optional[str] = None,
        initializer: InitializerApplicator = InitializerApplicator(),
        regularizer: RegularizerApplicator = None,  # type: ignore[assignment]
        serialization_dir: Optional[str] = None,
        ddp_accelerator: Optional[DdpAccelerator] = None,
    ) -> None:
        super().__init__(vocab, regularizer, serialization_dir, ddp_accelerator)
        if not heads:
            raise ConfigurationError("model.heads is empty: give a head for each task")
        for task in heads:
            if not re.fullmatch(r"[\w-]+", task) or hasattr(torch.nn.ModuleDict, task):
                raise ConfigurationError(
                    f"model.heads: '{task}' cannot be the name of a task; use other letters, "
                    "digits, '_' and '-'"
                )
        self.backbone = backbone
        input_dim = backbone.get_output_dim()  # type: ignore[operator]
        self.heads = torch.nn.ModuleDict(
            {task: head.construct(vocab=vocab, input_dim=input_dim) for task, head in heads.items()}
        )
        self.loss_balancer: Optional[LossBalancer] = None
        if loss_balancer is not None:
            self.loss_balancer = loss_balancer.construct(tasks=list(heads))
        self._autocast = autocast_dtype(autocast)
        self._arguments = {task: _arguments(head) for task, head in self.heads.items()}
        self._backbone_takes_task = "task" in _arguments(backbone)
        self._last_tasks: list[str] = []
        self._scored: set[str] = set()
        self._loader_checked = False
        self._together = False
        self._step_penalty: Optional[torch.Tensor] = None
        self._check_gates()
        self._check_penalty()
        initializer(self)

    @property
    def gates(self) -> HeadGates:
        """The backbone's gates, or open ones where the backbone knows no gates."""
        gates = getattr(self.backbone, "gates", None)
        return gates if isinstance(gates, HeadGates) else OpenGates([1])

    def forward(self, task: list[str], **inputs: Any) -> dict[str, Any]:  # type: ignore[override]
        """
        # Parameters

        task : `List[str]`
            The task of each example.
        inputs : `Any`
            What the reader made of the examples, with `tokens` for the backbone. `example` (index
            in its file), `loader_tasks` (all tasks of the loader), `noise`, and in distributed
            training `step` and `filler` come from our loader.

        # Returns

        A dictionary with `task`, `head_outputs` (task -> what its head returned) and `rows` (task
        -> indices of its examples in the batch); with gold also `loss` (sum over tasks, each the
        mean over its examples, in training times the balancer's weight: what is minimised), and in
        the order of the batch `example_loss` `[batch]`, `example_units` `[batch]`,
        `example_counts` `[batch, K]` where the heads give them, and all in the same columns;
        `example` if it was given. Losses of heads and of examples are never weighed. In a step of
        several workers `loss` is times the step's factor, and `penalty` is what
        `get_regularization_penalty` gives next.
        """
        noise = inputs.pop("noise", None)
        if noise is not None and self.training:
            # which the loader has done when it made the batch, but then it may have made others
            reseed_generators(*noise)
        step, filler = inputs.pop("step", None), inputs.pop("filler", None)
        self._step_penalty = None
        loader_tasks = inputs.pop("loader_tasks", None)
        self._check_loader(loader_tasks)
        example = inputs.pop("example", None)
        rows = rows_of(task)
        outputs: dict[str, Any] = {"task": task, "rows": rows, "head_outputs": {}}
        if example is not None:
            outputs["example"] = example
        for name, indices in rows.items():
            if name not in self.heads:
                raise ConfigurationError(
                    f"a batch of the task '{name}' has no head: model.heads has "
                    f"{sorted(self.heads)}"
                )
            own = (
                inputs
                if len(rows) == 1
                else {k: select_rows(v, indices) for k, v in inputs.items()}
            )
            must_learn = self.training and loader_tasks is not None
            outputs["head_outputs"][name] = self._run(name, len(indices), own, must_learn)
        self._last_tasks = list(rows)
        losses = {k: head["loss"] for k, head in outputs["head_outputs"].items() if "loss" in head}
        if losses:
            outputs["loss"] = self._total(losses, step)
        for key in PER_EXAMPLE:
            parts = {name: head.get(key) for name, head in outputs["head_outputs"].items()}
            columns = {None if part is None else part.shape[1:] for part in parts.values()}
            # metrics that count in other columns do not go into one tensor
            if None not in columns and len(columns) == 1:
                outputs[key] = scatter_rows(parts, rows, len(task))
        if step is not None:
            self._finish_step(step, filler, outputs)
        return outputs

    def _run(
        self, task: str, size: int, inputs: dict[str, Any], must_learn: bool
    ) -> dict[str, torch.Tensor]:
        context = {"tokens": inputs["tokens"]}
        if self._backbone_takes_task:
            context["task"] = [task] * size
        encoded = {**inputs, **self._encode(context)}
        # also where the trainer's `use_amp` makes all else 16 bits wide: in these, sums over
        # structures lose their digits, and a loss of regression is soon too large to be scaled
        with outside_autocast(next(self.parameters()).device):
            output = self.heads[task](
                **{k: v for k, v in encoded.items() if k in self._arguments[task]}
            )
        if "loss" in output:
            self._scored.add(task)
        elif must_learn and (missing := sorted(self._arguments[task] - encoded.keys())):
            raise ConfigurationError(no_gold(self.heads[task], task, missing, inputs))
        return output

    def _encode(self, context: dict[str, Any]) -> dict[str, torch.Tensor]:
        device = next(self.parameters()).device
        if self._autocast is None or not self.training:
            vectors = self.backbone(**context)
            return in_float32(vectors) if torch.is_autocast_enabled(device.type) else vectors
        with autocast(device, self._autocast):
            vectors = self.backbone(**context)
        return in_float32(vectors)

    def _total(self, losses: dict[str, torch.Tensor], step: Optional[Step] = None) -> torch.Tensor:
        if self.loss_balancer is not None and self.training:
            if step is None:
                weights = self.loss_balancer(losses)
            else:
                weights = weights_in_turn(self.loss_balancer, losses, next(iter(losses.values())))
            losses = {task: weights[task] * loss for task, loss in losses.items()}
        return torch.stack(list(losses.values())).sum()

    def _finish_step(
        self, step: Step, filler: Optional[dict[str, Any]], outputs: dict[str, Any]
    ) -> None:
        """What a step of several workers needs besides."""
        if not self._together:
            check_metrics(dict(self.heads))
        self._together = True
        if not self.training:
            return
        if filler is not None:
            outputs["loss"] = self._nothing(filler)
        # In the outputs torch's workers must find all parameters that will have a gradient, and
        # no others.
        outputs.update(detached({k: v for k, v in outputs.items() if k != "loss"}))
        penalty = self.get_regularization_penalty()
        if penalty is not None:
            factor = 0.0 if filler is not None else step.factor
            outputs["penalty"] = self._step_penalty = factor * penalty
        if filler is None and "loss" in outputs:
            outputs["loss"] = step.factor * outputs["loss"]

    def _nothing(self, filler: dict[str, Any]) -> torch.Tensor:
        """
        A loss of 0 that has gradients of 0 for just those parameters that another worker's batch
        trains: torch's workers wait for gradients from each of them.
        """
        task = filler["task"][0]
        if self.loss_balancer is not None:
            weights_in_turn(self.loss_balancer, {}, next(self.parameters()))
        scored = set(self._scored)
        with uncounted(self.heads[task]):
            loss = self._run(task, len(filler["task"]), filler, must_learn=True)["loss"]
        self._scored = scored
        return 0.0 * loss

    def get_regularization_penalty(self) -> Optional[torch.Tensor]:
        """
        The gates' penalty for the last batch plus that of ordinary regularizers, or `None`. Gates
        that all tasks share are penalised once a batch, gates of single tasks once for each task in
        it, and 0 before the first batch. It is added to the loss as it is: weights and balancers of
        tasks never scale it.
        """
        if self._step_penalty is not None:
            penalty, self._step_penalty = self._step_penalty, None
            return penalty
        penalties = [*self._gate_penalties(), super().get_regularization_penalty()]
        given = [penalty for penalty in penalties if penalty is not None]
        return reduce(torch.add, given) if given else None

    def _gate_penalties(self) -> list[Optional[torch.Tensor]]:
        if not self.gates.tasks:
            return [self.gates.penalty()]
        if self._last_tasks or not self._has_penalty():
            return [self.gates.penalty(task) for task in self._last_tasks]
        # a number all the same, which tells the trainer to add up those to come
        return [self.gates.mask.new_zeros((), dtype=torch.get_default_dtype())]

    def _has_penalty(self) -> bool:
        return any(self.gates.penalty(task) is not None for task in self.gates.sets())

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        """
        `<task>_<metric>` for every task that was scored, and `score`, the mean of their main
        metrics.

        Collective when it resets after steps of several workers: then they are of all workers.
        """
        if reset and self._together:
            self._scored = merge_metrics(dict(self.heads), self._scored)
            self._together = False
        metrics: dict[str, float] = {}
        main: list[float] = []
        for task in self.heads:
            if task not in self._scored:
                continue
            own = self.heads[task].get_metrics(reset)  # type: ignore[operator]
            metrics.update({f"{task}_{name}": value for name, value in own.items()})
            name, sign = getattr(self.heads[task], "main_metric", (None, "+"))
            if name in own:
                main.append(own[name] if sign == "+" else -own[name])
        if main:
            metrics["score"] = sum(main) / len(main)
        if reset:
            self._scored.clear()
        return metrics

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """
        What the heads say in words, one list entry an example in the order of the batch (`None`
        where another task's example has no such output), and `task`.
        """
        readable: dict[str, list[Any]] = defaultdict(lambda: [None] * len(output_dict["task"]))
        for task, outputs in output_dict["head_outputs"].items():
            rows = output_dict["rows"][task].tolist()
            words = self.heads[task].make_output_human_readable(outputs)  # type: ignore[operator]
            for key, values in words.items():
                if isinstance(values, torch.Tensor):
                    values = values.detach().cpu().numpy()
                if getattr(values, "ndim", 1) == 0 or len(values) != len(rows):
                    continue  # of the batch, not of an example
                for row, value in zip(rows, values):
                    readable[key][row] = value
        return {"task": output_dict["task"], **readable}

    def _check_gates(self) -> None:
        tasks = self.gates.tasks
        if tasks and sorted(tasks) != sorted(self.heads):
            raise ConfigurationError(
                f"model.backbone.gates.tasks is {tasks}, but model.heads has {list(self.heads)}: "
                "give both the same tasks"
            )

    def _check_penalty(self) -> None:
        check_regularizer(self, self._regularizer)
        regularizers = self._regularizer._regularizers if self._regularizer is not None else []
        if any(isinstance(r, HardConcreteL0) for _, r in regularizers) and self._has_penalty():
            raise ConfigurationError(
                "model.regularizer: 'hard_concrete_l0' would penalise the gates a second time, "
                "since 'multitask_heads' adds their own penalty; remove it and set the gates' "
                "'coefficient'"
            )

    def _check_loader(self, tasks: Optional[list[str]]) -> None:
        """Once, at the first training batch, compare the loader's tasks with the heads."""
        if tasks is None or self._loader_checked or not self.training:
            return
        self._loader_checked = True
        headless = sorted(set(tasks) - set(self.heads))
        if headless:
            raise ConfigurationError(
                f"the readers have the tasks {headless}, which have no head: model.heads has "
                f"{sorted(self.heads)}"
            )
        idle = sorted(set(self.heads) - set(tasks))
        if idle:
            raise ConfigurationError(
                f"model.heads has {idle} without training data: the readers' tasks are "
                f"{sorted(tasks)}"
            )


def _arguments(module: torch.nn.Module) -> set[str]:
    return set(inspect.signature(module.forward).parameters)
