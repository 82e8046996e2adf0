"""The runs of the table: which there are, what they train, and one of them for real, tiny."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import pytest

from docs.five_tasks import run as runner
from docs.five_tasks.__main__ import main
from docs.five_tasks.plan import Run, all_runs
from docs.five_tasks.record import TASKS, counts_of, read_record
from docs.runs import console
from docs.runs.budget import Budget, configuration, experiment
from docs.runs.many import is_done
from tests.docs.blocks import ROOT
from tests.docs.in_process import Words, replace_heads

POS = Run("STL", ("pos",), "training_configs/stem_cell/single/pos.jsonnet", 5)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Words:
    return replace_heads(monkeypatch)


@pytest.fixture
def small(tiny_bert: str) -> Budget:
    return Budget(12, 1, overlay=f"{{ encoder: {{ name: {json.dumps(tiny_bert)} }} }}")


def test_runs_are_the_five_tasks_all_pairs_and_the_whole() -> None:
    runs = all_runs([1, 2, 3], [1])
    assert len(runs) == len({run.name for run in runs}) == 5 * 3 + 10 + 3
    pairs = {frozenset(run.tasks) for run in runs if run.system == "pair"}
    assert pairs == {frozenset(pair) for pair in combinations(TASKS, 2)}
    assert {run.tasks for run in runs if run.system == "STL"} == {(task,) for task in TASKS}
    assert [run.seed for run in runs] == sorted(run.seed for run in runs)
    for run in (runs[0], runs[6], runs[-1]):
        assert set(
            configuration(experiment(run.experiment, run.seed, Budget()))["train_data_path"]
        ) == set(run.tasks)


def test_budget_reaches_the_configuration() -> None:
    text = experiment(POS.experiment, 5, Budget(123, 4, overlay="{ model+: { autocast: null } }"))
    config = configuration(text)
    assert config["data_loader"]["max_instances"] == 123
    assert config["trainer"]["num_epochs"] == 4
    assert {config[f"{kind}_seed"] for kind in ("random", "numpy", "pytorch")} == {5}
    assert config["model"]["autocast"] is None
    assert config["test_data_path"] == {"pos": "${HEADS_DATA}/ewt/test.conllu"}
    assert "max_instances" not in config["validation_data_loader"]


def test_one_run(small: Budget, in_process: Words, tmp_path: Path) -> None:
    out, results = tmp_path / "out", tmp_path / "results"
    runner.do(POS, small, out, results, "one core", 1)
    record = read_record(results / "pos.5.json")
    counts = counts_of(record, "pos")
    assert counts is not None and len(counts) == 100
    sentences = (ROOT / "fixtures/ewt/test.conllu").read_text("utf-8").strip().split("\n\n")
    words = [
        sum(line.split("\t")[0].isdigit() for line in sentence.splitlines())
        for sentence in sentences
    ]
    assert counts[:, 2].tolist() == words
    assert record["seed"] == 5 and record["hardware"] == "one core" and not record["resumed"]
    assert set(record["data"]) == {
        f"${{HEADS_DATA}}/ewt/{part}.conllu" for part in ("train", "dev", "test")
    }
    share = counts[:, 0].sum() / sum(words)
    assert record["scores"]["test"]["pos_accuracy"] == pytest.approx(share, abs=1e-6)
    folder = out / "pos.5"
    # the training itself must not look at the test files
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    assert not [key for key in metrics if key.startswith("test_")]
    assert not list(folder.glob("*.th"))
    assert not (folder / "model.tar.gz").exists()
    assert is_done(results / "pos.5.json", small, read_record)
    with pytest.raises(console.Failed, match="another budget"):
        is_done(results / "pos.5.json", Budget(13), read_record)


def test_a_run_that_was_cut_off_goes_on(
    small: Budget, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: Words = []

    def fail(words: list[str], log: Path, threads: int) -> None:
        commands.append(words)
        raise console.Failed(words[0])

    monkeypatch.setattr(console, "heads", fail)
    folder = tmp_path / "pos.5"
    for file, wanted in (("", "train"), ("config.json", "train"), ("model.tar.gz", "evaluate")):
        folder.mkdir(exist_ok=True)
        if file:
            (folder / file).touch()
        with pytest.raises(console.Failed, match=wanted):
            runner.do(POS, small, tmp_path, tmp_path, "", 1)
    assert ["--recover" in words for words in commands] == [False, True, False]
    assert (tmp_path / "pos.5.resumed").is_file()


def test_a_failing_command_names_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "import os, sys; print(*sys.argv[1:], os.environ['OMP_NUM_THREADS']); sys.exit(3)"
    (tmp_path / "allennlp_heads_cli.py").write_text(script)
    monkeypatch.setattr(console, "ROOT", tmp_path)
    with pytest.raises(console.Failed, match=r"'allennlp-heads train' .* status 3: .*pos\.5\.log"):
        console.heads(["train", "x.jsonnet"], tmp_path / "pos.5", 4)
    log = (tmp_path / "pos.5.log").read_text()
    assert log == "train x.jsonnet 4\n"


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """`do` is replaced; the names of the runs it was called with."""
    names: list[str] = []

    def do(run: Run, *others: object) -> None:
        names.append(run.name)
        if run.name.startswith("ner"):
            raise console.Failed("as planned")

    monkeypatch.setattr("docs.five_tasks.__main__.do", do)
    return lambda: sorted(names)


def test_one_failure_does_not_stop_the_others(
    done: Callable[[], list[str]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    options = ["--results", str(tmp_path), "--only", "dep.1", "ner.1", "srl.1"]
    assert main([*options, "--seeds", "1", "--jobs", "2"]) == 1
    assert done() == ["dep.1", "ner.1", "srl.1"]
    assert "ner.1: as planned" in caplog.text and "failed: ner.1" in caplog.text


def test_list_and_unknown_names(
    done: Callable[[], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--list", "--seeds", "1"]) == 0
    assert "dep.1\ttraining_configs/stem_cell/single/dep.jsonnet\n" in capsys.readouterr().out
    assert main(["--only", "nothing.1"]) == 1
    assert "no run nothing.1" in capsys.readouterr().err
    assert done() == []
