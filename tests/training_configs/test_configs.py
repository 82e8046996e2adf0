"""Every shipped configuration for words trains a step, evaluates and predicts."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models import Archive, load_archive
from allennlp.predictors import Predictor

from tests.training_configs.shipped import CONFIGS, ROOT, evaluated, reduced, small

ON_TEXTS = ("/functional_specialization/", "/qa_nli_sa/")
ON_WORDS = [config for config in CONFIGS if not any(folder in config for folder in ON_TEXTS)]
GATED = [config for config in ON_WORDS if "/gate/" in config or "/stem_cell/" not in config]
METRICS = {
    "pos": "accuracy",
    "ner": "f1",
    "ner_bio": "f1",
    "dep": "LAS",
    "con": "f1",
    "srl": "f1",
}
OUTPUTS = {
    "pos": "tags",
    "ner": "spans",
    "ner_bio": "spans",
    "dep": "heads",
    "con": "tree",
    "srl": "frames",
}


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("HEADS_DATA", raising=False)


def with_test_files(params: Params) -> Params:
    """The same, scored on the first test sentences after the training."""
    settings: dict[str, Any] = params.as_dict(quiet=True)
    files = settings["validation_data_path"]
    settings["test_data_path"] = {task: path.replace("dev", "test") for task, path in files.items()}
    settings["evaluate_on_test"] = True
    return Params(settings)


def check_scores_and_predictions(folder: Path, archive: Archive) -> None:
    """The development and the test data were scored, and the archive predicts, for each task."""
    tasks = list(archive.config["dataset_reader"]["readers"])
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    for task in tasks:
        for part in ("best_validation", "test"):
            assert 0 <= metrics[f"{part}_{task}_{METRICS[task]}"] <= 1
    words = ["Anna", "(", "or", "Tom", ")", "read", "it", "."]
    predictor = Predictor.from_archive(archive)
    predicted = predictor.predict_batch_json([{"task": task, "words": words} for task in tasks])
    for task, prediction in zip(tasks, predicted):
        assert prediction["words"] == words
        assert OUTPUTS[task] in prediction


@pytest.mark.parametrize("config", ON_WORDS)
def test_trains_and_makes_an_archive_that_opens(
    config: str, tiny_bert: str, tmp_path: Path
) -> None:
    run = tmp_path / "run"
    params = small(config, tiny_bert)
    foreign = "foreign" in config
    model = train_model(params if foreign else with_test_files(params), str(run))
    archive = load_archive(str(run / "model.tar.gz"))
    assert set(archive.model.state_dict()) == set(model.state_dict())
    gates = {name for name in model.state_dict() if name.endswith("log_alpha")}
    assert bool(gates) == (config in GATED)
    assert (run / "heads" / "gates.json").exists() == (config in GATED)
    log = (run / "out.log").read_text("utf-8")
    assert "Done constructing parameter groups" in log
    assert "does not match any parameter name" not in log
    assert all(torch.isfinite(tensor).all() for tensor in model.state_dict().values())
    if gates:  # One update has moved them from where they start.
        start = torch.full((3, 4), 2.5)
        assert any(not torch.equal(model.state_dict()[name], start) for name in gates)
    if not foreign:
        check_scores_and_predictions(run, archive)


@pytest.mark.parametrize(
    "text",
    [
        "experiment { tasks: ['ner_bio'], test_at_end: true }",
        "experiment { tasks: ['pos', 'srl'], training+: two_cores, test_at_end: true }",
    ],
)
def test_other_choices_of_the_library(text: str, tiny_bert: str, tmp_path: Path) -> None:
    run = tmp_path / "run"
    train_model(reduced(evaluated(text), tiny_bert), str(run))
    check_scores_and_predictions(run, load_archive(str(run / "model.tar.gz")))


@pytest.mark.parametrize("language", ["english", "chinese"])
def test_ontonotes_lies_where_the_library_looks(
    language: str, tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data" / "conll-2012"
    for split, folder in [("train", "train"), ("dev", "development"), ("test", "test")]:
        deep = data / "v4" / "data" / folder / "data" / language / "annotations" / "nw" / "p" / "00"
        deep.mkdir(parents=True)
        (data / "dependencies").mkdir(exist_ok=True)
        ewt = ROOT / "fixtures" / "ewt"
        shutil.copy(ewt / f"{split}.gold_conll", deep / "p_0001.v4_gold_conll")
        shutil.copy(ewt / f"{split}.conllu", data / "dependencies" / f"{language}.{split}.conllx")
    monkeypatch.setenv("HEADS_DATA", str(tmp_path / "data"))
    tasks = "['pos', 'ner', 'srl', 'dep', 'con']"
    settings = evaluated(
        f"experiment {{ tasks: {tasks}, corpus: corpora.ontonotes_{language}, test_at_end: true }}"
    )
    train_model(reduced(settings, tiny_bert), str(tmp_path / "run"))
    archive = load_archive(str(tmp_path / "run" / "model.tar.gz"))
    check_scores_and_predictions(tmp_path / "run", archive)
    tags = archive.model.vocab.get_token_to_index_vocabulary("pos_labels")
    assert "NNP" in tags and "PROPN" not in tags
