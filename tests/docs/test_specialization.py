"""The tables about specialised heads: from records alone, with the numbers that they hold."""

from __future__ import annotations

import re
import shutil
import statistics
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy
import pytest

from allennlp_heads.analysis import compare
from allennlp_heads.analysis.dissociation import dissociation
from allennlp_heads.analysis.measures import measure_of
from allennlp_heads.commands.dissociate import summary
from allennlp_heads.reports.dissociation import read_dissociation
from allennlp_heads.reports.dissociation_data import DissociationData, joined
from allennlp_heads.reports.dissociation_results import Options
from allennlp_heads.reports.dissociation_results import results as results_of
from allennlp_heads.reports.overlap import Overlap
from docs import build_results
from docs.specialization.agreement import agreement, between_seeds, between_tasks
from docs.specialization.comparisons import Results
from docs.specialization.overlap import with_gates
from docs.specialization.page import section
from docs.specialization.plan import (
    ALL,
    ALPHA,
    ALPHAS,
    FIVE,
    IMPORTANT,
    PAIR,
    STRUCTURED,
    TRAINED,
    Run,
)
from docs.specialization.record import (
    MASKS,
    counts_of,
    read_record,
    read_records,
    write_record,
)
from tests.docs import specialization_grid
from tests.docs.blocks import ROOT
from tests.docs.specialization_grid import SEEDS, grid, masked, record, write
from tests.docs.test_five_tasks import table

