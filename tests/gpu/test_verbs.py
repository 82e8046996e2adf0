"""The verbs that compute, and AllenNLP's own commands, with `--cuda-device 0`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest

from allennlp_heads.collect import ImportanceOptions, collect_importance
from allennlp_heads.reports.importance import read_importance
from tests.collect.models import TASKS, data_of, tiny
from tests.commands.test_prune import allennlp
from tests.pruning import archives


@pytest.mark.parametrize("measure", ["absolute", "per_token"])
def test_importance_is_that_of_the_cpu(
    gpu: Any, measure: str, tiny_bert: str, fixtures_root: Path
) -> None:
    model, loader = tiny(tiny_bert, fixtures_root)
    options = ImportanceOptions(measure=measure)
    wanted = {task: collect_importance(model, data_of(loader), task, options) for task in TASKS}
    model.cuda()
    data = data_of(loader)
    data.device = next(model.parameters()).device
    for task, sample in wanted.items():
        found = collect_importance(model, data, task, options)
        numpy.testing.assert_allclose(found.values, sample.values, rtol=1e-4, atol=1e-7)
        numpy.testing.assert_allclose(found.loss, sample.loss, rtol=1e-5)


@pytest.fixture(scope="module")
def archive(tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained model of two tasks."""
    config = archives.multitask(tiny_bert, {"type": "hard_concrete"}, ["pos", "dep"])
    path = str(fixtures_root / "ewt/dev.conllu")
    config |= {
        "train_data_path": {"pos": path, "dep": path},
        "validation_data_path": {
            "pos": path.replace("dev", "test"),
            "dep": path.replace("dev", "test"),
        },
        "data_loader": {"type": "multitask_bucketed", "batch_size": 4, "max_instances": 8},
    }
    return archives.write(tmp_path_factory.mktemp("gpu") / "run", config)


def test_verbs(gpu: Any, archive: Path, tmp_path: Path, monkeypatch: Any) -> None:
    def verb(name: str, *options: Any) -> Path:
        out = tmp_path / name
        device = ("--cuda-device", 0)
        allennlp(monkeypatch, "heads", name, *options, "-o", out, *device)
        return out

    assert read_importance(verb("importance", archive, "--examples", 4))["dep"].shape == (3, 4)
    pruned = verb("prune", archive, "--keep", 0.5)
    measured = json.loads((pruned / "heads/pruning.json").read_text())
    assert "cuda:0" in json.dumps(measured)
    verb("embed", archive, "--task", "pos", "--examples", 4, "--kind", "task")
    verb("probe", archive, "--task", "pos", "--rounds", 5, "--sentences", 6)
    few = ("--examples", 3, "--max-instances", 3, "--draws", 2, "--rounds", 5)
    verb("dissociate", archive, "--alpha", 0.25, *few)


def test_predict_and_evaluate(gpu: Any, archive: Path, tmp_path: Path, monkeypatch: Any) -> None:
    source = tmp_path / "texts.jsonl"
    words = ["Anna", "read", "it", "."]
    texts = [{"task": task, "words": words} for task in ("pos", "dep")]
    source.write_text("".join(json.dumps(text) + "\n" for text in texts))
    outputs = []
    for device in (-1, 0):
        out = tmp_path / f"predicted{device}.jsonl"
        allennlp(
            monkeypatch, "predict", archive, source, "--output-file", out, "--silent",
            "--cuda-device", device, "--batch-size", 2,
        )  # fmt: skip
        outputs.append([json.loads(line) for line in out.read_text().splitlines()])
    assert [one["words"] for one in outputs[1]] == [words, words]
    assert outputs[0][0]["tags"] == outputs[1][0]["tags"]
    assert outputs[0][1]["heads"] == outputs[1][1]["heads"]
