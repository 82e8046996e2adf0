"""What the configuration of `allennlp heads fewshot` says."""

import math
import re
from typing import Optional

from allennlp.common import FromParams, Lazy
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.models.heads import Head

_NAME = re.compile(r"[\w+-][\w.+-]*")


class FewShotStart(FromParams):
    """
    What fine-tuning starts from: a trained multi-task model or a pretrained encoder.

    # Parameters

    archive : `str`, optional (default = `None`)
        A `model.tar.gz` of a `multitask_heads` model, or the folder of its training. Its encoder
        keeps its settings: `word_dropout`, `train_parameters`, removed heads; gates stand still
        at their evaluation values.
    transformer_model : `str`, optional (default = `None`)
        A hub name, a folder, or `package:<package>/<folder>`, without any multi-task training.
    weights_file : `str`, optional (default = `None`)
        Weights to take instead of the archive's.
    copy_head_from : `str`, optional (default = `None`)
        The task of the archive whose head's weights the new head starts with, as far as shapes and
        labels fit. By default the head is new.
    copy_labels : `Dict[str, str]`, optional (default = `None`)
        The labels that are called otherwise in that task: new label -> its label, as in
        `{"entails": "entailment"}`.
    gates_of : `str`, optional (default = `None`)
        Whose gates, where the archive's tasks have gates of their own.
    word_dropout : `float`, optional (default = `0.0`)
        Of a pretrained encoder; give it that of the archives it is compared with.

    Raises `ConfigurationError` unless there is exactly one of `archive` and `transformer_model`, or
    when an option does not belong to it.
    """

    def __init__(
        self,
        archive: Optional[str] = None,
        transformer_model: Optional[str] = None,
        weights_file: Optional[str] = None,
        copy_head_from: Optional[str] = None,
        copy_labels: Optional[dict[str, str]] = None,
        gates_of: Optional[str] = None,
        word_dropout: Optional[float] = None,
    ) -> None:
        if (archive is None) == (transformer_model is None):
            raise ConfigurationError(
                "a start of 'starts' needs one of 'archive' (a trained model) and "
                "'transformer_model' (a pretrained encoder)"
            )
        of_archives = {
            "weights_file": weights_file,
            "copy_head_from": copy_head_from,
            "gates_of": gates_of,
        }
        wrong = [name for name, value in of_archives.items() if value is not None]
        if archive is None and wrong:
            raise ConfigurationError(
                f"starts: {', '.join(wrong)} need an 'archive', not '{transformer_model}'"
            )
        if archive is not None and word_dropout is not None:
            raise ConfigurationError(
                f"starts: 'word_dropout' of {archive} is that of its training; leave it out"
            )
        if copy_labels is not None and copy_head_from is None:
            raise ConfigurationError("starts: 'copy_labels' needs 'copy_head_from'")
        self.archive = archive
        self.transformer_model = transformer_model
        self.weights_file = weights_file
        self.copy_head_from = copy_head_from
        self.copy_labels = copy_labels or {}
        self.gates_of = gates_of
        self.word_dropout = word_dropout or 0.0


class FewShotTask(FromParams):
    """
    The new task.

    # Parameters

    reader : `DatasetReader`
        Of the task, with the tokenizer of the starts' encoders.
    head : `Lazy[Head]`
        Any task head; its `input_dim` is given.
    train_data_path : `str`
        Where examples are drawn from. All of its labels are known to the head.
    validation_data_path : `str`
        What is scored; nothing is chosen on it.
    name : `str`, optional (default = `"task"`)
    """

    def __init__(
        self,
        reader: DatasetReader,
        head: Lazy[Head],
        train_data_path: str,
        validation_data_path: str,
        name: str = "task",
    ) -> None:
        self.reader = reader
        self.head = head
        self.train_data_path = train_data_path
        self.validation_data_path = validation_data_path
        self.name = name


