"""The files of importance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.importance import ImportanceSample
from allennlp_heads.collect.importance_options import ImportanceOptions
from allennlp_heads.reports.files import read_arrays
from allennlp_heads.reports.importance import read_importance, summary, write_importance


def sample(task: str, seed: int = 0, zero: bool = False) -> ImportanceSample:
    values = numpy.random.default_rng(seed).normal(size=(20, 2, 4)).astype(numpy.float32)
    removed, exists = numpy.zeros((2, 4), bool), numpy.ones((2, 4), bool)
    removed[0, 1], exists[0, 1], exists[1, 2] = True, False, False
    values *= exists * (not zero)
    return ImportanceSample(
        task=task,
        example=numpy.arange(20),
        values=values,
        loss=numpy.ones(20, numpy.float32),
        exists=exists,
        removed=removed,
        options=ImportanceOptions(draws=50, alpha=0.5),
        available=30,
    )


def test_files(tmp_path: Path) -> None:
    samples = {"pos": sample("pos"), "dep": sample("dep", 1)}
    write_importance(tmp_path, samples, {"encoder": "tiny"}, seed=4)
    names = {path.name for path in tmp_path.iterdir()}
    pictures = {f"importance.{task}.{kind}" for task in samples for kind in ("png", "svg")}
    assert names == pictures | {"importance.json", "importance.npz"}
    report = json.loads((tmp_path / "importance.json").read_text())
    assert report["schema"] == {"name": "importance", "version": 1}
    assert report["seed"] == 4 and report["encoder"] == "tiny"
    assert (report["layers"], report["heads"], report["removed"]) == (2, 4, [[1], []])
    assert report["options"]["alpha"] == 0.5
    found = report["tasks"]["pos"]
    assert (found["examples"], found["available"], found["loss"]) == (20, 30, 1.0)
    assert found["closed"] == [[1, 2]] and not found["all_zero"]
    assert numpy.allclose(found["scores"], samples["pos"].scores)
    assert numpy.argwhere(samples["pos"].top()).tolist() == sorted(found["top"])
    best = [samples["pos"].scores[tuple(cell)] for cell in found["top"]]
    assert best == sorted(best, reverse=True) and len(best) == 3
    assert found["overlap_by_chance"] == 0.5 <= found["overlap"] <= 1
    lower, upper = numpy.array(found["lower"]), numpy.array(found["upper"])
    assert ((lower <= found["scores"]) & (found["scores"] <= upper)).all()
    arrays = read_arrays(tmp_path / "importance.npz")
    assert numpy.array_equal(arrays["values/dep"], samples["dep"].values)
    back = read_importance(tmp_path)
    assert back.keys() == samples.keys()
    assert all(numpy.array_equal(back[task], samples[task].scores) for task in samples)


def test_equal_samples_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_importance(tmp_path / name, {"pos": sample("pos")}, {})
    one, two = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("one", "two"))
    assert one == two
    assert {"importance.png", "importance.svg"} < one.keys()


def test_a_loss_that_ignores_the_heads_is_reported(tmp_path: Path) -> None:
    tasks = write_importance(tmp_path, {"pos": sample("pos", zero=True)}, {})
    assert tasks["pos"]["all_zero"] and tasks["pos"]["top"] == []
    assert "pos: 20 of 30 examples; its loss does not depend on any head" in summary(tasks)
    assert not read_importance(tmp_path)["pos"].any()


def test_summary() -> None:
    found = {"examples": 20, "available": 1000, "stable": True, "all_zero": False, "overlap": 0.9}
    text = summary({"pos": {**found, "top": [[0, 3], [1, 0]], "overlap_by_chance": 0.3}})
    assert text == (
        "pos: 20 of 1,000 examples, stopped since the most important heads were stable; most "
        "important (layer.head, from 1): 1.4, 2.1; two bootstrap samples have 90% of their 2 heads "
        "in common (by chance 30%)"
    )


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read the report"):
        read_importance(tmp_path)
    write_importance(tmp_path / "one", {"pos": sample("pos")}, {})
    write_importance(tmp_path / "two", {"dep": sample("dep")}, {})
    (tmp_path / "two/importance.npz").replace(tmp_path / "one/importance.npz")
    with pytest.raises(ConfigurationError, match="does not fit importance.json"):
        read_importance(tmp_path / "one")
