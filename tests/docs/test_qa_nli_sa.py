"""The tables about answered questions: from records alone, with the numbers that they hold."""

from __future__ import annotations

import statistics
from pathlib import Path
from typing import Any

import numpy
import pytest

from allennlp_heads.analysis import compare, holm, paired_test
from allennlp_heads.analysis.measures import measure_of
from docs import build_results
from docs.qa_nli_sa import study, verdicts
from docs.qa_nli_sa.checks import about_floor
from docs.qa_nli_sa.comparisons import Compared, Results
from docs.qa_nli_sa.floor import ANY_SPAN, FIRST_SENTENCE, MAJORITY
from docs.qa_nli_sa.names import MEASURES, TITLES, row_of, rows, settings_of
from docs.qa_nli_sa.page import section
from docs.qa_nli_sa.plan import MNLI, SETTINGS, SQUAD, SST2, TASKS, UNTRAINED, Run, half_of
from docs.qa_nli_sa.record import EXACT, F1, counts_of, read_record, read_records, write_record
from docs.qa_nli_sa.verdicts import BETTER, UNDECIDED, WORSE, verdict
from tests.docs import qa_nli_sa_grid
from tests.docs.blocks import ROOT
from tests.docs.qa_nli_sa_grid import SEEDS, grid, record, write
from tests.docs.test_five_tasks import table

COMMITTED = ROOT / "docs" / "results" / "qa_nli_sa"
ROUNDS = 3000
"""So many that a p-value may be below the level after correction."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All records, as `docs/results` has them."""
    results = tmp_path_factory.mktemp("results")
    write(results / "qa_nli_sa", grid())
    return results


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return Results(folder / "qa_nli_sa", ROUNDS)


@pytest.fixture(scope="module")
def lines(results: Results) -> list[str]:
    return section(results, "x.png")


def after(lines: list[str], start: str) -> list[str]:
    return lines[next(n for n, line in enumerate(lines) if line.startswith(start)) :]


def of_task(lines: list[str], title: str, first: str) -> list[list[str]]:
    return table(after(lines, f"### {title} alone"), first)


def spread(values: list[float]) -> str:
    return f"{statistics.mean(values):.4f} +- {statistics.stdev(values):.4f}"


def one(results: Results, *wanted: str) -> Compared:
    (found,) = [row for row in results.compared if row[:4] == wanted]
    return found


def test_records_come_back_as_they_were(folder: Path) -> None:
    found = read_records(folder / "qa_nli_sa")
    assert found == {run.name: record(run) for run in sorted(grid(), key=lambda run: run.name)}


def test_scores_stand_in_their_cells(lines: list[str]) -> None:
    found = {row[0]: row[1:] for row in of_task(lines, "SQuAD", "training")}
    assert list(found) == [
        "alone",
        "alone, half the updates",
        "mixed with SST-2",
        "mixed with MNLI",
        "all three mixed",
        "switched with SST-2, last",
        "switched with MNLI, last",
        "switched with SST-2, not last",
        "switched with MNLI, not last",
        UNTRAINED,
        ANY_SPAN,
        FIRST_SENTENCE,
    ]
    for setting in settings_of(SQUAD):
        runs = [record(Run(setting, seed)) for seed in SEEDS]
        sums = [counts_of(run, SQUAD).mean(axis=0) for run in runs]
        cells = found[row_of(setting, SQUAD)]
        assert cells[1:3] == [spread([row[1] for row in sums]), spread([row[0] for row in sums])]
    assert found["alone"][3:] == ["80", "1,280", "80", "2"]
    assert found["all three mixed"][3:] == ["24", "384", "80", "2"]
    assert found["alone, half the updates"][3:] == ["40", "640", "40", "2"]
    floor = {row[0]: row[2] for row in of_task(lines, "MNLI", "training")}[MAJORITY]
    assert floor == f"{qa_nli_sa_grid.counts(MNLI, 0.2, 0)[:, 0].mean():.4f}"


def test_the_study_says_f1_of_squad(lines: list[str]) -> None:
    heads = [line.split(" | ")[1] for line in lines if line.startswith("| training | the study")]
    assert heads == ["the study", "the study", "the study (F1)"]


