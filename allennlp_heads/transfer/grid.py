"""What the configuration of `allennlp heads transfer` says."""

import re
from typing import Any, Optional

from allennlp.common import FromParams, Lazy, Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.models.heads import Head

from allennlp_heads.collect.embedding.options import EmbeddingOptions
from allennlp_heads.fewshot.options import FewShotTask, at_least_one
from allennlp_heads.reports.transfer.matrix import NO_SOURCE

REGIMES = ("full_full", "full_limited", "limited_limited")
"""Training data of the source, and of the target."""

_NAME = re.compile(r"[\w-]+")


class TransferTask(FromParams):
    """
    One task of a grid: as a source, as a target, or both.

    # Parameters

    reader : `DatasetReader`
        With the tokenizer of the grid's encoder.
    head : `Lazy[Head]`
        Any task head; its `input_dim` is given.
    train_data_path : `str`
    validation_data_path : `str`
        What is scored; nothing is chosen on it.
    test_data_path : `str`, optional (default = `None`)
        What `allennlp heads rank --apply` scores instead.
    task_class : `str`, optional (default = by the head)
        In the configuration `class`: `"classification"`, `"questions"`, `"labelling"` or an own
        one.
    recipe : `Dict[str, Any]`, optional (default = `None`)
        Options of `FewShotTraining` that replace those of its class.
    """

    def __init__(
        self,
        reader: DatasetReader,
        head: Lazy[Head],
        train_data_path: str,
        validation_data_path: str,
        test_data_path: Optional[str] = None,
        task_class: Optional[str] = None,
        recipe: Optional[dict[str, Any]] = None,
    ) -> None:
        self.reader = reader
        self.head = head
        self.train_data_path = train_data_path
        self.validation_data_path = validation_data_path
        self.test_data_path = test_data_path
        self.task_class = task_class
        self.recipe = recipe

    @classmethod
    def from_params(cls, params: Params, *arguments: Any, **extras: Any) -> "TransferTask":
        # `class` is no name that an argument can have
        if isinstance(params, Params) and "class" in params:
            params["task_class"] = params.pop("class")
        return super().from_params(params, *arguments, **extras)

    def scored_on(self, name: str, test: bool = False) -> FewShotTask:
        """The same as a task of few-shot learning, by its validation or its test data."""
        path = self.test_data_path if test and self.test_data_path else self.validation_data_path
        return FewShotTask(self.reader, self.head, self.train_data_path, path, name)


class TransferGrid(FromParams):
    """
    The whole configuration.

    # Parameters

    encoder : `str`
        A hub name, a folder, or `package:<package>/<folder>`.
    tasks : `Dict[str, TransferTask]`
        By name.
    regimes : `List[str]`, optional (default = `["limited_limited"]`)
        Of `"full_full"`, `"full_limited"`, `"limited_limited"`: with how much data the source is
        learned, then the target.
    limited : `int`, optional (default = `1000`)
        Training examples of a LIMITED task, drawn at random, for each restart others; all of a task
        that has no more.
    full : `int`, optional (default = `None`)
        The same for a FULL task; by default all.
    restarts : `int`, optional (default = `3`)
        Repetitions of each cell. A restart decides which examples are drawn, a new head's first
        weights, and all noise of fine-tuning on a task, whatever the source.
    dev_examples : `int`, optional (default = `None`)
        Score only so many examples of each task, drawn at random, the same for all cells.
    recipes : `Dict[str, Dict[str, Any]]`, optional (default = `None`)
        Class of tasks -> options of `FewShotTraining` that replace those of `RECIPES`.
    tokens_per_batch : `int`, optional (default = `6400`)
        At most this many pieces a batch, padding included; batches of long texts are smaller.
    curve_points : `int`, optional (default = `5`)
        Scores on the way of direct fine-tuning, the last one included, in the first restart.
    embeddings : `EmbeddingOptions`, optional (default = `None`)
        Embed each task on the way: texts by the pretrained encoder, gradients and heads by the one
        that was fine-tuned on the source in the first restart. `{}` for the usual ones.
    keep_sources : `bool`, optional (default = `False`)
        Keep the encoders that were fine-tuned on sources when all of their cells are done.
    seed : `int`, optional (default = `0`)

    Raises `ConfigurationError` for names that cannot be those of files, fewer than two tasks,
    unknown regimes and numbers out of range.
    """

    def __init__(
        self,
        encoder: str,
        tasks: dict[str, TransferTask],
        regimes: Optional[list[str]] = None,
        limited: int = 1000,
        full: Optional[int] = None,
        restarts: int = 3,
        dev_examples: Optional[int] = None,
        recipes: Optional[dict[str, dict[str, Any]]] = None,
        tokens_per_batch: int = 6400,
        curve_points: int = 5,
        embeddings: Optional[EmbeddingOptions] = None,
        keep_sources: bool = False,
        seed: int = 0,
    ) -> None:
        if len(tasks) < 2:
            raise ConfigurationError(f"tasks has {len(tasks)}: transfer is between two or more")
        for name in tasks:
            if not _NAME.fullmatch(name) or name == NO_SOURCE:
                raise ConfigurationError(
                    f"tasks: '{name}' cannot be the name of a task; use letters, digits, '_' and "
                    f"'-', but not '{NO_SOURCE}'"
                )
        if len({name.casefold() for name in tasks}) < len(tasks):
            raise ConfigurationError("tasks: two names differ in capitals only; rename one")
        regimes = ["limited_limited"] if regimes is None else regimes
        if not regimes or len(set(regimes)) < len(regimes) or set(regimes) - set(REGIMES):
            raise ConfigurationError(f"regimes is {regimes}: give some of {', '.join(REGIMES)}")
        at_least_one(
            "configuration",
            limited=limited,
            full=full,
            restarts=restarts,
            dev_examples=dev_examples,
            tokens_per_batch=tokens_per_batch,
            curve_points=curve_points,
        )
        self.encoder = encoder
        self.tasks = tasks
        self.regimes = regimes
        self.limited = limited
        self.full = full
        self.restarts = restarts
        self.dev_examples = dev_examples
        self.recipes = recipes or {}
        self.tokens_per_batch = tokens_per_batch
        self.curve_points = curve_points
        self.embeddings = embeddings
        self.keep_sources = keep_sources
        self.seed = seed

    def task(self, name: str) -> TransferTask:
        """Raises `ConfigurationError` for an unknown one."""
        if name not in self.tasks:
            raise ConfigurationError(f"there is no task '{name}': the grid has {list(self.tasks)}")
        return self.tasks[name]
