"""The files of probes: what is written is read back."""

from __future__ import annotations

import json
import logging
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing import Fold, ProbeResult, build
from allennlp_heads.reports.files import read_arrays, write_arrays
from allennlp_heads.reports.probing import read_probe, write_probe
from allennlp_heads.reports.probing.pictures import mean_figure
from tests.analysis.probing.hits_by_chance import random_hits
from tests.reports.probing.results import names, probe_result, without_numbers

PICTURES = ("heads", "mean", "best", "scatter", "layers")
TABLES = {"probe.json", "probe.npz", "probe.md", "probe.csv", "probe.tex"}


def assert_same(one: Any, other: Any, where: str = "result") -> None:
    """Equal in every field, with nan equal to nan."""
    assert type(one) is type(other), where
    if is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name), field.name)
    elif isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            assert_same(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list):
        assert len(one) == len(other), where
        for left, right in zip(one, other):
            assert_same(left, right, where)
    elif isinstance(one, numpy.ndarray):
        assert one.dtype == other.dtype, where
        numpy.testing.assert_array_equal(one, other, where)
    else:
        assert one == other or (one != one and other != other), where


def undefined(result: ProbeResult) -> ProbeResult:
    """Without all that may be unknown; how many scored items are right never is."""
    labels = [replace(without_numbers(one), accuracy=one.accuracy) for one in result.labels]
    overall = {
        name: replace(without_numbers(one), accuracy=one.accuracy)
        for name, one in result.overall.items()
    }
    return replace(result, labels=labels, overall=overall, epoch=None)


@pytest.mark.parametrize("kind", ["tagger", "srl"])
@pytest.mark.parametrize("change", [lambda result: result, undefined])
def test_round_trip(tmp_path: Path, kind: str, change: Any) -> None:
    found = {
        "pos": change(probe_result(names(12), kind=kind)),
        "a/b.pos": change(probe_result(["one"], kind=kind, items=30, seed=1)),
    }
    write_probe(tmp_path, found, {"encoder": "tiny"}, seed=4, figures=False)
    for source in (tmp_path, tmp_path / "probe.json", str(tmp_path)):
        back = read_probe(source)
        assert list(back) == list(found)
        for task in found:
            assert_same(back[task], found[task])


def test_report_of_a_training_is_found_in_its_folder(tmp_path: Path) -> None:
    write_probe(tmp_path / "heads", {"dep": probe_result()}, {}, figures=False)
    assert list(read_probe(tmp_path)) == ["dep"]


def test_json_says_what_people_ask(tmp_path: Path) -> None:
    result = probe_result()
    written = write_probe(tmp_path, {"dep": result}, {"encoder": "tiny"}, seed=4, figures=False)
    report = json.loads((tmp_path / "probe.json").read_text())
    assert report["schema"] == {"name": "probe", "version": 1}
    assert (report["seed"], report["encoder"], report["confidence"]) == (4, "tiny", 0.95)
    assert (report["layers"], report["heads"]) == (3, 4)
    assert report["files"] == written == sorted(TABLES)
    task = report["tasks"]["dep"]
    assert task["missing"] == [[0, 1]] and task["notes"] == result.notes
    first = task["labels"][0]
    assert first["accuracy"] == result.labels[0].accuracy
    assert first["selectivity"] == result.labels[0].selectivity
    assert (first["layer"], first["head"]) == (result.labels[0].layer, result.labels[0].head)


def test_pictures_and_equal_bytes(tmp_path: Path) -> None:
    result = probe_result(names(2), (2, 3), items=60)
    found = {"dep": result, "a/b": result}
    first = write_probe(tmp_path / "1", found, {})
    stems = {f"probe_{name}.{task}" for name in PICTURES for task in ("dep", "a_b")}
    assert set(first) == TABLES | {f"{stem}.{kind}" for stem in stems for kind in ("png", "svg")}
    assert set(first) == {path.name for path in (tmp_path / "1").iterdir()}
    assert write_probe(tmp_path / "2", found, {}) == first
    for name in first:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes(), name


