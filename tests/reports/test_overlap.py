"""The numbers of several runs, and the folder they are written into."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError
from PIL import Image

from allennlp_heads.analysis.overlap import pearson
from allennlp_heads.analysis.significance import holm
from allennlp_heads.reports.files import read_arrays
from allennlp_heads.reports.overlap import Overlap, measure
from allennlp_heads.reports.overlap_files import write_overlap
from allennlp_heads.reports.overlap_groups import read_groups
from allennlp_heads.reports.overlap_tables import correlation_csv, correlation_latex
from tests.reports.gate_runs import write_groups, write_pruned, write_run

SHAPE = (3, 4)
ALWAYS = {f"overlap_{name}" for name in ("mean.png", "mean.svg", "layers.png", "layers.svg")}
ALWAYS |= {"overlap.json", "overlap.npz", "overlap_correlation.csv", "overlap_correlation.tex"}


def overlap_of(folders: list[str], names: list[str] | None = None, **options: Any) -> Overlap:
    return measure(read_groups(folders, names), **{"draws": 50, **options})


def written(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "overlap.json").read_text())


def test_each_group_weighs_the_same_however_many_runs_it_has(tmp_path: Path) -> None:
    zeros, ones = numpy.zeros(SHAPE), numpy.ones(SHAPE)
    folders = [write_run(tmp_path / f"pos{n}", ones, ["pos"], n) for n in range(3)]
    folders += [write_run(tmp_path / "dep", zeros, ["dep"])]
    found = overlap_of(folders)
    assert (found.mean == 0.5).all() and (found.means[0] == 1).all()


def test_shared_gates_are_no_further_task(tmp_path: Path) -> None:
    folders = [write_run(tmp_path / t, numpy.ones(SHAPE), [t]) for t in ("pos", "dep")]
    folders += [write_run(tmp_path / "all", numpy.zeros(SHAPE), ["pos", "dep"])]
    found = overlap_of(folders)
    assert found.counted == [0, 1] and found.counted_as == "2 tasks" and (found.mean == 1).all()
    alone = overlap_of(folders[1:])
    assert alone.counted == [0, 1] and alone.counted_as == "2 groups"


def test_a_task_alone_and_with_others_is_no_two_tasks(tmp_path: Path) -> None:
    gates = {"pos": numpy.ones(SHAPE), "dep": numpy.ones(SHAPE)}
    folders = [write_run(tmp_path / "pos", gates["pos"], ["pos"])]
    folders += [write_run(tmp_path / "both", gates, list(gates))]
    assert overlap_of(folders).counted_as == "3 groups"


def test_report_says_what_the_gates_say(tmp_path: Path) -> None:
    pos = numpy.array([[1, 0.5, 0, 0], [1e-3, 2e-3, 0, 1], [0, 0, 0, 1]])
    folders = [write_run(tmp_path / f"pos{n}", pos, ["pos"], n) for n in range(2)]
    dep = numpy.array([[1, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]])
    folders.append(write_pruned(tmp_path / "dep", dep == 1, "dep"))
    files = write_overlap(overlap_of(folders, seed=5), tmp_path / "out")
    report = written(tmp_path / "out")
    assert report["schema"] == {"name": "overlap", "version": 1}
    assert (report["seed"], report["draws"], report["threshold"]) == (5, 50, 1e-3)
    assert (report["layers"], report["heads"], report["encoder"]) == (3, 12, "tiny")
    assert report["files"] == files == sorted(path.name for path in (tmp_path / "out").iterdir())
    first, second = report["groups"]
    assert first["open_per_layer"] == [2, 2, 1] and first["open_share"] == pytest.approx(5 / 12)
    assert [run["open"] for run in first["runs"]] == [5, 5]
    assert [run["folder"] for run in first["runs"]] == folders[:2]
    assert second["runs"][0]["gates"] == "kept heads" and second["claimed"] == 3
    assert report["mean_gate"] == pytest.approx((pos.mean() + dep.mean()) / 2)
    correlation = report["correlation"]
    assert correlation["pearson"][0][1] == pytest.approx(pearson(pos, dep))
    assert correlation["pearson"][0][0] is None
    assert correlation["run_to_run_adjusted_r"] == [None, None]
    assert correlation["run_to_run_pearson"] == [pytest.approx(1), None]
    assert report["jaccard"]["mean"][0][1] == pytest.approx(2 / 6)
    claims = report["claims"]
    assert claims["by"] == ["pos", "dep"] and claims["exactly"]["observed"] == [6, 4, 2]
    assert claims["by_all"]["heads"] == [{"layer": 0, "head": 0}, {"layer": 1, "head": 3}]
    # by chance: a head of layer 1 with 2/4 x 1/4, of layer 2 with 2/4 x 2/4
    assert claims["by_all"]["by_chance"] == pytest.approx(4 * (1 / 8 + 1 / 4))
    arrays = read_arrays(tmp_path / "out" / "overlap.npz")
    assert arrays["runs"].shape == (3, *SHAPE) and arrays["group_of_run"].tolist() == [0, 0, 1]
    assert arrays["claimed_by"].sum() == 8 and (arrays["group_means"][1] == dep).all()


def test_holm_has_one_family_between_and_one_within_groups(tmp_path: Path) -> None:
    found = overlap_of(write_groups(tmp_path, ["pos", "dep", "ner"], 2, SHAPE))
    p_values, lower = found.jaccard.p_values, numpy.tril_indices(3, -1)
    assert found.adjusted[lower] == pytest.approx(holm(p_values[lower]))
    assert found.adjusted.diagonal() == pytest.approx(holm(p_values.diagonal()))
    assert (found.adjusted == found.adjusted.T).all()


def test_the_threshold_decides_what_is_open(tmp_path: Path) -> None:
    folder = write_run(tmp_path, numpy.linspace(0.05, 0.95, 12).reshape(SHAPE))
    assert [overlap_of([folder], threshold=t).open_heads[0].sum() for t in (0.0, 0.5)] == [12, 6]


def test_one_run_shows_what_one_run_can(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", numpy.random.default_rng(0).random(SHAPE))
    files = write_overlap(overlap_of([folder]), tmp_path / "out")
    assert set(files) == ALWAYS | {"overlap.gif"}
    assert written(tmp_path / "out")["claims"] is None


def test_all_files_of_three_runs_of_two_tasks(tmp_path: Path) -> None:
    folders = write_groups(tmp_path / "runs", ["pos", "dep"], 3, SHAPE)
    files = set(write_overlap(overlap_of(folders, ["a b", "A/B"]), tmp_path / "out"))
    pictures = ("correlation", "jaccard", "claims", "chance", "rgb.a_b", "rgb.A_B_2")
    wanted = {f"overlap_{name}.{kind}" for name in pictures for kind in ("png", "svg")}
    assert files == ALWAYS | wanted | {"overlap.gif"}
    with Image.open(tmp_path / "out" / "overlap.gif") as gif:
        assert gif.n_frames == 3  # type: ignore[attr-defined]


def test_no_animation_of_runs_with_other_epochs(tmp_path: Path) -> None:
    folders = [write_run(tmp_path / f"{n}", numpy.eye(3), [], n, epochs=n) for n in (2, 3)]
    files = write_overlap(overlap_of(folders), tmp_path / "out")
    assert "overlap.gif" not in files


def test_the_same_runs_give_the_same_bytes(tmp_path: Path) -> None:
    folders = write_groups(tmp_path / "runs", ["pos", "dep"], 2, (2, 2))
    for name in ("one", "two"):
        files = write_overlap(overlap_of(folders), tmp_path / name)
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_writing_again_leaves_nothing_of_the_earlier_report(tmp_path: Path) -> None:
    folders = write_groups(tmp_path / "runs", ["pos", "dep"], 1, SHAPE)
    out = tmp_path / "out"
    write_overlap(overlap_of(folders), out)
    (out / "notes.txt").write_text("mine")
    files = write_overlap(overlap_of(folders[:1]), out)
    assert sorted([*files, "notes.txt"]) == sorted(path.name for path in out.iterdir())


def test_a_failure_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = overlap_of(write_groups(tmp_path / "runs", ["pos", "dep"], 1, SHAPE))
    monkeypatch.setattr("allennlp_heads.reports.overlap_files.chance_figure", lambda overlap: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_overlap(found, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    found = overlap_of([write_run(tmp_path / "run", numpy.eye(3))])
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot write into .*-o"):
        write_overlap(found, tmp_path / "file")
    with pytest.raises(ConfigurationError, match="cannot write into"):
        write_overlap(found, tmp_path / "file" / "below")
    assert os.listdir(tmp_path / "run") == ["heads"]


def test_tables(tmp_path: Path) -> None:
    found = overlap_of(write_groups(tmp_path, ["pos", "dep"], 3, SHAPE), ["P_S", "a,b & c"])
    found.groups[1].runs.pop()
    found.run_to_run[1] = found.run_to_run[1]._replace(adjusted_r=float("nan"))
    rows = list(csv.reader(correlation_csv(found).splitlines()))
    assert rows[0] == ["group", "P_S", "a,b & c", "run_to_run_pearson", "runs"]
    r = f"{100 * found.correlation[0, 1]:.1f}"
    first, second = found.run_to_run
    assert rows[1] == [
        "P_S",
        f"{100 * first.adjusted_r:.1f}",
        r,
        f"{100 * first.pearson:.1f}",
        "3",
    ]
    assert rows[2] == ["a,b & c", r, "", f"{100 * second.pearson:.1f}", "2"]
    latex = correlation_latex(found)
    assert rf"P\_S & {100 * first.adjusted_r:.1f} & {r} & " in latex
    assert rf"a,b \& c & {r} & -- & " in latex and latex.count(r"\\") == 3
    assert latex.count("{lrrrr}") == 1
