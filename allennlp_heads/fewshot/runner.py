"""One run: a few examples, a fixed number of updates, and the score that comes of it."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data.vocabulary import DEFAULT_OOV_TOKEN, DEFAULT_PADDING_TOKEN
from allennlp.models.heads import Head

from allennlp_heads.collect import ExampleCounts
from allennlp_heads.data.data_loaders.randomness import reseed_generators, seeded
from allennlp_heads.fewshot.data import FewShotData
from allennlp_heads.fewshot.head_copy import copy_head, labels_of_head
from allennlp_heads.fewshot.learning import learn, learnable
from allennlp_heads.fewshot.options import FewShotExperiment
from allennlp_heads.fewshot.start import OpenedStart
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.models.heads.task_head import TaskHead
from allennlp_heads.reports.score_history import Scores

_CERTAIN = 1e4
"""A logit that no other comes near."""


class Scored(NamedTuple):
    """
    # Parameters

    metrics : `Dict[str, float]`
        All that the head reports, by name.
    scores : `Scores`
        The same by example, for the main metric.
    """

    metrics: dict[str, float]
    scores: Scores


class FewShotRunner:
    """
    Runs that begin with one start. What a run computes depends on the start, the number of examples
    and the seed, never on the runs before it: weights are put back, head and optimizer are new, and
    all generators are seeded.

    # Parameters

    start : `OpenedStart`
    data : `FewShotData`
    experiment : `FewShotExperiment`

    Raises `ConfigurationError` for a head that cannot be built or has no main metric, and when no
    weight of the old head fits the new one.
    """

    def __init__(
        self, start: OpenedStart, data: FewShotData, experiment: FewShotExperiment
    ) -> None:
        self._start = start
        self._data = data
        self._experiment = experiment
        self._training = experiment.training
        heads = {data.task: experiment.task.head}
        self._model = MultiTaskHeads(data.vocab, start.backbone, heads).to(start.device)
        self.copied = self._new_head()
        """The parameters of the head that come from the archive."""
        head = self._model.heads[data.task]
        if not isinstance(head, TaskHead):
            raise ConfigurationError(
                f"task.head: {type(head).__name__} names no main metric; take a head of this "
                "project, or derive yours from TaskHead"
            )
        self.metric, self.direction = head.main_metric

    def run(self, examples: int, seed: int) -> Scored:
        """
        Learn and score.

        # Parameters

        examples : `int`
        seed : `int`

        Raises `ConfigurationError` when the loss is no number any more.
        """
        self._start.restored()
        reseed_generators(seed, 0, 0)
        self._new_head()
        self._learn(examples, seed)
        return self._score()

    def majority(self) -> Optional[Scored]:
        """
        The score of always giving the most frequent label of the training data; `None` for a head
        that does not choose among labels.
        """
        self._start.restored()
        self._new_head()
        head = self._model.heads[self._data.task]
        projection = getattr(head, "projection", None)
        if not isinstance(projection, torch.nn.Linear) or not labels_of_head(head):
            return None
        no_labels = (DEFAULT_PADDING_TOKEN, DEFAULT_OOV_TOKEN)
        # a vocabulary lists labels by falling frequency
        most = [name in no_labels for name in labels_of_head(head)].index(False)
        with torch.no_grad():
            projection.weight.zero_()
            projection.bias.zero_()
            projection.bias[most] = _CERTAIN
        return self._score()

    @property
    def trainable(self) -> int:
        """How many numbers a run learns."""
        return sum(parameter.numel() for _, parameter in learnable(self._model, self._training))

    def _new_head(self) -> list[str]:
        name = self._data.task
        head: Head = self._experiment.task.head.construct(
            vocab=self._data.vocab,
            input_dim=self._start.backbone.get_output_dim(),  # type: ignore[operator]
        )
        copied: list[str] = []
        if self._start.old_head is not None:
            copied = copy_head(head, self._start.old_head, self._start.labels)
            if not copied:
                raise ConfigurationError(
                    f"starts.{self._start.name}.copy_head_from: no weight of "
                    f"{type(self._start.old_head).__name__} fits the new {type(head).__name__}. "
                    "Take a head of the same type, or name equal labels in 'copy_labels'"
                )
        self._model.heads[name] = head.to(self._start.device)
        return copied

    def _learn(self, examples: int, seed: int) -> None:
        updates = self._training.number_of_updates(examples)
        learn(
            self._model,
            self._training,
            updates,
            map(self._data.batch, self._batches(examples, seed, updates)),
            f"start '{self._start.name}', {examples} examples, seed {seed}",
            lambda update: reseed_generators(seed, examples, update),
        )

    def _batches(self, examples: int, seed: int, updates: int) -> Iterator[list[int]]:
        """The examples of each update: epochs in random order, the same for every start."""
        drawn = self._data.draw(examples, self._experiment.per_class, seed)
        size, epoch, left = self._training.batch_size, 0, updates
        while left > 0:
            seeded("fewshot order", seed, examples, epoch).shuffle(drawn)
            for first in range(0, min(len(drawn), left * size), size):
                yield drawn[first : first + size]
                left -= 1
            epoch += 1

    @torch.no_grad()
    def _score(self) -> Scored:
        self._model.eval()
        self._model.get_metrics(reset=True)  # training has counted too
        counts = ExampleCounts("heads fewshot")
        for batch in self._data.validation():
            counts.add(self._model, batch, self._model(**batch))
        found: dict[str, Any] = self._model.get_metrics(reset=True)
        prefix = f"{self._data.task}_"
        metrics = {name.removeprefix(prefix): v for name, v in found.items() if name != "score"}
        return Scored(metrics, counts.take()[self._data.task])
