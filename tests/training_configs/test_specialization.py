"""The experiments on functional specialization: what they set, and that each builds and trains."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models import load_archive
from allennlp.predictors import Predictor
from allennlp.training import GradientDescentTrainer

import tests.tiny as tiny
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.fewshot.options import FewShotExperiment
from tests.training_configs.shipped import (
    CONFIGS,
    FEW_SHOT,
    ROOT,
    built,
    evaluated,
    reduced,
    settings_of,
    small_few_shot,
)

FOLDER = "training_configs/functional_specialization/"
GLUE = ["cola", "sst2", "mrpc", "qqp", "stsb", "mnli", "qnli", "rte", "wnli"]
FIVE = ["mnli", "qqp", "qnli", "sst2", "cola"]
PAPER_FIVE = ["mnli", "qqp", "qnli", "ag", "sst2"]
PAIRS = [[first, second] for n, first in enumerate(PAPER_FIVE) for second in PAPER_FIVE[n + 1 :]]
CONTROLS = ["important", "random", "bottom", "all"]
TASKS: dict[str, list[str]] = {
    **{f"single/{task}": [task] for task in GLUE},
    **{"pair/" + "_".join(pair): pair for pair in PAIRS},
    "joint/five": FIVE,
    "joint/five_of_the_study": PAPER_FIVE,
    "joint/glue": GLUE,
    **{f"iat/{heads}": FIVE for heads in CONTROLS},
    "frozen/five": FIVE,
    "frozen/qnli_sst2": ["qnli", "sst2"],
    "ag_pair/qnli": ["ag_pair", "qnli"],
    "ag_pair/sst2": ["ag_pair", "sst2"],
}
SINGLE_TEXTS = {"cola", "sst2", "ag"}
MAIN = {"cola": "matthews", "mrpc": "f1", "qqp": "f1", "stsb": "spearman"}


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("HEADS_DATA", raising=False)


@pytest.fixture(scope="module")
def finished(tiny_bert: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished small run of the five tasks."""
    with pytest.MonkeyPatch.context() as inside:
        inside.chdir(ROOT)
        inside.delenv("HEADS_DATA", raising=False)
        run = tmp_path_factory.mktemp("finished") / "run"
        train_model(experiment("joint/five", tiny_bert), str(run))
    return run


def experiment(name: str, encoder: str, finished: Path | None = None) -> Params:
    """A shipped experiment made small; those that start from a run start from `finished`."""
    settings = settings_of(f"{FOLDER}{name}.jsonnet")
    if finished is not None and "initializer" in settings["model"]:
        [[_, start]] = settings["model"]["initializer"]["regexes"]
        start["weights_file_path"] = str(finished / "model.tar.gz")
    return reduced(settings, encoder)


