"""Probes of several runs, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.probing import write_probe
from allennlp_heads.reports.probing.groups import read_groups, results_of
from tests.reports.probing.results import probe_result


def run(
    folder: Path, tasks: Sequence[str], trained: Sequence[str] = (), seed: int | None = None
) -> str:
    results = {task: probe_result() for task in tasks}
    write_probe(folder, results, {"trained_tasks": trained}, seed, figures=False)
    return str(folder)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    base = tmp_path_factory.mktemp("runs")
    found = {
        "static": run(base / "static", ["pos", "dep"]),
        "pos.1": run(base / "pos.1" / "heads", ["pos"], ["pos"], 1),
        "pos.2": run(base / "pos=2" / "heads", ["pos"], ["pos"], 2),
        "dep.1": run(base / "dep.1", ["dep"], ["dep"], 1),
        "both": run(base / "both", ["pos", "dep"], ["dep", "pos"], 1),
    }
    return {name: folder.removesuffix("/heads") for name, folder in found.items()}


def test_named_groups(folders: dict[str, str]) -> None:
    stl = f"STL={folders['pos.1']},{folders['dep.1']}"
    groups = read_groups([f"static={folders['static']}", stl, f"MTL={folders['both']}"])
    assert {name: [run.seed for run in runs] for name, runs in groups.items()} == {
        "static": [None],
        "STL": [1, 1],
        "MTL": [1],
    }
    found = results_of(groups, "static")
    assert {task: list(results) for task, results in found.items()} == {
        "dep": ["static", "STL", "MTL"],
        "pos": ["static", "STL", "MTL"],
    }
    assert {len(runs) for runs in found["pos"].values()} == {1}
    assert list(results_of(groups, "STL", ["dep"])) == ["dep"]


def test_names_of_what_they_were_trained_for(folders: dict[str, str]) -> None:
    """A folder may have the sign in its name that names of groups end with."""
    order = ["static", "pos.1", "both", "pos.2"]
    groups = read_groups([folders[name] for name in order])
    assert {name: len(runs) for name, runs in groups.items()} == {
        "static": 1,
        "pos": 2,
        "dep+pos": 1,
    }
    assert list(results_of(groups, "pos")) == ["pos"]


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["STL="], "STL= names no run"),
        (["STL=,"], "STL=, names no run"),
        (["A={pos.1},,{pos.2}"], "A=.*,,.* names an empty run: write NAME=RUN or NAME=RUN,RUN"),
        (["A={pos.1},"], "names an empty run"),
        (["A={pos.1}", "B={dep.1}", "A={pos.2}"], "the group 'A' is given twice: .* A=RUN,RUN"),
        (["A={pos.1}", "B={pos.1}/../pos.1"], "pos.1 is given twice: give each run once"),
        (["A={pos.1}/.."], "there are no probes of a run .* 'allennlp heads probe'"),
        (["nowhere"], "nowhere: there are no probes"),
    ],
)
def test_what_is_wrong(folders: dict[str, str], arguments: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_groups(["".join(_filled(argument, folders)) for argument in arguments])


def _filled(argument: str, folders: dict[str, str]) -> str:
    for name, folder in folders.items():
        argument = argument.replace(f"{{{name}}}", folder)
    return argument


@pytest.mark.parametrize(
    "reference, tasks, message",
    [
        ("MTL", None, "--reference: there is no group 'MTL': the groups are A, B"),
        ("A", None, "'A' has probes of no task that another group has: A of pos; B of dep"),
        ("A", ["dep"], "the task 'dep' was probed in B: to compare, 'A' and another"),
        ("A", ["ner"], "the task 'ner' was probed in no group"),
    ],
)
def test_nothing_to_compare(
    folders: dict[str, str], reference: str, tasks: list[str] | None, message: str
) -> None:
    groups = read_groups([f"A={folders['pos.1']}", f"B={folders['dep.1']}"])
    with pytest.raises(ConfigurationError, match=message):
        results_of(groups, reference, tasks)


def test_one_group_is_compared_with_nothing(folders: dict[str, str]) -> None:
    for arguments in ([folders["static"]], [f"static={folders['static']},{folders['both']}"]):
        with pytest.raises(ConfigurationError, match="only the group 'static': give two groups"):
            results_of(read_groups(arguments), "static")


def test_copies_are_doubted(folders: dict[str, str], tmp_path: Path, caplog: Any) -> None:
    copy = run(tmp_path / "copy", ["pos"], ["pos"], 1)
    read_groups([f"STL={folders['pos.1']},{folders['dep.1']},{folders['pos.2']}"])
    assert "share a seed" not in caplog.text
    read_groups([f"STL={folders['pos.1']},{copy}"])
    assert "Runs of STL share a seed" in caplog.text
