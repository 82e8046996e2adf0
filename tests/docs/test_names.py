"""The README's table of registered names is neither short nor long."""

from __future__ import annotations

import re

import pytest
from allennlp.commands.subcommand import Subcommand
from allennlp.common import Registrable
from allennlp.data import DataLoader, DatasetReader, TokenIndexer, Tokenizer
from allennlp.evaluation import Evaluator
from allennlp.models import Model
from allennlp.models.heads import Head
from allennlp.modules import Backbone, TokenEmbedder
from allennlp.nn.parallel import DdpAccelerator
from allennlp.nn.regularizers import Regularizer
from allennlp.predictors import Predictor
from allennlp.training.callbacks import TrainerCallback
from allennlp.training.checkpointer import Checkpointer
from allennlp.training.learning_rate_schedulers import LearningRateScheduler
from allennlp.training.metrics import Metric
from allennlp.training.optimizers import Optimizer

import allennlp_heads  # noqa: F401  (registers everything)
from allennlp_heads.commands.verb import Verb
from allennlp_heads.data.data_loaders import EpochSampler
from allennlp_heads.gates import HeadGates
from allennlp_heads.models.loss_balancers import LossBalancer
from allennlp_heads.training.sparsity_controls import SparsityControl
from tests.docs.blocks import ROOT

KINDS: list[type[Registrable]] = [
    Backbone,
    Checkpointer,
    DdpAccelerator,
    DataLoader,
    DatasetReader,
    EpochSampler,
    Evaluator,
    Head,
    HeadGates,
    LearningRateScheduler,
    LossBalancer,
    Metric,
    Model,
    Optimizer,
    Predictor,
    Regularizer,
    SparsityControl,
    Subcommand,
    TokenEmbedder,
    TokenIndexer,
    Tokenizer,
    TrainerCallback,
    Verb,
]


def table() -> dict[str, set[str]]:
    """The rows of the table: kind -> names."""
    text = (ROOT / "README.md").read_text("utf-8")
    section = text.split("## Registered names")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| (.*) \|$", section, re.MULTILINE)
    return {kind: set(re.findall(r"`([\w-]+)`", names)) for kind, names in rows if kind != "kind"}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_names_of_a_kind(kind: type[Registrable]) -> None:
    for name in Verb.list_available():  # verbs are imported when they are wanted
        Verb.by_name(name)
    ours = {
        name
        for name, (registered, _) in Registrable._registry[kind].items()
        if registered.__module__.startswith("allennlp_heads")
    }
    assert table()[kind.__name__] == ours


def test_every_kind_is_known_here() -> None:
    assert set(table()) == {kind.__name__ for kind in KINDS}
