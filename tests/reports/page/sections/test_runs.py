"""The table of all folders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy

from allennlp_heads.reports.page.blocks import Table
from allennlp_heads.reports.page.run_folder import read_run
from allennlp_heads.reports.page.sections.runs import across
from tests.reports.comparing.made_runs import some_counts, write_run
from tests.reports.gate_runs import write_pruned
from tests.reports.gate_runs import write_run as write_gates
from tests.reports.page.sections.looking import blocks_of, cells, only


def tables(*arguments: str | Path) -> list[Table]:
    return blocks_of(only(across([read_run(str(one)) for one in arguments])), Table)


def test_trainings_and_folders_of_verbs_are_apart(specimen: Path, verbs: Path) -> None:
    trained, others = tables(f"first={specimen}", verbs / "two", verbs / "ranking")
    assert cells(trained, "run") == ["first", "two"]
    assert cells(trained, "seed") == ["0", "1"]
    assert cells(others, "folder") == ["ranking"]
    assert cells(others, "reports") == ["applied, evaluation, ranking"]
    removed = json.loads((specimen / "pruned" / "heads" / "pruning.json").read_text())["heads"]
    text = f"{removed['before'] - removed['after']} of {removed['before']}"
    assert cells(trained, "removed heads")[0] == text


def test_scores_are_those_of_the_best_epoch_with_an_interval(tmp_path: Path) -> None:
    counts = [some_counts(epoch, right=right) for epoch, right in enumerate((0.9, 0.5))]
    run = write_run(tmp_path / "one", {"pos": counts, "dep": counts}, metrics={"dep": "f1"})
    other = write_run(tmp_path / "two", {"pos": counts[1]})
    (table,) = tables(run, other)
    best = 100 * counts[0][:, 0].sum() / counts[0][:, 2].sum()
    score, rest = cells(table, "pos, accuracy")[0].split(" ", 1)
    low, high = map(float, rest.strip("()").split(" to "))
    assert score == f"{best:.1f}" and low < best < high
    assert cells(table, "dep, f1")[1] == "–"
    assert "open heads" not in table.columns


def test_without_scores_of_examples_the_chosen_metric_is_shown(tmp_path: Path) -> None:
    config = {"model": {"type": "basic"}, "trainer": {"validation_metric": "+accuracy"}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    metrics = {"best_validation_accuracy": 0.8125, "best_validation_loss": 2.0}
    (tmp_path / "metrics.json").write_text(json.dumps(metrics))
    (table,) = tables(tmp_path)
    assert list(table.columns) == ["run", "accuracy"]
    assert cells(table, "accuracy") == ["81.2"]


def test_open_heads_of_every_set_of_gates(tmp_path: Path) -> None:
    gates = numpy.array([[1.0, 0.0, 0.5], [0.0, 0.0, 1.0]])
    one = write_gates(tmp_path / "one", gates)
    running = write_gates(tmp_path / "two", {"pos": gates, "dep": 1 - gates}, finished=False)
    pruned = write_pruned(tmp_path / "three", gates > 0, heads=[3, 3])
    (table,) = tables(one, running)
    assert cells(table, "open heads") == ["3 of 6", "3 to 4 of 6 in 2 sets of gates"]
    assert read_run(pruned).reports("pruning")