def test_the_study_stands_where_it_trained_so(lines: list[str]) -> None:
    found = {
        (title, row[0]): row[1]
        for title in ("SST-2", "MNLI", "SQuAD")
        for row in of_task(lines, title, "training")
        if row[1]
    }
    assert found == {
        ("SST-2", "alone"): "0.90825",
        ("SST-2", "mixed with MNLI"): "0.93577",
        ("SST-2", "switched with SQuAD, not last"): "0.92087",
        ("MNLI", "alone"): "0.83529",
        ("MNLI", "mixed with SST-2"): "0.84264",
        ("MNLI", "switched with SQuAD, not last"): "0.83311",
        ("SQuAD", "alone"): "0.87398",
        ("SQuAD", "switched with SST-2, last"): "0.88135",
        ("SQuAD", "switched with MNLI, last"): "not reported",
    }
    gains = {cell: round(gain, 3) for cell, gain in study.GAINS.items()}
    assert sorted(gains.values()) == [-0.218, 0.735, 0.737, 1.262, 2.752]


def test_every_setting_is_compared_with_the_task_alone(results: Results) -> None:
    found = [row[:4] for row in results.compared]
    assert len(found) == len(set(found)) == 11 + 11 + 2 * 15
    for task, measure in ((SST2, "accuracy"), (MNLI, "accuracy"), (SQUAD, EXACT), (SQUAD, F1)):
        for setting in settings_of(task):
            for against in (task, half_of(task)):
                given = (task, measure, setting, against) in found
                assert given == (setting != task and setting != against)
    adjusted = holm([row.found.examples.p_value for row in results.compared])
    assert [row.adjusted for row in results.compared] == adjusted


@pytest.mark.parametrize("measure", [EXACT, F1])
def test_a_comparison_is_that_of_the_pure_functions(results: Results, measure: str) -> None:
    row = one(results, SQUAD, measure, "sst2_squad", half_of(SQUAD))
    first, second = (
        numpy.stack([counts_of(record(Run(setting, seed)), SQUAD) for seed in SEEDS])
        for setting in (half_of(SQUAD), "sst2_squad")
    )
    expected = compare(first, second, measure_of(measure), ROUNDS)
    assert row.found.examples == expected and row.found.seeds == list(SEEDS)
    column = 1 if measure == EXACT else 0
    means = first[..., column].mean(axis=1), second[..., column].mean(axis=1)
    assert row.found.over_seeds is not None
    assert row.found.over_seeds.p_value == paired_test(*means).p_value == 0.5


def test_tests_stand_in_the_table(lines: list[str], results: Results) -> None:
    found = of_task(lines, "SQuAD", "measure")
    expected = [row for row in results.compared if row.task == SQUAD]
    assert len(found) == len(expected)
    for cells, row in zip(found, expected):
        comparison = row.found.examples
        assert cells[1:4] == [
            row_of(row.setting, SQUAD),
            row_of(row.against, SQUAD),
            f"{comparison.difference:+.4f}",
        ]
        assert cells[5:7] == [f"{comparison.p_value:.4f}", f"{row.adjusted:.4f}"]


def test_verdicts_are_counted(lines: list[str], results: Results) -> None:
    # made up: mixing helps, to be last is as good as alone, and not to be last is bad
    for task in TASKS:
        for setting in settings_of(task):
            if setting not in (task, half_of(task)):
                row = one(results, task, results.metrics[task], setting, task)
                found = SETTINGS[setting]
                last = found.switching and found.phases[-1] == task
                expected = UNDECIDED if last else WORSE if found.switching else BETTER
                assert verdict(row) == expected
    text = "\n".join(lines)
    rows_ = [
        r for r in results.compared if r.against in TASKS and r.setting not in map(half_of, TASKS)
    ]
    words = [verdict(row) for row in rows_]
    assert len(words) == 6 + 6 + 2 * 8 - 4  # half the updates stand apart
    assert (
        f"- Against the task alone with all its updates: of {len(words)} comparisons "
        f"{words.count(BETTER)} are better (SST-2 accuracy mixed with MNLI; "
    ) in text
    assert f"and {words.count(UNDECIDED)} are undecided." in text
    assert "With 2 seeds the signed-rank test cannot give less than 0.5000, so it decides" in text
    kinds = {row[0]: row[1:] for row in table(after(lines, "Trainings of all tasks"), "")}
    assert kinds["mixed, within domains"][:3] == ["2", "2 of 2", "2 better; 0 worse"]
    assert kinds["mixed, across domains"][:3] == ["4", "4 of 4", "4 better; 0 worse"]
    assert kinds["switched, not last"][:3] == ["4", "0 of 4", "0 better; 4 worse"]
    assert kinds["switched, last"][:3] == ["4", "0 of 4", "0 better; 0 worse"]


