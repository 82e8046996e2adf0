"""The section on searches for hyper-parameters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from allennlp_heads.reports.page.blocks import Chart, Table, Text
from allennlp_heads.reports.page.run_folder import read_run
from allennlp_heads.reports.page.sections.search import across
from allennlp_heads.reports.search import SearchResults, write_search
from tests.reports.page.sections.looking import blocks_of, cells, only
from tests.reports.page.specimen_verbs import searched
from tests.reports.page.specimens import without_pictures


def blocks(found: SearchResults, folder: Path) -> tuple[str, list[Chart], Table]:
    with without_pictures():
        write_search(found, folder)
    section = only(across([read_run(str(folder))]))
    (text,), (table,) = blocks_of(section, Text), blocks_of(section, Table)
    return str(text), blocks_of(section, Chart), table


def test_trials_and_what_they_gave(tmp_path: Path) -> None:
    found = searched(["score", "loss"], ["kind", "rate"])
    said, charts, table = blocks(found, tmp_path)
    assert "6 trials: 4 complete, 1 pruned, 1 failed" in said
    assert "score (the larger the better), loss (the smaller the better)" in said
    assert "trial_1, trial_3" in said
    values, _, front, importance = charts
    points = values.spec["data"]["values"]
    assert [point["x"] for point in points] == [0, 1, 2, 3, 4], "the failed one has no value"
    assert [point["y"] for point in points] == [one.values[0] for one in found.trials if one.values]
    assert [point["x"] for point in points if point["series"] == "best"] == [1, 3]
    assert [(point["x"], point["y"]) for point in front.spec["data"]["values"]] == [
        tuple(one.values) for one in found.trials if one.values
    ]
    assert [bar["value"] for bar in importance.spec["data"]["values"]] == [50.0] * 4
    assert cells(table, "state") == [one.state for one in found.trials]
    assert cells(table, "trial")[1] == "trial_1 *"
    assert cells(table, "rate")[0] == f"{found.trials[0].parameters['rate']:.4g}"
    assert cells(table, "score")[-1] == "–" and cells(table, "reason")[-1]


@pytest.mark.parametrize("metrics", [1, 3])
def test_a_front_is_of_two_metrics(metrics: int, tmp_path: Path) -> None:
    found = searched([f"m{place}" for place in range(metrics)], ["rate"])
    _, charts, _ = blocks(replace(found, importance={}), tmp_path)
    assert len(charts) == metrics


def test_nothing_is_complete_yet(tmp_path: Path) -> None:
    found = searched(["score"], ["rate"], trials=4)
    going = [replace(one, state="running", values=None, best=False) for one in found.trials]
    said, charts, table = blocks(replace(found, trials=going, importance={}), tmp_path)
    assert "none yet" in said and not charts and "reason" in table.columns
    going = [replace(one, reason=None) for one in going]
    assert "reason" not in blocks(replace(found, trials=going, importance={}), tmp_path)[2].columns
