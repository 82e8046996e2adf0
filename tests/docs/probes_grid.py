"""Made-up records about probes, and probes whose heads are as good as it says here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.analysis.probing import (
    Baselines,
    Fold,
    HeadCentroids,
    ItemHits,
    Offsets,
    ProbeResult,
    TreeScore,
    build,
)
from allennlp_heads.reports.probing.files import write_probe
from docs.probes.plan import MTL, PAIR, STATIC, STL, ProbesBudget, Run, all_runs
from docs.probes.record import PROBES, write_record
from docs.runs.records import TASKS, Record

SEEDS = (13, 14)
SHAPE, SENTENCES, ITEMS = (2, 3), 80, 400
KINDS = {
    "pos": "tagger",
    "ner": "span_ner",
    "dep": "dependency",
    "con": "constituency",
    "srl": "srl",
}
LABELS = ["frequent", "often*so", "seldom", "unseen"]
QUALITY = {STATIC: 0.5, STL: 0.8, PAIR: 0.7, MTL: 0.6}
"""Of the best head of every label; all others are right in one of ten items."""


def offsets_of(task: str) -> bool:
    """Whether a probe points at words."""
    return task in ("dep", "srl")


def hits(task: str, quality: float, seed: int, items: int = ITEMS) -> ItemHits:
    """Label i is done best by head i of the first layer and those after it."""
    gold = numpy.random.default_rng(len(KINDS[task]))
    label = gold.choice(len(LABELS), items, p=[0.6, 0.31, 0.06, 0.03])
    sentence = numpy.sort(gold.integers(0, SENTENCES, items))
    chances = numpy.full((len(LABELS), *SHAPE), 0.1)
    for place in range(len(LABELS)):
        chances[(place, *numpy.unravel_index(place, SHAPE))] = quality
    drawn = numpy.random.default_rng([seed, int(100 * quality)]).random((items, *SHAPE))
    return ItemHits(drawn < chances[label], label, sentence)


def probe(task: str, run: Run) -> ProbeResult:
    """One probe; in the transductive ones all heads do a little better."""
    seed = 10 * (run.seed or 0) + len(task)
    quality = QUALITY[run.system] + 0.05 * (not run.held_out)
    choice = hits(task, quality, seed).tally(len(LABELS))
    if run.held_out:
        choice.correct[-1], choice.count[-1] = 0, 0
    fold = Fold(choice, hits(task, quality, seed + 1), None if offsets_of(task) else choice.count)
    found = build(
        KINDS[task],
        LABELS,
        numpy.ones(SHAPE, bool),
        [fold],
        _baselines(task, run, fold),
        draws=40,
        options={"held_out": run.held_out, "rare": 20},
    )
    if offsets_of(task):
        tree = TreeScore(0.4, 0.38, 0.43, 1, 2, "to_head", 0.1, 0.3, 0.2, ITEMS)
        return replace(found, tree=tree) if task == "dep" else found
    vectors = numpy.ones((1, len(LABELS), 5), numpy.float32)
    return replace(found, centroids=HeadCentroids(LABELS, [(0, 0)], vectors))


def _baselines(task: str, run: Run, fold: Fold) -> Baselines:
    random = Fold(hits(task, 0.2, 5).tally(len(LABELS)), hits(task, 0.2, 6))
    return Baselines(
        offsets=_offsets(fold) if offsets_of(task) else None,
        random_weights=[] if run.training else [[random]],
        control=[random],
    )


def _offsets(fold: Fold) -> Offsets:
    """The word after is always right for the rarest label, that before never."""
    label = fold.score.label
    correct = numpy.stack([label == -1, label >= 2], axis=1)
    scored = ItemHits(correct, label, fold.score.sentence)
    return Offsets([-1, 1], [Fold(scored.tally(len(LABELS)), scored)])


def record(run: Run, **more: Any) -> Record:
    """One record."""
    return {
        "system": run.system,
        "tasks": list(run.tasks),
        "held_out": run.held_out,
        "experiment": run.experiment,
        "command": "python -m docs.probes",
        "seed": run.seed,
        "encoder": "tiny",
        "hardware": "one core",
        "minutes": {"train": 2.0, "probe": 0.5} if run.training else {"probe": 0.5},
        "resumed": False,
        "budget": asdict(ProbesBudget()),
        "data": {},
        "versions": {"torch": "9.9"},
        **more,
    }


def write(folder: Path, runs: list[Run], tasks: Sequence[str] = TASKS) -> None:
    """Records and probes of these runs, as far as they are of these tasks."""
    for run in runs:
        own = [task for task in run.tasks if task in tasks]
        write_record(folder / f"{run.name}.json", record(run, tasks=own))
        found = {task: replace(probe(task, run), centroids=None) for task in own}
        write_probe(folder / PROBES / run.name, found, {}, figures=False)


def grid() -> list[Run]:
    """Every run of the tables, and pairs of one seed."""
    return all_runs(list(SEEDS), [13], [13])
