"""Sources ranked for each target."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.embeddings import Embedding, read_embeddings, write_embedding
from allennlp_heads.reports.files import read_arrays
from allennlp_heads.reports.transfer import (
    Ranking,
    measure_ranking,
    ranking_summary,
    write_ranking,
)
from tests.reports.embeddings.made import embedding
from tests.reports.transfer.made import TASKS, matrix, pictures_unsaved, written_embeddings


def cosine(first: numpy.ndarray, second: numpy.ndarray) -> float:
    one, other = first.ravel().astype(float), second.ravel().astype(float)
    return float(one @ other / (one @ one) ** 0.5 / (other @ other) ** 0.5)


def by_hand(folder: Path, target: str, component: str) -> list[str]:
    found = {one.task: one.components[component] for one in read_embeddings(folder)}
    others = [task for task in found if task != target]
    return sorted(others, key=lambda task: -cosine(found[task], found[target]))


def names(ranking: Ranking, method: str, target: str) -> list[str]:
    return [source for source, _ in ranking.order(method, target)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written_embeddings(tmp_path / "embeddings")


def test_single_components_and_fusion_against_plain_loops(folder: Path) -> None:
    ranking = measure_ranking(folder)
    assert ranking.kinds == ["text", "task", "heads"] and ranking.fused == "text+task+heads"
    for target in TASKS:
        assert names(ranking, "text", target) == by_hand(folder, target, "text")
        assert names(ranking, "heads", target) == by_hand(folder, target, "heads.importance")
        layers = [by_hand(folder, target, f"layer_output.{layer}") for layer in range(2)]
        others = [task for task in ranking.tasks if task != target]
        fused = {t: sum(1 / (61 + order.index(t)) for order in layers) for t in others}
        given = dict(ranking.order("task", target))
        assert [fused[task] for task in given] == sorted(fused.values(), reverse=True)
    found = {one.task: one.components for one in read_embeddings(folder)}
    first, second = ranking.tasks[:2]
    pairs = [(found[t]["layer_output.0"], found[t]["layer_output.1"]) for t in (first, second)]
    mean = numpy.mean([cosine(a, b) for a, b in zip(*pairs)])
    assert ranking.of_kind("task")[0, 1] == pytest.approx(mean)


def test_a_kind_alone_and_a_class_alone(folder: Path) -> None:
    ranking = measure_ranking(folder, ["heads"], within=True)
    assert ranking.kinds == ["heads"] and ranking.fused == "heads"
    assert ranking.main == ["heads", "random", "data_size"]
    assert names(ranking, "heads", "pos") == ["ner"]
    # all sources are equal: they share the mean of their ranks
    everywhere = measure_ranking(folder, ["heads"])
    assert {rank for _, rank in everywhere.order("random", "pos")} == {3.0}
    assert names(everywhere, "data_size", "cola") == ["ner", "pos", "boolq", "squad", "sst2"]


def test_the_matrix_says_classes_sizes_curves_and_tasks(folder: Path) -> None:
    tasks = ["ner", "extra", *(task for task in TASKS if task not in ("ner", "cola"))]
    ranking = measure_ranking(folder, matrix=matrix(tasks))
    assert ranking.tasks == ["ner", *(task for task in TASKS if task not in ("ner", "cola"))]
    assert ranking.classes["ner"] == "classification", "the first third of the matrix"
    assert names(ranking, "data_size", "sst2") == ["ner", "squad", "boolq", "pos"]
    assert names(ranking, "curve_gradient", "sst2") == ["pos", "boolq", "squad", "ner"]
    assert any("no embedding: extra" in note for note in ranking.notes)
    assert any("does not have them: cola" in note for note in ranking.notes)


def test_missing_components_and_zero_vectors(tmp_path: Path) -> None:
    folder = written_embeddings(tmp_path)
    lacking = embedding("pos", 4, **{"class": "labelling", "available": 500})
    parts = {name: one for name, one in lacking.components.items() if name != "layer_output.1"}
    write_embedding(folder, replace(lacking, components={**parts, "text": 0 * parts["text"]}))
    ranking = measure_ranking(folder)
    assert any("fusion leaves them out: text of pos" in note for note in ranking.notes)
    assert any("layer_output.1 of pos" in note for note in ranking.notes)
    last, rank = ranking.order("text", "cola")[-1]
    assert last == "pos" and numpy.isnan(rank)
    # the other components place it
    assert all(not numpy.isnan(rank) for _, rank in ranking.order(ranking.fused, "cola"))
    assert all(numpy.isnan(rank) for _, rank in ranking.order("text", "pos"))
    with pictures_unsaved():
        write_ranking(tmp_path / "out", ranking, TASKS, "text")
    assert "| pos | labelling | – |" in (tmp_path / "out" / "ranking.md").read_text()


def test_two_tasks_and_long_names(tmp_path: Path) -> None:
    tasks = ["a" * 60 + "|$_{x}", "été $\\frac{1}{2}$ & <b>"]
    folder = written_embeddings(tmp_path / "in", tasks)
    ranking = measure_ranking(folder)
    assert len(ranking.tasks) == 2
    with pictures_unsaved():
        write_ranking(tmp_path / "out", ranking, ranking.tasks, "text", "clustered")
    rows = list(csv.DictReader((tmp_path / "out" / "ranking.csv").open()))
    assert {row["target"] for row in rows} == set(tasks)
    assert all(row["rank"] == "1" for row in rows)


def test_files(folder: Path, tmp_path: Path) -> None:
    ranking = measure_ranking(folder, ["text", "heads"], within=True)
    written = write_ranking(tmp_path / "out", ranking, ["pos", "cola"], "text+heads")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == written
    again = write_ranking(tmp_path / "again", ranking, ["pos", "cola"], "text+heads")
    for name in again:
        first, second = ((tmp_path / place / name).read_bytes() for place in ("out", "again"))
        assert first == second, name
    report = json.loads((tmp_path / "out" / "ranking.json").read_text())
    assert report["schema"] == {"name": "ranking", "version": 1} and report["within_class"]
    assert list(report["rankings"]) == ["pos", "cola"]
    assert report["rankings"]["pos"]["text"] == [{"source": "ner", "rank": 1.0}]
    arrays = read_arrays(tmp_path / "out" / "ranking.npz")
    assert set(arrays) == {"text", "heads.importance"} and arrays["text"].shape == (6, 6)
    assert list(ranking_summary(ranking, ["pos"], "text"))[1:] == ["  pos  1 ner"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encoder": {"pretrained_sha256": "1"}}, r"encoder\.pretrained_sha256 is 0 in the first"),
        ({"options": {"mode": "batch_sum"}}, r"options\.mode is per_example in the first"),
        ({"dim": 9}, r"the size of the component|encoder\.dim"),
    ],
)
def test_embeddings_that_cannot_be_compared(
    folder: Path, change: dict[str, object], message: str
) -> None:
    write_embedding(folder, embedding("zzz", 9, **change))
    with pytest.raises(ConfigurationError, match=message):
        measure_ranking(folder)


def test_what_else_is_refused(tmp_path: Path) -> None:
    alone = written_embeddings(tmp_path / "one", ["pos"])
    with pytest.raises(ConfigurationError, match="an embedding of pos only"):
        measure_ranking(alone)
    with pytest.raises(ConfigurationError, match="fewer than two tasks in common"):
        measure_ranking(alone, matrix=matrix())
    unknown = written_embeddings(tmp_path / "unknown", **{"class": None})
    assert set(measure_ranking(unknown).classes.values()) == {"unknown"}
    with pytest.raises(ConfigurationError, match=r"\.json: 'class' is not given"):
        measure_ranking(unknown, within=True)
    only_text = tmp_path / "text"
    for task in ("a", "b"):
        write_embedding(only_text, _text_only(task))
    with pytest.raises(ConfigurationError, match="--kind heads: no embedding in"):
        measure_ranking(only_text, ["text", "heads"])
    ranking = measure_ranking(only_text)
    with pytest.raises(ConfigurationError, match="--method pooled: no such method; there are text"):
        ranking.require_method("pooled", "--method")


def _text_only(task: str) -> Embedding:
    whole = embedding(task)
    return replace(whole, components={"text": whole.components["text"]})
