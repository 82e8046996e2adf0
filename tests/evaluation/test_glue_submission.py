"""GLUE submissions: names, order, labels and what happens when something is missing."""

from __future__ import annotations

import csv
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.commands import main
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import load_archive
from allennlp.predictors import Predictor

from allennlp_heads.evaluation import predicted
from allennlp_heads.evaluation.submission import write_submission
from tests.sentence_tasks import archive

WRITTEN = {
    "CoLA": ("cola", "CoLA/test.tsv"),
    "SST-2": ("sst2", "SST-2/test.tsv"),
    "MRPC": ("mrpc", "MRPC/test.tsv"),
    "STS-B": ("stsb", "STS-B/test.tsv"),
    "MNLI-m": ("mnli", "MNLI/test_matched.tsv"),
    "MNLI-mm": ("mnli", "MNLI/test_mismatched.tsv"),
    "QNLI": ("qnli", "QNLI/test.tsv"),
    "AX": ("mnli", "diagnostic/diagnostic.tsv"),
}


@pytest.fixture(scope="module")
def glue(fixtures_root: Path) -> Path:
    return fixtures_root / "glue"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, tiny_bert: str) -> Path:
    return archive(tmp_path_factory.mktemp("glue") / "run", tiny_bert)


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_the_verb_writes_what_the_predictor_says(
    trained: Path,
    glue: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(predicted, "AT_ONCE", 7)  # files are longer
    out = tmp_path / "out"
    arguments = ["heads", "submission", str(trained), "-o", str(out), "--data", str(glue)]
    monkeypatch.setattr(sys, "argv", ["allennlp", *arguments])
    main(prog="allennlp")
    said = capsys.readouterr().out
    assert "MNLI-mm.tsv: 24 predictions" in said and said.endswith(f"Written: {out}\n")
    assert "no such task: QQP.tsv, RTE.tsv, WNLI.tsv" in said
    assert {path.name for path in out.iterdir()} == {f"{name}.tsv" for name in WRITTEN}
    predictor: Any = Predictor.from_archive(load_archive(trained))
    for name, (task, file) in WRITTEN.items():
        found = rows(out / f"{name}.tsv")
        assert found[0] == ["index", "prediction"]
        instances = list(predictor._dataset_reader.read(str(glue / file), force_task=task))
        wanted = predictor.predict_batch_instance(instances)
        assert [row[0] for row in found[1:]] == [row[0] for row in rows(glue / file)[1:]]
        if task == "stsb":
            scores = [min(max(output["score"], 0), 5) for output in wanted]
            assert [float(row[1]) for row in found[1:]] == pytest.approx(scores, abs=6e-4)
        else:
            assert [row[1] for row in found[1:]] == [output["label"] for output in wanted]


def test_what_is_not_there_is_said(trained: Path, glue: Path, tmp_path: Path) -> None:
    data = tmp_path / "glue"
    shutil.copytree(glue / "CoLA", data / "CoLA")
    found = write_submission(trained, tmp_path / "out", data, tasks=["cola", "mnli"])
    assert found.written == {"CoLA": 24}
    assert found.missing["AX"] == str(data / "diagnostic/diagnostic.tsv")
    assert set(found.missing) == {"MNLI-m", "MNLI-mm", "AX"} and "SST-2" in found.untrained


def test_scores_are_clipped(trained: Path, glue: Path, tmp_path: Path) -> None:
    state = torch.load(trained.parent / "best.th", weights_only=True)
    for bias, wanted in ((9.0, "5.000"), (-9.0, "0.000")):
        state["heads.stsb.projection.weight"].zero_()
        state["heads.stsb.projection.bias"].fill_(bias)
        torch.save(state, tmp_path / "weights.th")
        out = tmp_path / wanted
        weights = str(tmp_path / "weights.th")
        write_submission(trained, out, glue, tasks=["stsb"], weights_file=weights)
        assert {row[1] for row in rows(out / "STS-B.tsv")[1:]} == {wanted}


def test_nothing_half_written(trained: Path, glue: Path, tmp_path: Path) -> None:
    data = tmp_path / "glue"
    for folder in ("CoLA", "SST-2"):
        shutil.copytree(glue / folder, data / folder)
    with (data / "SST-2/test.tsv").open("a") as file:
        file.write("24\ttoo\tmany\n")
    with pytest.raises(ConfigurationError, match=r"SST-2/test.tsv.*26"):
        write_submission(trained, tmp_path / "out", data)
    state = torch.load(trained.parent / "best.th", weights_only=True)
    state["heads.cola.projection.bias"].fill_(float("nan"))
    torch.save(state, tmp_path / "weights.th")
    with pytest.raises(ConfigurationError, match="'cola' are no numbers"):
        write_submission(
            trained, tmp_path / "out", glue, ["cola"], weights_file=str(tmp_path / "weights.th")
        )
    assert {path.name for path in tmp_path.iterdir()} == {"glue", "weights.th"}


def test_the_folder_is_not_replaced_unasked(trained: Path, glue: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    with pytest.raises(ConfigurationError, match="--force"):
        write_submission(trained, tmp_path, glue, ["cola"])
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize(
    ("tasks", "message"),
    [(["rte"], r"no task of GLUE \['rte'\]"), (["sst2"], "/SST-2/test.tsv: give GLUE's folder")],
)
def test_nothing_to_do(trained: Path, tmp_path: Path, tasks: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        write_submission(trained, tmp_path / "out", tmp_path, tasks)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("readers", "message"),
    [
        ({"cola": {"task": "sst2"}}, "two tasks for GLUE's 'sst2', 'sst2' and 'cola'"),
        ({"cola": {"task": "stsb"}}, "'cola' needs the head 'text_regressor'"),
        ({"cola": {"task": "rte"}}, r"'cola' has the labels \['0', '1'\], but GLUE's"),
    ],
)
def test_tasks_that_cannot_be_submitted(
    tiny_bert: str, glue: Path, tmp_path: Path, readers: Any, message: str
) -> None:
    found = archive(tmp_path / "run", tiny_bert, ["sst2", "cola"], **readers)
    assert json.loads((found.parent / "config.json").read_text())
    with pytest.raises(ConfigurationError, match=message):
        write_submission(found, tmp_path / "out", glue)
    assert not (tmp_path / "out").exists()
