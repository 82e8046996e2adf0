"""
What can be said of the study's own numbers (Vu et al. 2020, *Exploring and Predicting
Transferability across NLP Tasks*): read off its Figure 2 (FULL -> LIMITED, 33 tasks of three
classes, BERT-base, 1,000 examples of the target), to about 0.3 points. Its tables of ranks and NDCG
are of other regimes, encoders and tasks, and are not repeated here.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from docs.runs.budget import ROOT

MANIFEST = ROOT / "training_configs" / "transfer" / "manifest.json"


class Choice(NamedTuple):
    """
    What the first source of a ranking does.

    # Parameters

    hits : `float`
        How many of the choices are the truly best source.
    targets : `int`
    points : `float`
        Mean difference to direct fine-tuning, in points.
    gain : `float`
        The same as a share of direct fine-tuning.
    worse : `int`
        Targets that the choice hurts.
    """

    hits: float
    targets: int
    points: float
    gain: float
    worse: int


TASK_EMBEDDING = Choice(hits=15, targets=33, points=15.6, gain=0.45, worse=2)

WITHIN_CLASS = {"questions": 0.632, "labelling": 0.210}
"""Class -> the mean gain that its targets have by the best source of their own class."""


def published_sizes() -> dict[str, float]:
    """
    Task of ours -> training examples of the study's task, in thousands, from its manifest: of
    those tasks whose data here are cut from the same set.
    """
    tasks = json.loads(MANIFEST.read_text("utf-8"))["tasks"].values()
    return {
        task["here"]["task"]: float(task["train_thousands"])
        for task in tasks
        if task["here"] is not None and "data" not in task["here"]
    }
