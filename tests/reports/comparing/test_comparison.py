"""What is compared with what, and that the numbers are those of the tests called directly."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis import MEASURES, compare, holm, signed_rank
from allennlp_heads.analysis.measures import F1
from allennlp_heads.reports.comparing import (
    Cell,
    TaskTable,
    choose,
    compare_settings,
    notes_of,
    read_settings,
)
from tests.reports.comparing.made_runs import some_counts, write_run

ROUNDS = 200
SEEDS = (13, 14, 15)


def tables_of(arguments: list[str], **options: Any) -> dict[str, TaskTable]:
    settings, _ = read_settings(arguments)
    tables = compare_settings(choose(settings, **options), ROUNDS, seed=3)
    return {table.task: table for table in tables}


def cells(table: TaskTable) -> dict[str, Cell]:
    return {cell.setting: cell for cell in table.cells}


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    """pos and dep alone with three seeds, both together with two of these and one more."""
    pos = {seed: some_counts(seed) for seed in SEEDS}
    dep = {seed: some_counts(seed, 20) for seed in SEEDS}
    both = {seed: (some_counts(90 + seed, right=0.8), some_counts(60 + seed, 20)) for seed in SEEDS}
    found = [write_run(tmp_path / f"pos.{s}", {"pos": c}, s) for s, c in pos.items()]
    found += [write_run(tmp_path / f"dep.{s}", {"dep": c}, s) for s, c in dep.items()]
    for seed, (one, other) in both.items():
        place, own = tmp_path / f"both.{seed}", 99 if seed == 15 else seed
        found.append(write_run(place, {"pos": one, "dep": other}, own, updates=seed))
    return found


def test_tests_are_those_of_direct_calls(runs: list[str]) -> None:
    found = tables_of(runs)
    wanted = {}
    for task, number in (("pos", 30), ("dep", 20)):
        one = numpy.stack([some_counts(seed, number) for seed in (13, 14)])
        shift, right = (90, 0.8) if task == "pos" else (60, 0.6)
        other = numpy.stack([some_counts(shift + seed, number, right) for seed in (13, 14)])
        wanted[task] = compare(one, other, F1, rounds=ROUNDS, seed=3)
    adjusted = holm([test.p_value for test in wanted.values()])
    for (task, test), p_value in zip(wanted.items(), adjusted):
        against = cells(found[task])["pos+dep"].against
        assert against is not None and against.seeds == [13, 14]
        measured = (against.difference, against.p_value, against.low, against.high, against.exact)
        assert (*measured, against.by_seed) == test
        assert against.adjusted == p_value
        assert against.p_over_seeds == signed_rank(numpy.array(test.by_run))
        assert against.least_over_seeds == 0.5
    over_seeds = [cells(found[task])["pos+dep"].against for task in ("pos", "dep")]
    assert [a.adjusted_over_seeds for a in over_seeds if a] == holm(
        [a.p_over_seeds for a in over_seeds if a and a.p_over_seeds]
    )


def test_scores_references_and_budgets(runs: list[str]) -> None:
    pos = tables_of(runs)["pos"]
    assert (pos.reference, pos.alone, pos.examples, pos.metric) == ("pos", True, 30, "accuracy")
    alone, both = cells(pos)["pos"], cells(pos)["pos+dep"]
    scores = [float(F1.of_examples(some_counts(seed))) for seed in SEEDS]
    assert alone.scores == scores and alone.mean == statistics.fmean(scores)
    assert alone.std == statistics.stdev(scores) and alone.against is None
    assert both.seeds == [13, 14, 99]
    assert [alone.budget, both.budget] == [(4, 4, 32, 32), (14, 14, 8 * 14, 16 * 14)]


def test_the_reference_can_be_chosen(runs: list[str]) -> None:
    found = tables_of(runs, references=["pos+dep"])
    for task, table in found.items():
        assert table.reference == table.cells[0].setting == "pos+dep" and not table.alone
        assert cells(table)[task].against is not None
    found = tables_of(runs, references=["pos+dep", "dep=dep"], tasks=["dep", "pos"])
    assert [(t.task, t.reference) for t in found.values()] == [("dep", "dep"), ("pos", "pos+dep")]
    with pytest.raises(
        ConfigurationError, match="pos=dep: 'dep' has no scores of 'pos'; give NAME"
    ):
        tables_of(runs, references=["pos=dep"])
    for wrong in ("all", "ner=pos", "pos="):
        with pytest.raises(ConfigurationError, match=f"--reference {wrong}: give NAME or TASK"):
            tables_of(runs, references=[wrong])


def test_what_is_missing_is_said_and_not_invented(runs: list[str]) -> None:
    only = tables_of([*runs[:1], *runs[6:7], *runs[8:]])  # pos.13, both.13, both.99
    dep, pos = cells(only["dep"]), cells(only["pos"])
    assert only["dep"].reference is None and dep["pos+dep"].against is None
    against = pos["pos+dep"].against
    assert pos["pos"].std is None and against is not None and against.seeds == [13]
    assert against.p_over_seeds is None and against.adjusted_over_seeds is None
    notes = " ".join(notes_of(list(only.values()), [], "validation", "best", ["x/cut"]))
    assert "epochs were chosen on the examples" in notes
    assert "No difference is given of dep, which no run trains alone" in notes
    assert "no standard deviation and no test over seeds; it may differ by luck: pos." in notes
    assert "not those of the means shown: pos+dep (pos)." in notes
    assert "Left out, since they are not finished: x/cut." in notes
    apart = tables_of([runs[0], runs[8]], tasks=["pos"])
    assert cells(apart["pos"])["pos+dep"].against is None
    notes = " ".join(notes_of(list(apart.values()), [], "test", "best", []))
    assert "no seed is also one of the reference: pos+dep (pos)." in notes
    assert "chosen on" not in notes and "Left out" not in notes


def test_few_seeds_and_unknown_budgets_and_digests_are_noted(tmp_path: Path) -> None:
    options: dict[str, Any] = {"updates": None, "digests": {"data/pos.dev": None}}
    runs = [write_run(tmp_path / f"{s}", {"pos": some_counts(s)}, s, **options) for s in SEEDS]
    both = [
        write_run(tmp_path / f"two.{s}", {"pos": some_counts(s), "dep": some_counts(s)}, s)
        for s in SEEDS
    ]
    found = tables_of([*runs, *both], tasks=["pos"])
    notes = " ".join(notes_of(list(found.values()), [], "test", "last", []))
    assert "cannot give a p-value below 0.25 over seeds" in notes
    assert (
        "(earlier releases and trainings by several workers do not): pos." in notes
        and cells(found["pos"])["pos"].budget is None
    )
    assert "Of pos the runs do not tell the digest" in notes


def test_measures_of_all_kinds(tmp_path: Path) -> None:
    draw = numpy.random.default_rng(0)
    answers = {}
    for seed in (1, 2):
        right = (draw.random(25) < 0.5).astype(float)
        answers[seed] = numpy.stack([numpy.maximum(right, draw.random(25)), right, right**0], 1)
    gold = draw.normal(size=25)
    values = {seed: numpy.stack([gold + draw.normal(size=25), gold], 1) for seed in (1, 2)}
    truth = draw.integers(0, 2, 25)
    decisions = {}
    for seed in (1, 2):
        said = draw.integers(0, 2, 25)
        decisions[seed] = numpy.stack([truth & said, said, truth, truth**0], axis=1)
    given = {"squad": answers, "stsb": values, "cola": decisions}
    metrics = {"squad": "token_f1", "stsb": "spearman", "cola": "matthews"}
    runs = [
        write_run(
            tmp_path / name, {task: counts[seed] for task, counts in given.items()}, 5, metrics
        )
        for name, seed in (("one", 1), ("two", 2))
    ]
    arguments = [f"one={runs[0]}", f"two={runs[1]}"]
    chosen = {"squad": "exact_match", "stsb": "pearson"}
    for options in ({}, chosen):
        found = tables_of(arguments, references=["one"], metrics=options)
        for task, counts in given.items():
            measure = MEASURES[{**metrics, **options}[task]]
            assert found[task].metric == measure.name
            test = compare(counts[1], counts[2], measure, rounds=ROUNDS, seed=3)
            against = cells(found[task])["two"].against
            assert against is not None
            assert (against.difference, against.p_value) == (test.difference, test.p_value)
            assert (against.low, against.high) == (test.lower, test.upper)
    message = "gives token_f1, exact_match"
    with pytest.raises(ConfigurationError, match=rf"--metric squad=f1: .* {message}"):
        tables_of(arguments, metrics={"squad": "f1"})


def test_runs_must_agree_on_what_they_count(tmp_path: Path) -> None:
    first = write_run(tmp_path / "a", {"pos": some_counts(1)}, 1, {"pos": "accuracy"})
    second = write_run(tmp_path / "b", {"pos": some_counts(1)}, 1, {"pos": "f1"})
    arguments = [f"x={first}", f"y={second}"]
    with pytest.raises(
        ConfigurationError, match="a has accuracy; .*b has f1: choose one, as in --m"
    ):
        tables_of(arguments, references=["x"])
    assert tables_of(arguments, references=["x"], metrics={"pos": "f1"})["pos"].metric == "f1"
    values = write_run(tmp_path / "c", {"pos": some_counts(1)[:, :2]}, 1, {"pos": "pearson"})
    with pytest.raises(ConfigurationError, match="compare runs that kept the same counts"):
        tables_of([f"x={first}", f"z={values}"], metrics={"pos": "f1"})


def test_other_examples_are_refused(tmp_path: Path) -> None:
    counts = some_counts(1)
    regarded = counts.copy()
    regarded[0, 2] += 1
    first = write_run(tmp_path / "a", {"pos": counts}, 1)
    wrong = {
        r"data/pos.dev \(01234567\) and data/pos.dev \(other\) differ \(the file": write_run(
            tmp_path / "b", {"pos": counts}, 1, digests={"data/pos.dev": "other"}
        ),
        "30 and 29 examples": write_run(tmp_path / "c", {"pos": counts[:-1]}, 2),
        "the gold differs in 1 of 30 examples": write_run(tmp_path / "d", {"pos": regarded}, 3),
        r"x#dev \(01234567\) differ": write_run(
            tmp_path / "e",
            {"pos": counts},
            4,
            digests={"x#dev": "0123456789abcdefdata/pos.dev"},
            validation_data_path={"pos": "x#dev"},
        ),
    }
    for message, run in wrong.items():
        with pytest.raises(ConfigurationError, match=rf"'pos': {first} and {run} .*{message}"):
            tables_of([f"one={first}", f"two={run}"])


def test_unknown_tasks_and_two_that_train_a_task_alone(runs: list[str], tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match="no run has scores of ner: the tasks are pos, dep"
    ):
        tables_of(runs, tasks=["ner"])
    with pytest.raises(ConfigurationError, match="no run has scores of srl"):
        tables_of(runs, metrics={"srl": "f1"})
    other = write_run(
        tmp_path / "gated", {"pos": some_counts(4)}, 13, data_loader={"batch_size": 3}
    )
    with pytest.raises(
        ConfigurationError, match="pos and gated all train 'pos' alone: .*--reference"
    ):
        tables_of([*runs, other])
    assert tables_of([*runs, other], references=["pos=gated"])["pos"].reference == "gated"
