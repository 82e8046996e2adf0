"""Which sentences give centroids, which choose heads, and which score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance, Vocabulary

from allennlp_heads.collect.probing.options import ARC_KINDS, ProbeOptions
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.data.data_loaders.randomness import seeded

FILES = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """
    What a part of the data does: numbers of parts by role.

    # Parameters

    fit : `Tuple[int, ...]`
        Centroids come from these; none for arcs.
    choice : `Tuple[int, ...]`
        These choose the best head of each label.
    score : `int`
    """

    fit: tuple[int, ...]
    choice: tuple[int, ...]
    score: int


@dataclass(frozen=True)
class Roles:
    """
    The sentences of one task in parts, and what each part does. One split, or with cross-fitting
    one for each fold.

    # Parameters

    parts : `List[Sequence[Instance]]`
        Each with the field `example`, its number in its file.
    files : `List[str]`
        For each part the file it is of: `"train"`, `"validation"` or `"test"`.
    splits : `List[Split]`
    """

    parts: list[Sequence[Instance]]
    files: list[str]
    splits: list[Split]

    @property
    def scored(self) -> list[int]:
        """Parts that some split scores."""
        return sorted({split.score for split in self.splits})

    @property
    def fitted(self) -> list[int]:
        """Parts that some split takes centroids from."""
        return sorted({part for split in self.splits for part in split.fit})

    @property
    def used(self) -> list[int]:
        """Parts that choose or score, first those that only choose."""
        choosing = {part for split in self.splits for part in split.choice}
        return [*sorted(choosing - set(self.scored)), *self.scored]

    def purpose(self, part: int) -> str:
        """Whether a part chooses or scores; or which fold it is, since folds do both."""
        if len(self.splits) > 1:
            return f"fold {part + 1} of {len(self.splits)}"
        return "score" if part in self.scored else "choice"

    @property
    def division(self) -> str:
        """`"held out"`, `"cross-fitting"` or `"transductive"`."""
        if any(split.score in split.choice for split in self.splits):
            return "transductive"
        return "cross-fitting" if len(self.splits) > 1 else "held out"


@dataclass(frozen=True)
class ProbeData:
    """
    The labelled sentences of one or several tasks, in up to three files. Each task uses those files
    in which it occurs:

    - three: centroids from the first, best heads from the second, the score from the third;
    - two: the first is halved at random, one half for centroids and one for the choice; the second
      scores. Whichever two these are;
    - one: cross-fitting. It is cut into folds at random; each is scored once, with heads chosen on
      the fold after it and centroids of all the others.

    Arcs need no centroids. Of several files all that does not score chooses; of one only the next
    fold, too: if all others chose, the folds would choose by much the same sentences that the
    others score, and intervals would be too narrow.

    # Parameters

    train : `TaskData`, optional (default = `None`)
    validation : `TaskData`, optional (default = `None`)
    test : `TaskData`, optional (default = `None`)
        Their batches are not used, so that batch size and device do not matter, nor does the
        vocabulary know of labels; it must fit the token indexer, which `transformer_words` needs no
        vocabulary for.

    Raises `ConfigurationError` where there is no file.
    """

    train: Optional[TaskData] = None
    validation: Optional[TaskData] = None
    test: Optional[TaskData] = None

    def __post_init__(self) -> None:
        if not self._files():
            raise ConfigurationError("there is no data to probe heads on: give at least one file")

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks of all files, sorted."""
        return sorted({task for data in self._files().values() for task in data.tasks})

    def paths(self, task: str) -> dict[str, str]:
        """Where the task's sentences come from: file (`"train"` and so on) -> path."""
        return {name: data.paths.get(task, "") for name, data in self._of(task).items()}

    def vocab(self, task: str) -> Vocabulary:
        """What the task's words are indexed with."""
        return next(iter(self._of(task).values())).vocab

    def instances(self, task: str) -> dict[str, Sequence[Instance]]:
        """The task's sentences by file. Raises `ConfigurationError` for an unknown task."""
        return {name: data.instances(task) for name, data in self._of(task).items()}

    def roles(self, task: str, kind: str, options: ProbeOptions) -> Roles:
        """
        Divide a task's sentences.

        # Parameters

        task : `str`
        kind : `str`
            Of the probe; see `ProbeOptions`.
        options : `ProbeOptions`
            `held_out`, `folds`, `sentences` and `seed`.

        Raises `ConfigurationError` for an unknown task and for too few sentences to divide.
        """
        files = self.instances(task)
        last = list(files)[-1]

        def part(name: str, instances: Sequence[Instance]) -> Sequence[Instance]:
            return _drawn(instances, options.sentences, options.seed, task, name)

        if not options.held_out:
            fit = () if kind in ARC_KINDS else (0,)
            return Roles([part("score", files[last])], [last], [Split(fit, (0,), 0)])
        if len(files) == 1:
            folds = _folds(part("score", files[last]), options, task)
            return Roles(folds, [last] * len(folds), _rotation(len(folds), kind))
        if len(files) == 2:
            first = next(iter(files))
            named = [*_halves(files[first], options.seed, task), files[last]]
            from_files = [first, first, last]
        else:
            named, from_files = list(files.values()), list(files)
        parts = [part(*role) for role in zip(("fit", "choice", "score"), named)]
        split = Split((), (0, 1), 2) if kind in ARC_KINDS else Split((0,), (1,), 2)
        return Roles(parts, from_files, [split])

    def _files(self) -> dict[str, TaskData]:
        given = {name: getattr(self, name) for name in FILES}
        return {name: data for name, data in given.items() if data is not None}

    def _of(self, task: str) -> dict[str, TaskData]:
        found = {name: data for name, data in self._files().items() if task in data.tasks}
        if not found:
            raise ConfigurationError(
                f"there is no data of a task '{task}': the tasks are {self.tasks}"
            )
        return found