def test_seeds_that_disagree_are_said(tmp_path: Path) -> None:
    """Of examples it is much better, and in one of two seeds a little worse."""
    for setting, numbers in ((SST2, (10, 40)), ("sst2_mnli", (60, 39))):
        for seed, right in zip(SEEDS, numbers):
            made = record(Run(setting, seed))
            made["counts"][SST2] = ["1" * right + "0" * (60 - right), 1, 1]
            made["scores"][SST2] = {"accuracy": [right / 60]}
            write_record(tmp_path / f"{setting}.{seed}.json", made)
    results = Results(tmp_path, ROUNDS)
    assert verdicts.counted(results)[0] == (
        "- Against the task alone with all its updates: of 1 comparisons 1 are better, 1 of them "
        "not in all seeds (SST-2 accuracy mixed with MNLI, not in all seeds) and 0 are worse, and "
        "0 are undecided."
    )
    kinds = table(verdicts.by_kind(results), "")
    assert kinds[0][:4] == [
        "mixed, within domains",
        "1",
        "1 of 1",
        "1 better, 1 of them not in all seeds; 0 worse",
    ]
    gains = table(study.beside_the_study(results), "task")
    assert gains[0][5] == "better, not in all seeds"


def test_signs_are_compared_with_the_study(lines: list[str]) -> None:
    found = table(after(lines, "Gains over"), "task")
    assert len(found) == 4 + 2 * 2
    assert found[0][:3] == ["SST-2", "mixed with MNLI", "+0.02752"]
    assert [row[2] for row in found if row[0] == "SQuAD"] == ["", "+0.00737", *["not reported"] * 2]
    # both mixed ones, and MNLI loses by SQuAD; SST-2 does so here too, and SQuAD stays as it is
    assert "The sign is that of the study in 3 of the 5 cells" in "\n".join(lines)
    assert "4 of these 5 differences are decided here, 3 of them" in "\n".join(lines)


def test_the_floor(lines: list[str], results: Results) -> None:
    level = qa_nli_sa_grid.counts(SST2, 0.2, 0)[:, 0].mean()
    assert (
        f"- SST-2 accuracy, against {level:.4f} of the floor (majority): 6 of 7 trainings have "
        "their 95 % interval wholly above it."
    ) in lines
    best = max(results.floor(SQUAD).values(), key=lambda counts: counts[:, 0].mean())
    assert any(f"- SQuAD F1, against {best[:, 0].mean():.4f}" in line for line in lines)


def test_every_cell_near_the_floor_is_named(results: Results) -> None:
    told = about_floor(results)
    for task in TASKS:
        for measure in results.measures(task):
            column = measures_column(measure)
            floor = results.floor(task)
            best = max(floor, key=lambda name: floor[name][:, column].mean())
            start = f"- {TITLES[task]} {MEASURES[measure]}, "
            for setting in settings_of(task):
                found = results.above(task, measure, setting, best)
                assert found is not None
                against = found.examples
                cell = f"{start}{row_of(setting, task)}: {against.difference:+.4f}"
                lines = [line for line in told if line.startswith(f"{cell} (")]
                assert len(lines) == (against.lower <= 0)
                for line in lines:
                    assert line.endswith(f"what looks at nothing gets ({best}).")
                    assert ("so below" in line) == (against.upper < 0)
    assert any("not clearly above" in line for line in told), "or the test shows nothing"


def measures_column(measure: str) -> int:
    """Where the counts have it."""
    return 1 if measure == EXACT else 0


def test_the_task_that_is_not_last(lines: list[str]) -> None:
    found = table(after(lines, "### The task that is not last"), "trained")
    assert len(found) == 4 * 3
    scores = [record(Run("squad_sst2_squad", seed))["scores"][SST2]["accuracy"] for seed in SEEDS]
    means = [f"{statistics.mean(column):.4f}" for column in zip(*scores)]
    assert ["SQuAD, SST-2, SQuAD", "SST-2", "accuracy", *means] in found
    _, _, before, after_ = means
    line = next(line for line in lines if line.startswith("- SST-2, switched with SQuAD, not last"))
    assert f"accuracy {before} before the last phase, {after_} after, and +0." in line