def callbacks(settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The callbacks by name, with their options."""
    found = settings["trainer"]["callbacks"]
    return {c["type"]: c for c in found if isinstance(c, dict)}


def test_the_expected_experiments_are_there() -> None:
    names = {
        config.removeprefix(FOLDER).removesuffix(".jsonnet")
        for config in CONFIGS
        if config.startswith(FOLDER) and "few_shot" not in config
    }
    assert names == set(TASKS)


@pytest.mark.parametrize("name", TASKS)
def test_settings_of_the_study(name: str) -> None:
    settings = settings_of(f"{FOLDER}{name}.jsonnet")
    trainer, model = settings["trainer"], settings["model"]
    assert list(model["heads"]) == list(settings["dataset_reader"]["readers"])
    assert sorted(model["heads"]) == sorted(TASKS[name])
    assert trainer["num_epochs"] == (1 if "iat/" in name else 3)
    assert trainer["optimizer"]["lr"] == 2e-5 and trainer["optimizer"]["weight_decay"] == 0
    assert trainer["learning_rate_scheduler"]["warmup"] == 0
    assert trainer["grad_norm"] is False and trainer["patience"] is None
    assert trainer["num_gradient_accumulation_steps"] == 1
    assert settings["data_loader"]["batch_size"] == 32
    assert settings["data_loader"]["sampler"] is None and model["loss_balancer"] is None
    assert model["backbone"]["word_dropout"] == 0
    assert model["backbone"]["train_parameters"] is not name.startswith("frozen")
    groups = [["\\.transformer\\."], {"lr": 2e-5}]
    assert trainer["optimizer"]["parameter_groups"] == ([] if "frozen" in name else [groups])
    for reader in settings["dataset_reader"]["readers"].values():
        assert reader["tokenizer"]["type"] == "transformer_pieces"
        assert reader["tokenizer"]["max_length"] == 256
    for task, head in model["heads"].items():
        assert head.get("main_metric", "accuracy") == MAIN.get(task, "accuracy")


@pytest.mark.parametrize("name", TASKS)
def test_builds(name: str, tiny_bert: str, finished: Path, tmp_path: Path) -> None:
    training = built(experiment(name, tiny_bert, finished), tmp_path)
    assert sorted(training.model.heads) == sorted(TASKS[name])
    assert isinstance(training.trainer, GradientDescentTrainer)
    loader = training.trainer.data_loader
    assert isinstance(loader, MultiTaskBucketed)
    assert sorted(loader.instances) == sorted(TASKS[name])


@pytest.mark.parametrize("config", FEW_SHOT)
def test_few_shot_learning_builds(config: str, tiny_bert: str) -> None:
    task = config.split("/")[-1].removesuffix(".jsonnet")
    assert task in ("scitail", "imdb")
    made = FewShotExperiment.from_params(small_few_shot(config, tiny_bert))
    assert list(made.starts) == ["all_heads", "important_heads", "pretrained"]
    assert settings_of(config)["examples"] == [4, 16, 32, 100]
    assert settings_of(config)["seeds"] == 30
    for path in (made.task.train_data_path, made.task.validation_data_path):
        assert next(iter(made.task.reader.read(path)))["label"]
    assert made.task.name == task


@pytest.mark.parametrize("name", ["joint/glue", "joint/five_of_the_study", "ag_pair/qnli"])
def test_trains_and_predicts(name: str, tiny_bert: str, tmp_path: Path) -> None:
    train_model(experiment(name, tiny_bert), str(tmp_path / "run"))
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    for task in TASKS[name]:
        assert -1 <= metrics[f"best_validation_{task}_{MAIN.get(task, 'accuracy')}"] <= 1
    archive = load_archive(str(tmp_path / "run" / "model.tar.gz"))
    texts = [{"task": task, "text": "Birds sing.", "text_pair": "They do."} for task in TASKS[name]]
    singles = {"cola", "sst2", "ag"}
    texts = [
        {k: v for k, v in t.items() if k != "text_pair" or t["task"] not in singles} for t in texts
    ]
    predicted = Predictor.from_archive(archive).predict_batch_json(texts)
    for task, prediction in zip(TASKS[name], predicted):
        assert ("score" if task == "stsb" else "label") in prediction


@pytest.mark.parametrize("heads", CONTROLS)
def test_important_heads_and_controls_differ_in_the_heads_alone(heads: str) -> None:
    [own, important] = [settings_of(f"{FOLDER}iat/{name}.jsonnet") for name in (heads, "important")]
    options = callbacks(own)["important_head_training"]
    assert options["heads"] == heads
    options["heads"] = "important"
    assert own == important


def test_a_branch_starts_from_a_finished_run(
    tiny_bert: str, finished: Path, tmp_path: Path
) -> None:
    start = tmp_path / "start"
    start.mkdir()
    (start / "model.tar.gz").write_bytes((finished / "model.tar.gz").read_bytes())
    params = experiment("iat/important", tiny_bert, start)
    params["trainer"]["optimizer"]["lr"] = 0.0
    params["trainer"]["optimizer"]["parameter_groups"] = []
    train_model(params, str(tmp_path / "run"))
    for report in ("important_head_training", "dissociation"):
        assert (tmp_path / "run" / "heads" / f"{report}.json").is_file()
    shutil.rmtree(start)  # needed to train, not to open what was trained
    weights = load_archive(str(tmp_path / "run" / "model.tar.gz")).model.state_dict()
    before = load_archive(str(finished / "model.tar.gz")).model.state_dict()
    assert all(torch.equal(weights[name], before[name]) for name in before)


def test_tasks_on_words_and_on_pieces_in_one_model(tiny_bert: str, tmp_path: Path) -> None:
    settings = evaluated("experiment { tasks: ['pos', 'sst2', 'stsb'] }")
    readers = settings["dataset_reader"]["readers"]
    assert readers["pos"]["token_indexers"]["tokens"]["type"] == "transformer_words"
    assert "tokenizer" not in readers["pos"] and "label_namespace" not in readers["stsb"]
    train_model(reduced(settings, tiny_bert), str(tmp_path / "run"))
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    assert {"best_validation_pos_accuracy", "best_validation_stsb_spearman"} <= set(metrics)


def test_the_corpus_may_have_sentence_tasks_of_its_own() -> None:
    own = "{ sst2: { reader: { type: 'delimited_text' }, data: { train: 'a', dev: 'b' } } }"
    settings = evaluated(f"experiment {{ tasks: ['sst2', 'cola'], corpus: {own} }}")
    assert settings["dataset_reader"]["readers"]["sst2"]["type"] == "delimited_text"
    assert settings["train_data_path"]["sst2"] == "a"
    assert "CoLA" in settings["train_data_path"]["cola"]


def test_glue_has_no_test_labels() -> None:
    with pytest.raises(RuntimeError, match="sst2 has no test file with labels"):
        evaluated("experiment { tasks: ['sst2'], test_at_end: true }")


def test_a_layer_that_the_corpus_lacks() -> None:
    with pytest.raises(RuntimeError, match="the corpus has no layer 'srl'"):
        evaluated("experiment { tasks: ['srl'], corpus: { pos: {} } }")


@pytest.mark.parametrize("setting", ["importance", "dissociation", "iat", "probe"])
def test_what_is_asked_of_the_heads(setting: str) -> None:
    name = {
        "importance": "head_importance",
        "dissociation": "head_dissociation",
        "iat": "important_head_training",
        "probe": "head_probe",
    }[setting]
    # what these two draw at random differs between seeds of the experiment
    seeded = {"seed": 13} if setting in ("dissociation", "iat") else {}
    for value, options in [("true", seeded), ("{ seed: 3 }", {"seed": 3}), ("false", None)]:
        settings = evaluated(f"experiment {{ tasks: ['sst2'], {setting}: {value} }}")
        found = callbacks(settings).get(name)
        assert found == (None if options is None else {"type": name, **options})
        assert settings["trainer"]["callbacks"][-1] == "exact_resume"
    with pytest.raises(RuntimeError, match="probe, embedding are true, false or an object"):
        evaluated(f"experiment {{ tasks: ['sst2'], {setting}: 0.3 }}")


@pytest.mark.parametrize("kind", ["openai-gpt", "gpt2", "roberta", "deberta-v2"])
def test_other_architectures_of_the_study(kind: str, tmp_path: Path) -> None:
    (tmp_path / "encoder").mkdir()
    encoder = tiny.encoder_folder(tmp_path / "encoder", kind)
    train_model(experiment("pair/qnli_sst2", encoder), str(tmp_path / "run"))
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    assert {"best_validation_qnli_accuracy", "best_validation_sst2_accuracy"} <= set(metrics)


def test_encoders_of_the_study() -> None:
    encoders = evaluated("encoders")
    names = "gpt gpt2_medium tinybert bert_base_uncased roberta_base deberta_v3_base".split()
    assert {encoders[name]["name"].split("/")[-1] for name in [*names, "bert_large_uncased"]} == {
        "openai-gpt",
        "gpt2-medium",
        "TinyBERT_General_6L_768D",
        "bert-base-uncased",
        "roberta-base",
        "deberta-v3-base",
        "bert-large-uncased",
    }
