"""The tables about probes: from records alone, with the numbers that they hold."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy
import pytest

from allennlp_heads.analysis.probing import ProbeResult, compare_probes
from allennlp_heads.reports.probing.files import read_probe, write_probe
from docs import build_results
from docs.probes import study, tables, verdicts
from docs.probes.comparisons import Results
from docs.probes.intervals import intervals
from docs.probes.kept import FILES, keep
from docs.probes.page import section
from docs.probes.plan import MTL, STATIC, STL, Run, all_runs
from docs.probes.record import PROBES, read_records, write_record
from docs.runs.records import TASKS
from tests.docs.blocks import ROOT
from tests.docs.probes_grid import LABELS, SEEDS, grid, probe, record, write
from tests.docs.test_five_tasks import table

COMMITTED = ROOT / "docs" / "results" / "probes"
ROUNDS = 200
RUNS = {run.name: run for run in grid()}
SEEDS_OF_SRL = [f"srl.{seed}" for seed in SEEDS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All records, as `docs/results` has them."""
    results = tmp_path_factory.mktemp("results")
    write(results / "probes", grid())
    return results


@pytest.fixture(scope="module")
def results(folder: Path) -> Results:
    return Results(folder / "probes", ROUNDS)


@pytest.fixture(scope="module")
def lines(results: Results) -> list[str]:
    return section(results, "x")


def by_item(result: ProbeResult, place: int) -> float:
    """The accuracy of a label, counted item by item."""
    items = zip(result.items.label.tolist(), result.items.correct.tolist())
    hits = [correct for label, correct in items if label == place]
    return sum(hits) / len(hits)


def mean_of(task: str, names: list[str], place: int) -> float:
    return float(numpy.mean([by_item(probe(task, RUNS[name]), place) for name in names]))


def column(lines: list[str], first: str, name: str) -> list[str]:
    """The cells below one name of a header."""
    header = next(line for line in lines if line.startswith(f"| {first} |"))
    place = [cell.strip() for cell in header.strip("|").split("|")].index(name)
    return [row[place] for row in table(lines, first)]


def test_groups(results: Results) -> None:
    assert results.tasks == list(TASKS)
    assert list(results.groups("dep")) == [STATIC, STL, MTL]
    groups = results.groups("dep", pairs=True)
    others = [f"+ {task.upper()}" for task in TASKS if task != "dep"]
    assert list(groups) == [STATIC, STL, *others, MTL]
    assert [len(runs) for runs in groups.values()] == [1, 2, *[1] * 4, 2]
    assert groups[MTL][1].overall == probe("dep", RUNS["all.14"]).overall
    assert set(results.both("dep")) == {STATIC, STL, MTL}


def test_label_table(results: Results) -> None:
    found = tables.label_table(results, "srl")
    names = column(found, "label", "label")
    assert names == ["frequent", r"often\*so", "seldom", "unseen †‡"]
    scores = column(found, "label", STL)
    for place, cell in enumerate(scores):
        assert cell.startswith(f"{mean_of('srl', SEEDS_OF_SRL, place):.3f} (")
    static = column(found, "label", STATIC)[0]
    assert static.startswith(f"{mean_of('srl', ['static'], 0):.3f} (")
    compared = compare_probes(results.groups("srl", pairs=True), STL, ROUNDS)
    p_values = column(found, "label", f"p (Holm): {MTL}, {STL}")
    for cell, score in zip(p_values, compared.by_label[MTL]):
        assert score.against is not None and cell == f"{score.against.adjusted:.4f}"
    assert column(found, "label", "best offset")[::3] == ["0.000 (-1)", "1.000 (+1)"]
    assert "best offset" not in tables.label_table(results, "ner")[0]
    assert column(tables.label_table(results, "ner"), "label", "majority")[:2] == [
        "1.000",
        "0.000",
    ]