def only_one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "allennlp_heads.reports.probing.pictures.probe_figures",
        lambda task, result: {"mean": mean_figure(task, result)},
    )


def test_pictures_of_an_earlier_report_go_and_foreign_files_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_one_picture(monkeypatch)
    result = probe_result(["one"], items=30)
    write_probe(tmp_path, {"pos": result, "dep": result}, {})
    (tmp_path / "probe_notes.txt").write_text("mine")
    write_probe(tmp_path, {"pos": result}, {})
    found = {path.name for path in tmp_path.iterdir()}
    assert found == TABLES | {"probe_mean.png", "probe_mean.svg", "probe_notes.txt"}


def test_failure_leaves_the_folder_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_probe(tmp_path, {"dep": probe_result()}, {}, figures=False)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*_: Any) -> None:
        raise RuntimeError("no picture")

    monkeypatch.setattr("allennlp_heads.reports.probing.pictures.probe_figures", fail)
    with pytest.raises(RuntimeError, match="no picture"):
        write_probe(tmp_path, {"dep": probe_result(seed=1)}, {})
    assert before == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_one_report_is_of_one_encoder(tmp_path: Path) -> None:
    found = {"a": probe_result(), "b": probe_result(shape=(2, 4))}
    for wrong in (found, {}):
        with pytest.raises(ValueError, match="one encoder"):
            write_probe(tmp_path / "out", wrong, {})
    assert not (tmp_path / "out").exists()


def damage_json(folder: Path, change: Any) -> None:
    report = json.loads((folder / "probe.json").read_text())
    change(report)
    (folder / "probe.json").write_text(json.dumps(report))


def damage_arrays(folder: Path, change: Any) -> None:
    arrays = read_arrays(folder / "probe.npz")
    change(arrays)
    write_arrays(folder / "probe.npz", arrays)


