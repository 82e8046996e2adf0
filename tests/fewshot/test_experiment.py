"""Whole experiments: stopped and resumed, extended, and what they write."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis import MEASURES
from allennlp_heads.fewshot import few_shot
from allennlp_heads.fewshot.runner import FewShotRunner
from tests.fewshot.experiments import files_of, tagging, texts, written
from tests.pruning import archives
from tests.tiny import encoder_folder

Config = dict[str, Any]


@pytest.fixture(scope="module")
def config(tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Config:
    folder = tmp_path_factory.mktemp("start") / "archive"
    archive = archives.write(folder, archives.multitask(tiny_bert, {"type": "open"}, ["pos"]))
    starts = {"plain": {"transformer_model": tiny_bert}, "shared": {"archive": str(archive)}}
    return tagging(tiny_bert, fixtures_root, starts)


@pytest.fixture(scope="module")
def whole(config: Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    few_shot(written(config, folder), folder / "out")
    return folder / "out"


def stopping_after(runs: int) -> Callable[..., Any]:
    run, left = FewShotRunner.run, [runs]

    def stopped(self: FewShotRunner, examples: int, seed: int) -> Any:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return run(self, examples, seed)

    return stopped


@pytest.mark.parametrize("runs", [1, 5])
def test_stopped_and_repeated_it_is_the_same(
    config: Config, whole: Path, tmp_path: Path, runs: int
) -> None:
    file, out = written(config, tmp_path), tmp_path / "out"
    with mock.patch.object(FewShotRunner, "run", stopping_after(runs)):
        with pytest.raises(KeyboardInterrupt):
            few_shot(file, out)
    assert not list(out.glob("fewshot.*")) and len(list(out.rglob("[1-9]*.npz"))) == runs
    (out / "runs" / "plain" / ".2.1.npz.77.tmp").write_bytes(b"half")
    with mock.patch.object(FewShotRunner, "run", stopping_after(8 - runs)):
        few_shot(file, out)
    assert files_of(out) == files_of(whole)


def test_seeds_starts_and_examples_can_be_added(
    config: Config, whole: Path, tmp_path: Path
) -> None:
    fewer = config | {"examples": [3], "seeds": 1, "starts": {"plain": config["starts"]["plain"]}}
    few_shot(written(fewer, tmp_path), tmp_path / "out")
    few_shot(written(config, tmp_path), tmp_path / "out")
    assert files_of(tmp_path / "out") == files_of(whole)


def test_another_configuration_is_refused(config: Config, whole: Path, tmp_path: Path) -> None:
    before = files_of(whole)
    other = config | {"training": {**config["training"], "updates": 3}}
    with pytest.raises(ConfigurationError, match=r"0\.0\.npz is of another configuration"):
        few_shot(written(other, tmp_path), whole)
    assert files_of(whole) == before


def test_other_weights_under_the_same_name_are_refused(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    encoder = encoder_folder(tmp_path / "encoder")
    config = tagging(tiny_bert, fixtures_root, {"a": {"transformer_model": encoder}})
    file = written(config | {"examples": [2], "seeds": 1}, tmp_path)
    few_shot(file, tmp_path / "out")
    encoder_folder(tmp_path / "encoder", seed=1)
    with pytest.raises(ConfigurationError, match="another configuration, start or data"):
        few_shot(file, tmp_path / "out")


def test_the_numbers_are_those_of_the_kept_counts(config: Config, whole: Path) -> None:
    report = json.loads((whole / "fewshot.json").read_text())
    with numpy.load(whole / "fewshot.npz") as arrays:
        assert arrays["scores"].shape == (2, 2, 2)
        for row, start in enumerate(("plain", "shared")):
            for column, number in enumerate((2, 3)):
                counts = arrays[f"counts.{start}.{number}"]
                assert counts.shape == (2, 5, 3) and len(arrays["example"]) == 5
                scores = MEASURES["accuracy"].of_examples(counts)
                assert scores == pytest.approx(arrays["scores"][row, column])
                told = report["scores"][start][str(number)]
                assert told["by_seed"] == pytest.approx(scores.tolist())
                assert told["mean"] == pytest.approx(scores.mean())
                assert told["std"] == pytest.approx(scores.std(ddof=1))
        assert [arrays[f"drawn.{number}"].shape for number in (2, 3)] == [(2, 2), (2, 3)]
    assert report["schema"] == {"name": "fewshot", "version": 1}
    assert (report["metric"], report["seeds"]) == ("accuracy", [0, 1])
    assert (report["train_examples"], report["validation_examples"]) == (12, 5)
    assert report["starts"]["shared"]["layers"] == 3 and 0 < report["majority"] < 1
    assert [entry["against"] for entry in report["comparisons"]] == ["plain", "plain"]
    assert all(report["data_files"].values())
    files = {path.name for path in whole.iterdir()}
    assert files == {"runs", *(f"fewshot.{kind}" for kind in "json npz md csv png svg".split())}
    with (whole / "fewshot.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["start"] for row in rows] == ["plain", "plain", "shared", "shared"]
    assert rows[0]["p_value"] == "" and 0 < float(rows[2]["p_value_holm"]) <= 1


def test_all_starts_learn_from_the_same_examples(config: Config, whole: Path) -> None:
    runs = {path: numpy.load(path) for path in (whole / "runs").rglob("[1-9]*.npz")}
    for path, run in runs.items():
        twin = runs[path.parents[1] / "plain" / path.name]
        assert (run["drawn"] == twin["drawn"]).all()
        assert (run["example"] == twin["example"]).all()


def test_generators_are_given_back(tiny_bert: str, tmp_path: Path) -> None:
    config = texts(tiny_bert, tmp_path, {"a": {"transformer_model": tiny_bert}})
    torch.manual_seed(5)
    state = torch.get_rng_state()
    table = few_shot(written(config, tmp_path), tmp_path / "out")
    assert torch.equal(torch.get_rng_state(), state)
    assert "| most frequent label | 75.00 |" in table and "\\*" not in table


@pytest.mark.parametrize("part", ["", "#dev"])
def test_what_is_learnt_from_is_not_scored(tiny_bert: str, tmp_path: Path, part: str) -> None:
    config = texts(tiny_bert, tmp_path, {"a": {"transformer_model": tiny_bert}})
    config["task"]["validation_data_path"] = f"{config['task']['train_data_path']}{part}"
    with pytest.raises(ConfigurationError, match="give data of its own to score on"):
        few_shot(written(config, tmp_path), tmp_path / "out")
