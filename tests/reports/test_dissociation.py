"""The report of dissociation: numbers, tables, picture, and what is read back."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports import dissociation as module
from allennlp_heads.reports.dissociation import read_dissociation, write_dissociation
from allennlp_heads.reports.dissociation_data import DissociationData, joined
from allennlp_heads.reports.dissociation_results import Options, results
from tests.reports.dissociation_runs import D_I, TABLE_3, TASKS, table_3

OPTIONS = Options(rounds=60, seed=1)
NAMES = {f"dissociation.{kind}" for kind in ("json", "npz", "md", "csv", "png", "svg")}


@pytest.fixture(scope="module")
def data() -> DissociationData:
    # so many examples that their shares are the table's
    return table_3(10_000, runs=2, draws=2, alphas=(0.2, 0.3))


@pytest.fixture(scope="module")
def folder(data: DissociationData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dissociation") / "heads"
    write_dissociation(data, folder, OPTIONS)
    return folder


def test_numbers(folder: Path) -> None:
    report = json.loads((folder / "dissociation.json").read_text())
    assert report["schema"] == {"name": "dissociation", "version": 1}
    assert report["tasks"] == TASKS and report["alphas"] == [0.2, 0.3] and report["seed"] == 1
    assert (report["layers"], report["heads"]) == (3, 11)
    assert report["examples"] == dict.fromkeys(TASKS, 10_000) and report["draws"] == 2
    found = report["results"][1]
    assert (found["alpha"], found["masked"]) == (0.3, 3)
    assert [round(found["d"][task]["value"], 2) for task in TASKS] == D_I
    assert round(found["mean_d"]["value"], 2) == 7.34
    assert len(found["d"]["ag"]["by_run"]) == 2
    for number in (*found["d"].values(), found["mean_d"], *found["pairs"]):
        value = number.get("value", number.get("d"))
        assert number["lower"] < value < number["upper"]
        assert number["lower_with_runs"] < value < number["upper_with_runs"]
    assert found["pruned"]["mnli"]["sst2"]["mean"] == pytest.approx(0.8532)
    assert found["random"]["sst2"]["mean"] == pytest.approx(0.9123)
    assert found["base"]["sst2"]["by_run"] == pytest.approx([0.9205, 0.9205])
    own = found["against_random"]["mnli"]
    assert own["relative"] == pytest.approx(100 * (80.68 - 58.23) / 83.91)
    assert own["lower"] < own["relative"] < own["upper"]
    assert own["score_difference"] == pytest.approx(0.2245)
    assert own["p_value"] == pytest.approx(1 / 61) and own["p_value_holm"] == pytest.approx(5 / 61)
    assert {pair["verdict"] for pair in found["pairs"]} == {"distinct", "mild", "double"}


def test_everything_is_rebuilt_from_the_files(
    data: DissociationData, folder: Path, tmp_path: Path
) -> None:
    assert {path.name for path in folder.iterdir()} == NAMES
    # the folder of a training holds the report in its folder heads
    read, options = read_dissociation(folder.parent)
    assert options == OPTIONS
    for name, array in data.arrays().items():
        assert (read.arrays()[name] == array).all() and read.arrays()[name].dtype == array.dtype
    assert read.description() == data.description()
    write_dissociation(read, tmp_path, options)
    for name in NAMES:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes(), name


def test_tables(folder: Path) -> None:
    rows = list(csv.DictReader((folder / "dissociation.csv").open()))
    assert len(rows) == 2 * 10
    mnli = next(row for row in rows if row["alpha"] == "0.3" and row["row"] == "mask:mnli")
    assert [float(mnli[task]) for task in TASKS] == pytest.approx(TABLE_3[0])
    last = {row["row"]: row for row in rows if row["alpha"] == "0.3"}
    assert [round(float(last["d"][task]), 2) for task in TASKS] == D_I
    for task in TASKS:
        assert float(last["d_lower"][task]) < float(last["d"][task])
        assert float(last["base"][task]) > float(last["random"][task])
    text = (folder / "dissociation.md").read_text()
    assert "## 3 of 11 heads masked (alpha 30 %)" in text
    assert "| heads of mnli | **58.23 ± 0.00** | 71.52 ± 0.00 |" in text
    assert "| qnli | ag |" in text and "distinct" in text


def test_undefined_scores_are_marked(data: DissociationData, tmp_path: Path) -> None:
    base = {**data.base, "ag": data.base["ag"] * [0, 1, 1]}
    write_dissociation(replace(data, base=base), tmp_path, OPTIONS)
    text = (tmp_path / "dissociation.json").read_text()
    assert "NaN" not in text and "Infinity" not in text
    found = json.loads(text)["results"][0]
    assert found["undefined"] == ["ag"]
    assert found["d"]["ag"]["value"] is None and found["d"]["ag"]["lower"] is None
    assert found["relative"]["mnli"]["ag"] is None
    assert found["mean_d"]["value"] == pytest.approx(
        numpy.mean([value for task, value in zip(TASKS, D_I) if task != "ag"]), abs=0.01
    )
    undefined = {tuple(p["tasks"]) for p in found["pairs"] if p["verdict"] == "undefined"}
    assert len(undefined) == 4 and all("ag" in pair for pair in undefined)
    assert "not above 0: ag" in (tmp_path / "dissociation.md").read_text()


def test_a_failure_leaves_the_earlier_report(
    data: DissociationData, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def broken(*args: Any) -> str:
        raise RuntimeError("broken")

    monkeypatch.setattr(module, "csv_table", broken)
    with pytest.raises(RuntimeError, match="broken"):
        write_dissociation(table_3(20, runs=1, draws=1), folder, OPTIONS)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_cannot_be_read(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="dissociation.json"):
        read_dissociation(tmp_path)
    (tmp_path / "dissociation.json").write_bytes((folder / "dissociation.json").read_bytes())
    with pytest.raises(ConfigurationError, match="dissociation.npz"):
        read_dissociation(tmp_path)
    (tmp_path / "dissociation.npz").write_bytes((folder / "dissociation.npz").read_bytes())
    read_dissociation(tmp_path)
    numpy.savez(tmp_path / "dissociation.npz", exists=numpy.ones((3, 4)))
    with pytest.raises(ConfigurationError, match="do not belong together"):
        read_dissociation(tmp_path)


def test_joined_runs_are_the_runs() -> None:
    whole = table_3(40, runs=3, draws=2)
    parts = [_of_run(whole, run) for run in range(3)]
    again = joined(parts)
    for name, array in whole.arrays().items():
        assert (again.arrays()[name] == array).all(), name
    assert again.description() == whole.description()
    one, three = results(parts[1], OPTIONS)[0], results(whole, OPTIONS)[0]
    assert one.run_intervals is None and three.run_intervals is not None
    assert list(one.mean.d.values()) == list(three.by_run[1].d.values())


def _of_run(whole: DissociationData, run: int) -> DissociationData:
    def of(arrays: dict[str, numpy.ndarray]) -> dict[str, numpy.ndarray]:
        return {task: array[run : run + 1] for task, array in arrays.items()}

    return replace(
        whole,
        runs=whole.runs[run : run + 1],
        importance=whole.importance[run : run + 1],
        own_masks=whole.own_masks[run : run + 1],
        random_masks=whole.random_masks[run : run + 1],
        base=of(whole.base),
        own=of(whole.own),
        random=of(whole.random),
    )


@pytest.mark.parametrize(
    "change, message",
    [
        ({"tasks": TASKS[::-1]}, "run_1 has the tasks .* run_0 has"),
        ({"about": {"encoder": "other"}}, "the encoder other with heads"),
        ({"metrics": dict.fromkeys(TASKS, "f1")}, "the metrics"),
        ({"alphas": [0.4]}, "the shares of masked heads"),
        ({"examples": {task: numpy.arange(1, 41) for task in TASKS}}, "other examples of 'mnli'"),
    ],
)
def test_runs_that_do_not_belong_together(change: dict[str, Any], message: str) -> None:
    whole = table_3(40, runs=2, draws=1)
    parts = [_of_run(whole, 0), replace(_of_run(whole, 1), **change)]
    with pytest.raises(ConfigurationError, match=message):
        joined(parts)


def test_files_of_other_content() -> None:
    """They may lie elsewhere in each run, and folders have no digest."""
    whole = table_3(40, runs=2, draws=1)
    about = {**whole.about, "data_files": {"a/dev.tsv": "12", "folder": None}}
    parts = [replace(_of_run(whole, run), about=about) for run in (0, 1)]
    moved = replace(parts[1], about={**about, "data_files": {"b/dev.tsv": "12"}})
    assert len(joined([parts[0], moved]).runs) == 2
    changed = replace(parts[1], about={**about, "data_files": {"a/dev.tsv": "34"}})
    with pytest.raises(ConfigurationError, match="files of other content"):
        joined([parts[0], changed])