def _rotation(folds: int, kind: str) -> list[Split]:
    """Each fold is scored by what the next one chooses, among centroids of all the others."""
    splits = []
    for fold in range(folds):
        following = (fold + 1) % folds
        others = tuple(other for other in range(folds) if other not in (fold, following))
        splits.append(Split(() if kind in ARC_KINDS else others, (following,), fold))
    return splits


def _halves(
    instances: Sequence[Instance], seed: int, task: str
) -> tuple[list[Instance], list[Instance]]:
    if len(instances) < 2:
        raise ConfigurationError(
            f"the task '{task}' has {len(instances)} sentence beside those to score, which cannot "
            "be halved for centroids and choice: give more, or a third file"
        )
    shuffled = _shuffled(instances, "halves", seed, task)
    middle = (len(shuffled) + 1) // 2
    return shuffled[:middle], shuffled[middle:]


def _folds(
    instances: Sequence[Instance], options: ProbeOptions, task: str
) -> list[Sequence[Instance]]:
    if len(instances) < options.folds:
        raise ConfigurationError(
            f"the task '{task}' has {len(instances)} sentences in its only file, too few for "
            f"{options.folds} folds: give more, a second file, fewer 'folds' (at least 3), or "
            "'held_out': false"
        )
    shuffled = _shuffled(instances, "folds", options.seed, task)
    return [shuffled[fold :: options.folds] for fold in range(options.folds)]


def _drawn(
    instances: Sequence[Instance], limit: Optional[int], seed: int, task: str, role: str
) -> Sequence[Instance]:
    if limit is None or limit >= len(instances):
        return instances
    return _shuffled(instances, role, seed, task)[:limit]


def _shuffled(instances: Sequence[Instance], purpose: str, seed: int, task: str) -> list[Instance]:
    shuffled = list(instances)
    seeded("probe", purpose, seed, task).shuffle(shuffled)
    return shuffled
