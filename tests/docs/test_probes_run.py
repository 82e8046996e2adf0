"""The runs about probes: which there are, what they ask, and some for real, tiny."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from allennlp_heads.models.archival import ARCHIVE
from allennlp_heads.reports.probing.files import read_probe
from docs.probes import run as runner
from docs.probes.__main__ import main
from docs.probes.plan import (
    MTL,
    PAIR,
    STATIC,
    STL,
    ProbesBudget,
    Run,
    all_runs,
    probe_of,
    text_of,
)
from docs.probes.record import PROBES, read_record, write_record
from docs.probes.run import Place, delete_weights
from docs.runs import console
from docs.runs.budget import Budget, command_of, configuration, experiment
from docs.runs.many import is_done
from docs.runs.records import TASKS
from tests.docs.blocks import ROOT
from tests.docs.in_process import Words, replace_heads
from tests.docs.probes_grid import record

BUDGET = ProbesBudget()
PROBED = 30
"""Sentences of each role; more than are trained on."""
STATIC_RUN = Run(None)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Words:
    return replace_heads(monkeypatch)


@pytest.fixture
def small(tiny_bert: str) -> ProbesBudget:
    encoder = f"{{ encoder: {{ name: {json.dumps(tiny_bert)} }} }}"
    return ProbesBudget(12, 1, overlay=encoder, test_sentences=PROBED, draws=20)


def alone(task: str, seed: int) -> Run:
    """The held-out run of one task."""
    return next(run for run in all_runs([seed], [], []) if run.tasks == (task,))


def test_runs() -> None:
    runs = {run.name: run for run in all_runs([13, 14], [13], [13])}
    assert len(runs) == 1 + 2 * 6 + 10 + 1 + 6
    assert runs["static"].tasks == runs["all.14"].tasks == TASKS
    assert runs["static"].seed is None and runs["static.transductive"].system == STATIC
    assert (runs["dep.14"].system, runs["dep.14"].tasks) == (STL, ("dep",))
    assert (runs["all.13"].system, runs["pos_dep.13"].system) == (MTL, PAIR)
    for run in runs.values():
        assert (ROOT / run.experiment).is_file()
        assert run.held_out != run.name.endswith("transductive")
    repeated = [run for run in runs.values() if not run.held_out and run.training]
    assert {run.seed for run in repeated} == {13} and len(repeated) == 6
    assert all(runs[run.trained].training == run.training for run in repeated)
    assert all(run.held_out for run in all_runs([13], [], []))


def test_trainings_are_those_of_the_table_of_five() -> None:
    path = "training_configs/stem_cell/joint/all.jsonnet"
    run = Run(next(run.training for run in all_runs([14], [], []) if run.system == MTL))
    assert text_of(run, BUDGET) == experiment(path, 14, Budget(1000, 6))
    assert text_of(run._replace(held_out=False), BUDGET) == text_of(run, BUDGET)


def test_what_is_asked(tmp_path: Path) -> None:
    asked = probe_of(alone("dep", 14), BUDGET, tmp_path / ARCHIVE)
    assert asked["archive"] == str(tmp_path / ARCHIVE) and "transformer_model" not in asked
    files = {
        part: [path.rpartition("/")[2] for path in asked[f"{part}_data_path"].values()]
        for part in ("train", "validation", "test")
    }
    assert files == {
        "train": ["train.conllu"],
        "validation": ["dev.conllu"],
        "test": ["test.conllu"],
    }
    assert asked["probes"] == {
        "held_out": True,
        "sentences": None,
        "draws": 1000,
        "random_weights": 0,
        "control": True,
        "trees": True,
    }
    static = probe_of(Run(None), BUDGET, tmp_path)
    assert "archive" not in static and static["transformer_model"].startswith("package:")
    assert static["probes"]["random_weights"] == 1
    transductive = probe_of(Run(None, False), BUDGET, tmp_path)["probes"]
    assert not any(transductive[key] for key in ("held_out", "random_weights", "control", "trees"))
    assert set(static["dataset_reader"]["readers"]) == set(TASKS)


def test_one_task_and_the_untouched_encoder(
    small: ProbesBudget, in_process: Words, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = alone("dep", 5)
    monkeypatch.setattr(Run, "tasks", ("dep",))
    place = Place(tmp_path / "out", tmp_path / "results", "one core")
    runs = [Run(None), training, training._replace(held_out=False)]
    for run in runs:
        runner.do(run, small, place, 1)
    verbs = [words[1] if words[0] == "heads" else words[0] for words in in_process]
    assert verbs == ["probe", "train", "probe", "probe"]
    found = {}
    for run in runs:
        saved = read_record(place.record_of(run))
        assert saved["hardware"] == "one core" and saved["held_out"] == run.held_out
        assert set(saved["minutes"]) == ({"train", "probe"} if run is training else {"probe"})
        kept = place.results / PROBES / run.name
        assert str(tmp_path) not in (kept / "probe.json").read_text("utf-8")
        assert sum(path.stat().st_size for path in kept.iterdir()) < 300_000
        found[run.name] = read_probe(kept)["dep"]
        files = {f"${{HEADS_DATA}}/ewt/{part}.conllu" for part in ("train", "dev", "test")}
        assert files <= set(saved["data"])
    held_out, transductive = found["dep.5"], found["dep.5.transductive"]
    # what a training reads of its files does not limit the probes; two files choose heads of arcs
    assert held_out.samples["choice"]["sentences"] == 2 * PROBED
    assert held_out.labels[0].random_weights is None
    assert found["static"].labels[0].random_weights is not None
    assert held_out.counts.tolist() == transductive.counts.tolist()
    assert is_done(place.record_of(training), small, read_record)
    delete_weights(runs, place)
    assert not [path for path in (tmp_path / "out").rglob("*") if path.suffix in (".th", ".gz")]


def test_what_was_trained_elsewhere_is_taken_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: Words = []
    monkeypatch.setattr(console, "heads", lambda words, log, threads: commands.append(words))
    monkeypatch.setattr(runner, "keep", lambda source, target: None)
    run, place = alone("pos", 5), Place(tmp_path / "out", tmp_path / "results", "")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    config = configuration(text_of(run, BUDGET), with_tests=False)
    (elsewhere / "config.json").write_text(json.dumps(config))
    (elsewhere / "metrics.json").write_text('{"training_duration": "0:02:00"}')
    (elsewhere / ARCHIVE).touch()
    place.out.mkdir()
    place.training_of(run).symlink_to(elsewhere)
    runner.do(run, BUDGET, place, 1)
    assert [words[:2] for words in commands] == [["heads", "probe"]]
    assert read_record(place.record_of(run))["minutes"]["train"] == 2
    delete_weights([run], place)
    assert sorted(path.name for path in elsewhere.iterdir()) == [
        "config.json",
        "metrics.json",
        ARCHIVE,
    ]
    with pytest.raises(console.Failed, match=r"pos.5 is of another configuration \(trainer"):
        runner.do(run, replace(BUDGET, epochs=7), place, 1)
    assert len(commands) == 1


def test_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr("docs.probes.__main__.do", lambda run, *others: done.append(run.name))
    options = ["--results", str(tmp_path), "--out", str(tmp_path / "out"), "--seeds", "1", "2"]
    options += ["--transductive-seeds", "1"]
    assert main([*options, "--only", "static*", "pos.1*"]) == 0
    assert done == ["static", "pos.1", "static.transductive", "pos.1.transductive"]
    budget = ProbesBudget(sentences=9, draws=4)
    command = command_of("docs.probes", budget)
    assert command == "python -m docs.probes --sentences 9 --draws 4"
    write_record(tmp_path / "static.json", {**record(STATIC_RUN), "budget": asdict(ProbesBudget())})
    assert main([*options, "--only", "static"]) == 0 and len(done) == 4
    assert main([*options, "--only", "static", "--draws", "2"]) == 1 and len(done) == 4