DAMAGE = {
    "no file": lambda folder: (folder / "probe.json").unlink(),
    "no arrays": lambda folder: (folder / "probe.npz").unlink(),
    "no JSON": lambda folder: (folder / "probe.json").write_text("{"),
    "a list": lambda folder: (folder / "probe.json").write_text("[1]"),
    "foreign": lambda folder: damage_json(folder, lambda r: r["schema"].update(name="gates")),
    "newer": lambda folder: damage_json(folder, lambda r: r["schema"].update(version=2)),
    "no tasks": lambda folder: damage_json(folder, lambda r: r.pop("tasks")),
    "odd tasks": lambda folder: damage_json(folder, lambda r: r.update(tasks=[1])),
    "no labels": lambda folder: damage_json(folder, lambda r: r["tasks"]["dep"].pop("labels")),
    "a label less": lambda folder: damage_json(folder, lambda r: r["tasks"]["dep"]["labels"].pop()),
    "a field less": lambda folder: damage_json(
        folder, lambda r: r["tasks"]["dep"]["labels"][0].pop("head")
    ),
    "cut arrays": lambda folder: (folder / "probe.npz").write_bytes(b"PK"),
    "an array less": lambda folder: damage_arrays(folder, lambda a: a.pop("exists/dep")),
    "a short array": lambda folder: damage_arrays(
        folder, lambda a: a.update({"items.correct/dep": numpy.zeros(3, bool)})
    ),
    "a strange label": lambda folder: damage_arrays(
        folder, lambda a: a.update({"items.label/dep": a["items.label/dep"] + 1})
    ),
    "other centroids": lambda folder: damage_arrays(
        folder, lambda a: a.update({"centroids/dep": numpy.zeros((1, 1, 2))})
    ),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_or_foreign_files_are_one_clear_error(tmp_path: Path, damage: Any) -> None:
    write_probe(tmp_path, {"dep": probe_result(kind="tagger")}, {}, figures=False)
    damage(tmp_path)
    with pytest.raises(ConfigurationError, match="probe.(json|npz)"):
        read_probe(tmp_path)


def in_label(**values: Any) -> Any:
    return lambda report: report["tasks"]["dep"]["labels"][1].update(values)


def in_task(**values: Any) -> Any:
    return lambda report: report["tasks"]["dep"].update(values)


def in_overall(**values: Any) -> Any:
    return lambda report: report["tasks"]["dep"]["overall"]["one_head"].update(values)


IMPOSSIBLE = {
    "tasks.dep.labels[1].accuracy is 1.5, not a share": in_label(accuracy=1.5),
    "tasks.dep.labels[1].accuracy is nan, not a share": in_label(accuracy=None),
    "tasks.dep.labels[1].accuracy is '0.5', not a number": in_label(accuracy="0.5"),
    "tasks.dep.labels[1].accuracy is True, not a number": in_label(accuracy=True),
    "tasks.dep.labels[1].accuracy is 0.125, but by the array 'items.correct' it is": in_label(
        accuracy=0.125
    ),
    "tasks.dep.labels[1].control is -0.2, not a share": in_label(control=-0.2),
    "tasks.dep.labels[1].random_head is inf, not a share": in_label(random_head=float("inf")),
    "tasks.dep.labels[1].count is 3, but there are": in_label(count=3),
    "tasks.dep.labels[1].count is 3.0, not a whole number": in_label(count=3.0),
    "tasks.dep.labels[1].count is '3', not a whole number": in_label(count="3"),
    "tasks.dep.labels[1].choice_count is -1, less than 0": in_label(choice_count=-1),
    "tasks.dep.labels[1].rare is 1, not true or false": in_label(rare=1),
    "tasks.dep.labels[1].offset is '3', not root": in_label(offset="3"),
    "tasks.dep.labels[1].chosen_on is 'all', not label or all labels": in_label(chosen_on="all"),
    "tasks.dep.labels[1]: there is no head 0 in layer 9": in_label(layer=9, head=0),
    "tasks.dep.labels[1]: there is no head 1 in layer 0; .* with 1 missing": in_label(
        layer=0, head=1
    ),
    "tasks.dep.labels[1].layer is -1, less than 0": in_label(layer=-1),
    "tasks.dep.labels[1].layer is None, not a whole number": in_label(layer=None),
    "tasks.dep.labels[1] is 'obj', no object": lambda report: report["tasks"]["dep"][
        "labels"
    ].__setitem__(1, "obj"),
    "tasks.dep.labels: 'det' is there twice": lambda report: [
        label.update(label="det") for label in report["tasks"]["dep"]["labels"]
    ],
    "tasks.dep.overall.one_head.accuracy is 0.125, but by the array 'items.one_head'": in_overall(
        accuracy=0.125
    ),
    "tasks.dep.overall.one_head: there is no head 4 in layer 2": in_overall(layer=2, head=4),
    "tasks.dep.kind is 'parser', none of tagger,": in_task(kind="parser"),
    "tasks.dep.epoch is 'last', not a whole number": in_task(epoch="last"),
    "tasks.dep.missing, with 3 layers of 4 heads, is not what": in_task(missing=[]),
    "tasks.dep.missing, with 12 layers of 4 heads, is not what": lambda report: report.update(
        layers=12
    ),
    "'overall' is missing": lambda report: report["tasks"]["dep"].pop("overall"),
    "tasks.dep.tree.uas is '0.4', not a number": lambda report: report["tasks"]["dep"][
        "tree"
    ].update(uas="0.4"),
    "tasks.dep.tree: there is no head 2 in layer 7": lambda report: report["tasks"]["dep"][
        "tree"
    ].update(layer=7),
}


def assert_refused(folder: Path, message: str) -> None:
    pattern = message.replace("[", r"\[").replace("]", r"\]")
    with pytest.raises(ConfigurationError, match=pattern) as caught:
        read_probe(folder)
    assert str(folder / "probe.json") in str(caught.value) and "probe.npz" in str(caught.value)


@pytest.mark.parametrize("message", IMPOSSIBLE)
def test_what_the_json_cannot_say(tmp_path: Path, message: str) -> None:
    write_probe(tmp_path, {"dep": probe_result()}, {}, figures=False)
    damage_json(tmp_path, IMPOSSIBLE[message])
    assert_refused(tmp_path, message)


def with_array(name: str, change: Any) -> Any:
    return lambda arrays: arrays.update({f"{name}/dep": change(arrays[f"{name}/dep"])})


IMPOSSIBLE_ARRAYS = {
    "accuracy is 0.*, but by the array 'items.correct' it is": with_array(
        "items.correct", numpy.logical_not
    ),
    "overall.one_head.accuracy is 0.*, but by the array 'items.one_head'": with_array(
        "items.one_head", numpy.logical_not
    ),
    "accuracy is 0.*, but by the array 'accuracy' it is": with_array("accuracy", lambda a: a / 2),
    "array 'accuracy': numbers that are no shares": with_array("accuracy", lambda a: a + 1),
    "array 'accuracy': numbers where 'exists' has no head": with_array(
        "accuracy", numpy.nan_to_num
    ),
    "array 'accuracy': <U": with_array("accuracy", lambda a: a.astype(str)),
    "array 'items.correct': float64, not truth values": with_array(
        "items.correct", lambda a: a.astype(float)
    ),
    "array 'counts' does not count 'items.label'": with_array("counts", lambda a: a + 1),
    "array 'items.sentence' is [4], not [400]": with_array("items.sentence", lambda a: a[:4]),
    "array 'exists' is [12], not": with_array("exists", numpy.ravel),
    "array 'statistics.offset' is [1, 4], not [3, 4]": with_array(
        "statistics.offset", lambda a: a[:1]
    ),
}


@pytest.mark.parametrize("message", IMPOSSIBLE_ARRAYS)
def test_what_the_arrays_cannot_say(tmp_path: Path, message: str) -> None:
    write_probe(tmp_path, {"dep": probe_result()}, {}, figures=False)
    damage_arrays(tmp_path, IMPOSSIBLE_ARRAYS[message])
    assert_refused(tmp_path, message)


def test_heads_of_centroids_are_heads(tmp_path: Path) -> None:
    write_probe(tmp_path, {"dep": probe_result(kind="tagger")}, {}, figures=False)
    heads = {"heads": [[0, 1], *probe_result(kind="tagger").centroids.heads[1:]]}
    damage_json(tmp_path, lambda report: report["tasks"]["dep"]["centroids"].update(heads))
    assert_refused(tmp_path, "tasks.dep.centroids.heads[0]: there is no head 1 in layer 0")


def test_cross_fitted_runs_and_six_digits_agree(tmp_path: Path) -> None:
    """Folds choose different heads, and the accuracies are those of their items together."""
    hits = [random_hits(seed) for seed in range(3)]
    folds = [Fold(hits[fold - 1].tally(4), hits[fold]) for fold in range(3)]
    result = build("dependency", list("abcd"), numpy.ones((2, 3), bool), folds, draws=20)
    assert any(label.share < 1 for label in result.labels)
    rounded = [replace(label, accuracy=round(label.accuracy, 6)) for label in result.labels]
    small = replace(result, labels=rounded, accuracy=result.accuracy.astype(numpy.float32))
    write_probe(tmp_path, {"dep": small}, {}, figures=False)
    assert_same(read_probe(tmp_path)["dep"], small)


def test_change_over_epochs_is_drawn(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_one_picture(monkeypatch)
    for epoch in (0, 2, 10):
        result = replace(probe_result(seed=epoch), epoch=epoch)
        write_probe(tmp_path / "probe_epochs" / str(epoch), {"dep": result}, {}, figures=False)
    (tmp_path / "probe_epochs" / "2" / "probe.npz").write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        names = write_probe(tmp_path, {"dep": probe_result()}, {})
    assert {"probe_epochs.png", "probe_epochs.svg"} <= set(names)
    assert [str(tmp_path / "probe_epochs" / "2") in text for text in caplog.messages] == [True]
    (tmp_path / "probe_epochs" / "10" / "probe.json").unlink()
    write_probe(tmp_path, {"dep": probe_result()}, {})
    assert not (tmp_path / "probe_epochs.png").exists()  # one epoch is no change
