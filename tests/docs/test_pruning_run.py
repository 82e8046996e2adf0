"""The runs about removed heads: which there are, what they train, and some for real, tiny."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy
import pytest

from allennlp_heads.attention import head_magnitudes, load_encoder
from docs.five_tasks.plan import all_runs as runs_before
from docs.pruning import run as runner
from docs.pruning.__main__ import main
from docs.pruning.plan import (
    GATED,
    MAGNITUDE,
    RANDOM,
    PruningBudget,
    Run,
    all_runs,
    mask_of,
    text_of,
)
from docs.pruning.record import MASKED, STAGES, counts_of, read_record, write_record
from docs.runs import console
from docs.runs.budget import Budget, command_of, configuration, experiment
from tests.docs.in_process import Words, replace_heads
from tests.docs.pruning_grid import record

GATE = "training_configs/stem_cell/gate"
POS = Run(GATED, "pos", f"{GATE}/pos.jsonnet", 5)
TABLE = {run.name: run for run in all_runs([13, 14, 15], [13])}
KINDS = (GATED, RANDOM, MAGNITUDE)
# so few updates would not close any gate that starts open
HALF_CLOSED = "{ gates+: { start: 'xavier' } }"


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Words:
    return replace_heads(monkeypatch)


def small(tiny_bert: str, more: str = "{}") -> PruningBudget:
    encoder = f"{{ encoder: {{ name: {json.dumps(tiny_bert)} }} }}"
    few = "{ validation_data_loader+: { max_instances: 20 } }"
    return PruningBudget(12, 1, overlay=f"{encoder} + {few} + {more}", test_sentences=20)


def composed(name: str, budget: PruningBudget) -> dict[str, Any]:
    return configuration(text_of(TABLE[name], budget))


def test_runs() -> None:
    settings = {kind: {run.setting for run in TABLE.values() if run.kind == kind} for kind in KINDS}
    alone = {"pos", "ner", "dep", "con", "srl"}
    assert settings[GATED] == alone | {"all_shared", "all_per_task"}
    assert settings[RANDOM] == settings[MAGNITUDE] == alone | {"all"}
    seeds = [run.seed for run in TABLE.values()]
    assert seeds == sorted(seeds) and len(TABLE) == len(all_runs([13, 14, 15], [13])) == 13 + 2 * 12
    often = {run.setting for run in TABLE.values() if run.seed == 15}
    assert often == {"pos", "dep", "all_shared", "all"}


@pytest.mark.parametrize("setting", ["pos", "ner", "dep", "con", "srl", "all"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_differs_from_the_one_before_in_its_gates_alone(
    setting: str, kind: str, tiny_bert: str
) -> None:
    budget = small(tiny_bert)
    same = Budget(12, 1, overlay=budget.overlay)
    (run,) = [run for run in runs_before([13], []) if run.name == f"{setting}.13"]
    wanted = configuration(experiment(run.experiment, run.seed, same))
    ending = "" if kind == GATED else f".{kind}"
    for name in [setting] if setting != "all" or ending else ["all_shared", "all_per_task"]:
        found = composed(f"{name}{ending}.13", budget)
        assert found["model"]["backbone"].pop("gates") != {"type": "open"}
        if kind == GATED:
            groups = found["trainer"]["optimizer"]["parameter_groups"]
            assert [group[0] for group in groups if group[0] == ["log_alpha"]]
            groups[:] = [group for group in groups if group[0] != ["log_alpha"]]
            callbacks = found["trainer"]["callbacks"]
            own = [c for c in callbacks if c not in wanted["trainer"]["callbacks"]]
            assert own == ["gate_report", {"type": "sparsity_target", "target": 0.5}]
            found["trainer"]["callbacks"] = [c for c in callbacks if c not in own]
        without = {**wanted, "model": {**wanted["model"]}}
        without["model"]["backbone"] = {**wanted["model"]["backbone"]}
        assert without["model"]["backbone"].pop("gates") == {"type": "open"}
        assert found == without


def test_masks(tiny_bert: str) -> None:
    budget = small(tiny_bert)
    masks = [mask_of(TABLE[f"pos.random.{seed}"], budget) for seed in (13, 14)]
    masks.append(mask_of(TABLE["pos.magnitude.13"], budget))
    assert masks[0] != masks[1] and all(numpy.shape(mask) == (3, 4) for mask in masks)
    assert [numpy.sum(mask) for mask in masks] == [6, 6, 6]
    assert mask_of(TABLE["all.random.13"], budget) == masks[0]
    values = head_magnitudes(load_encoder(tiny_bert)).numpy()
    kept = numpy.array(masks[2], dtype=bool)
    assert values[kept].min() >= values[~kept].max()
    gates = composed("pos.magnitude.13", budget)["model"]["backbone"]["gates"]
    assert gates == {"type": "fixed", "mask": masks[2]}


def test_gates_that_all_tasks_share(tiny_bert: str, in_process: Words, tmp_path: Path) -> None:
    budget = small(tiny_bert, HALF_CLOSED)
    out, results = tmp_path / "out", tmp_path / "results"
    runner.do(POS, budget, out, results, "one core", 1)
    saved = read_record(results / "pos.5.json")
    verbs = ["train", "evaluate", "evaluate", "heads", "evaluate"]
    assert [words[0] for words in in_process] == verbs
    (found,) = saved["sets"].values()
    assert list(saved["sets"]) == ["gates"] and found["heads"] == 12
    binarised, removed = (counts_of(saved, stage, "pos") for stage in STAGES[1:])
    assert len(binarised) == 20 and (binarised == removed).all()
    copied = results / "gates" / "pos.5" / "heads"
    assert {path.name for path in copied.iterdir()} == {"gates.json", "gates.npz"}
    with numpy.load(copied / "gates.npz") as gates:
        learned = [numpy.flatnonzero(row > 0.5).tolist() for row in gates["final/gates"]]
    assert found["kept"] == learned and 0 < sum(map(len, learned)) < 12
    assert found["pruning"]["bytes"]["after"] < found["pruning"]["bytes"]["before"]
    assert not [path for path in out.rglob("*") if path.suffix in (".th", ".gz", ".safetensors")]


def test_gates_of_each_task(tiny_bert: str, in_process: Words, tmp_path: Path) -> None:
    more = "{ tasks: ['pos', 'dep'], gates+: { gates+: { start: 'xavier' } } }"
    run = Run(GATED, "all_per_task", f"{GATE}/all_per_task.jsonnet", 5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Run, "tasks", ("pos", "dep"))
        runner.do(run, small(tiny_bert, more), tmp_path, tmp_path / "results", "one core", 1)
    saved = read_record(tmp_path / "results" / "all_per_task.5.json")
    assert sorted(saved["sets"]) == ["dep", "pos"]
    assert [words[-1] for words in in_process if words[0] == "heads"] == ["pos", "dep"]
    for task in ("pos", "dep"):
        binarised, removed = (counts_of(saved, stage, task) for stage in STAGES[1:])
        assert (binarised == removed).all()


def test_a_baseline(tiny_bert: str, in_process: Words, tmp_path: Path) -> None:
    run = TABLE["pos.random.13"]
    runner.do(run, small(tiny_bert), tmp_path, tmp_path / "results", "one core", 1)
    saved = read_record(tmp_path / "results" / "pos.random.13.json")
    assert list(saved["stages"]) == [MASKED]
    assert [words[0] for words in in_process] == ["train", "evaluate"]
    kept = saved["sets"]["gates"]["kept"]
    mask = mask_of(run, small(tiny_bert))
    assert [[int(head in row) for head in range(4)] for row in kept] == mask
    assert not (tmp_path / "results" / "gates").exists()


def test_what_is_done_is_not_done_again(
    tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: Words = []

    def fail(words: list[str], log: Path, threads: int) -> None:
        commands.append(words)
        raise console.Failed(words[0])

    def copy(archive: Path, weights: Path) -> None:
        weights.touch()

    monkeypatch.setattr(console, "heads", fail)
    monkeypatch.setattr("docs.pruning.stages.binarise", copy)
    folder = tmp_path / "pos.5"
    files = ["config.json", "model.tar.gz", "scores.gated.json", "scores.binarised.json"]
    for file in ["", *files, "pruned.gates/heads/pruning.json"]:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if file:
            path.touch()
        with pytest.raises(console.Failed):
            runner.do(POS, small(tiny_bert), tmp_path, tmp_path, "", 1)
    verbs = ["train", "train", "evaluate", "evaluate", "heads", "evaluate"]
    assert [words[0] for words in commands] == verbs
    assert ["--recover" in words for words in commands[:2]] == [False, True]
    own = [number for number, words in enumerate(commands) if "--weights-file" in words]
    assert own == [3]
    assert commands[4][:3] == ["heads", "prune", str(folder / "model.tar.gz")]
    assert commands[5][1] == str(folder / "pruned.gates" / "model.tar.gz")
    assert not list(tmp_path.glob("*.json"))


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, PruningBudget]] = []
    monkeypatch.setattr("docs.pruning.__main__.do", lambda *a: done.append((a[0].name, a[1])))
    options = ["--results", str(tmp_path), "--seeds", "1", "--other-seeds", "1"]
    options += ["--epochs", "2", "--target", "0.25"]
    assert main([*options, "--only", "pos.1", "pos.random.1"]) == 0
    budget = PruningBudget(epochs=2, target=0.25)
    assert done == [("pos.1", budget), ("pos.random.1", budget)]
    assert command_of("docs.pruning", budget) == "python -m docs.pruning --epochs 2 --target 0.25"
    saved = {**record("gated", "pos", ("pos",), 1), "budget": asdict(budget)}
    write_record(tmp_path / "pos.1.json", saved)
    assert main([*options, "--only", "pos.1"]) == 0 and len(done) == 2
    assert main([*options, "--only", "pos.1", "--sentences", "3"]) == 1 and len(done) == 2
