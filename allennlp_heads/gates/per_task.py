"""Gates of their own for every task of a multi-task model."""

import math
import re
from typing import Optional

import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError

from allennlp_heads.gates.hard_concrete import HardConcreteGates
from allennlp_heads.gates.head_gates import HeadGates
from allennlp_heads.gates.open import OpenGates


@HeadGates.register("per_task")
class PerTaskGates(HeadGates):
    """
    One set of gates a task. A batch runs with the gates of its task, pays their penalty, and
    leaves the other tasks' gates as they are.

    With `overlap`, tasks are driven to different heads: the penalty of a task grows by `overlap`
    times the mean over layers of the sum over heads of `P(open) * sum over other tasks of
    P(open)`, on the scale of [`expected_l0`](./hard_concrete.md#expected_l0). Its gradient reaches
    the current task's gates only.

    Registered as `"per_task"`.

    # Parameters

    heads : `List[int]`
        Number of heads of each layer, given by the encoder.
    tasks : `List[str]`
        The keys of the model's `heads`.
    gates : `Lazy[HeadGates]`, optional (default = `hard_concrete`)
        The gates of each task; all start from this configuration.
    overlap : `float`, optional (default = `0.0`)

    Raises `ConfigurationError` for no tasks, equal or impossible names, gates that cannot differ,
    and an `overlap` that is negative or of gates that are not learned. The gates' own methods raise
    it for a task that has no gates, or none given.
    """

    def __init__(
        self,
        heads: list[int],
        tasks: list[str],
        gates: Lazy[HeadGates] = Lazy(HardConcreteGates),
        overlap: float = 0.0,
    ) -> None:
        super().__init__(heads)
        if not tasks or len(set(tasks)) != len(tasks):
            raise ConfigurationError(
                f"gates 'per_task': 'tasks' is {tasks}: name each of the model's heads once"
            )
        if any(not re.fullmatch(r"[\w-]+", t) or hasattr(torch.nn.ModuleDict, t) for t in tasks):
            raise ConfigurationError(
                f"gates 'per_task': 'tasks' is {tasks}: give the keys of model.heads"
            )
        self.tasks = list(tasks)
        self.overlap = overlap
        self.by_task = torch.nn.ModuleDict({task: gates.construct(heads=heads) for task in tasks})
        for inner in self.sets().values():
            if inner.tasks or isinstance(inner, OpenGates):
                what = "'per_task' again" if inner.tasks else "'open', the same for every task"
                raise ConfigurationError(
                    f"gates 'per_task': 'gates' are {what}: give 'hard_concrete' or 'fixed'"
                )
        learned = all(inner.expected_open() is not None for inner in self.sets().values())
        if not (math.isfinite(overlap) and overlap >= 0) or (overlap and not learned):
            raise ConfigurationError(
                f"gates 'per_task': 'overlap' is {overlap}: give a number from 0 upwards, and "
                "other than 0 only with gates that are learned, such as 'hard_concrete'"
            )

    def of(self, task: Optional[str]) -> HeadGates:
        """The gates of `task`. Raises `ConfigurationError` when it has none or is `None`."""
        if task is None:
            raise ConfigurationError(
                f"gates 'per_task': no task was given, and each of {self.tasks} has gates of its "
                "own: choose one of them. In training only the model 'multitask_heads' says which "
                "task a batch is of; give other models the gates 'hard_concrete'"
            )
        if task not in self.tasks:
            raise ConfigurationError(
                f"gates 'per_task': the task '{task}' has no gates; there are those of {self.tasks}"
            )
        inner = self.by_task[task]
        assert isinstance(inner, HeadGates)
        return inner

    def sets(self) -> dict[Optional[str], HeadGates]:
        return {task: self.of(task) for task in self.tasks}

    def forward(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        return self.of(task)()

    def deterministic(self, task: Optional[str] = None) -> torch.Tensor:
        return self.of(task).deterministic()

    def open_probability(self, task: Optional[str] = None) -> torch.Tensor:
        return self.of(task).open_probability()

    def expected_open(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        return self.of(task).expected_open()

    def ranking(self, task: Optional[str] = None) -> torch.Tensor:
        return self.of(task).ranking()

    def penalty(self, task: Optional[str] = None) -> Optional[torch.Tensor]:
        own = self.of(task).penalty()
        if own is None or self.of(task).binary or not self.overlap or len(self.tasks) == 1:
            return own
        others = [g.open_probability().detach() for key, g in self.sets().items() if key != task]
        shared = self.open_probability(task) * torch.stack(others).sum(dim=0)
        return own + self.overlap * shared.sum(dim=1).mean()

    @property
    def binary(self) -> bool:
        return all(inner.binary for inner in self.sets().values())

    def binarize(self, kept: torch.Tensor, task: Optional[str] = None) -> None:
        self.of(task).binarize(kept)
