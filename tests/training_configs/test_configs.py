"""Every shipped configuration says what the library promises, builds, and trains a step."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from _jsonnet import evaluate_snippet
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.models import load_archive

import allennlp_heads  # noqa: F401  (registers what the configurations name)
from tests.training_configs.shipped import CONFIGS, ROOT, small

MULTITASK = [config for config in CONFIGS if "foreign" not in config]
GATED = [config for config in CONFIGS if "single" not in config and "pair" not in config]


def evaluated(text: str) -> dict[str, object]:
    """A configuration written over the library."""
    lines = f"local experiment = import 'lib/experiment.libsonnet';\n{text}"
    found: dict[str, object] = json.loads(
        evaluate_snippet(str(ROOT / "training_configs" / "test.jsonnet"), lines)
    )
    return found


def test_the_expected_configurations_are_there() -> None:
    names = {
        config.removeprefix("training_configs/").removesuffix(".jsonnet") for config in CONFIGS
    }
    assert names >= {
        "demo",
        "foreign/basic_classifier",
        "foreign/simple_tagger",
        "stem_cell/gate/dep",
        "stem_cell/gate/pos",
        "stem_cell/gate/pos_dep",
        "stem_cell/pair/pos_dep",
        "stem_cell/single/dep",
        "stem_cell/single/pos",
    }


@pytest.mark.parametrize("config", CONFIGS)
def test_trains_and_makes_an_archive_that_opens(
    config: str, tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("HEADS_DATA", raising=False)
    params = small(config, tiny_bert)
    model = train_model(params, str(tmp_path / "run"))
    archive = load_archive(str(tmp_path / "run" / "model.tar.gz"))
    assert set(archive.model.state_dict()) == set(model.state_dict())
    gates = {name for name in model.state_dict() if name.endswith("log_alpha")}
    assert bool(gates) == (config in GATED)
    assert (tmp_path / "run" / "heads" / "gates.json").exists() == (config in GATED)
    log = (tmp_path / "run" / "out.log").read_text("utf-8")
    assert "Done constructing parameter groups" in log
    assert "does not match any parameter name" not in log
    assert all(torch.isfinite(tensor).all() for tensor in model.state_dict().values())
    if gates:  # One update has moved them from where they start.
        assert not torch.equal(model.state_dict()[gates.pop()], torch.full((3, 4), 2.5))


@pytest.mark.parametrize("config", MULTITASK)
def test_library_rules(config: str) -> None:
    params = Params.from_file(str(ROOT / config)).as_dict(quiet=True)
    assert params["dataset_reader"]["type"] == "multitask_heads"
    assert params["data_loader"]["type"] == "multitask_bucketed"
    assert params["data_loader"]["shuffle"] is True
    assert params["validation_data_loader"]["shuffle"] is False
    assert params["datasets_for_vocab_creation"] == ["train"]
    assert params["include_in_archive"] == ["encoder"]
    assert params["trainer"]["validation_metric"] == "+score"
    assert params["trainer"]["checkpointer"]["type"] == "atomic"
    assert params["trainer"]["callbacks"][-1] == "exact_resume"
    tasks = set(params["dataset_reader"]["readers"])
    assert tasks == set(params["model"]["heads"]) == set(params["train_data_path"])
    assert tasks == set(params["validation_data_path"])
    assert set(config.split("/")[-1].removesuffix(".jsonnet").split("_")) in (tasks, {"demo"})
    for seed in ("random_seed", "numpy_seed", "pytorch_seed"):
        assert params[seed] == 13
    gated = params["model"]["backbone"]["gates"]["type"] == "hard_concrete"
    assert gated == (config in GATED) == ("gate_report" in params["trainer"]["callbacks"])
    groups = dict(
        (regexes[0], options)
        for regexes, options in params["trainer"]["optimizer"]["parameter_groups"]
    )
    assert ("log_alpha" in groups) == gated
    if gated:
        assert groups["log_alpha"]["weight_decay"] == 0


def test_the_defaults_are_those_of_the_original_study() -> None:
    trainer = evaluated("experiment { tasks: ['pos'] }")["trainer"]
    assert isinstance(trainer, dict)
    assert trainer["num_epochs"] == 30
    assert trainer["grad_norm"] == 1.0
    optimizer = trainer["optimizer"]
    assert (optimizer["lr"], optimizer["eps"], optimizer["weight_decay"]) == (1e-3, 1e-8, 0)
    assert optimizer["parameter_groups"] == [[["\\.transformer\\."], {"lr": 5e-5}]]


def test_the_encoder_is_chosen_in_one_place() -> None:
    config = json.dumps(
        evaluated(
            "local encoders = import 'lib/encoders.libsonnet';"
            "experiment { tasks: ['pos', 'dep'], encoder: encoders.roberta_base }"
        )
    )
    assert config.count("roberta-base") == 3
    assert "minilm" not in config


def test_accumulation_keeps_the_size_of_an_update() -> None:
    config = evaluated("experiment { tasks: ['pos'], training+: { accumulation: 4 } }")
    loader, trainer = config["data_loader"], config["trainer"]
    assert isinstance(loader, dict) and isinstance(trainer, dict)
    assert (loader["batch_size"], loader["tokens_per_batch"]) == (16, 1600)
    assert trainer["num_gradient_accumulation_steps"] == 4


def test_an_experiment_without_tasks_says_what_to_write() -> None:
    with pytest.raises(RuntimeError, match="write tasks:"):
        evaluated("experiment")