class FewShotTraining(FromParams):
    """
    How each run learns: AdamW, the rates rising over `warmup` and then falling to 0, for a number
    of updates fixed beforehand. No epoch is chosen by its validation score.

    # Parameters

    updates : `int`, optional (default = `None`)
        So many for every number of examples.
    epochs : `int`, optional (default = `None`)
        Times each example is seen, instead.
    batch_size : `int`, optional (default = `8`)
        The last batch of an epoch may be smaller.
    encoder_lr : `float`, optional (default = `2e-5`)
    head_lr : `float`, optional (default = `1e-3`)
    warmup : `float`, optional (default = `0.1`)
        Share of the updates.
    weight_decay : `float`, optional (default = `0.0`)
    grad_norm : `float`, optional (default = `1.0`)
        Gradients longer than this are cut.
    no_grad : `List[str]`, optional (default = `None`)
        Regular expressions: parameters whose name fits one stand still, as in AllenNLP's trainer.
        `["^backbone"]` trains the head alone.

    Raises `ConfigurationError` unless there is exactly one of `updates` and `epochs`, and for
    numbers out of range.
    """

    def __init__(
        self,
        updates: Optional[int] = None,
        epochs: Optional[int] = None,
        batch_size: int = 8,
        encoder_lr: float = 2e-5,
        head_lr: float = 1e-3,
        warmup: float = 0.1,
        weight_decay: float = 0.0,
        grad_norm: float = 1.0,
        no_grad: Optional[list[str]] = None,
    ) -> None:
        if (updates is None) == (epochs is None):
            raise ConfigurationError("training: give one of 'updates' and 'epochs'")
        at_least_one("training", updates=updates, epochs=epochs, batch_size=batch_size)
        _not_negative(encoder_lr=encoder_lr, head_lr=head_lr, weight_decay=weight_decay)
        if not 0 <= warmup < 1:
            raise ConfigurationError(f"training: 'warmup' is {warmup}: give a share below 1")
        if not grad_norm > 0:
            raise ConfigurationError(f"training: 'grad_norm' is {grad_norm}: give one above 0")
        self.updates = updates
        self.epochs = epochs
        self.batch_size = batch_size
        self.encoder_lr = encoder_lr
        self.head_lr = head_lr
        self.warmup = warmup
        self.weight_decay = weight_decay
        self.grad_norm = grad_norm
        self.no_grad = _expressions(no_grad or [])

    def number_of_updates(self, examples: int) -> int:
        """Updates of a run that learns from so many examples."""
        if self.updates is not None:
            return self.updates
        assert self.epochs is not None
        return self.epochs * -(-examples // self.batch_size)


class FewShotExperiment(FromParams):
    """
    The whole configuration.

    # Parameters

    starts : `Dict[str, FewShotStart]`
        By name.
    task : `FewShotTask`
    training : `FewShotTraining`
    examples : `List[int]`, optional (default = `[4, 16, 32, 100]`)
        How many examples a run learns from.
    per_class : `bool`, optional (default = `False`)
        `True`: so many of each class; else in total, see `sample`.
    seeds : `int`, optional (default = `30`)
        Runs for each start and number of examples. A seed decides which examples are drawn, the new
        head's first weights and all noise: the same for every start.
    max_validation : `int`, optional (default = `None`)
        Score only so many validation examples, drawn at random, the same for all runs.
    baseline : `str`, optional (default = the first of `starts` by name, as Jsonnet sorts them)
        The start that the others are compared with.

    Raises `ConfigurationError` for names that cannot be those of folders, a baseline that is none
    of the starts, and numbers out of range.
    """

    def __init__(
        self,
        starts: dict[str, FewShotStart],
        task: FewShotTask,
        training: FewShotTraining,
        examples: Optional[list[int]] = None,
        per_class: bool = False,
        seeds: int = 30,
        max_validation: Optional[int] = None,
        baseline: Optional[str] = None,
    ) -> None:
        if not starts:
            raise ConfigurationError("starts is empty: name what fine-tuning starts from")
        for name in starts:
            if not _NAME.fullmatch(name):
                raise ConfigurationError(
                    f"starts: '{name}' cannot be the name of a folder; use letters, digits and '-'"
                )
        examples = [4, 16, 32, 100] if examples is None else examples
        if not examples or len(set(examples)) < len(examples):
            raise ConfigurationError(f"examples is {examples}: give different numbers")
        at_least_one("examples", number=min(examples))
        at_least_one("configuration", seeds=seeds, max_validation=max_validation)
        if baseline is not None and baseline not in starts:
            raise ConfigurationError(f"baseline: '{baseline}' is none of the starts {list(starts)}")
        first = min(starts) if baseline is None else baseline
        self.starts = dict(sorted(starts.items(), key=lambda item: item[0] != first))
        self.task = task
        self.training = training
        self.examples = sorted(examples)
        self.per_class = per_class
        self.seeds = seeds
        self.max_validation = max_validation


def at_least_one(where: str, **numbers: Optional[int]) -> None:
    """Raises `ConfigurationError` for a number below 1; `None` is none."""
    for name, number in numbers.items():
        if number is not None and number < 1:
            raise ConfigurationError(f"{where}: '{name}' is {number}, but must be at least 1")


def _not_negative(**numbers: float) -> None:
    for name, number in numbers.items():
        if not 0 <= number < math.inf:  # also what is no number
            raise ConfigurationError(f"training: '{name}' is {number}: give 0 or more")


def _expressions(given: list[str]) -> list[str]:
    for expression in given:
        try:
            re.compile(expression)
        except re.error as error:
            raise ConfigurationError(
                f"training: 'no_grad' has '{expression}', which is no regular expression ({error})"
            ) from error
    return given