COMMITTED = ROOT / "docs" / "results" / "specialization"
ROUNDS = 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All records, as `docs/results` has them."""
    results = tmp_path_factory.mktemp("results")
    write(results / "specialization", grid())
    return results


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return Results(folder / "specialization", ROUNDS)


@pytest.fixture(scope="module")
def lines(results: Results) -> list[str]:
    return section(results, "x")


def after(lines: list[str], title: str) -> list[str]:
    """The lines below a heading, or below the header of a table."""
    return lines[next(n for n, line in enumerate(lines) if line.startswith(title)) :]


def rows(lines: list[str], title: str, header: str) -> dict[str, list[str]]:
    """The first table of this header below a title, by its first cell."""
    found = after(after(lines, title), f"| {header} |")
    return {row[0]: row[1:] for row in table(found, header)}


def spread(values: list[float], digits: int = 4) -> str:
    return f"{statistics.mean(values):.{digits}f} +- {statistics.stdev(values):.{digits}f}"


def test_records_come_back_as_they_were(folder: Path) -> None:
    found = read_records(folder / "specialization")
    assert found == {run.name: record(run) for run in sorted(grid(), key=lambda run: run.name)}


def test_scores_under_masks_stand_in_their_cells(lines: list[str]) -> None:
    data = [masked(Run(PAIR, seed)) for seed in SEEDS]
    found = rows(lines, "### Two sentence tasks", "heads")
    place = ALPHAS.index(0.3)
    for column, task in enumerate(("qnli", "sst2")):
        measure = measure_of(data[0].metrics[task])
        base = [float(measure.of_examples(one.base[task][0])) for one in data]
        own = [float(measure.of_examples(one.own[task][0, place, column])) for one in data]
        other = [float(measure.of_examples(one.own[task][0, place, 1 - column])) for one in data]
        random = [float(measure.of_examples(one.random[task][0, place]).mean()) for one in data]
        assert found["all heads"][column] == spread(base)
        assert found["own mask"][column] == spread(own)
        assert found["others' masks"][column] == spread(other)
        assert found["2 random masks, mean"][column] == spread(random)


def test_d_is_that_of_the_pure_function(lines: list[str]) -> None:
    by_seed = []
    for seed in SEEDS:
        data, place = masked(Run(FIVE, seed)), ALPHAS.index(0.3)
        scores = {
            task: measure_of(data.metrics[task]).of_examples(data.own[task][0, place])
            for task in data.tasks
        }
        pruned = {p: {e: scores[e][n] for e in data.tasks} for n, p in enumerate(data.tasks)}
        base = {
            task: measure_of(data.metrics[task]).of_examples(data.base[task][0])
            for task in data.tasks
        }
        by_seed.append(dissociation(pruned, base))
    found = rows(lines, "### Five sentence tasks", "D, percent")
    for task in data.tasks:
        assert found[task.upper()][1] == spread([one.d[task] for one in by_seed], 2)
        lower, upper = map(float, found[task.upper()][3].split(" to "))
        assert lower <= statistics.mean(one.d[task] for one in by_seed) <= upper
    assert found["mean"][1] == spread([one.mean for one in by_seed], 2)
    # every task loses by far the most under its own mask
    text = " ".join(" ".join(after(lines, "### Five sentence tasks")).split())
    assert "that dissociate doubly: 10 of 10 on the mean over seeds (10 distinctly" in text


def test_own_heads_against_random_ones(lines: list[str], results: Results) -> None:
    start = after(lines, "### Own heads against random ones")
    found = table(after(start, "| training | task |"), "training")
    assert len(found) == sum(map(len, TRAINED.values()))
    assert all("4 of 4 above 0" in row[-1] for row in found if row[0] == FIVE)
    adjusted = [row.adjusted for row in results.tested()]
    assert all(row.adjusted >= row.found.p_value for row in results.tested())
    assert [row[5] for row in found] == [f"{value:.4f}" for value in adjusted]
    worse = sum(value < 0.05 for value in adjusted)
    assert f"{worse} of {len(found)} lose more under their own mask" in " ".join(lines)


def test_what_goes_on_is_beside_the_archive(lines: list[str], results: Results) -> None:
    found = rows(lines, "### Training of important heads", "training")
    assert list(found) == [
        "archive",
        "+ all heads",
        "+ important heads",
        "+ random heads",
        "+ least important heads",
    ]
    runs = [record(Run(IMPORTANT, seed)) for seed in SEEDS]
    scores = [run["scored"]["scores"] for run in runs]
    assert found["+ important heads"][1] == spread([one["mnli"] for one in scores])
    assert found["+ important heads"][-2] == spread(
        [statistics.mean(one.values()) for one in scores]
    )
    compared = {(row.task, row.other): row for row in results.compared()}
    assert len(compared) == 5 * 4
    first, second = (
        numpy.array([counts_of(record(Run(setting, seed)), "cola") for seed in SEEDS])
        for setting in (FIVE, IMPORTANT)
    )
    expected = compare(first, second, measure_of("matthews"), rounds=ROUNDS)
    assert compared["cola", FIVE].found == expected and expected.difference > 0
    # trained alike in the made-up records
    assert compared["cola", ALL].found.difference == 0
    assert "- Against training all heads: higher in 0 of 5 tasks" in "\n".join(lines)


def test_dissociation_before_and_after(lines: list[str], results: Results) -> None:
    found = rows(lines, "### Training of important heads", "D at 30 %, percent")
    assert list(found) == ["archive", "+ all heads", "+ important heads"]
    before = results.masked(FIVE)
    assert before is not None
    assert found["archive"][-2] == spread([one.mean for one in before.standard.by_run], 2)


def test_sweep(lines: list[str]) -> None:
    found = table(after(after(lines, "Other shares"), "| heads trained"), "heads trained")
    assert any(line.endswith("Seeds: 13.") for line in lines)
    assert [row[:2] for row in found] == [
        *([f"{alpha:g} %", f"{start:g} %"] for alpha in (10, 30, 50) for start in (0, 50)),
        ["all", ""],
    ]


def test_agreement_of_importance() -> None:
    one = numpy.arange(12.0).reshape(3, 4)
    exists = numpy.ones((3, 4), bool)
    same = agreement([(one, one * 2 + 1)], exists)
    assert same.rank == pytest.approx(1) and same.shared == 1
    # the three highest of one are the three lowest of the other
    turned = agreement([(one, -one)], exists)
    assert turned.rank == pytest.approx(-1) and turned.shared == 0
    assert all(numpy.isnan(value) for value in agreement([], exists))
    data = joined([masked(Run(PAIR, seed)) for seed in SEEDS])
    first, second = data.importance[:, 0]
    assert between_seeds(data, 0) == agreement([(first, second)], data.exists)
    pairs = [tuple(run) for run in data.importance]
    assert between_tasks(data, 0) == agreement(pairs, data.exists)  # type: ignore[arg-type]


def test_dissociation_beside_gates(results: Results) -> None:
    masked = results.masked(STRUCTURED)
    assert masked is not None
    found = masked.standard.mean
    assert with_gates(found, None) == []
    # gates that have the less in common the larger D is, in an order of their own
    names = ["all", *reversed(found.tasks)]
    d = {frozenset((pair.first, pair.second)): pair.d for pair in found.pairs}
    alike = numpy.array([[-d.get(frozenset((a, b)), 0.0) for b in names] for a in names])
    gates = cast(Overlap, SimpleNamespace(names=names, correlation=alike))
    text = " ".join(with_gates(found, gates))
    assert "Pearson -1.00" in text and "of 120 permutations" in text
    assert with_gates(found, cast(Overlap, SimpleNamespace(names=names[:3]))) == []


def test_a_task_that_was_not_learnt_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def chance(run: Run) -> DissociationData:
        data = masked(run)
        others = numpy.random.default_rng(run.seed).permutation(data.base["cola"], axis=1)
        others[..., 3] = 1
        others[..., 2] = data.base["cola"][..., 2]
        others[..., 0] = others[..., 1] * others[..., 2]
        return replace(data, base={**data.base, "cola": others})

    monkeypatch.setattr(specialization_grid, "masked", chance)
    write(tmp_path, [Run(FIVE, seed) for seed in SEEDS])
    lines = section(Results(tmp_path, ROUNDS), "x")
    text = " ".join(lines)
    assert "The score of COLA with all heads is too small and unsure" in text
    assert "Pairs without COLA that dissociate doubly: 6 of 6" in text
    found = rows(lines, "### Five sentence tasks", "D, percent")
    place = list(found).index("mean")
    assert list(found)[place + 1] == "mean without COLA"


def test_the_study_is_beside_it(lines: list[str]) -> None:
    text = " ".join(lines)
    assert "MNLI 7.24 (" in text and "is 12.65 (ours" in text
    assert "Here it is +0.00 points over training all heads" in text


def test_page_and_pictures_come_from_one_command(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "results" / "specialization"
    source = folder / "specialization"
    for run in (Run(PAIR, 13), Run(PAIR, 14)):
        shutil.copytree(source / MASKS / run.name, copy / MASKS / run.name)
        shutil.copy(source / f"{run.name}.json", copy)
    page = tmp_path / "page.md"
    options = ["--results", str(copy.parent), "--page", str(page)]
    assert build_results.main(options) == 0
    text = page.read_text("utf-8")
    shown = re.findall(r"\]\((images/specialization/[\w.]+)\)", text)
    assert shown and "Training of important heads" not in text
    first = [(tmp_path / name).read_bytes() for name in shown]
    assert all(picture.startswith(b"\x89PNG") for picture in first)
    assert build_results.main(options) == 0
    assert first == [(tmp_path / name).read_bytes() for name in shown]
    assert build_results.main([*options, "--check"]) == 0
    shutil.rmtree(copy / MASKS)
    assert build_results.main([*options, "--check"]) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scored": {"scores": {}, "counts": {}}}, "'scored' has no 'mnli'"),
        ({"metric": {"mnli": "matthews"}}, "the counts of mnli must be true_positives"),
        ({"scored": {"scores": {"mnli": 0.5}, "counts": {"mnli": [1, 1]}}}, "cannot be read"),
        ({"scored": {"scores": {"mnli": 0.5}, "counts": {"mnli": ["1", 1, 1]}}}, "make 1.000000"),
    ],
)
def test_a_wrong_record_is_named(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    with pytest.raises(ValueError, match=message) as raised:
        write_record(path, record(Run(FIVE, 13), **change))
    assert "wrong" in str(raised.value) and not list(tmp_path.iterdir())


def test_what_does_not_belong_together(tmp_path: Path) -> None:
    one = record(Run(ALL, 13))
    write_record(tmp_path / "a.json", one)
    write_record(tmp_path / "b.json", one)
    with pytest.raises(ValueError, match="b.json and another file are of the same run"):
        Results(tmp_path)
    write_record(tmp_path / "b.json", {**one, "seed": 14, "budget": {}})
    with pytest.raises(ValueError, match="differ in budget"):
        Results(tmp_path)


def test_committed_records_are_small_and_name_existing_configurations() -> None:
    every = [path for path in COMMITTED.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in every) < 2_000_000
    for path in COMMITTED.glob("*.json"):
        found = read_record(path)
        assert (ROOT / found["experiment"]).is_file(), path
        if found["masked"]:
            assert (COMMITTED / MASKS / path.stem / "dissociation.npz").is_file(), path


def test_what_the_readme_shows_is_of_a_committed_run() -> None:
    data, _ = read_dissociation(ROOT / "docs/results/specialization/masks/qnli_sst2.13")
    found = [result for result in results_of(data, Options()) if result.alpha == ALPHA]
    shown = (ROOT / "README.md").read_text("utf-8")
    assert "```\n" + "\n".join(summary(found)) + "\n```" in shown
