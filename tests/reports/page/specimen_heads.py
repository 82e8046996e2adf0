"""What callbacks and verbs write of the heads of one run, through the package's own writers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy

from allennlp_heads.analysis.probing.examples import ExampleSentence, Item
from allennlp_heads.analysis.random_masks import random_masks
from allennlp_heads.collect.importance import ImportanceSample
from allennlp_heads.collect.importance_options import ImportanceOptions
from allennlp_heads.pruning.report import write_pruning
from allennlp_heads.reports.dissociation import write_dissociation
from allennlp_heads.reports.dissociation_data import DissociationData
from allennlp_heads.reports.dissociation_results import Options
from allennlp_heads.reports.importance import write_importance
from allennlp_heads.reports.important_heads import write_important_heads
from allennlp_heads.reports.phases import write_phases
from allennlp_heads.reports.probing.files import write_probe
from allennlp_heads.reports.sparsity_history import SparsityHistory
from tests.reports.page.hostile import TEXTS
from tests.reports.probing.results import probe_result

Shape = tuple[int, int]

ENCODER = "package:tiny/model"
EXAMPLES = 24
PLAIN = "The old box that Anna repaired yesterday stands in the garden .".split()


def write_heads(folder: Path, shape: Shape, tasks: Sequence[str], epochs: int, seed: int) -> None:
    """Everything but gates and scores into the folder `heads` of a run."""
    random = numpy.random.default_rng(seed)
    _sparsity(folder, shape, tasks, epochs, seed)
    _phases(folder, tasks, epochs, seed)
    write_importance(folder, _samples(shape, tasks, random), {"encoder": ENCODER}, seed)
    options = Options(rounds=100, seed=seed)
    write_dissociation(dissociation(shape, tasks, random), folder, options)
    _important_heads(folder, shape, tasks, random, seed)
    arcs = probe_result(["nsubj", "obj", *TEXTS], shape, "dependency", items=120, seed=seed)
    tags = probe_result(["NOUN", "VERB", *TEXTS], shape, "tagger", items=120, seed=seed)
    arcs = replace(arcs, examples=_sentences(arcs.exists, random))
    results = {tasks[0]: arcs, tasks[1]: tags}
    about = {"encoder": ENCODER, "trained_tasks": list(tasks), "data_files": {}}
    write_probe(folder, results, about, seed, figures=False)


def _sparsity(folder: Path, shape: Shape, tasks: Sequence[str], epochs: int, seed: int) -> None:
    heads = shape[0] * shape[1]
    about = {"target": 0.5, "threshold": 0.5, "control": "lagrangian", "data_files": {}}
    history = SparsityHistory(dict.fromkeys(tasks, heads), dict.fromkeys(tasks, heads // 2), about)
    for epoch in range(epochs):
        closed = heads // 2 * (epoch + 1) // epochs
        numbers = {
            "closed": closed,
            "share": closed / heads,
            "expected_share": closed / heads + 0.02,
            "coefficient": 0.1 * epoch,
            "reached": closed == heads // 2,
        }
        sets = {task: numbers for task in tasks}
        history.entries.append({"epoch": epoch, "updates": 10 * epoch + 10, "sets": sets})
    history.best_epoch = epochs - 1
    history.write(folder)


def _phases(folder: Path, tasks: Sequence[str], epochs: int, seed: int) -> None:
    phases = [
        {
            "phase": place,
            "round": 0,
            "task": task,
            "part": [0.0, 1.0],
            "part_batches": 10,
            "batches": 10,
            "head": "keep",
            "optimizer": "reset" if place else "keep",
            "first_update": 10 * place,
            "last_update": 10 * place + 9,
            "first_epoch": min(place, epochs - 1),
            "last_epoch": min(place, epochs - 1),
        }
        for place, task in enumerate(tasks)
    ]
    content = {
        "data_files": {},
        "tasks": {task: {"batches": 10, "examples": 80} for task in tasks},
        "rounds": 1,
        "epochs": epochs,
        "epoch_batches": 20,
        "epoch_updates": 20,
        "best": "last_phase",
        "trained_updates": 10 * len(tasks),
        "phases": phases,
    }
    write_phases(folder, content, seed)


def _samples(
    shape: Shape, tasks: Sequence[str], random: numpy.random.Generator
) -> dict[str, ImportanceSample]:
    """The first head is removed, the second closed."""
    exists, removed = numpy.ones(shape, dtype=bool), numpy.zeros(shape, dtype=bool)
    exists[0, :2], removed[0, 0] = False, True
    common = random.gamma(0.5, 1.0, shape)
    return {
        task: ImportanceSample(
            task=task,
            example=numpy.arange(EXAMPLES),
            values=(
                exists
                * random.normal(size=(EXAMPLES, *shape))
                * (common + random.gamma(0.3, 1.0, shape))
            ).astype(numpy.float32),
            loss=random.random(EXAMPLES).astype(numpy.float32),
            exists=exists,
            removed=removed,
            options=ImportanceOptions(draws=50, alpha=0.1),
            available=1000,
        )
        for task in tasks
    }


def dissociation(
    shape: Shape, tasks: Sequence[str], random: numpy.random.Generator, draws: int = 3
) -> DissociationData:
    """Counts of accuracy of two runs at two shares of masked heads."""
    alphas, runs, names = [0.1, 0.3], 2, list(tasks)
    heads = [shape[1]] * shape[0]
    masks = [
        random_masks(heads, int(alpha * sum(heads)), runs * len(names), seed=1) for alpha in alphas
    ]
    own = numpy.stack(masks, axis=1).reshape(runs, len(names), len(alphas), *shape).swapaxes(1, 2)

    def counts(right: float, *places: int) -> numpy.ndarray:
        correct = random.random((runs, *places, EXAMPLES)) < right
        ones = numpy.ones_like(correct)
        return numpy.stack([correct, ones, ones], axis=-1).astype(numpy.int32)

    return DissociationData(
        tasks=names,
        metrics=dict.fromkeys(names, "accuracy"),
        alphas=alphas,
        runs=[{"name": f"run {run}", "seed": run, "weights_sha256": None} for run in range(runs)],
        exists=numpy.ones(shape, dtype=bool),
        importance=random.random((runs, len(names), *shape)),
        own_masks=own,
        random_masks=numpy.repeat(own[:, :, :, None], draws, axis=3),
        examples={task: numpy.arange(EXAMPLES) for task in names},
        base={task: counts(0.9) for task in names},
        own={task: counts(0.5, len(alphas), len(names)) for task in names},
        random={task: counts(0.8, len(alphas), draws) for task in names},
        about={"encoder": ENCODER, "selection": {"seed": 1}},
    )


def _sentences(exists: numpy.ndarray, random: numpy.random.Generator) -> list[ExampleSentence]:
    """A plain sentence, one of nothing but hostile words, and a word alone."""
    found = []
    for number, words in enumerate((PLAIN, TEXTS, PLAIN[:1])):
        attended = random.integers(0, len(words) + 1, (*exists.shape, len(words) + 1))
        attended[~exists] = -1
        gold = [
            Item(TEXTS[0] if node == 1 else "nsubj", node - 1, node, node)
            for node in range(1, len(words) + 1)
        ]
        found.append(ExampleSentence(number, words, gold, attended.astype(numpy.int16)))
    return found


def _important_heads(
    folder: Path, shape: Shape, tasks: Sequence[str], random: numpy.random.Generator, seed: int
) -> None:
    choice: dict[str, Any] = {
        "update": 20,
        "examples": dict.fromkeys(tasks, EXAMPLES),
        "importance": {task: random.random(shape) for task in tasks},
        "masks": {task: random.random(shape) < 0.3 for task in tasks},
    }
    about = {"encoder": ENCODER, "tasks": list(tasks), "alpha": 0.3, "chosen": "importance"}
    write_important_heads(folder, about, numpy.ones(shape, dtype=bool), [choice], seed)


def write_removal(folder: Path, shape: Shape, seed: int, measured: bool = True) -> None:
    """What `heads prune` writes when it removes every other head."""
    layers, heads = shape
    kept = [list(range(layer % 2, heads, 2)) for layer in range(layers)]
    removed = [sorted(set(range(heads)) - set(of_layer)) for of_layer in kept]
    report: dict[str, Any] = {
        "archive": {"weights_sha256": "0" * 64},
        "encoder": ENCODER,
        "task": None,
        "threshold": 0.5,
        "keep": None,
        "heads": {"before": layers * heads, "after": sum(map(len, kept))},
        "original": [heads] * layers,
        "before": [heads] * layers,
        "after": [len(of_layer) for of_layer in kept],
        "kept": kept,
        "removed": removed,
        "parameters": {
            "model": {"before": 22_772_080, "after": 20_999_152},
            "encoder": {"before": 22_565_376, "after": 20_792_448},
        },
        "bytes": {"before": 91_135_911, "after": 84_032_939},
        "largest_difference": {"removed": 4.5e-7, "reloaded": 4.5e-7},
        "cost": {
            "tokens": 128,
            "multiply_adds": {"before": 1_434_451_968, "after": 1_170_210_816},
            "share": 0.816,
            "expected_speedup": 1.226,
            "speedup_without_heads": 1.583,
            "attention_projections_share": 0.316,
        },
        "transformers": {"folder": "transformers", "reason": None},
    }
    if measured:
        report["measured"] = {
            "seconds": {"masked": 0.4567, "removed": 0.3676},
            "speedup": 1.243,
            "tokens": 128,
            "batch": 8,
            "threads": 1,
            "device": "cpu",
        }
    write_pruning(folder, report, seed)
