"""`allennlp heads rank`, run through AllenNLP's own `main`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.transfer import write_matrix
from allennlp_heads.transfer import transfer
from tests.reports.transfer.made import TASKS, matrix, pictures_unsaved, written_embeddings
from tests.transfer.grids import grid, written


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written_embeddings(tmp_path / "embeddings")


def rank(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> None:
    monkeypatch.setattr(sys, "argv", ["allennlp", "heads", "rank", *map(str, arguments)])
    with pictures_unsaved():
        main(prog="allennlp")


def test_it_ranks_and_evaluates(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out, measured = tmp_path / "out", matrix()
    measured.scores[0, 1] = float("nan")
    write_matrix(tmp_path, measured)
    options = ["--kind", "text", "--kind", "heads", "--rounds", 100]
    rank(monkeypatch, folder, "-o", out, "--matrix", tmp_path / "transfer.json", *options)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "The first sources for each target, by text+heads:"
    assert lines[1].startswith("  cola   1 ")
    assert any(line.startswith("Against limited_limited, 6 targets: NDCG") for line in lines)
    assert sum(line.startswith("  chance") for line in lines) == 1
    assert any("1 cell of the matrix missing" in line and "cola → sst2" in line for line in lines)
    assert lines[-1] == f"Written: {out}"
    report = json.loads((out / "evaluation.json").read_text())
    assert report["reference"] == "text" and report["draws"] == 100
    (path,) = report["matrix"]
    assert path.endswith("transfer.json") and report["matrix"][path]
    with pytest.raises(ConfigurationError, match=r"ranking\.json is there already"):
        rank(monkeypatch, folder, "-o", out)
    words = ("-f", "--target", "pos", "--kind", "text", "--within=class")
    rank(monkeypatch, folder, "-o", out, *words)
    report = json.loads((out / "ranking.json").read_text())
    assert list(report["rankings"]) == ["pos"] and report["within_class"]
    assert not list(out.glob("evaluation.*")), "those of the earlier ranking are gone"


def test_it_uses_what_transfer_wrote(
    tiny_bert: str,
    fixtures_root: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tasks, out = ["cola", "sst2", "pos"], tmp_path / "out"
    changes = {"restarts": 1, "embeddings": {"examples": 4}}
    config = written(grid(tiny_bert, fixtures_root, tasks, **changes), tmp_path)
    transfer(config, tmp_path / "grid")
    folders = [tmp_path / "grid/embeddings/limited", "--matrix", tmp_path / "grid/limited_limited"]
    use = ["--apply", 1, "--grid", config, "--target", "pos", "--method", "text+heads"]
    rank(monkeypatch, *folders, "-o", out, "--rounds", 50, *use)
    applied = json.loads((out / "applied.json").read_text())
    listed = json.loads((out / "ranking.json").read_text())["rankings"]["pos"]
    first = listed["text+heads"][0]["source"]
    assert applied["targets"]["pos"]["sources"] == [first]
    assert applied["regime"] == "limited_limited" and applied["grid"][config]
    assert not (out / "applied").exists(), "its parts are gone"
    assert f" after {first}; " in capsys.readouterr().out
    # one source: the cell of the matrix
    cells = json.loads((tmp_path / "grid/limited_limited/transfer.json").read_text())["cells"]
    scores = {(cell["source"], cell["target"]): cell["score"] for cell in cells}
    assert applied["targets"]["pos"]["scores"]["ranked"] == [scores[first, "pos"]]
    assert applied["targets"]["pos"]["scores"]["direct"] == [scores[None, "pos"]]
    evaluation = json.loads((out / "evaluation.json").read_text())
    assert {"curve_gradient", "layer_output.0", "text+task+heads"} <= set(evaluation["methods"])
    assert evaluation["classes"] == {
        "cola": "classification",
        "sst2": "classification",
        "pos": "labelling",
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--target", "none"], "--target none: there is no such task"),
        (["--method", "best"], "--method best: no such method"),
        (["--apply", "2"], "--apply K and --grid GRID.jsonnet belong together"),
        (["--reference", "task"], "--reference does nothing without --matrix FILE: give both"),
        (["--rounds", "20"], "--rounds does nothing without --matrix FILE"),
        (["--cuda-device", "0"], "--cuda-device does nothing without --apply K --grid GRID"),
        (["--matrix", "nowhere.json"], "cannot read the report nowhere.json"),
    ],
)
def test_what_is_refused_leaves_nothing(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    message: str,
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        rank(monkeypatch, folder, "-o", tmp_path / "out", *options)
    assert not (tmp_path / "out").exists()


def test_a_grid_that_lacks_a_task_leaves_nothing(
    tiny_bert: str,
    fixtures_root: Path,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = written(grid(tiny_bert, fixtures_root, TASKS[:2]), tmp_path)
    with pytest.raises(ConfigurationError, match="there is no task"):
        rank(monkeypatch, folder, "-o", tmp_path / "out", "--apply", "1", "--grid", config)
    assert not (tmp_path / "out").exists()
