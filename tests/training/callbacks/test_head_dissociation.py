"""A training that ends with the dissociation of its tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.dissociation_masks import MaskOptions
from allennlp_heads.collect.dissociation_runs import DataOptions, dissociate_archives
from allennlp_heads.collect.importance_options import ImportanceOptions
from allennlp_heads.reports.dissociation import read_dissociation
from allennlp_heads.training.callbacks import head_dissociation, report_callback
from allennlp_heads.training.callbacks.head_dissociation import HeadDissociation
from tests.commands.test_prune import allennlp
from tests.training import configs
from tests.training.runs import Config, assert_equal, left_by, train

OPTIONS: Config = {"alpha": [0.25, 0.5], "draws": 2, "examples": 5, "rounds": 20, "seed": 3}


def _config(encoder: str, data: Path, callbacks: list[Any]) -> Config:
    config = configs.multitask(encoder, data)
    config["trainer"] |= {"num_epochs": 2, "callbacks": callbacks, "checkpointer": "atomic"}
    config["model"]["backbone"].pop("gates")
    config["trainer"]["optimizer"].pop("parameter_groups")
    return config


def _dissociating(encoder: str, data: Path, **options: Any) -> Config:
    callback = {"type": "head_dissociation", **OPTIONS, **options}
    return _config(encoder, data, [callback, "exact_resume"])


def test_equals_the_verb_and_changes_nothing_else(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = _dissociating(tiny_bert, fixtures_root)
    model = train(config, tmp_path / "run")
    report, options = read_dissociation(tmp_path / "run")
    assert options.rounds == 20 and report.alphas == [0.25, 0.5]
    assert report.runs[0]["seed"] == config["pytorch_seed"]
    again = dissociate_archives(
        [tmp_path / "run"],
        MaskOptions([0.25, 0.5], draws=2, seed=3),
        ImportanceOptions(examples=5, seed=3),
        DataOptions(seed=3),
    )
    for name, array in again.arrays().items():
        if name == "importance":  # the order of additions differs
            numpy.testing.assert_allclose(report.importance, array, rtol=1e-4)
        else:
            numpy.testing.assert_array_equal(report.arrays()[name], array, err_msg=name)
    assert again.runs[0]["weights_sha256"] == report.runs[0]["weights_sha256"]
    assert again.about["data_files"] == report.about["data_files"]
    plain = train(_config(tiny_bert, fixtures_root, ["exact_resume"]), tmp_path / "plain")
    found, wanted = left_by(tmp_path / "run", model), left_by(tmp_path / "plain", plain)
    for kept in ("model", "archive", "optimizer"):
        assert_equal(found[kept], wanted[kept], kept)
    assert found["metrics"] == wanted["metrics"]


def test_a_failure_is_logged_with_the_command(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(head_dissociation, "measure_dissociation", broken)
    said: list[str] = []
    # AllenNLP's training takes the handlers of the root logger away
    monkeypatch.setattr(report_callback.logger, "error", lambda text, *a: said.append(text % a))
    train(_dissociating(tiny_bert, fixtures_root, balanced="as_mask"), tmp_path / "run")
    command = f"allennlp heads dissociate {tmp_path / 'run'} --alpha 0.25 0.5 --draws 2 --seed 3"
    assert len(said) == 1 and f"{command} --balanced-as-mask --examples 5 --rounds 20" in said[0]
    assert (tmp_path / "run" / "model.tar.gz").is_file()
    assert not (tmp_path / "run" / "heads" / "dissociation.json").exists()


def test_the_logged_command_repeats_it_with_all_options(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    importance = {"measure": "squared", "loss": "sum", "draws": 50}
    train(_dissociating(tiny_bert, fixtures_root, importance=importance), tmp_path / "run")
    report, _ = read_dissociation(tmp_path / "run")
    with monkeypatch.context() as patch:
        patch.setattr(HeadDissociation, "_write", None)  # fails when it is called
        patch.setattr(report_callback.logger, "error", lambda text, *a: said.append(text % a))
        train(_dissociating(tiny_bert, fixtures_root, importance=importance), tmp_path / "again")
    for command in said[-1].partition(": ")[2].split(" && "):
        program, *words = command.split()
        assert program == "allennlp"
        allennlp(monkeypatch, *words)
    repeated, _ = read_dissociation(tmp_path / "again" / "heads")
    numpy.testing.assert_array_equal(repeated.own_masks, report.own_masks)
    numpy.testing.assert_allclose(repeated.importance, report.importance, rtol=1e-4)


@pytest.mark.parametrize(
    "changes, options, message",
    [
        ({}, {"alpha": 0.05}, "'head_dissociation': 'alpha' is 0.05, which selects none of 12"),
        ({"validation_data_path": None}, {}, "there is no validation data to score on"),
        ({"same": True}, {}, "what selects must not see what scores"),
    ],
)
def test_refused_before_training(
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path: Path,
    changes: Config,
    options: Config,
    message: str,
) -> None:
    config = _dissociating(tiny_bert, fixtures_root, **options)
    if changes.pop("same", False):
        config["validation_data_path"] = config["train_data_path"]
    if "validation_data_path" in changes:
        del config["validation_data_path"]
        config["trainer"].pop("validation_metric")
    with pytest.raises(ConfigurationError, match=message):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run" / "model.tar.gz").exists()