def test_intervals_of_a_mean_are_of_whole_sentences(results: Results) -> None:
    runs = results.groups("srl")[STL]
    found = intervals(runs)
    items = runs[0].items
    mean = numpy.mean([run.items.correct for run in runs], axis=0)
    sentences = numpy.unique(items.sentence)
    random = numpy.random.default_rng(3)
    drawn = []
    for _ in range(400):
        sample = random.choice(sentences, len(sentences))
        chosen = numpy.concatenate([numpy.flatnonzero(items.sentence == one) for one in sample])
        label = items.label[chosen]
        right = [mean[chosen][label == place].mean() for place in range(3)]
        drawn.append([mean[chosen].mean(), *right])
    lower, upper = numpy.quantile(drawn, [0.025, 0.975], axis=0)
    assert found.weighted == pytest.approx([lower[0], upper[0]], abs=0.02)
    assert found.by_label[0, :2] == pytest.approx(lower[1:3], abs=0.03)
    assert found.by_label[1, :2] == pytest.approx(upper[1:3], abs=0.03)
    one = intervals(runs[:1])
    assert one.by_label[1, 0] - one.by_label[0, 0] > found.by_label[1, 0] - found.by_label[0, 0]
    assert found.unweighted[0] < runs[0].overall["unweighted"].accuracy < found.unweighted[1]


def test_overall_table(results: Results) -> None:
    found = tables.overall_table(results)
    assert column(found, "task", "task") == [task.upper() for task in TASKS for _ in range(2)]
    values = [probe("pos", RUNS[f"all.{seed}"]).overall["weighted"].accuracy for seed in SEEDS]
    cell = column(found, "task", MTL)[0]
    assert cell.startswith(f"{numpy.mean(values):.3f} +- {numpy.std(values, ddof=1):.3f} (")
    adjusted = [float(p) for p in column(found, "task", f"p (Holm): {STATIC}, {STL}")]
    first = results.compared("pos")
    assert first is not None
    alone = [first.overall[STATIC][way].against for way in ("weighted", "unweighted")]
    assert all(test and p >= test.p_value - 1e-4 for test, p in zip(alone, adjusted))


def test_verdicts_follow_from_the_numbers(results: Results, lines: list[str]) -> None:
    text = "\n".join(verdicts.against_the_study(results))
    assert study.sentence(list(TASKS)) in text and "POS 90.49 and 75.54" in text
    compared = {task: results.compared(task) for task in TASKS}
    tests = [found.overall[MTL]["weighted"].against for found in compared.values() if found]
    below = sum(test.difference < 0 for test in tests if test)
    surely = sum(test.high < 0 for test in tests if test)
    assert f"It is below in {below} of 5 tasks; the interval is wholly below 0 in {surely}" in text
    by_label = [found.overall[MTL]["unweighted"].against for found in compared.values() if found]
    lower = [task.upper() for task, test in zip(TASKS, by_label) if test.high < 0]
    order = ", ".join(lower[:-2] + [" and ".join(lower[-2:])])
    assert f"the study's order is found here in {order}, the opposite in none, and" in text
    assert f"POS {tests[0].difference:+.3f} ({tests[0].low:+.3f} to" in text
    labels = [
        score.against for found in compared.values() if found for score in found.by_label[MTL]
    ]
    worse = sum(test.adjusted < 0.05 and test.difference < 0 for test in labels)
    assert worse and f"MTL-5 is worse than STL in {worse}, better in 0" in text
    assert text in "\n".join(lines)


def test_baselines_that_do_as_well(results: Results) -> None:
    found = verdicts.beaten(results)
    rows = table(found, "task")
    offsets = {row[0]: row[1:] for row in rows if row[2] == "best offset"}
    # of the three frequent labels the third is always at the next word
    assert offsets == {"DEP": ["3", "best offset", *"111"], "SRL": ["3", "best offset", *"111"]}
    assert "static 2 of 6, STL 2 of 6, MTL-5 2 of 6." in found[-2]


def test_transductive_scores(results: Results, lines: list[str]) -> None:
    both = {task: results.both(task) for task in results.tasks}
    found = tables.transductive_table(both)
    held_out, same = [
        probe("pos", RUNS[f"static{end}"]).overall["unweighted"].accuracy
        for end in ("", ".transductive")
    ]
    assert column(found, "task", "mean over labels: held out")[0] == f"{held_out:.3f}"
    assert column(found, "task", "mean over labels: same")[0] == f"{same - held_out:+.3f}"
    gaps = [pair.gap("unweighted") for systems in both.values() for pair in systems.values()]
    assert f"{numpy.mean(gaps):.3f} in the mean over labels" in verdicts.about_transductive(both)
    assert verdicts.about_transductive(both) in lines


