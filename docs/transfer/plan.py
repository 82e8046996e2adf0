"""What is fine-tuned, embedded and ranked, and what it is called on the page."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from allennlp_heads.analysis.transfer import CURVE_GRADIENT, DATA_SIZE, RANDOM
from docs.runs.budget import ROOT, Budget

TITLES = {
    "sst2": "SST-2",
    "qqp": "QQP",
    "stsb": "STS-B",
    "squad": "SQuAD",
    "pos": "POS",
    "ner_bio": "NER",
    "dep": "DEP",
    "con": "CON",
    "parent": "Parent",
    "chunk": "Chunk",
    "wnut17": "WNUT",
}
"""
The tasks of the experiment: three of classification, one of questions, seven of labelling. Left out
are CoLA, MNLI, MRPC and RTE, which score no better than guessing after so few examples, so that no
gain relates to it, as are names as spans; QNLI, whose development data has the texts of SQuAD's
training data where both are cut from SQuAD's development set; and SRL and the upper phrases, since
a twelfth task takes 46 more cells.
"""

CLASSES = ("classification", "questions", "labelling")
REGIME = "limited_limited"

MAIN = "per_example"
SETTINGS: dict[str, dict[str, Any]] = {
    MAIN: {},
    "batch_sum": {"kinds": ["task"], "mode": "batch_sum"},
    "mean_gradient": {"kinds": ["task"], "mode": "mean_gradient"},
    "parameters": {"kinds": ["task"], "components": [r"layer\.\d+\."]},
}
"""
Name -> what differs from the usual embeddings: the squared sum over a batch, as the reference's
code does it; the plain mean of gradients; and every parameter of linear layers and layer norms
instead of what they compute.
"""

TASK = "task"
PUBLISHED_SIZE = "data_size (published)"
"""The baseline of the data size by the numbers of `training_configs/transfer/manifest.json`."""

HEAD_GRIDS = ("heads.importance", "heads.gate_fisher")
"""The embeddings of one number a head."""


def in_setting(setting: str) -> str:
    """The method that ranks by all components of another setting."""
    return f"{TASK} ({setting})"


SHOWN = (
    RANDOM,
    DATA_SIZE,
    PUBLISHED_SIZE,
    CURVE_GRADIENT,
    "text",
    TASK,
    "layer_output",
    "head_context",
    "pooled",
    "heads",
    *HEAD_GRIDS,
    "text+task",
    "text+heads",
    "task+heads",
    "text+task+heads",
    *(in_setting(setting) for setting in SETTINGS if setting != MAIN),
)
"""Methods of the tables, in their order; there are more, of every single layer."""

_TITLES = {
    RANDOM: "random",
    DATA_SIZE: "data size (of the cut files)",
    PUBLISHED_SIZE: "data size (as published)",
    CURVE_GRADIENT: "curve gradient",
    "text": "TextEmb",
    TASK: "TaskEmb",
    "layer_output": "TaskEmb (layer outputs)",
    "head_context": "TaskEmb (heads' contexts)",
    "pooled": "TaskEmb (pooled)",
    "heads": "heads (both)",
    "heads.importance": "heads' importance",
    "heads.gate_fisher": "heads' gate Fisher",
    "text+task": "Text+Task",
    "text+heads": "Text+heads",
    "task+heads": "Task+heads",
    "text+task+heads": "Text+Task+heads",
    in_setting("batch_sum"): "TaskEmb (squared batch sums)",
    in_setting("mean_gradient"): "TaskEmb (mean gradients)",
    in_setting("parameters"): "TaskEmb (all parameters)",
}

MEASURES = {
    "ndcg": "NDCG",
    "best_rank": "rank of the best",
    "spearman": "Spearman",
    "regret@1": "regret@1",
    "regret@3": "regret@3",
    "hit@1": "hit@1",
}
"""Measures of the tables, in their order."""

MARGINS = {"ndcg": 0.05, "best_rank": 1.0}
"""
Losses that count as none: 0.05 of NDCG, a place of the best source, but never more than half of
what TaskEmb is ahead of random rankings. Set before the experiment.
"""


def title_of(method: str) -> str:
    """How a method is called on the page."""
    return _TITLES.get(method, method)


def task_title(task: str) -> str:
    """How a task is called on the page."""
    return TITLES.get(task, task)


@dataclass(frozen=True)
class TransferBudget(Budget):
    """
    What is the same for every cell.

    # Parameters

    sentences : `int`, optional (default = `300`)
        Training examples of each task, as a source and as a target.
    epochs : `int`, optional (default = `4`)
        Times each of them is seen.
    settings : `str`, optional (default = `"training_configs/transfer/small.jsonnet"`)
        A grid, whose tasks are replaced; a path in the project.
    dev_sentences : `int`, optional (default = `300`)
        Examples that are scored.
    restarts : `int`, optional (default = `2`)
    batch_size : `int`, optional (default = `8`)
    encoder_lr : `float`, optional (default = `1e-4`)
    head_lr : `float`, optional (default = `1e-3`)

    The others are those of `Budget`. The study's recipe would make 30 updates of so few examples,
    after which most tasks have learned nothing; hence smaller batches and larger rates.
    """

    sentences: int | None = 300
    epochs: int | None = 4
    settings: str = "training_configs/transfer/small.jsonnet"
    dev_sentences: int = 300
    restarts: int = 2
    batch_size: int = 8
    encoder_lr: float = 1e-4
    head_lr: float = 1e-3


class Stage(NamedTuple):
    """
    A part of the experiment.

    # Parameters

    name : `str`
        One of `SETTINGS`: cells and embeddings for the main one, embeddings for the others; or
        `RECORDS`, which writes what the others left.
    """

    name: str

    @property
    def experiment(self) -> str:
        """The path of its grid in the project."""
        return TransferBudget.settings

    @property
    def patterns(self) -> list[str] | None:
        """Of the cells it needs; `None` for all. Direct fine-tuning makes the source's model."""
        return None if self.name == MAIN else ["none.*.0"]


RECORDS = "records"


def all_stages() -> list[Stage]:
    """In their order."""
    return [Stage(name) for name in (*SETTINGS, RECORDS)]


def grid_of(stage: Stage, budget: TransferBudget) -> str:
    """The Jsonnet of a stage's grid."""
    recipe = {
        "batch_size": budget.batch_size,
        "encoder_lr": budget.encoder_lr,
        "head_lr": budget.head_lr,
        "epochs": budget.epochs,
        "warmup": 0.1,
    }
    given = {
        "regimes": [REGIME],
        "limited": budget.sentences,
        "dev_examples": budget.dev_sentences,
        "restarts": budget.restarts,
        "recipes": dict.fromkeys(CLASSES, recipe),
        "embeddings": SETTINGS[stage.name],
    }
    tasks = f"{{ between:: {json.dumps(list(TITLES))} }}"
    experiment = json.dumps(str(ROOT / budget.settings))
    return f"(import {experiment}) + {tasks} + {json.dumps(given, indent=2)} + {budget.overlay}\n"