def test_rows_of_the_picture_are_those_of_the_tables() -> None:
    every = {row_of(setting, task) for task in TASKS for setting in settings_of(task)}
    assert set(rows()) == every and len(rows()) == len(every) == 12
    assert rows()[:2] == ["alone", "alone, half the updates"]


def test_what_is_missing_is_said(tmp_path: Path) -> None:
    write(tmp_path, [Run(SST2, 13), Run(SST2, 14), Run("sst2_squad", 13), Run(SQUAD, 14)])
    write_record(tmp_path / "mnli.13.json", record(Run(MNLI, 13), trained=None))
    lines = section(Results(tmp_path, 20), "x.png")
    assert "- not trained: `all`, seeds 13, 14" in lines
    assert "- not trained: `sst2_squad`, seed 14" in lines
    assert "- not trained: `untrained`, seeds 13, 14" in lines
    found = of_task(lines, "SST-2", "training")
    assert [row[0] for row in found] == ["alone", "mixed with SQuAD"]
    ((name, against, *_, over_seeds),) = table(after(lines, "| training | against"), "training")
    assert (name, against, over_seeds) == ("mixed with SQuAD", "alone", "")
    (alone,) = of_task(lines, "MNLI", "training")
    assert alone[3:6] == ["-", "-", "-"]
    assert not any(line.startswith("| trained | scored") for line in lines)


def test_page_and_picture_come_from_one_command(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init = Results.__init__
    monkeypatch.setattr(Results, "__init__", lambda self, folder: init(self, folder, 20))
    page, picture = tmp_path / "page.md", tmp_path / "images" / "qa_nli_sa.png"
    options = ["--results", str(folder), "--page", str(page)]
    assert build_results.main(options) == 0
    assert "(images/qa_nli_sa.png)" in page.read_text("utf-8")
    first = picture.read_bytes()
    assert first.startswith(b"\x89PNG")
    assert build_results.main(options) == 0 and picture.read_bytes() == first
    assert build_results.main([*options, "--check"]) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scores": {}}, "of squad there is no 'squad'"),
        ({"scores": {SQUAD: {F1: [0.5]}}}, "of squad there is no 'exact_match'"),
        ({"scores": {SQUAD: {F1: [0.5], EXACT: []}}}, "of squad there is no"),
        ({"counts": {SQUAD: ["11", 1]}}, "must be token_f1, exact_match, questions"),
        ({"counts": {SQUAD: [1, 1, 1]}}, "cannot be read"),
        ({"counts": {SQUAD: ["10", "10", 1]}}, "but its exact_match is"),
        ({"floor": {SQUAD: {"nothing": [1, 1, 1]}}}, "cannot be read"),
        ({"updates": 81}, "asked for 81 updates, but 80 were trained"),
    ],
)
def test_a_wrong_record_is_named(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        write_record(tmp_path / "wrong.json", record(Run(SQUAD, 13), **change))
    assert "wrong" in str(raised.value) and not list(tmp_path.iterdir())


def test_what_does_not_belong_together(tmp_path: Path) -> None:
    first = record(Run(SST2, 13))
    for other, message in (
        (first, "b.json and another file are of the same run"),
        ({**first, "seed": 14, "budget": {}}, "differ in budget"),
        ({**first, "seed": 14, "data": {"sst2.txt": "x"}}, "b.json has another sst2.txt than"),
        ({**first, "seed": 14, "encoder": "other"}, "b.json has another encoder than"),
    ):
        write_record(tmp_path / "a.json", first)
        write_record(tmp_path / "b.json", other)
        with pytest.raises(ValueError, match=message):
            Results(tmp_path)
    fewer = record(Run("sst2_mnli", 13))
    del fewer["data"]["sst2.txt"]
    fewer["counts"][SST2], fewer["scores"][SST2] = ["10", 1, 1], {"accuracy": [0.5]}
    write_record(tmp_path / "b.json", fewer)
    with pytest.raises(ValueError, match="sst2 was scored on other examples"):
        section(Results(tmp_path, 20), "x.png")


def test_committed_records_are_small_and_name_existing_configurations() -> None:
    every = list(COMMITTED.glob("*.json"))
    assert sum(path.stat().st_size for path in every) < 1_000_000
    for path in every:
        found = read_record(path)
        assert (ROOT / found["experiment"]).is_file(), path
        assert path.stem == Run(found["setting"], found["seed"]).name
