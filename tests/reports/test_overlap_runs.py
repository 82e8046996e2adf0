"""Reading the gates of runs, and grouping them."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import read_arrays, write_arrays
from allennlp_heads.reports.overlap_groups import read_groups
from allennlp_heads.reports.overlap_runs import read_run
from tests.reports.gate_runs import write_pruned, write_run

SHAPE = (3, 4)


def gates(seed: int = 0) -> numpy.ndarray:
    return numpy.random.default_rng(seed).random(SHAPE)


def test_archived_gates_come_before_those_of_the_best_epoch(tmp_path: Path) -> None:
    (done,) = read_run(write_run(tmp_path / "done", gates()))
    assert done.source == "final" and done.gates == pytest.approx(gates(), abs=1e-6)
    assert done.epochs.tolist() == [-1, 0, 1] and done.history.shape == (3, *SHAPE)
    assert (done.tasks, done.encoder, done.seed) == (("pos",), "tiny", 0)
    folder = Path(write_run(tmp_path / "killed", gates(), finished=False))
    (killed,) = read_run(str(folder))
    assert killed.source == "best epoch" and (killed.gates == killed.history[-1]).all()
    report = json.loads((folder / "heads" / "gates.json").read_text())
    report["epochs"][-1]["best"] = False
    (folder / "heads" / "gates.json").write_text(json.dumps(report))
    (earlier,) = read_run(str(folder))
    assert (earlier.gates == earlier.history[1]).all()


def test_pruned_models_and_gated_runs_of_a_task_are_one_group(tmp_path: Path) -> None:
    kept = gates() > 0.5
    kept[1, 2:] = False
    exists = numpy.arange(4) < numpy.array([4, 2, 4])[:, None]
    folders = [
        write_run(tmp_path / "gated", gates(), exists=exists),
        write_pruned(tmp_path / "pruned", kept, heads=[4, 2, 4]),
    ]
    (group,) = read_groups(folders)
    assert group.name == "pos" and [run.source for run in group.runs] == ["final", "kept heads"]
    assert (group.runs[1].gates == kept).all() and (group.runs[1].exists == exists).all()


def test_groups_are_repeats_in_the_order_given(tmp_path: Path) -> None:
    folders = [
        write_run(tmp_path / f"{task}_{seed}", gates(seed), [task], seed)
        for seed in (1, 2)
        for task in ("pos", "dep")
    ]
    groups = read_groups(folders)
    assert [group.name for group in groups] == ["pos", "dep"]
    assert [[run.seed for run in group.runs] for group in groups] == [[1, 2], [1, 2]]
    renamed = read_groups(folders, ["Tags", "Trees"])
    assert [group.name for group in renamed] == ["Tags", "Trees"]


def test_gates_of_each_task_are_sets_of_their_own(tmp_path: Path) -> None:
    both = {"pos": gates(1), "dep": gates(2)}
    folders = [
        write_run(tmp_path / "pos", gates(0), ["pos"]),
        write_run(tmp_path / "each", both, ["pos", "dep"]),
        write_run(tmp_path / "shared", gates(3), ["pos", "dep"]),
    ]
    groups = read_groups(folders)
    names = [group.name for group in groups]
    assert names == ["pos", "pos of dep+pos", "dep", "pos+dep"]
    assert [group.one_task for group in groups] == [True, True, True, False]
    assert groups[1].runs[0].gates == pytest.approx(both["pos"], abs=1e-6)


def test_reports_of_the_first_release(tmp_path: Path) -> None:
    folder = Path(write_run(tmp_path, {"pos": gates(1), "dep": gates(2)}, ["pos", "dep"]))
    report = json.loads((folder / "heads" / "gates.json").read_text())
    del report["tasks_of_set"]
    (folder / "heads" / "gates.json").write_text(json.dumps(report))
    assert [group.name for group in read_groups([str(folder)])] == ["pos", "dep"]


def test_models_without_tasks_are_repeats_when_their_data_are(tmp_path: Path) -> None:
    folders = [
        write_run(tmp_path / name, gates(seed), [], seed, data=data)
        for seed, (name, data) in enumerate([("a", "x"), ("b", "x"), ("c", "y")])
    ]
    groups = read_groups(folders)
    assert [group.name for group in groups] == ["a", "c"]
    assert [len(group.runs) for group in groups] == [2, 1] and groups[0].one_task


def test_equal_names_are_told_apart_by_the_folder(tmp_path: Path) -> None:
    folders = [
        write_run(tmp_path / name / "run", gates(), [], data=data)
        for name, data in (("a", "x"), ("b", "y"))
    ]
    names = [group.name for group in read_groups(folders)]
    assert len(set(names)) == 2 and all(folder in name for folder, name in zip(folders, names))


def test_the_same_run_twice(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", gates())
    with pytest.raises(ConfigurationError, match="the same run"):
        read_groups([folder, f"{tmp_path}/./run/"])


def test_copies_are_suspected(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folders = [write_run(tmp_path / name, gates(), data=name) for name in ("a", "b")]
    with caplog.at_level(logging.WARNING):
        read_groups(folders)
    assert "share a seed" in caplog.text and "different data" in caplog.text


def test_other_grids_and_other_encoders_are_refused(tmp_path: Path) -> None:
    one = write_run(tmp_path / "one", gates())
    wide = write_run(tmp_path / "wide", numpy.ones((3, 5)))
    missing = write_run(tmp_path / "missing", gates(), exists=numpy.tri(3, 4, 2, dtype=bool))
    other = write_run(tmp_path / "other", gates(), encoder="base")
    with pytest.raises(ConfigurationError, match="3 x 4 gates for 12.*3 x 5 gates for 15"):
        read_groups([one, wide])
    with pytest.raises(ConfigurationError, match="gates for 12 heads, .* for 11, not all the same"):
        read_groups([one, missing])
    with pytest.raises(ConfigurationError, match="encoder tiny, .* of base"):
        read_groups([one, other])


@pytest.mark.parametrize("names", [["a"], ["a", "a"], ["a", ""], ["a", "b", "c"]])
def test_names_that_do_not_fit(tmp_path: Path, names: list[str]) -> None:
    folders = [write_run(tmp_path / task, gates(), [task]) for task in ("pos", "dep")]
    with pytest.raises(ConfigurationError, match="2 different names.*pos, dep"):
        read_groups(folders, names)


def test_a_run_without_gates_and_no_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="without gates.*'gate_report'"):
        read_run(str(tmp_path))
    with pytest.raises(ConfigurationError, match="no such folder"):
        read_run(str(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", ["gates.json", "gates.npz"])
def test_damage_ends_in_one_message_that_names_the_file(tmp_path: Path, name: str) -> None:
    path = Path(write_run(tmp_path, gates())) / "heads" / name
    whole = path.read_bytes()
    generator = numpy.random.default_rng(0)
    path.unlink()
    with pytest.raises(ConfigurationError):
        read_run(str(tmp_path))
    for cut in range(0, len(whole), max(1, len(whole) // 40)):
        path.write_bytes(whole[:cut])
        with pytest.raises(ConfigurationError, match="gates"):
            read_run(str(tmp_path))
    for place in generator.integers(0, len(whole), 60):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x15]) + whole[place + 1 :])
        try:
            read_run(str(tmp_path))  # a change of a number may go unseen, a crash may not
        except ConfigurationError as error:
            assert "gates" in str(error)


def test_gates_of_another_shape_than_their_heads_are_damage(tmp_path: Path) -> None:
    path = Path(write_run(tmp_path, gates())) / "heads" / "gates.npz"
    arrays = read_arrays(path)
    write_arrays(path, {**arrays, "exists/gates": numpy.ones((1, 4), dtype=bool)})
    with pytest.raises(ConfigurationError, match="damaged"):
        read_run(str(tmp_path))
    write_run(tmp_path, numpy.full(SHAPE, numpy.nan))
    with pytest.raises(ConfigurationError, match="not finite"):
        read_run(str(tmp_path))
    write_run(tmp_path, {})
    with pytest.raises(ConfigurationError, match="no sets"):
        read_run(str(tmp_path))
