"""Runs and their reports are found; what cannot be read is said."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import write_arrays, write_report
from allennlp_heads.reports.page.run_folder import VERSIONS, read_run, read_runs

WRITERS = (
    "overlap_report",
    "comparing.files",
    "dissociation",
    "embeddings.files",
    "fewshot",
    "gate_history",
    "importance",
    "important_heads",
    "phases",
    "probing.comparison",
    "probing.examples",
    "probing.files",
    "score_history",
    "search",
    "sparsity_history",
    "task_similarity",
    "transfer.applied",
    "transfer.evaluation_files",
    "transfer.matrix",
    "transfer.ranking_files",
)


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def test_it_reads_the_versions_that_the_writers_write() -> None:
    written = {}
    for name in (*(f"reports.{writer}" for writer in WRITERS), "pruning.report"):
        module = importlib.import_module(f"allennlp_heads.{name}")
        schema = getattr(module, "SCHEMA", None) or module.NAME
        name, version = schema if isinstance(schema, tuple) else (schema, module.VERSION)
        written[name] = version
    assert written == VERSIONS


def test_a_run_with_its_epochs_in_order_and_its_reports(tmp_path: Path) -> None:
    run = tmp_path / "run"
    write_json(run / "config.json", {"model": {}})
    for epoch in (10, 9, 0):
        write_json(run / f"metrics_epoch_{epoch}.json", {"epoch": epoch})
    write_report(run / "heads" / "gates.json", "gates", 1, {})
    write_arrays(run / "heads" / "gates.npz", {"gates": numpy.ones(3)})
    write_report(run / "heads" / "scores" / "scores.json", "scores", 1, {"deep": True})
    write_report(run / "scores.test.json", "scores", 1, {"deep": False})
    write_json(run / "vocabulary" / "other.json", {"schema": {"name": "gates", "version": 1}})
    found = read_run(str(run))
    assert (found.name, found.path, found.config, found.metrics) == (
        "run",
        run,
        {"model": {}},
        None,
    )
    assert [one["epoch"] for one in found.epochs] == [0, 9, 10]
    assert [report.content["deep"] for report in found.reports("scores")] == [False, True]
    (gates,) = found.reports("gates")
    assert gates.arrays()["gates"].tolist() == [1, 1, 1]
    assert found.reports("probe") == []


def test_what_is_in_a_run_inside_is_left_out_but_for_its_pruning(tmp_path: Path) -> None:
    write_json(tmp_path / "config.json", {})
    for name in ("pruned", "other"):
        write_json(tmp_path / name / "config.json", {})
    write_report(tmp_path / "pruned" / "heads" / "pruning.json", "pruning", 1, {})
    write_report(tmp_path / "other" / "heads" / "gates.json", "gates", 1, {})
    found = read_run(str(tmp_path))
    assert [report.path.parts[-3] for report in found.reports("pruning")] == ["pruned"]
    assert found.reports("gates") == []


def test_other_json_files_are_passed_over(tmp_path: Path) -> None:
    write_report(tmp_path / "overlap.json", "overlap", 1, {})
    write_report(tmp_path / "cell.json", "transfer_cell", 1, {})
    (tmp_path / "broken.json").write_bytes(b"\xff{")
    assert list(read_run(str(tmp_path)).found) == ["overlap"]


def test_a_report_of_another_version_is_refused(tmp_path: Path) -> None:
    write_report(tmp_path / "gates.json", "gates", 2, {})
    with pytest.raises(ConfigurationError, match="'gates' version 1 is wanted"):
        read_run(str(tmp_path)).reports("gates")


@pytest.mark.parametrize("text", ["nowhere", "a/b=nowhere"])
def test_a_folder_that_is_not_there(text: str) -> None:
    with pytest.raises(ConfigurationError, match="there is no such folder"):
        read_run(text)


def test_a_folder_with_nothing_to_show(tmp_path: Path) -> None:
    write_json(tmp_path / "other.json", {})
    with pytest.raises(ConfigurationError, match="holds nothing to show"):
        read_run(str(tmp_path))


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_damaged_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "metrics.json").write_text(text)
    with pytest.raises(ConfigurationError, match=r"metrics\.json"):
        read_run(str(tmp_path))


def test_names_are_given_or_those_of_folders_and_no_two_alike(tmp_path: Path) -> None:
    for place in ("a/run", "b/run", "c=d"):
        write_json(tmp_path / place / "config.json", {})
    first, second, third = (str(tmp_path / place) for place in ("a/run", "b/run", "c=d"))
    with pytest.raises(ConfigurationError, match="would both be called 'run'"):
        read_runs([first, second])
    named = read_runs([first, f"other={second}", third])
    assert [run.name for run in named] == ["run", "other", "c=d"]
