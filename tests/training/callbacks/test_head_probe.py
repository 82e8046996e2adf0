"""Probes of heads at the end of training and on the way, of which training notices nothing."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.probing.files import read_probe
from allennlp_heads.training.callbacks import HeadProbe, head_probe
from tests.training.callbacks.reporting import (
    assert_needs_our_encoder,
    assert_not_noticed,
    fail,
    with_callback,
)
from tests.training.configs import Config
from tests.training.pieces import copied
from tests.training.runs import Unkilled, train, train_killed

PROBE: Config = {"draws": 10, "direction": "to_head", "sentences": 8, "batch_size": 3}


@pytest.fixture(scope="module")
def plain(plain: Config, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    """On short files: the verb reads whole ones."""
    config = copied(plain)
    data = tmp_path_factory.mktemp("data")
    for part, loader, name in (
        ("train", "data_loader", "train"),
        ("validation", "validation_data_loader", "dev"),
    ):
        sentences = (fixtures_root / f"ewt/{name}.conllu").read_text("utf-8").split("\n\n")
        path = data / f"{name}.conllu"
        path.write_text("\n\n".join([*sentences[: config[loader].pop("max_instances")], ""]))
        config[f"{part}_data_path"] = dict.fromkeys(("pos", "dep"), str(path))
    return config


def with_probe(config: Config, **options: Any) -> Config:
    options = {"probe": PROBE, "every_epochs": 1, "tasks": ["pos"], **options}
    return with_callback(config, "head_probe", **options)


@pytest.fixture(scope="module")
def run(plain: Config, tmp_path_factory: pytest.TempPathFactory) -> tuple[Unkilled, Path]:
    folder = tmp_path_factory.mktemp("probe") / "run"
    return Unkilled(with_probe(plain), folder), folder


def test_training_does_not_notice(
    run: tuple[Unkilled, Path], plain: Config, tmp_path: Path
) -> None:
    assert_not_noticed(run[0], plain, tmp_path / "run")


def test_is_what_the_verb_says_of_the_archive(
    run: tuple[Unkilled, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = run[1], tmp_path / "out"
    options = ["--rounds", "10", "--direction", "to_head", "--sentences", "8", "-o", str(out)]
    options += ["--task", "pos"]
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", "probe", str(folder), *options])
    main(prog="allennlp")
    found, wanted = read_probe(folder), read_probe(out)
    assert list(found) == list(wanted) == ["pos"]
    for task, result in found.items():
        assert result.epoch is None and result.counts.sum() > 20
        assert [score.label for score in result.labels] == [
            score.label for score in wanted[task].labels
        ]
        numpy.testing.assert_allclose(result.accuracy, wanted[task].accuracy)
    reports = [json.loads((place / "probe.json").read_text()) for place in (folder / "heads", out)]
    for key in ("seed", "encoder", "trained_tasks", "data", "data_files"):
        assert reports[0][key] == reports[1][key], key


def test_epochs(run: tuple[Unkilled, Path]) -> None:
    for epoch in (0, 1):
        folder = run[1] / f"heads/probe_epochs/{epoch}"
        found = read_probe(folder)["pos"]
        assert found.epoch == epoch and not list(folder.glob("*.png"))
        assert all(score.random_weights is None for score in found.labels)


@pytest.mark.parametrize("moment", [("epoch", 0), ("saved", 1, 0), ("end",)])
def test_killed_and_resumed(
    run: tuple[Unkilled, Path], tmp_path: Path, moment: tuple[Any, ...]
) -> None:
    assert moment in run[0].moments
    train_killed(run[0].config, tmp_path / "run", *moment)
    run[0].assert_same(tmp_path / "run")


def test_a_failure_costs_nothing(
    plain: Config, fixtures_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the command in the log repeats it: on validation data, though there is test data."""

    monkeypatch.setattr(head_probe, "write_with_or_without_pictures", fail)
    folder = tmp_path / "a run"
    config = with_probe(plain, every_epochs=None, tasks=["dep"])
    config["test_data_path"] = dict.fromkeys(("pos", "dep"), str(fixtures_root / "ewt/test.conllu"))
    config["trainer"]["num_epochs"] = 1
    train(config, folder)
    assert (folder / "model.tar.gz").is_file() and not (folder / "heads").exists()
    said = (folder / "out.log").read_text()
    assert "disk full" in said
    command = re.search(r"archive of this training: (allennlp heads probe .*)", said)
    assert command is not None
    monkeypatch.setattr(sys, "argv", shlex.split(command[1]))
    main(prog="allennlp")
    found = read_probe(folder)
    assert list(found) == ["dep"]
    assert found["dep"].options | PROBE == found["dep"].options
    assert list(json.loads((folder / "heads/probe.json").read_text())["data"]["dep"]) == [
        "train",
        "validation",
    ]


def test_what_was_not_read_is_noted(plain: Config, tmp_path: Path) -> None:
    config = with_probe(plain, every_epochs=None, tasks=None)
    config["trainer"]["num_epochs"] = 1
    config["data_loader"]["max_instances"] = {"dep": 15}
    train(config, tmp_path / "run")
    found = read_probe(tmp_path / "run")
    noted = {"sentences of the train data, of which 'max_instances' allows no more": 15}
    assert found["dep"].notes.items() >= noted.items()
    assert not found["pos"].notes.keys() & noted.keys()


@pytest.mark.parametrize(
    "options, message",
    [
        ({"probe": {"foo": 1}}, "'head_probe': there are no options foo: those of probes are kind"),
        (
            {"foo": 1},
            "'head_probe': there are no options foo: there are probe, tasks, every_epochs",
        ),
        ({"tasks": "dep"}, "'head_probe': 'tasks' is \"dep\": give a list"),
        ({"every_epochs": True}, "'head_probe': 'every_epochs' is true: give a whole number"),
        ({"probe": "either"}, "'head_probe': 'probe' is \"either\": give an object"),
        ({"probe": {"kind": "srl"}}, "'head_probe': task 'pos'.* needs the field 'arguments'"),
        ({"probe": {"folds": True}}, "'head_probe': 'folds' is true"),
        ({"tasks": ["ner"]}, "no tasks \\['ner'\\] to probe: choose from \\['dep', 'pos'\\]"),
        ({"every_epochs": 0}, "'every_epochs' is 0"),
        ({"probe": {"folds": 1}}, "'folds' is 1"),
    ],
)
def test_wrong_options(
    plain: Config, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        train(with_probe(plain, **options), tmp_path / "run")


def test_what_chooses_must_not_score(plain: Config, tmp_path: Path) -> None:
    config = with_probe(plain)
    config["validation_data_path"] = config["train_data_path"]
    with pytest.raises(ConfigurationError, match="'head_probe': .* both 'train_data_path'"):
        train(config, tmp_path / "run")


def test_needs_our_encoder(tmp_path: Path) -> None:
    assert_needs_our_encoder(HeadProbe, tmp_path)
