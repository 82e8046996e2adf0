"""Scores and learning curves: best epoch, intervals, and runs that lack some of the files."""

import json
import shutil
from pathlib import Path

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.page.blocks import Chart, Table, Text
from allennlp_heads.reports.page.sections import curves, scores
from tests.reports.comparing.made_runs import some_counts, write_run
from tests.reports.page.sections.looking import blocks_of, cells, only, sections_of

COUNTS = [some_counts(epoch, right=right) for epoch, right in enumerate((0.3, 0.9, 0.5))]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Three epochs, the second one the best."""
    write_run(tmp_path / "run", {"pos": COUNTS, "dep": COUNTS[::-1]})
    return tmp_path / "run"


def percent(counts: numpy.ndarray) -> str:
    return f"{100 * counts[:, 0].sum() / counts[:, 2].sum():.1f}"


def test_the_score_is_that_of_the_best_epoch(run: Path) -> None:
    section = only(sections_of(scores.sections, run))
    (table,) = blocks_of(section, Table)
    assert cells(table, "score") == [percent(COUNTS[1])] * 2
    assert cells(table, "score after the last epoch") == [percent(COUNTS[0]), percent(COUNTS[2])]
    assert "after epoch 2 of 3" in blocks_of(section, Text)[0].text


def test_intervals_hold_the_score_and_shrink_with_more_examples(tmp_path: Path) -> None:
    widths = []
    for examples in (30, 3000):
        counts = some_counts(1, examples)
        write_run(tmp_path / str(examples), {"pos": counts})
        (table,) = blocks_of(only(sections_of(scores.sections, tmp_path / str(examples))), Table)
        low, high = map(float, cells(table, "95 % interval")[0].split(" to "))
        assert low <= float(percent(counts)) <= high
        widths.append(high - low)
    assert widths[1] < widths[0] / 5


def test_without_counts_there_are_no_intervals(run: Path) -> None:
    for path in (run / "heads" / "scores").glob("*.npz"):
        path.unlink()
    section = only(sections_of(scores.sections, run))
    (table,) = blocks_of(section, Table)
    assert "95 % interval" not in table.columns and not blocks_of(section, Chart)


def test_counts_of_another_run_are_refused(run: Path) -> None:
    folder = run / "heads" / "scores"
    numpy.savez(folder / "pos.validation.npz", epochs=[7], counts=numpy.zeros((1, 30, 3)))
    with pytest.raises(ConfigurationError, match="pos.validation.npz"):
        sections_of(scores.sections, run)


def test_a_damaged_report_is_named(run: Path) -> None:
    path = run / "heads" / "scores" / "scores.json"
    report = json.loads(path.read_text())
    del report["tasks"]["pos"]["gold"]
    path.write_text(json.dumps(report))
    with pytest.raises(ConfigurationError, match="scores.json"):
        sections_of(scores.sections, run)


def test_an_unfinished_training_says_so(tmp_path: Path) -> None:
    write_run(tmp_path / "run", {"pos": COUNTS}, finished=False)
    text = blocks_of(only(sections_of(scores.sections, tmp_path / "run")), Text)[0].text
    assert "has not ended" in text and "archive" not in text


def test_evaluations_have_a_table_of_their_own(run: Path) -> None:
    source = run / "heads" / "scores"
    report = json.loads((source / "scores.json").read_text()) | {"data": "test", "best_epoch": None}
    (run / "scores.test.json").write_text(json.dumps(report))
    shutil.copy(source / "pos.validation.npz", run / "pos.test.npz")
    tables = blocks_of(only(sections_of(scores.sections, run)), Table)
    assert cells(tables[1], "evaluation") == ["test", "test"]
    assert cells(tables[1], "task") == ["dep", "pos"]
    assert cells(tables[1], "score") == [percent(COUNTS[0]), percent(COUNTS[2])]
    assert [cell == "–" for cell in cells(tables[1], "95 % interval")] == [True, False]


def test_all_metrics_are_folded_behind_the_scores(specimen: Path) -> None:
    first, second = sections_of(scores.sections, specimen)
    assert (first.folded, second.folded) == (False, True)
    (table,) = blocks_of(second, Table)
    metrics = json.loads((specimen / "metrics.json").read_text())
    places = {(row[0], row[1]): row for row in table.rows}
    assert places["all", "loss"][3] == f"{metrics['validation_loss']:.4f}"


def test_metrics_of_a_model_without_tasks(tmp_path: Path) -> None:
    metrics = {"best_epoch": 0, "validation_accuracy": 0.5, "training_duration": "0:01:02"}
    (tmp_path / "metrics.json").write_text(json.dumps(metrics))
    section = only(sections_of(scores.sections, tmp_path))
    (table,) = blocks_of(section, Table)
    assert not section.folded
    assert table.rows == [["accuracy", "0.5000"]]
    assert table.columns == ["metric", "validation, last epoch"]


def test_curves_have_a_point_for_each_epoch_and_task(run: Path) -> None:
    section = only(sections_of(curves.sections, run))
    by_score, by_loss = blocks_of(section, Chart)
    values = by_score.spec["data"]["values"]
    assert [(row["x"], row["series"]) for row in values] == [
        (epoch, f"{task} (accuracy)") for task in ("dep", "pos") for epoch in (1, 2, 3)
    ]
    assert [f"{row['y']:.1f}" for row in values[3:]] == [percent(counts) for counts in COUNTS]
    assert len(by_loss.spec["data"]["values"]) == 6


def test_curves_of_metrics_and_losses(specimen: Path) -> None:
    first, second = sections_of(curves.sections, specimen)
    titles = [chart.title for chart in blocks_of(first, Chart)]
    assert titles == ["Scores by epoch", "Loss by epoch", "Validation loss by task"]
    assert second.folded and len(blocks_of(second, Chart)) == 2


def test_one_epoch_makes_no_curve(tmp_path: Path) -> None:
    write_run(tmp_path / "run", {"pos": COUNTS[0]})
    assert sections_of(curves.sections, tmp_path / "run") == []
