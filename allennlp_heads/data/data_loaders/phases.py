"""One task after another: phases within one training."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.data_loaders.epoch_sampler import EpochSampler
from allennlp_heads.data.data_loaders.training_phase import TrainingPhase

HERE = "data_loader.sampler"
"""Where the configuration has the options, for messages."""


class PlannedPhase(NamedTuple):
    """
    A phase in the course of the training.

    # Parameters

    phase : `TrainingPhase`
    number : `int`
        Its place in the configuration, from 0.
    round : `int`
        From 0.
    first : `int`
        How many steps, each of one batch, come before it.
    steps : `int`
        How many it has. The last phase goes on until the training ends.
    """

    phase: TrainingPhase
    number: int
    round: int
    first: int
    steps: int


@EpochSampler.register("phases")
class Phases(EpochSampler):
    """
    Trains one task after another, each with a part of its data. The phases go across the epochs,
    which are as many steps as it takes to spread them over `epochs` (rounded up, so that the last
    phase may get some steps more, fewer than `epochs`). In a part no batch comes again before all
    others came, also where several phases and rounds take from it.

    The recipe of Sharma (Understanding Multitask Learning with Transfer Learning) is half of the
    questions, then classification, then the other half of the questions:

    ```
    "data_loader": {
        "type": "multitask_bucketed",
        "sampler": {
            "type": "phases",
            "epochs": 6,
            "phases": [
                {"task": "squad", "share": 0.5, "part": [0, 0.5]},
                {"task": "sst2", "share": 1.0, "optimizer": "reset"},
                {"task": "squad", "share": 0.5, "part": [0.5, 1], "optimizer": "reset"}
            ]
        }
    },
    "trainer": {"num_epochs": 6, "callbacks": ["phases", "exact_resume"], ...}
    ```

    The callback `phases` does the resets, takes the best epoch from the last phase only, and
    reports. Without it nothing may be reset.

    Registered as an `EpochSampler` with name "phases".

    # Parameters

    phases : `List[TrainingPhase]`
        In their order.
    epochs : `int`
        Over how many epochs they are spread: the trainer's `num_epochs`.
    rounds : `int`, optional (default = `1`)
        How often all phases come.

    Raises `ConfigurationError` for phases without steps or batches, an unknown task, a task in no
    phase, values out of range, an epoch too short for the phases, and resets without the callback.
    """

    def __init__(self, phases: list[TrainingPhase], epochs: int, rounds: int = 1) -> None:
        if not phases:
            raise ConfigurationError(f"{HERE}.phases is empty: give the phases of the training")
        for name, value in (("epochs", epochs), ("rounds", rounds)):
            if value < 1:
                raise ConfigurationError(f"{HERE}.{name} is {value}, but must be at least 1")
        for number, phase in enumerate(phases):
            phase.check(_key(number))
        self.phases = list(phases)
        self.epochs = epochs
        self.rounds = rounds
        self.has_callback = False
        """Set by the callback `phases`, without which nothing can be reset."""

    def check(self, tasks: Sequence[str]) -> None:
        for number, phase in enumerate(self.phases):
            if phase.task not in tasks:
                raise ConfigurationError(
                    f"{_key(number)}.task is '{phase.task}', which is no task of the dataset "
                    f"reader: it has {sorted(tasks)}"
                )
        idle = sorted(set(tasks) - {phase.task for phase in self.phases})
        if idle:
            raise ConfigurationError(
                f"{HERE}.phases never train {idle}: give these tasks a phase, or take them out of "
                "the dataset reader, the data paths and model.heads"
            )

    def begin(self) -> None:
        if self.has_callback:
            return
        for number, phase in enumerate(self.phases):
            if phase.resets_head or phase.resets_optimizer:
                raise ConfigurationError(
                    f"{_key(number)} resets its head or the optimizer, which a loader cannot do: "
                    "add 'phases' to trainer.callbacks"
                )

    def plan(self, counts: Mapping[str, int]) -> list[PlannedPhase]:
        """
        All phases of all rounds in their order, for tasks of so many batches. Raises
        `ConfigurationError` for a phase without steps or batches.
        """
        steps = [self._steps(number, counts) for number in range(len(self.phases))]
        plan = []
        first = 0
        for round in range(self.rounds):
            for number, phase in enumerate(self.phases):
                plan.append(PlannedPhase(phase, number, round, first, steps[number]))
                first += steps[number]
        return plan

    def default_length(self, counts: Mapping[str, int]) -> int:
        return -(-_total(self.plan(counts)) // self.epochs)

    def pools(self, counts: Mapping[str, int], seed: int) -> dict[str, tuple[str, Sequence[int]]]:
        return {
            phase.pool: (phase.task, phase.batches(counts[phase.task], seed))
            for phase in self.phases
        }

    def check_length(self, counts: Mapping[str, int], length: int) -> None:
        """Raise `ConfigurationError` if epochs of so many steps end before the phases."""
        plan = self.plan(counts)
        if length * self.epochs < _total(plan):
            raise ConfigurationError(
                f"{HERE}.phases have {_total(plan)} steps, but {self.epochs} epochs of {length} "
                f"have only {length * self.epochs}: remove data_loader.batches_per_epoch, or make "
                "the phases shorter"
            )

    def tasks(self, counts: Mapping[str, int], length: int, epoch: int, seed: int) -> list[str]:
        self.check_length(counts, length)
        plan = self.plan(counts)
        starts = [planned.first for planned in plan]
        steps = range(epoch * length, (epoch + 1) * length)
        return [plan[bisect_right(starts, step) - 1].phase.pool for step in steps]

    def _steps(self, number: int, counts: Mapping[str, int]) -> int:
        phase = self.phases[number]
        count = counts[phase.task]
        if phase.size(count) < 1:
            raise ConfigurationError(
                f"{_key(number)}.part is {phase.part}, in which none of the {count} batches of "
                f"'{phase.task}' falls: make it wider"
            )
        steps = phase.length(count)
        if steps < 1:
            raise ConfigurationError(
                f"{_key(number)}.share is {phase.share}, which is less than one of the {count} "
                f"batches of '{phase.task}': give more, or 'steps'"
            )
        return steps


def _total(plan: Sequence[PlannedPhase]) -> int:
    return plan[-1].first + plan[-1].steps


def _key(number: int) -> str:
    return f"{HERE}.phases.{number}"
