"""`allennlp heads importance`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect import ImportanceOptions, collect_importance, trained
from allennlp_heads.reports.importance import read_importance
from tests.pruning import archives


def heads(monkeypatch: pytest.MonkeyPatch, *arguments: Any) -> None:
    """Runs `allennlp heads importance ARGUMENTS` in this process."""
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", "importance", *map(str, arguments)])
    main(prog="allennlp")


@pytest.fixture(scope="module")
def archive(tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of two tasks, pruned."""
    config = archives.multitask(tiny_bert, {"type": "open"}, ["pos", "dep"])
    config["model"]["backbone"]["removed_heads"] = {"0": [1, 3], "1": [0, 1, 2, 3]}
    path = str(fixtures_root / "ewt/train.conllu")
    loader = {"type": "multitask_bucketed", "max_instances": 12}
    config |= {
        "pytorch_seed": 6,
        "train_data_path": {"pos": path, "dep": path},
        "data_loader": loader,
    }
    return archives.write(tmp_path_factory.mktemp("importance") / "run", config)


def test_writes_what_is_collected(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    out = tmp_path / "out"
    options = ["--examples", 6, "--alpha", 0.5, "--measure", "squared", "--rounds", 20]
    heads(monkeypatch, archive, "-o", out, *options, "--batch-size", 4, "--seed", 2)
    said = capsys.readouterr().out
    assert "pos: 6 of 12 examples; most important" in said and f"Written: {out}" in said
    report = json.loads((out / "importance.json").read_text())
    assert report["options"]["measure"] == "squared" and report["seed"] == 6
    assert report["split"] == "train" and len(report["data_files"]) == 1
    assert all(map(len, report["data_files"].values())) and report["removed"][0] == [1, 3]
    with trained(archive) as source:
        assert report["archive"] == {"weights_sha256": source.digest}
        chosen = ImportanceOptions(examples=6, measure="squared", seed=2, alpha=0.5)
        wanted = collect_importance(source.model, source.data(), "dep", chosen)
    numpy.testing.assert_allclose(read_importance(out)["dep"], wanted.scores, rtol=1e-4, atol=1e-9)
    assert sorted(report["tasks"]["dep"]["top"]) == numpy.argwhere(wanted.top()).tolist()
    with pytest.raises(ConfigurationError, match="is there already"):
        heads(monkeypatch, archive, "-o", out, "--task", "pos")
    capsys.readouterr()
    heads(monkeypatch, archive.parent, "-o", out, "--task", "pos", "-f", "--rounds", 5, "--json")
    assert list(read_importance(out)) == ["pos"]
    answer = json.loads(capsys.readouterr().out)
    assert answer["written"] == str(out) and answer["summary"][0].startswith("pos: 12 of 12")
    assert list(answer["reports"]["importance.json"]["tasks"]) == ["pos"]
    assert (out / "importance.png").is_file()


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--task", "ner"], "has no tasks \\['ner'\\]"),
        (["--split", "test"], "names no 'test_data_path'"),
        (["--alpha", "0.05"], "none of 6 heads"),
        (["--alpha", "2"], "'alpha' is 2.0"),
        (["--weights-file", "nowhere.th"], "there is no file of weights nowhere.th"),
    ],
)
def test_nothing_half_written(
    archive: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        heads(monkeypatch, archive, "-o", tmp_path / "out", *arguments)
    assert not list(tmp_path.iterdir())


def test_other_reports_are_never_replaced(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gates.json").touch()
    with pytest.raises(ConfigurationError, match="gates.json lies in the folder"):
        heads(monkeypatch, archive, "-o", tmp_path, "--examples", 4, "-f")
    assert (tmp_path / "gates.json").exists()
