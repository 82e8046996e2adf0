"""What `allennlp train` builds before it trains, step by step, so that each can be looked at."""

import logging
import os
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Optional, TypeVar

from allennlp.common import FromParams, Lazy, Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import prepare_environment
from allennlp.data import DataLoader, DatasetReader, Vocabulary
from allennlp.models import Model
from allennlp.training import Trainer
from allennlp.training.callbacks.log_writer import LogWriterCallback
from allennlp.training.gradient_descent_trainer import GradientDescentTrainer

from allennlp_heads.training.callbacks import ImportantHeadTraining
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.split_data import SplitData, read_split
from allennlp_heads.validation.written import Config

logger = logging.getLogger(__name__)

Made = TypeVar("Made")

OF_THE_COMMAND = ("include_in_archive", "evaluation", "distributed", "type")
"""Keys that the command takes out before it builds anything."""


class Stages(FromParams):
    """
    The parts of a training. Parameters are those of AllenNLP's `TrainModel.from_partial_objects`;
    what one of them needs of the others is made in the same order as there.
    """

    def __init__(
        self,
        serialization_dir: str,
        dataset_reader: DatasetReader,
        train_data_path: Any,
        model: Lazy[Model],
        data_loader: Lazy[DataLoader],
        trainer: Lazy[Trainer],
        vocabulary: Lazy[Vocabulary] = Lazy(Vocabulary),
        datasets_for_vocab_creation: Optional[list[str]] = None,
        validation_dataset_reader: Optional[DatasetReader] = None,
        validation_data_path: Any = None,
        validation_data_loader: Optional[Lazy[DataLoader]] = None,
        test_data_path: Any = None,
        evaluate_on_test: bool = False,
        batch_weight_key: str = "",
    ) -> None:
        self._folder = serialization_dir
        self._readers = {"train": dataset_reader}
        later = validation_dataset_reader or dataset_reader
        self._readers |= {"validation": later, "test": later}
        self._paths = {
            "train": train_data_path,
            "validation": validation_data_path,
            "test": test_data_path,
        }
        self._loaders = {"train": data_loader}
        self._loaders |= dict.fromkeys(
            ("validation", "test"), validation_data_loader or data_loader
        )
        self._of_vocabulary = datasets_for_vocab_creation
        self._lazy_vocabulary, self._lazy_model, self._lazy_trainer = vocabulary, model, trainer
        self.loaders: dict[str, DataLoader] = {}
        """By split: `train`, `validation`, `test`."""
        self.data: dict[str, SplitData] = {}
        self.model: Optional[Model] = None
        self.trainer: Optional[GradientDescentTrainer] = None

    @property
    def vocabulary_of(self) -> list[str]:
        """The splits whose labels the vocabulary has."""
        return self._of_vocabulary or list(self.loaders)

    def read(self, findings: Findings) -> bool:
        """Read all data. Returns whether that went well."""
        for split, path in self._paths.items():
            if path is None:
                continue
            key, make = f"{split}_data_path", self._loaders[split].construct
            loader = attempted(findings, key, make, reader=self._readers[split], data_path=path)
            if loader is None:
                return False
            self.loaders[split] = loader
            # before it is indexed: AllenNLP's fields say their labels only until then
            found = attempted(findings, key, read_split, loader)
            if found is None:
                return False
            self.data[split] = found
        return True

    def build(self, findings: Findings) -> bool:
        """Make vocabulary, model and trainer. Returns whether that went well."""
        instances = (
            instance
            for split in self.vocabulary_of
            for instance in self.loaders[split].iter_instances()
        )
        vocabulary = attempted(
            findings, "vocabulary", self._lazy_vocabulary.construct, instances=instances
        )
        if vocabulary is None:
            return False
        self.model = attempted(
            findings,
            "model",
            self._lazy_model.construct,
            vocab=vocabulary,
            serialization_dir=self._folder,
        )
        if self.model is None:
            return False
        known = self.model.vocab
        for split, loader in self.loaders.items():
            if attempted(findings, f"{split}_data_path", _indexed, loader, known) is None:
                return False
        self.trainer = attempted(findings, "trainer", self._made_trainer)
        return self.trainer is not None

    def start_callbacks(self, findings: Findings) -> None:
        """
        Let our callbacks look at the training as they do when it begins. Others are left alone:
        they may write to services.
        """
        assert self.trainer is not None, "built before"
        for callback in self.trainer._callbacks:
            ours = type(callback).__module__.startswith("allennlp_heads.")
            # from the first update on it measures the importance of heads, which takes long
            at_once = isinstance(callback, ImportantHeadTraining) and not callback._start
            if ours and not at_once:
                attempted(findings, "trainer.callbacks", callback.on_start, self.trainer)

    def close(self) -> None:
        """Close the files of callbacks that log."""
        for callback in self.trainer._callbacks if self.trainer else ():
            if isinstance(callback, LogWriterCallback):
                callback.close()

    def _made_trainer(self) -> GradientDescentTrainer:
        trainer = self._lazy_trainer.construct(
            serialization_dir=self._folder,
            model=self.model,
            data_loader=self.loaders["train"],
            validation_data_loader=self.loaders.get("validation"),
            local_rank=0,
        )
        if not isinstance(trainer, GradientDescentTrainer):
            raise ConfigurationError(
                f"the trainer {type(trainer).__name__} is not AllenNLP's own, of which alone this "
                "command knows what it does"
            )
        return trainer


def stages_of(config: Config, folder: str, findings: Findings) -> Optional[Stages]:
    """
    The readers of a configuration, ready for the rest, in a folder that takes what they write;
    `None` where they cannot be made.
    """
    config = deepcopy(config)
    os.makedirs(folder, exist_ok=True)
    Params(deepcopy(config)).to_file(os.path.join(folder, "config.json"))
    for key in OF_THE_COMMAND:
        config.pop(key, None)
    params = Params(config)

    def make() -> Stages:
        prepare_environment(params)
        return Stages.from_params(params, serialization_dir=folder)

    return attempted(findings, "configuration", make)


def attempted(
    findings: Findings, key: str, make: Callable[..., Made], *arguments: Any, **options: Any
) -> Optional[Made]:
    """What `make` returns; `None` with an error among the findings where it fails."""
    try:
        return make(*arguments, **options)
    except ConfigurationError as error:
        findings.error(key, error.message)
    except re.error as error:
        findings.error(key, f"'{error.pattern!s}' is no regular expression: {error.msg}")
    except Exception as error:  # whatever a component raises is what a training would end with
        logger.debug("%s: %s", key, error, exc_info=True)
        findings.error(key, f"the training would end in {type(error).__name__}: {error}")
    return None


def _indexed(loader: DataLoader, vocabulary: Vocabulary) -> bool:
    loader.index_with(vocabulary)
    return True
