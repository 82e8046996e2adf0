"""Experiments on question answering beside classification: what they set, and that each runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models import load_archive
from allennlp.predictors import Predictor

from allennlp_heads.data.data_loaders import EpochSampler
from tests.training_configs.shipped import CONFIGS, ROOT, evaluated, reduced, settings_of, small

FOLDER = "training_configs/qa_nli_sa/"
SINGLE = ["sst2", "mnli", "squad"]
PAIRS = [["sst2", "mnli"], ["sst2", "squad"], ["mnli", "squad"]]
TASKS: dict[str, list[str]] = {
    **{f"single/{task}": [task] for task in SINGLE},
    **{"pair/" + "_".join(pair): pair for pair in PAIRS},
    "all": SINGLE,
    "switching/ends_with_squad": ["sst2", "squad"],
    "switching/ends_with_classification": ["sst2", "squad"],
}
SWITCHING = [name for name in TASKS if name.startswith("switching")]
METRIC = {"squad": "token_f1", "squad_v2": "token_f1"}
QUESTION = {"question": "Who sings?", "context": "In the garden a bird sings. It is old."}
TEXT = {"text": "Birds sing."}
PAIR = {**TEXT, "text_pair": "They do."}


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("HEADS_DATA", raising=False)


def file(name: str) -> str:
    return f"{FOLDER}{name}.jsonnet"


def check_scores_and_predictions(run: Path, tasks: list[str]) -> None:
    """The development data of each task was scored, and the archive predicts for each task."""
    metrics = json.loads((run / "metrics.json").read_text("utf-8"))
    for task in tasks:
        assert 0 <= metrics[f"best_validation_{task}_{METRIC.get(task, 'accuracy')}"] <= 1
    check_predictions(Predictor.from_archive(load_archive(str(run / "model.tar.gz"))), tasks)


def check_predictions(predictor: Predictor, tasks: list[str]) -> None:
    """A label for texts, and for questions a part of the passage, or that there is none."""
    given = {"squad": QUESTION, "squad_v2": QUESTION, "sst2": TEXT, "mnli": PAIR}
    asked = [{"task": task, **given[task]} for task in tasks]
    for inputs, output in zip(asked, predictor.predict_batch_json(asked)):
        if inputs["task"] not in METRIC:
            assert "label" in output
        elif output["answer"]:
            first, end = output["offsets"]
            assert QUESTION["context"][first:end] == output["answer"]


def test_the_expected_experiments_are_there() -> None:
    assert {config for config in CONFIGS if config.startswith(FOLDER)} == set(map(file, TASKS))


@pytest.mark.parametrize("name", TASKS)
def test_settings_that_all_have(name: str) -> None:
    settings = settings_of(file(name))
    trainer, model, loader = (settings[key] for key in ("trainer", "model", "data_loader"))
    assert sorted(model["heads"]) == sorted(TASKS[name])
    assert trainer["num_epochs"] == 3 and trainer["patience"] is None
    assert trainer["learning_rate_scheduler"]["warmup"] == 0.1
    assert trainer["optimizer"]["lr"] == 5e-5
    assert trainer["optimizer"]["parameter_groups"] == [[["\\.transformer\\."], {"lr": 5e-5}]]
    assert trainer["callbacks"][-1] == "exact_resume"
    assert (loader["batch_size"], loader["tokens_per_batch"]) == (32, 32 * 384)
    assert model["loss_balancer"] is None and model["backbone"]["word_dropout"] == 0
    for task, reader in settings["dataset_reader"]["readers"].items():
        if task == "squad":
            assert reader["type"] == "squad_json"
            assert (reader["max_length"], reader["stride"]) == (384, 128)
            assert "max_length" not in reader["tokenizer"] and "label_namespace" not in reader
        else:
            assert reader["tokenizer"]["max_length"] == 128
    mixed = {"type": "proportional_power", "exponent": 0.8}
    if name not in SWITCHING:
        assert loader["sampler"] == (mixed if len(TASKS[name]) > 1 else None)


@pytest.mark.parametrize("name", TASKS)
def test_trains_and_predicts(name: str, tiny_bert: str, tmp_path: Path) -> None:
    train_model(small(file(name), tiny_bert), str(tmp_path / "run"))
    check_scores_and_predictions(tmp_path / "run", TASKS[name])
    assert (tmp_path / "run" / "heads" / "phases.json").exists() == (name in SWITCHING)


@pytest.mark.parametrize("classification", ["sst2", "mnli"])
@pytest.mark.parametrize("name", SWITCHING)
def test_phases(name: str, classification: str) -> None:
    settings = evaluated(
        f"(import 'qa_nli_sa/{name}.jsonnet') + {{ classification: '{classification}' }}"
    )
    assert sorted(settings["model"]["heads"]) == sorted([classification, "squad"])
    sampler, callbacks = settings["data_loader"]["sampler"], settings["trainer"]["callbacks"]
    last, other = ("squad", classification)[:: 1 if name.endswith("squad") else -1]
    assert sampler == {
        "type": "phases",
        "epochs": settings["trainer"]["num_epochs"],
        "phases": [
            {"task": last, "part": [0, 0.5], "share": 1.5},
            {"task": other, "share": 3},
            {"task": last, "part": [0.5, 1], "share": 1.5},
        ],
    }
    assert callbacks[-2:] == [{"type": "phases"}, "exact_resume"]


@pytest.mark.parametrize("name", SWITCHING)
def test_phases_pass_all_data_as_often_as_there_are_epochs(name: str) -> None:
    """As much of each task as in the mixed training of the same epochs, and all of it."""
    settings = evaluated(f"(import 'qa_nli_sa/{name}.jsonnet') + {{ training+: {{ epochs: 2 }} }}")
    counts = {"squad": 12, "sst2": 6}
    sampler = EpochSampler.from_params(Params(settings["data_loader"]["sampler"]))
    length = sampler.default_length(counts)
    assert length == 18
    pools = sampler.pools(counts, 0)
    steps = [pool for epoch in range(2) for pool in sampler.tasks(counts, length, epoch, 0)]
    for task, count in counts.items():
        assert sum(pools[pool][0] == task for pool in steps) == 2 * count
        dealt = [batch for owner, batches in pools.values() if owner == task for batch in batches]
        assert sorted(dealt) == list(range(count))


def test_heads_and_optimizer_may_start_anew() -> None:
    settings = evaluated(
        "(import 'qa_nli_sa/switching/ends_with_squad.jsonnet') + "
        "{ each_phase: { head: 'reset', optimizer: 'reset' } }"
    )
    for phase in settings["data_loader"]["sampler"]["phases"]:
        assert (phase["head"], phase["optimizer"]) == ("reset", "reset")


def test_rounds_and_the_best_epoch() -> None:
    settings = evaluated(
        "experiment { tasks: ['sst2', 'squad'], phases: { rounds: 2, best: 'any', "
        "phases: [{ task: 'sst2', steps: 2 }, { task: 'squad', steps: 2 }] } }"
    )
    assert settings["data_loader"]["sampler"]["rounds"] == 2
    assert "best" not in settings["data_loader"]["sampler"]
    assert {"type": "phases", "best": "any"} in settings["trainer"]["callbacks"]
    assert settings["model"]["loss_balancer"] is None


def test_what_is_done_to_heads_comes_after_the_phases() -> None:
    """Or it would look ahead at learning rates that do not start again yet."""
    settings = evaluated(
        "(import 'qa_nli_sa/switching/ends_with_squad.jsonnet') + "
        "{ iat: true, importance: true, each_phase: { optimizer: 'reset' } }"
    )
    found = [
        one if isinstance(one, str) else one["type"] for one in settings["trainer"]["callbacks"]
    ]
    assert found[-4:] == ["phases", "important_head_training", "head_importance", "exact_resume"]


def test_without_phases_there_is_no_such_callback() -> None:
    callbacks = evaluated("experiment { tasks: ['sst2', 'squad'] }")["trainer"]["callbacks"]
    assert not any(isinstance(callback, dict) for callback in callbacks)


@pytest.mark.parametrize(
    "phases, message",
    [
        ("true", "phases is a list such as"),
        ("{ rounds: 2 }", "phases is a list such as"),
        ("['squad']", "phases is a list such as"),
        ("[{ task: 'mnli', share: 1 }]", "phases has a phase of mnli, but tasks only squad, sst2"),
        ("[{ share: 1 }]", "phases has a phase of no task"),
    ],
)
def test_bad_phases(phases: str, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        evaluated(f"experiment {{ tasks: ['squad', 'sst2'], phases: {phases} }}")


def test_windows_of_another_size() -> None:
    settings = evaluated("experiment { tasks: ['squad'], windows: { max_length: 96, stride: 32 } }")
    reader = settings["dataset_reader"]["readers"]["squad"]
    assert (reader["max_length"], reader["stride"]) == (96, 32)


def test_questions_without_an_answer(tiny_bert: str, tmp_path: Path) -> None:
    """The overlay that the documentation shows."""
    page = (ROOT / "docs" / "configurations.md").read_text("utf-8")
    [text] = [one for one in page.split("```") if one.startswith("jsonnet") and "_v2" in one]
    settings = evaluated(text.removeprefix("jsonnet"))
    assert settings["model"]["heads"] == {"squad_v2": {"type": "span_qa", "null_threshold": 0}}
    assert settings["train_data_path"] == {"squad_v2": "${HEADS_DATA}/squad/train-v2.0.json"}
    run = tmp_path / "run"
    train_model(reduced(settings, tiny_bert), str(run))
    check_scores_and_predictions(run, ["squad_v2"])
