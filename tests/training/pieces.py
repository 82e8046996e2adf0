"""Model, loader and trainer of a configuration, for tests that look inside one update."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from allennlp.common import Params
from allennlp.data import DataLoader, DatasetReader, Vocabulary
from allennlp.models import Model
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.trainer import Trainer

from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models import MultiTaskHeads
from tests.training.configs import Config


class Watching(TrainerCallback):
    """Keeps what `look` sees after every update, before gradients are cleared."""

    def __init__(self, look: Any) -> None:
        super().__init__("")
        self.look, self.seen = look, []  # type: ignore[var-annotated]

    def on_batch(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        if kwargs["is_training"]:
            self.seen.append(self.look(trainer))


def copied(config: Config) -> Config:
    """A copy whose parts share nothing, since `Params` empties what it is given."""
    return json.loads(json.dumps(config))  # type: ignore[no-any-return]


def quiet(config: Config) -> Config:
    """The same without any noise, and with open gates."""
    config = copied(config)
    model = config["model"]
    model["backbone"]["word_dropout"] = 0.0
    model["backbone"]["transformer_kwargs"] = {
        "hidden_dropout_prob": 0.0,
        "attention_probs_dropout_prob": 0.0,
    }
    model["backbone"].pop("gates")
    model["heads"]["dep"]["dropout"] = 0.0
    return config


def model_and_loader(config: Config) -> tuple[MultiTaskHeads, MultiTaskBucketed]:
    """Both as `allennlp train` makes them."""
    params = Params(copied(config))
    reader = DatasetReader.from_params(params.pop("dataset_reader"))
    loader: Any = DataLoader.from_params(
        params.pop("data_loader"),
        reader=reader,
        data_path=params.pop("train_data_path").as_dict(),
    )
    vocab = Vocabulary.from_instances(loader.iter_instances())
    loader.index_with(vocab)
    model: Any = Model.from_params(params.pop("model"), vocab=vocab)
    return model, loader


def trainer_of(
    model: MultiTaskHeads,
    loader: MultiTaskBucketed,
    folder: Path,
    watching: Watching,
    **options: Any,
) -> Trainer:
    """A trainer without validation that only `watching` looks into."""
    trainer: Any = Trainer.from_params(
        Params({"cuda_device": -1, **copied(options)}),
        model=model,
        data_loader=loader,
        validation_data_loader=None,
        local_rank=0,
        serialization_dir=str(folder),
    )
    trainer._callbacks = [watching]
    return trainer  # type: ignore[no-any-return]
