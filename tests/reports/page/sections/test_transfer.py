"""The sections on transfer between tasks: measured, ranked, evaluated and put to use."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest

from allennlp_heads.reports.files import read_arrays
from allennlp_heads.reports.page.blocks import Chart, Section, Table, Text
from allennlp_heads.reports.page.run_folder import read_run
from allennlp_heads.reports.page.sections import (
    applied,
    embeddings,
    evaluation,
    ranking,
    transfer,
)
from allennlp_heads.reports.transfer import read_matrix, write_matrix
from tests.reports.page.sections.looking import blocks_of, cells, only
from tests.reports.transfer.made import TASKS, matrix


def section_of(module: Any, folder: Path) -> Section:
    return only(module.across([read_run(str(folder))]))


def report(folder: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    return found


def test_gains_are_relative_to_no_source(verbs: Path) -> None:
    measured = read_matrix(verbs / "transfer")
    gains, curves = blocks_of(section_of(transfer, verbs / "transfer"), Chart)
    drawn = {(row["y"], row["x"]): row["value"] for row in gains.spec["data"]["values"]}
    one, other = measured.tasks[:2]
    assert drawn[one, other] == pytest.approx(100 * measured.gains[0, 1])
    assert drawn[one, one] is None
    assert len(curves.spec["data"]["values"]) == 2 * len(measured.tasks)


def test_best_and_worst_source_of_each_target(verbs: Path) -> None:
    measured = read_matrix(verbs / "transfer")
    (table,) = blocks_of(section_of(transfer, verbs / "transfer"), Table)
    best = [measured.tasks[place] for place in numpy.nanargmax(measured.performance, axis=0)]
    worst = [measured.tasks[place] for place in numpy.nanargmin(measured.performance, axis=0)]
    assert cells(table, "best source") == best
    assert cells(table, "worst source") == worst
    direct = 100 * measured.direct[0]
    assert cells(table, "no source")[0] == f"{direct.mean():.1f} ± {direct.std(ddof=1):.1f}"


def test_equal_sources_are_all_named(tmp_path: Path) -> None:
    made = matrix(TASKS[:4], restarts=1)
    scores = numpy.full_like(made.scores, 0.5)
    scores[2, 0] = 0.9  # the only best one of the first target
    scores[1:3, 3] = 0.8  # two that are equally good for the last
    scores[range(4), range(4)] = numpy.nan
    write_matrix(tmp_path, replace(made, scores=scores, curves={}))
    (table,) = blocks_of(section_of(transfer, tmp_path), Table)
    one, two, three, _ = TASKS[:4]
    best = cells(table, "best source")
    assert best == [
        three,
        f"{one}, {three} and 1 more",
        f"{one}, {two} and 1 more",
        f"{two}, {three}",
    ]
    assert cells(table, "worst source")[3] == one
    assert cells(table, "after it")[3] == "80.0"


def test_missing_cells_are_named_and_have_no_number(tmp_path: Path) -> None:
    made = matrix(TASKS[:3], restarts=1)
    scores, direct = made.scores.copy(), made.direct.copy()
    scores[0, 1], scores[:, 2], direct[2] = numpy.nan, numpy.nan, numpy.nan
    write_matrix(tmp_path, replace(made, scores=scores, direct=direct, curves={}))
    section = section_of(transfer, tmp_path)
    assert "Not measured: none → squad (0), cola → sst2 (0)" in blocks_of(section, Text)[0].text
    (table,) = blocks_of(section, Table)
    assert table.rows[2][2:] == ["–"] * 7
    (chart,) = blocks_of(section, Chart)
    assert sum(row["value"] is not None for row in chart.spec["data"]["values"]) == 3


def test_sources_are_listed_with_the_ranks_of_all_methods(verbs: Path) -> None:
    content = report(verbs / "ranking", "ranking")
    section = section_of(ranking, verbs / "ranking")
    (table,) = blocks_of(section, Table)
    target, method = content["tasks"][0], content["method"]
    first = content["rankings"][target][method][0]
    assert table.rows[0][:2] == [target, first["source"]]
    assert cells(table, method)[0] == f"{first['rank']:g}"
    assert len(blocks_of(section, Chart)) == len(content["kinds"])


def test_similarities_are_shown_once(verbs: Path) -> None:
    folders = [read_run(str(verbs / name)) for name in ("ranking", "embeddings")]
    (alone,) = ranking.across(folders[:1])
    (beside,) = ranking.across(folders)
    shown = blocks_of(only(embeddings.across(folders)), Chart)
    assert len(shown) == len(blocks_of(alone, Chart)) == 3 and not blocks_of(beside, Chart)


def test_other_similarities_are_shown_beside(verbs: Path, tmp_path: Path) -> None:
    shutil.copytree(verbs / "ranking", tmp_path / "ranking")
    arrays = read_arrays(verbs / "ranking" / "ranking.npz")
    numpy.savez(tmp_path / "ranking/ranking.npz", **{k: v * 0.9 for k, v in arrays.items()})
    folders = [read_run(str(tmp_path / "ranking")), read_run(str(verbs / "embeddings"))]
    assert len(blocks_of(only(ranking.across(folders)), Chart)) == 3


def test_a_single_component_orders_no_list(verbs: Path, tmp_path: Path) -> None:
    content = report(verbs / "ranking", "ranking") | {"method": "layer_output.1"}
    (tmp_path / "ranking.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "ranking.npz").write_bytes((verbs / "ranking" / "ranking.npz").read_bytes())
    section = section_of(ranking, tmp_path)
    assert "ordered by text+task+heads" in blocks_of(section, Text)[0].text


def test_methods_stand_beside_chance_and_baselines(verbs: Path) -> None:
    content = report(verbs / "ranking", "evaluation")
    section = section_of(evaluation, verbs / "ranking")
    methods, differences = blocks_of(section, Table)[:2]
    shown = cells(methods, "method")
    assert {"random", "data_size", "curve_gradient", "text", "chance"} < set(shown)
    ndcg = content["methods"]["text"]["measures"]["ndcg"]
    numbers = [f"{100 * ndcg[key]:.1f}" for key in ("mean", "lower", "upper")]
    text = "{} ({} to {})".format(*numbers)
    assert cells(methods, "NDCG")[shown.index("text")] == text
    assert cells(methods, "NDCG")[-1] == f"{100 * ndcg['chance']:.1f}"
    assert content["reference"] not in cells(differences, "method")
    chart = blocks_of(section, Chart)[0]
    assert [row["category"] for row in chart.spec["data"]["values"]] == shown[:-1]


def test_targets_show_what_the_ranking_chose(verbs: Path) -> None:
    content = report(verbs / "ranking", "evaluation")
    tables = blocks_of(section_of(evaluation, verbs / "ranking"), Table)
    (table,) = [table for table in tables if "chosen source" in table.columns]
    assert cells(table, "chosen source") == content["methods"][content["method"]]["chosen"]
    assert cells(table, "no source") == [f"{score:.1f}" for score in content["baseline"]]


def test_without_layers_and_regression_these_are_left_out(verbs: Path, tmp_path: Path) -> None:
    content = report(verbs / "ranking", "evaluation") | {"layers": None, "factors": {}}
    before = section_of(evaluation, verbs / "ranking").blocks
    (tmp_path / "evaluation.json").write_text(json.dumps(content), encoding="utf-8")
    assert len(section_of(evaluation, tmp_path).blocks) == len(before) - 2


def test_rankings_put_to_use_against_no_and_random_sources(verbs: Path) -> None:
    section = section_of(applied, verbs / "ranking")
    scores, differences = blocks_of(section, Table)
    assert cells(scores, "no source") == ["55.00 ± 7.07"]
    assert cells(differences, "difference") == ["+30.00", "+5.00"]
    (chart,) = blocks_of(section, Chart)
    assert [row["value"] for row in chart.spec["data"]["values"]] == pytest.approx([30, 5])


def test_gains_are_shown_once(verbs: Path) -> None:
    folders = [read_run(str(verbs / name)) for name in ("ranking", "transfer")]
    for runs, gains in ((folders[:1], 1), (folders, 0)):
        charts = blocks_of(only(evaluation.across(runs)), Chart)
        assert sum(chart.title.startswith("Gain of each") for chart in charts) == gains
    assert blocks_of(only(transfer.across(folders)), Chart)[0].title.startswith("Gain of each")
