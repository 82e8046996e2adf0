"""Rankings against a matrix."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.embeddings import write_embedding
from allennlp_heads.reports.transfer import (
    RankingEvaluation,
    TransferMatrix,
    measure_evaluation,
    measure_ranking,
    write_evaluation,
)
from allennlp_heads.reports.transfer.evaluation_tables import (
    evaluation_latex,
    evaluation_markdown,
)
from tests.reports.embeddings.made import embedding
from tests.reports.transfer.made import TASKS, matrix, pictures_unsaved, written_embeddings

NAN = float("nan")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written_embeddings(tmp_path_factory.mktemp("embeddings"))


def measured(folder: Path, found: TransferMatrix, within: bool = False) -> RankingEvaluation:
    return measure_evaluation(measure_ranking(folder, None, found, within), found, draws=200)


def foretold(folder: Path) -> TransferMatrix:
    """A matrix in which the similarity of texts says exactly what helps."""
    scores = numpy.repeat(measure_ranking(folder, matrix=matrix()).of_kind("text")[..., None], 2, 2)
    scores = 0.5 + 0.4 * scores
    scores[numpy.arange(6), numpy.arange(6)] = NAN
    return replace(matrix(), scores=scores)


def test_a_perfect_method_and_chance(folder: Path) -> None:
    found = measured(folder, foretold(folder))
    best = found.methods["text"].measures
    assert best["ndcg"].mean == pytest.approx(1) and best["best_rank"].mean == 1
    assert best["regret@1"].mean == pytest.approx(0) and best["spearman"].mean == pytest.approx(1)
    random = found.methods["random"].measures
    assert random["best_rank"].mean == pytest.approx(3) == random["best_rank"].chance
    assert found.reference == "task" and "task" not in found.differences["ndcg"]
    assert found.differences["ndcg"]["text"].difference >= 0
    # a cosine that says all: the regression within targets finds nothing else
    within = found.factors["within_targets"]
    assert within.r2 > 0.5 and within.factors["similarity (text)"].coefficient > 0


def test_choices_against_plain_loops(folder: Path) -> None:
    given = matrix()
    found = measured(folder, given)
    chosen = found.chosen("text")
    for place, target in enumerate(TASKS):
        first = found.ranking.order("text", target)[0][0]
        assert chosen[place] == TASKS.index(first)
        column = given.scores[:, place].mean(axis=1)
        lost = 100 * (numpy.nanmax(column) - column[chosen[place]]) / numpy.nanmax(column)
        regret = found.methods["text"].measures["regret@1"].targets[place]
        assert regret == pytest.approx(lost)


def test_missing_cells_are_reported_and_left_out(folder: Path, tmp_path: Path) -> None:
    given = matrix()
    given.scores[0, 1] = given.scores[:5, 5] = NAN
    given.direct[2] = NAN
    found = measured(folder, given)
    assert any(
        note.startswith("6 cells of the matrix missing") and "cola → sst2" in note
        for note in found.notes
    )
    assert any("fewer than two measured sources: ner" in note for note in found.notes)
    assert any("without gains" in note and "squad" in note for note in found.notes)
    assert found.chosen("text")[5] is None and not found.candidates[:, 5].any()
    ones = measured(folder, matrix())
    assert ones.notes == [] and ones.candidates.sum() == 30
    with pictures_unsaved():
        write_evaluation(tmp_path, found, "text")
    report = json.loads((tmp_path / "evaluation.json").read_text())
    assert report["performance"][0][1] is None and report["baseline"][2] is None
    assert report["methods"]["text"]["chosen"][5] is None
    table = (tmp_path / "evaluation.md").read_text()
    assert "| ner | " in table and "| squad | – |" in table


def test_partial_restarts_and_silent_methods_are_named(tmp_path: Path) -> None:
    folder = written_embeddings(tmp_path / "in")
    whole = embedding("pos", 4, **{"class": "labelling", "available": 500})
    parts = {name: one for name, one in whole.components.items() if name != "text"}
    write_embedding(folder, replace(whole, components=parts))
    given = matrix()
    given.scores[3, 0, 1] = NAN
    found = measured(folder, given)
    assert any(note.endswith("not all sources of the target have: cola 1.") for note in found.notes)
    column = 100 * given.scores[:, 0, 0]
    numpy.testing.assert_allclose(found.performance[:, 0], column)
    assert any(note.startswith("text says nothing of pos:") for note in found.notes)
    assert found.chosen("text")[4] is None and found.chosen("task")[4] is not None
    with pictures_unsaved():
        write_evaluation(tmp_path / "out", found, "text")
    report = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert report["methods"]["text"]["silent"] == ["pos"]
    assert report["methods"]["text"]["chosen"][4] is None


def test_one_class_two_tasks_and_zero_scores(tmp_path: Path) -> None:
    folder = written_embeddings(tmp_path / "in", ["a", "b", "c"])
    given = replace(matrix(["a", "b", "c"]), classes=dict.fromkeys("abc", "labelling"))
    given.scores[:, 2] = 0.0
    found = measured(folder, given)
    assert len(found.factors) == 0 or "same class" in found.factors["all"].constant
    with pictures_unsaved():
        write_evaluation(tmp_path / "out", found, found.ranking.fused)
    pair = matrix(["a", "b"])
    with pytest.raises(ConfigurationError, match="no target has two"):
        measured(folder, pair)
    with pytest.raises(ConfigurationError, match="no target has two"):
        measured(folder, matrix(["a", "b", "c"]), within=True)


def test_few_cells_have_no_regression(tmp_path: Path) -> None:
    folder = written_embeddings(tmp_path / "in", ["a", "b", "c"])
    given = matrix(["a", "b", "c"])
    given.scores[:, :2] = NAN
    found = measured(folder, given)
    assert found.factors == {}
    assert any(note.startswith("No regression of the gain: ") for note in found.notes)
    assert "What goes with the gain" not in evaluation_markdown(found, "text")
    with pictures_unsaved():
        write_evaluation(tmp_path / "out", found, "text")


def test_files_and_tables(folder: Path, tmp_path: Path) -> None:
    found = measured(folder, matrix())
    names = write_evaluation(tmp_path / "out", found, "text+task", {"matrix": {"m": "1"}})
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    stems = {name.removesuffix(".png") for name in names if name.endswith(".png")}
    assert stems == {f"evaluation.{one}" for one in ("gains", "ranks", "violins", "layers")}
    rows = list(csv.DictReader((tmp_path / "out" / "evaluation.csv").open()))
    by_key = {(row["method"], row["measure"]): row for row in rows}
    assert len(by_key) == len(rows) == 9 * len(found.methods)
    score = found.methods["heads"].measures["ndcg"]
    assert float(by_key["heads", "ndcg"]["mean"]) == score.mean
    markdown, latex = (
        write(found, "text+task") for write in (evaluation_markdown, evaluation_latex)
    )
    line = next(line for line in markdown.splitlines() if line.startswith("| text+task |"))
    assert f"{100 * found.methods['text+task'].measures['ndcg'].mean:.1f}" in line
    assert markdown.count("\n## ") == 5 == latex.count(r"\begin{tabular}")
    report = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert report["matrix"] == {"m": "1"} and report["restarts"] == 2
    assert report["methods"]["text"]["measures"]["ndcg"]["chance"] == score.chance
    assert len(report["layers"]["mean"]) == 2
    write_evaluation(tmp_path / "again", found, "text+task", {"matrix": {"m": "1"}})
    for name in names:
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_table_of_targets_follows_the_method(folder: Path) -> None:
    found = measured(folder, matrix())
    method = next(
        name for name in found.methods if found.chosen(name) != found.chosen(found.ranking.fused)
    )
    lines = evaluation_markdown(found, method).splitlines()
    start = lines.index(f"## Targets in points, and the source that {method} ranks first") + 4
    rows = [line.split(" | ") for line in lines[start : start + len(found.ranking.tasks)]]
    places = [place for place in found.chosen(method) if place is not None]
    assert [row[4] for row in rows] == [found.ranking.tasks[place] for place in places]


def test_an_unknown_reference(folder: Path) -> None:
    found = matrix()
    ranking = measure_ranking(folder, ["text"], found)
    assert measure_evaluation(ranking, found, draws=10).reference == "text"
    with pytest.raises(ConfigurationError, match="--reference task: choose from text, random"):
        measure_evaluation(ranking, found, "task")
