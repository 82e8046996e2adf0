"""A grid in memory: the encoder loaded once, each task's examples read once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models.heads import Head

from allennlp_heads.collect.bare_encoder import bare_encoder
from allennlp_heads.collect.encoder_digest import encoder_digest
from allennlp_heads.collect.encoder_of import encoder_of
from allennlp_heads.collect.undisturbed import generators_kept
from allennlp_heads.data.data_loaders.prebuilt import AnyBatch
from allennlp_heads.data.data_loaders.randomness import reseed_generators, seeded
from allennlp_heads.fewshot.learning import learn
from allennlp_heads.fewshot.options import FewShotStart, FewShotTraining
from allennlp_heads.fewshot.start import OpenedStart, State
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.models.heads.task_head import TaskHead
from allennlp_heads.reports.embeddings.computed import TaskEmbedder
from allennlp_heads.reports.embeddings.embedding import Embedding
from allennlp_heads.reports.embeddings.manifest import about_encoder, class_of
from allennlp_heads.reports.transfer.matrix import Curve
from allennlp_heads.transfer.data import TransferData
from allennlp_heads.transfer.grid import TransferGrid
from allennlp_heads.transfer.recipes import recipe_for

_SEEDS = 2**31


@dataclass(frozen=True)
class FineTuned:
    """
    What came of fine-tuning on a task.

    # Parameters

    score : `float`
        The main metric after the last update.
    metrics : `Dict[str, float]`
        All that the head reports.
    examples : `int`
        Learned from.
    dev_examples : `int`
        Scored.
    updates : `int`
    seconds : `float`
        Of learning and scoring.
    seed : `int`
    curve : `List[Tuple[int, float]]`
        Updates and scores on the way, where they were asked for.
    """

    score: float
    metrics: dict[str, float]
    examples: int
    dev_examples: int
    updates: int
    seconds: float
    seed: int
    curve: Curve


class TransferBench:
    """
    Fine-tunes the grid's encoder on its tasks. Every call of `fine_tune` is a function of its
    arguments and the grid alone, whatever was done before.

    # Parameters

    grid : `TransferGrid`
    device : `torch.device`, optional (default = `torch.device("cpu")`)
    test : `bool`, optional (default = `False`)
        Score tasks that have test data on these.
    """

    def __init__(
        self,
        grid: TransferGrid,
        device: torch.device = torch.device("cpu"),
        test: bool = False,
    ) -> None:
        self.grid = grid
        self.device = device
        self._test = test
        self._start = OpenedStart("encoder", FewShotStart(transformer_model=grid.encoder), device)
        # a recipe may let the encoder stand still, which the next one must not inherit
        self._learns = {p: p.requires_grad for p in self._start.backbone.parameters()}
        self._data: dict[str, TransferData] = {}
        self._models: dict[str, MultiTaskHeads] = {}
        self._recipes: dict[str, FewShotTraining] = {}

    def data(self, task: str) -> TransferData:
        """The examples of a task, read at the first call."""
        if task not in self._data:
            self._data[task] = TransferData(task, self.grid, self.device, self._test)
        return self._data[task]

    def model(self, task: str) -> MultiTaskHeads:
        """The encoder, which all models share, with a head for this task."""
        if task not in self._models:
            heads = {task: self.grid.task(task).head}
            model = MultiTaskHeads(self.data(task).vocab, self._start.backbone, heads)
            _check_head(task, model.heads[task])
            self._models[task] = model.to(self.device)
        return self._models[task]

    def metric(self, task: str) -> str:
        """The name of the main metric."""
        return self._head(task).main_metric[0]

    def task_class(self, task: str) -> str:
        """The class that the grid gives the task, or else that of its head."""
        return self.grid.task(task).task_class or class_of(self._head(task))

    def recipe(self, task: str) -> FewShotTraining:
        """How the task is fine-tuned."""
        if task not in self._recipes:
            task_class = self.task_class(task)
            changes = (self.grid.recipes.get(task_class), self.grid.task(task).recipe)
            self._recipes[task] = recipe_for(task, task_class, *changes)
        return self._recipes[task]

    def batches(self, task: str, size: str, restart: int) -> tuple[list[AnyBatch], int]:
        """What a restart learns from, and the number of its updates."""
        recipe = self.recipe(task)
        batches = self.data(task).batches(size, restart, recipe.batch_size)
        return batches, recipe.updates or (recipe.epochs or 0) * len(batches)

    def curve_points(self, updates: int) -> list[int]:
        """After which updates direct fine-tuning is scored in the first restart."""
        number = min(updates, self.grid.curve_points)
        return [round(updates * (point + 1) / number) for point in range(number)]

    def fine_tune(
        self,
        task: str,
        size: str,
        restart: int,
        start: State | None = None,
        curve: bool = False,
        name: str = "",
    ) -> FineTuned:
        """
        Fine-tune the encoder and a new head on a task; both stay in memory as they are then.

        # Parameters

        task : `str`
        size : `str`
            `"full"` or `"limited"`: which of its training data.
        restart : `int`
        start : `Dict[str, torch.Tensor]`, optional (default = the pretrained encoder)
            What `encoder_state` gave after another task.
        curve : `bool`, optional (default = `False`)
            Score on the way as well.
        name : `str`, optional
            For messages.

        Raises `ConfigurationError` when the loss or the score is no number.
        """
        data = self.data(task)
        batches, updates = self.batches(task, size, restart)
        began = time.perf_counter()
        seed = seeded("transfer noise", self.grid.seed, task, size, restart).randrange(_SEEDS)
        model = self.untrained(task, seed, start)
        points: Curve = []
        scored_at = self.curve_points(updates) if curve else []
        learn(
            model,
            self.recipe(task),
            updates,
            map(data.on_device, _in_order(batches, updates, seed)),
            name or f"{task}, {size}, restart {restart}",
            lambda update: reseed_generators(seed, 0, update),
            lambda update: (
                points.append((update, self._score(task)[0])) if update in scored_at else None
            ),
            f"tasks.{task}.recipe",
        )
        score, metrics = self._score(task)
        if not numpy.isfinite(score):
            raise ConfigurationError(f"{name or task}: the metric '{self.metric(task)}' is {score}")
        return FineTuned(
            score,
            metrics,
            data.number(size),
            data.sizes["validation"],
            updates,
            time.perf_counter() - began,
            seed,
            points,
        )

    def untrained(self, task: str, seed: int, start: State | None = None) -> MultiTaskHeads:
        """
        The model of a task as its fine-tuning begins.

        # Parameters

        task : `str`
        seed : `int`
            Of the first weights of the head, which is new.
        start : `Dict[str, torch.Tensor]`, optional (default = the pretrained encoder)
            The encoder's weights.
        """
        model, backbone = self.model(task), self._start.restored()
        if start is not None:
            backbone.load_state_dict(start)
        for parameter, learns in self._learns.items():
            parameter.requires_grad_(learns)
        reseed_generators(seed, 0, 0)
        head: Head = self.grid.task(task).head.construct(
            vocab=self.data(task).vocab,
            input_dim=backbone.get_output_dim(),  # type: ignore[operator]
        )
        model.heads[task] = head.to(self.device)
        return model

    def encoder_state(self) -> State:
        """A copy of the encoder's weights as they are now, on the CPU."""
        state = self._start.backbone.state_dict()
        return {name: values.detach().to("cpu", copy=True) for name, values in state.items()}

    def embedding(self, task: str, size: str, restart: int) -> Embedding:
        """
        The embedding of a task by the encoder and head as they are now: to be called after
        `fine_tune` with the same arguments.
        """
        assert self.grid.embeddings is not None
        options, data = self.grid.embeddings, self.data(task)
        about = {"seed": options.seed, "split": "train", "size": size, "restart": restart}
        pretrained = self._pretrained if "text" in options.kinds else None
        embedder = TaskEmbedder(options, self.model(task), pretrained, about)
        drawn = data.learned_from(size, restart)
        found = embedder.embed(drawn, task, self.task_class(task))
        # of the task, not of the draw
        manifest = {**found.manifest, "available": data.sizes["train"]}
        return replace(found, manifest=manifest)

    def described(self) -> dict[str, Any]:
        """What reports say of the pretrained encoder."""
        self._start.restored()
        encoder = encoder_of(self._start.backbone)
        return about_encoder(encoder, pretrained_sha256=encoder_digest(encoder))

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """
        Compute with one thread, so that no number depends on how many processes share the work,
        and leave threads and random generators as they were.
        """
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with generators_kept():
                yield
        finally:
            torch.set_num_threads(threads)

    @cached_property
    def _pretrained(self) -> Any:
        return bare_encoder(self.grid.encoder).to(self.device)

    def _head(self, task: str) -> TaskHead:
        head = self.model(task).heads[task]
        assert isinstance(head, TaskHead), "checked when it was built"
        return head

    @torch.no_grad()
    def _score(self, task: str) -> tuple[float, dict[str, float]]:
        model = self.model(task)
        model.eval()
        model.get_metrics(reset=True)  # training has counted too
        data = self.data(task)
        for batch in data.validation():
            model(**batch)
        data.warn_of_unseen_labels()
        prefix = f"{task}_"
        found = model.get_metrics(reset=True)
        metrics = {n.removeprefix(prefix): v for n, v in found.items() if n.startswith(prefix)}
        return float(metrics[self.metric(task)]), metrics


def _in_order(batches: list[AnyBatch], updates: int, seed: int) -> Iterator[AnyBatch]:
    """A batch for each update: epochs in random order."""
    epoch = 0
    while updates > 0:
        order = list(batches)
        seeded("transfer order", seed, epoch).shuffle(order)
        yield from order[:updates]
        updates, epoch = updates - len(order), epoch + 1


def _check_head(task: str, head: torch.nn.Module) -> None:
    if not isinstance(head, TaskHead) or head.main_metric[1] != "+":
        raise ConfigurationError(
            f"tasks.{task}.head: {type(head).__name__} names no main metric of which more is "
            "better; take a head of this project, or derive yours from TaskHead"
        )
