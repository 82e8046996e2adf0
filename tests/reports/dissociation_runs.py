"""Made-up measurements of a dissociation experiment with known scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from allennlp_heads.analysis.random_masks import random_masks
from allennlp_heads.reports.dissociation_data import DissociationData

TASKS = ["mnli", "qqp", "qnli", "ag", "sst2"]
TABLE_3 = numpy.array(
    [
        [58.23, 71.52, 61.39, 91.99, 85.32],
        [62.54, 69.43, 60.80, 91.54, 85.13],
        [59.29, 70.96, 57.50, 91.88, 86.35],
        [65.88, 76.28, 69.35, 80.01, 85.09],
        [69.50, 77.40, 73.96, 86.51, 82.45],
    ]
)
"""Rows: the masked task, columns: the evaluated task; percent."""
RANDOM = numpy.array([80.68, 85.42, 85.05, 93.65, 91.23])
BASE = numpy.array([83.91, 87.64, 90.26, 94.50, 92.05])
D_I = [7.24, 5.26, 9.83, 11.08, 3.28]


def table_3(
    examples: int = 2_000, runs: int = 3, draws: int = 5, alphas: Sequence[float] = (0.3,)
) -> DissociationData:
    """
    Accuracy counts of which exactly the share of Table 3 is right, as nearly as the number of
    examples allows; which examples these are is drawn.
    """
    generator = numpy.random.default_rng(0)
    heads = [4, 3, 4]

    def counts(*percents: float) -> numpy.ndarray:
        shape = (runs, len(alphas), len(percents))
        right = numpy.zeros((*shape, examples), dtype=bool)
        for place in numpy.ndindex(*shape):
            number = round(percents[place[-1]] / 100 * examples)
            right[place][generator.permutation(examples)[:number]] = True
        ones = numpy.ones_like(right)
        return numpy.stack([right, ones, ones], axis=-1).astype(numpy.int32)

    masks = [
        random_masks(heads, int(alpha * sum(heads)), runs * len(TASKS), seed=7) for alpha in alphas
    ]
    own = numpy.stack(masks, axis=1).reshape(runs, len(TASKS), len(alphas), 3, 4).swapaxes(1, 2)
    return DissociationData(
        tasks=TASKS,
        metrics=dict.fromkeys(TASKS, "accuracy"),
        alphas=list(alphas),
        runs=[{"name": f"run_{run}", "seed": run, "weights_sha256": None} for run in range(runs)],
        exists=numpy.arange(4) < numpy.array(heads)[:, None],
        importance=generator.random((runs, len(TASKS), 3, 4)),
        own_masks=own,
        random_masks=numpy.repeat(own[:, :, :, None], draws, axis=3),
        examples={task: numpy.arange(examples) for task in TASKS},
        base={task: counts(BASE[e])[:, 0, 0] for e, task in enumerate(TASKS)},
        own={task: counts(*TABLE_3[:, e]) for e, task in enumerate(TASKS)},
        random={task: counts(*[RANDOM[e]] * draws) for e, task in enumerate(TASKS)},
        about={"encoder": "tiny", "selection": {"seed": 3}},
    )