def test_page_and_pictures(tmp_path: Path) -> None:
    runs = [run for run in all_runs([13], [], []) if run.tasks in (TASKS, ("dep",))]
    write(tmp_path / "results" / "probes", runs, ["dep"])
    page = tmp_path / "results.md"
    options = ["--results", str(tmp_path / "results"), "--page", str(page)]
    assert build_results.main(options) == 0
    text = page.read_text("utf-8")
    images = tmp_path / "images"
    shown = [line.rpartition("(")[2].rstrip(")") for line in text.splitlines() if "![" in line]
    assert len(shown) == 2
    assert {tmp_path / name for name in shown} == set(images.rglob("*.png"))
    before = {path: path.read_bytes() for path in images.rglob("*.png")}
    assert build_results.main([*options, "--check"]) == 0
    assert build_results.main(options) == 0
    assert before == {path: path.read_bytes() for path in images.rglob("*.png")}
    assert "all 3 runs: 5.5 minutes" in text and "### Probes of DEP" in text


def test_few_records_make_a_page_too(tmp_path: Path) -> None:
    write(tmp_path, [Run(None)])
    text = "\n".join(section(Results(tmp_path, ROUNDS), "x"))
    assert "p (Holm)" not in text and "strip" not in text and "study" not in text
    joint = [run for run in all_runs([13], [], []) if run.system != STL]
    write(tmp_path, joint)
    assert "MTL-5" in "\n".join(section(Results(tmp_path, ROUNDS), "x"))


def test_wrong_records_are_named(folder: Path, tmp_path: Path) -> None:
    copied = tmp_path / "probes"
    shutil.copytree(folder / "probes", copied)
    write_record(copied / "twice.json", record(RUNS["all.13"]))
    shutil.copytree(copied / PROBES / "all.13", copied / PROBES / "twice")
    with pytest.raises(ValueError, match="twice.json and another file are of the same run"):
        Results(copied)
    write_record(copied / "twice.json", record(RUNS["all.13"], budget={"epochs": 1}))
    with pytest.raises(ValueError, match="differ in budget"):
        Results(copied)
    (copied / "twice.json").unlink()
    (copied / PROBES / "static" / "probe.npz").unlink()
    with pytest.raises(ValueError, match="probe.npz"):
        Results(copied)
    with pytest.raises(ValueError, match="none of the tasks"):
        write_record(copied / "static.json", record(Run(None), tasks=["pos", "glue"]))
    with pytest.raises(ValueError, match="the system is none of static, STL"):
        write_record(copied / "static.json", record(Run(None), system="none"))
    assert (copied / "static.json").is_file()


def test_probes_are_kept_small_and_whole(tmp_path: Path) -> None:
    found = {task: probe(task, RUNS["all.13"]) for task in TASKS}
    write_probe(tmp_path / "all", found, {"folder": str(tmp_path)}, figures=False)
    keep(tmp_path / "all", tmp_path / "kept")
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == sorted(FILES)
    kept = read_probe(tmp_path / "kept")
    for task, result in found.items():
        assert kept[task].centroids is None
        assert (kept[task].items.correct == result.items.correct).all()
        assert (kept[task].items.sentence == result.items.sentence).all()
        assert kept[task].accuracy == pytest.approx(result.accuracy, abs=1e-6)
        for ours, theirs in zip(kept[task].labels, result.labels, strict=True):
            assert ours.accuracy == pytest.approx(theirs.accuracy, abs=1e-6)
            assert (ours.label, ours.count, ours.layer, ours.offset) == (
                theirs.label,
                theirs.count,
                theirs.layer,
                theirs.offset,
            )
    assert [label.label for label in kept["pos"].labels] == LABELS


def test_committed_records() -> None:
    records = read_records(COMMITTED)
    for name, found in records.items():
        assert (ROOT / found["experiment"]).is_file() and (COMMITTED / PROBES / name).is_dir()
        for path in (COMMITTED / PROBES / name).iterdir():
            assert path.stat().st_size < 200_000
