"""The section about transfer between tasks: from records alone, with the numbers they hold."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from allennlp_heads.analysis import holm, paired_test
from allennlp_heads.analysis.transfer import KINDS, allowed_sources, evaluate, ranking_methods
from docs import build_results
from docs.transfer import verdicts
from docs.transfer.comparisons import OTHER_RESTARTS, TESTED, Results
from docs.transfer.page import section
from docs.transfer.plan import (
    HEAD_GRIDS,
    MAIN,
    MARGINS,
    PUBLISHED_SIZE,
    SETTINGS,
    SHOWN,
    TASK,
    in_setting,
    task_title,
    title_of,
)
from docs.transfer.record import (
    EMBEDDINGS,
    MATRIX,
    matrix_of,
    read_embeddings_record,
    read_matrix_record,
    table_of,
    write_record,
)
from docs.transfer.tables import choice_of
from docs.transfer.verdicts import AS_WELL, UNDECIDED, WORSE, verdict
from tests.docs.blocks import ROOT
from tests.docs.test_five_tasks import table
from tests.docs.transfer_grid import (
    TASKS,
    embeddings_record,
    matrix,
    matrix_record,
    noises,
    write,
)

COMMITTED = ROOT / "docs" / "results" / "transfer"
DRAWS = 1000
"""As few as can be significant after the correction for all methods of the page."""
GOOD, BAD = 0.02, 3.0
"""How far embeddings are from the truth, of which the transfer is made."""


Made = Callable[[float, float], Results]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Results by how far TaskEmb and the embeddings of heads are from the truth, made once."""

    @functools.cache
    def results_of(task: float, heads: float) -> Results:
        folder = tmp_path_factory.mktemp("made")
        write(folder, task=task, heads=heads)
        return Results(folder, DRAWS)

    return results_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All records, as `docs/results` has them."""
    results = tmp_path_factory.mktemp("results")
    write(results / "transfer")
    return results


@pytest.fixture(scope="module")
def results(made: Made) -> Results:
    return made(GOOD, GOOD)


@pytest.fixture(scope="module")
def lines(results: Results) -> list[str]:
    return section(results, "x")


def after(lines: list[str], start: str) -> list[str]:
    return lines[next(n for n, line in enumerate(lines) if line.startswith(start)) :]


def test_the_matrix_comes_back_as_it_was(folder: Path) -> None:
    found, made = matrix_of(read_matrix_record(folder / "transfer" / "matrix.json")), matrix()
    numpy.testing.assert_array_equal(found.scores, made.scores)
    numpy.testing.assert_array_equal(found.direct, made.direct)
    assert found.tasks == made.tasks and found.curves == made.curves
    assert found.available == made.available


def test_cosines_come_back_for_any_order_and_any_tasks() -> None:
    record = embeddings_record(MAIN, noises(GOOD, GOOD))
    whole = table_of(record, "pooled", TASKS)
    assert numpy.array_equal(whole, whole.T) and (numpy.diag(whole) == 1).all()
    some = ["ner", "unknown", "sst2"]
    found = table_of(record, "pooled", some)
    assert found[0, 2] == found[2, 0] == whole[TASKS.index("ner"), TASKS.index("sst2")]
    assert numpy.isnan(found[1]).all() and numpy.isnan(found[:, 1]).all()


def test_methods_are_those_of_the_pure_functions(results: Results) -> None:
    made = matrix()
    allowed = allowed_sources([made.classes[task] for task in TASKS])
    expected = ranking_methods(results.similar[MAIN], made.available, made.curves, TASKS, allowed)
    for name, scores in expected.items():
        numpy.testing.assert_array_equal(results.methods[name], scores)
    others = [in_setting(setting) for setting in SETTINGS if setting != MAIN]
    assert set(results.methods) == {*expected, *others, PUBLISHED_SIZE}
    assert results.shown == list(SHOWN)
    found = evaluate({"task": expected[TASK]}, made.performance, allowed, draws=DRAWS)[TASK]
    for name, score in found.measures.items():
        assert results.evaluations[TASK].measures[name][:7] == score[:7]


def test_the_embeddings_are_counted(results: Results) -> None:
    assert results.sizes["heads.importance"] == 72 and results.sizes["heads"] == 144
    assert results.sizes[TASK] == 5 * 72 and results.sizes["layer_output"] == 2 * 72
    assert results.sizes["text+task+heads"] == 8 * 72
    assert results.sizes[in_setting("batch_sum")] == 72 and "random" not in results.sizes


def test_tests_are_corrected_by_question(results: Results) -> None:
    reference = results.evaluations[TASK].measures
    for rows, names in (
        (results.about_heads, HEAD_GRIDS),
        (results.about_others, [n for n in SHOWN if n not in (*HEAD_GRIDS, TASK, "random")]),
    ):
        assert [(r.measure, r.method) for r in rows] == [(m, n) for m in TESTED for n in names]
        tests = [
            paired_test(
                reference[row.measure].targets,
                results.evaluations[row.method].measures[row.measure].targets,
                DRAWS,
            )
            for row in rows
        ]
        assert [row.found.p_value for row in rows] == [test.p_value for test in tests]
        assert [row.adjusted for row in rows] == holm([test.p_value for test in tests])
    assert len(results.above_chance) == 2 * (len(SHOWN) - 1)


def test_a_lower_rank_of_the_best_is_a_gain(results: Results) -> None:
    row = next(row for row in results.about_others if row.measure == "best_rank")
    difference, lower, upper = row.gain
    assert row.found.difference > 0 > difference
    assert lower <= difference <= upper


@pytest.mark.parametrize(
    ("heads", "task", "start"),
    [
        (GOOD, GOOD, "Yes, within the margins, in both measures"),
        (BAD, GOOD, "No: worse by heads' importance in NDCG; worse by heads' gate Fisher in NDCG"),
        (BAD, BAD, "This experiment cannot say: TaskEmb itself is not clearly better than random"),
    ],
)
def test_the_outcome_chooses_the_answer(heads: float, task: float, start: str, made: Made) -> None:
    found = made(task, heads)
    first, *others = verdicts.answer(found)
    asked = "- **Does an embedding of 72 numbers, one a head, rank sources as well as the whole of "
    assert first.startswith(f"{asked}TaskEmb (360 numbers)?** {start}")
    assert len(others) == 4 + 2 and "have 10 targets" in others[4]
    assert "0.0078" in others[4] and "hardly decide anything" in others[5]
    above = verdicts.about_chance(found)[0]
    assert ("heads' importance" in above) == (heads == GOOD)


def test_a_verdict_needs_a_small_interval_or_a_small_p(made: Made) -> None:
    found = made(GOOD, BAD)
    row = found.about_heads[0]
    assert row.measure == "ndcg" and verdict(found, row) == WORSE
    margin = found.margin("ndcg")
    for lower, expected in ((-0.99 * margin, AS_WELL), (-1.01 * margin, UNDECIDED)):
        difference = row.found._replace(lower=lower)
        changed = row._replace(adjusted=verdicts.LEVEL, found=difference)
        assert verdict(found, changed) == expected


def test_the_margin_is_no_more_than_half_the_lead(made: Made) -> None:
    good = made(GOOD, GOOD)
    assert {name: good.margin(name) for name in TESTED} == MARGINS
    bad = made(BAD, BAD)
    for name, sign in (("ndcg", 1), ("best_rank", -1)):
        score = bad.evaluations[TASK].measures[name]
        half = sign * (score.mean - score.chance) / 2
        assert bad.margin(name) == pytest.approx(max(0.0, min(MARGINS[name], half)))
        assert bad.margin(name) < MARGINS[name]


def test_choices_are_counted(results: Results) -> None:
    choice = choice_of(results, TASK)
    made, chosen = matrix(), results.evaluations[TASK].chosen
    columns = range(len(TASKS))
    differences = (made.performance - made.baseline)[chosen, columns]
    assert choice.hits == sum(chosen == numpy.nanargmax(made.performance, axis=0)) > 5
    assert choice.points == pytest.approx(differences.mean())
    assert choice.gain == pytest.approx((differences / made.baseline).mean())
    assert (choice.targets, choice.worse) == (10, sum(differences < 0))


def test_a_choice_without_a_baseline_is_not_counted(tmp_path: Path) -> None:
    """Hits and targets are of the same set."""
    made = matrix()
    made.direct[:3] = numpy.nan
    write_record(tmp_path / f"{MATRIX}.json", matrix_record(made))
    write_record(tmp_path / f"{MAIN}.{EMBEDDINGS}.json", embeddings_record(MAIN, noises(0, 0)))
    found = Results(tmp_path, 10)
    hits = found.evaluations[TASK].measures["hit@1"].targets
    choice = choice_of(found, TASK)
    assert choice.targets == 7 and choice.hits == hits[3:].sum() < hits.sum()


def test_published_sizes_rank_the_tasks_that_have_one(results: Results, lines: list[str]) -> None:
    scores = results.methods[PUBLISHED_SIZE]
    column = dict(zip(TASKS, scores[:, TASKS.index("stsb")]))
    assert column["mnli"] == 393 and column["squad"] == 108 and column["pos"] == 13
    assert numpy.isnan([column[task] for task in ("stsb", "ner", "dep", "con")]).all()
    text = "\n".join(lines)
    assert "7 of 10 tasks here" in text
    # each of three tasks without a size is a source of nine targets
    assert "Of 90 pairs of target and source" in text and "data size (as published) 27" in text


def test_cells_with_shared_texts_are_left_out(tmp_path: Path) -> None:
    shared = {"squad": {"qqp": 0.427}, "stsb": {"mnli": 0.01}}
    write_record(tmp_path / f"{MATRIX}.json", matrix_record(matrix(), shared=shared))
    found = Results(tmp_path, 10)
    source, target = TASKS.index("squad"), TASKS.index("qqp")
    changed = matrix().scores
    changed[source, target] = numpy.nan
    numpy.testing.assert_array_equal(found.matrix.scores, changed)
    assert numpy.isnan(found.evaluations["data_size"].ranks[source, target])
    text = "\n".join(section(found, "x"))
    assert "left out of everything below: SQuAD to QQP (42.7 %)." in text
    assert "200 of\n200 of them are done" in text and "cells are missing" not in text


def test_tables_hold_the_numbers(lines: list[str], results: Results) -> None:
    rows = {row[0]: row[1:] for row in table(lines, "method | numbers")}
    assert list(rows) == [title_of(name) for name in SHOWN]
    score = results.evaluations["heads"].measures["ndcg"]
    assert rows["heads (both)"][:2] == [
        "144",
        f"{score.mean:.3f} ({score.lower:.3f} to {score.upper:.3f})",
    ]
    assert rows["random"][-2:] == ["", ""]
    made = matrix()
    targets = {row[0]: row for row in table(lines, "target")}
    best = int(numpy.nanargmax(made.performance[:, 0]))
    assert targets["SST-2"][3:5] == ["1,000", f"{made.baseline[0]:.1f}"]
    assert targets["SST-2"][-2].endswith(f" {made.performance[best, 0]:.1f}")
    assert "200 of\n200 of them are done" in "\n".join(lines)
    assert any(line.startswith("- left out of SQuAD in `per_example`: lay") for line in lines)


def test_the_study_is_quoted_where_its_figure_shows_it(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert "| the study's TaskEmb (its Figure 2) | 15 of 33 | +15.60 | +45.0 % | 2 of 33 |" in text
    assert "questions 63.2 %, labelling 21.0 %" in text


def test_the_best_source_of_a_class(lines: list[str]) -> None:
    rows = {row[0]: row[1:] for row in table(lines, "best source among")}
    gains = matrix().gains[5, 6:]
    expected = f"{100 * gains.mean():+.1f} % ({(gains > 0).sum()} of 4)"
    assert rows["questions"][1:] == ["-", expected]


def test_other_restarts_are_the_yardstick(results: Results) -> None:
    made = matrix()
    allowed = allowed_sources([made.classes[task] for task in TASKS])
    first, second = (100 * made.scores[..., n] for n in (0, 1))
    expected = [
        evaluate({"other": other}, one, allowed, draws=1)["other"].measures["ndcg"].mean
        for one, other in ((first, second), (second, first))
    ]
    assert results.by_restart[OTHER_RESTARTS]["ndcg"] == pytest.approx(numpy.mean(expected))


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    made = matrix(restarts=1)
    made.scores[0, 1] = made.scores[:, 2] = made.direct[3] = numpy.nan
    write_record(tmp_path / f"{MATRIX}.json", matrix_record(made))
    lines = section(Results(tmp_path, 50), "x")
    text = "\n".join(lines)
    assert "There is no embedding of heads beside a TaskEmb" in text
    assert "- 11 of the cells are missing" in text and "One restart only" in text
    assert all(f"- not embedded: `{setting}`" in lines for setting in SETTINGS)
    assert "layers.png" not in text and "violin.png" not in text
    (rte,) = (row for row in table(lines, "target") if row[0] == task_title("rte"))
    assert rte[-3:] == ["", "", ""]


def test_a_restart_that_has_not_begun_is_no_yardstick(tmp_path: Path) -> None:
    made = matrix()
    made.scores[..., 1] = made.direct[:, 1] = numpy.nan
    write_record(tmp_path / f"{MATRIX}.json", matrix_record(made))
    results = Results(tmp_path, 50)
    assert results.by_restart == {}
    assert "One restart only" in "\n".join(section(results, "x"))


def test_page_and_pictures_come_from_one_command(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init = Results.__init__
    monkeypatch.setattr(Results, "__init__", lambda self, folder: init(self, folder, 20))
    page, images = tmp_path / "page.md", tmp_path / "images" / "transfer"
    assert build_results.main(["--results", str(folder), "--page", str(page)]) == 0
    linked = {f"similarity.{kind}" for kind in KINDS}
    linked |= {"gains", "layers", "violin", "ranks", "graph"}
    assert {path.stem for path in images.iterdir()} == linked
    text = page.read_text("utf-8")
    assert all(f"(images/transfer/{name}.png)" in text for name in linked)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": {}}, "the scores are not those of the tasks"),
        ({"restarts": 3}, "the scores are not those of the tasks"),
        ({"direct": {task: [50.0, 60.0] for task in TASKS}}, "a score is a share"),
    ],
)
def test_a_wrong_matrix_is_named(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        write_record(tmp_path / f"{MATRIX}.json", matrix_record(matrix()) | change)
    assert not list(tmp_path.iterdir())


def test_wrong_embeddings_are_named(tmp_path: Path) -> None:
    record = embeddings_record(MAIN, noises(GOOD, GOOD))
    record["components"]["pooled"]["cosines"].pop()
    path = tmp_path / f"{MAIN}.{EMBEDDINGS}.json"
    with pytest.raises(ValueError, match="the cosines of pooled are not whole: 44 cosines of 45"):
        write_record(path, record)


@pytest.mark.parametrize("key", ["encoder", "budget"])
def test_embeddings_of_another_experiment_are_refused(key: str, tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / f"batch_sum.{EMBEDDINGS}.json"
    write_record(path, read_embeddings_record(path) | {key: "other"})
    with pytest.raises(ValueError, match=f"batch_sum.embeddings.json: its {key} is not that of"):
        Results(tmp_path, 10)


def test_committed_records_are_small_and_whole() -> None:
    every = list(COMMITTED.glob("*.json"))
    assert sum(path.stat().st_size for path in every) < 300_000
    if every:
        record = Results(COMMITTED, 10).record
        assert (ROOT / record["experiment"]).is_file()
