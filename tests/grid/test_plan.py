"""What the file of a grid comes to, and what it may not say."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.grid.executor import Needs, PlannedRun
from allennlp_heads.grid.names import check_names
from allennlp_heads.grid.plan import chosen, plan_runs
from tests.grid.configs import written

CONFIG = {"model": {"type": "any"}, "pytorch_seed": 1}


def planned(folder: Path, runs: Mapping[str, Any], **more: Any) -> dict[str, PlannedRun]:
    file = written({"runs": runs, **more}, folder)
    return {run.name: run for run in plan_runs(file, folder / "out")}


def test_seeds_make_runs(tmp_path: Path) -> None:
    runs = planned(
        tmp_path, {"a": {"config": CONFIG}, "b": {"config": CONFIG, "seeds": []}}, seeds=[3, 4]
    )
    assert list(runs) == ["a.3", "a.4", "b"]
    seeds = ("random_seed", "numpy_seed", "pytorch_seed")
    assert [runs["a.4"].config[key] for key in seeds] == [4, 4, 4]
    assert runs["b"].config == CONFIG
    assert runs["b"].folder == str(tmp_path / "out" / "b")


def test_a_file_is_found_beside_the_grid_and_changed(tmp_path: Path) -> None:
    (tmp_path / "own.jsonnet").write_text("{ model: { type: std.extVar('KIND') }, trainer: {} }")
    run = {
        "config": "own.jsonnet",
        "overrides": {"trainer.num_epochs": 2},
        "environment": {"KIND": "mine"},
    }
    runs = planned(tmp_path, {"a": run})
    assert runs["a"].config == {"model": {"type": "mine"}, "trainer": {"num_epochs": 2}}
    assert runs["a"].environment == {"KIND": "mine"}


def test_files_of_other_runs_are_paths_and_an_order(tmp_path: Path) -> None:
    target: dict[str, Any] = {**CONFIG, "list": [["all", {"file": "@source/model.tar.gz"}]]}
    entries: dict[str, Any] = {"source": {"config": CONFIG}, "target": {"config": target}}
    runs = planned(tmp_path, entries, seeds=[3, 4])
    path = tmp_path / "out" / "source.4" / "model.tar.gz"
    assert runs["target.4"].config["list"] == [["all", {"file": str(path)}]]
    assert runs["target.4"].after == ("source.4",)
    entries["target"]["seeds"] = [5]
    with pytest.raises(ConfigurationError, match=r"could be of source\.3, source\.4: name one"):
        planned(tmp_path, entries, seeds=[3, 4])
    target["list"] = ["@source.3/best.th"]
    assert planned(tmp_path, entries, seeds=[3, 4])["target.5"].after == ("source.3",)


def test_after_alone_is_an_order_too(tmp_path: Path) -> None:
    entries = {
        "all": {"config": CONFIG, "after": "each"},
        "each": {"config": CONFIG, "seeds": [1, 2]},
    }
    runs = planned(tmp_path, entries)
    assert runs["all"].after == ("each.1", "each.2")
    assert list(runs) == ["each.1", "each.2", "all"]


def test_what_is_chosen_takes_what_it_needs_along(tmp_path: Path) -> None:
    entries = {
        "a": {"config": CONFIG},
        "b": {"config": CONFIG, "after": ["a"]},
        "c": {"config": CONFIG, "after": ["b"]},
        "d": {"config": CONFIG},
    }
    runs = list(planned(tmp_path, entries).values())
    assert [run.name for run in chosen(runs, ["c*"])] == ["a", "b", "c"]
    assert chosen(runs, None) == runs
    with pytest.raises(ConfigurationError, match=r"--only: no run fits 'x\*'; they are a, "):
        chosen(runs, ["x*"])


@pytest.mark.parametrize(
    ("config", "gpus", "resources", "needs"),
    [
        ({}, False, {}, Needs(1, 0)),
        ({}, True, {}, Needs(1, 1)),
        ({"trainer": {"cuda_device": -1}}, True, {"memory": 2.5}, Needs(1, 0, 2.5)),
        ({"trainer": {"cuda_device": 0}}, False, {}, Needs(1, 1)),
        ({"distributed": {"cuda_devices": [-1, -1]}}, True, {}, Needs(2, 0)),
        ({"distributed": {"cuda_devices": [0, 1]}}, True, {"cpus": 8}, Needs(8, 2)),
        ({}, True, {"gpus": 0}, Needs(1, 0)),
    ],
)
def test_what_a_run_occupies(
    config: Any, gpus: bool, resources: Any, needs: Needs, tmp_path: Path
) -> None:
    file = written({"runs": {"a": {"config": config}}, "resources": resources}, tmp_path)
    assert plan_runs(file, tmp_path, machine_has_gpus=gpus)[0].needs == needs


@pytest.mark.parametrize(
    ("config", "cpus", "threads"),
    [
        ({}, 3, 3),
        ({"distributed": None}, 1, 1),
        ({"distributed": {"cuda_devices": [-1, -1]}}, 2, 1),
        ({"distributed": {"cuda_devices": [-1, -1]}}, 5, 2),
        ({"distributed": {"cuda_devices": [0, 1]}}, 1, 1),
    ],
)
def test_processes_of_a_run_share_its_cores(config: Any, cpus: int, threads: int) -> None:
    assert PlannedRun("a", "a", config, needs=Needs(cpus)).threads == threads


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({}, "runs must be an object"),
        ({"runs": {"a": {}}}, r"runs\.a\.config must be a configuration"),
        ({"runs": {"a": {"config": "nowhere.jsonnet"}}}, r"runs\.a\.config: there is no file"),
        ({"runs": {"a": {"config": {}, "seed": 1}}}, r"runs\.a: no key seed; there are config"),
        ({"runs": {"a": {"config": {}}}, "jobs": 2}, "no key jobs"),
        ({"runs": {"a": {"config": {}, "seeds": [1, 1]}}}, "has one twice"),
        ({"runs": {"a": {"config": {}, "seeds": ["1"]}}}, "list of whole numbers"),
        ({"runs": {"a": {"config": {}, "seeds": [2**32]}}}, r"whole numbers below 2\*\*32"),
        ([1], r"grid\.jsonnet must be an object, not \[1\]"),
        ({"runs": {"a": {"config": {}}}, "resources": [1]}, "resources must be an object"),
        ({"runs": {"a": {"config": {"trainer": "x"}}}}, r"a\.config\.trainer must be an object"),
        ({"runs": {"a": {"config": {"distributed": [1]}}}}, "distributed must be an object"),
        ({"runs": {"a": {"config": {}, "overrides": "{bad"}}}, r"a\.overrides cannot be evaluated"),
        ({"runs": {"a": {"config": {}, "resources": {"cpus": 0}}}}, r"cpus must be .* from 1 on"),
        ({"runs": {"a": {"config": {}, "resources": {"tpus": 1}}}}, "no key tpus"),
        ({"runs": {"a": {"config": {}, "environment": {"X": 1}}}}, "must have texts only"),
        ({"runs": {"a": {"config": {}, "after": ["b"]}}}, "comes after 'b', which is no run"),
        ({"runs": {"a": {"config": {"x": "@b/model.tar.gz"}}}}, "comes after 'b'"),
        ({"runs": {"a": {"config": {}, "after": ["a"]}}}, "a after a: none of these can come"),
        (
            {"runs": {"a": {"config": {}, "after": "b"}, "b": {"config": {"x": "@a/best.th"}}}},
            "none of these can come first",
        ),
        (
            {"runs": {"a": {"config": {}, "seeds": [1]}, "a.1": {"config": {}}}},
            r"would both have a run 'a\.1'",
        ),
        ({"runs": {"a": {"config": {}}, "A": {"config": {}}}}, "differ in capitals only"),
        ({"runs": {"grid.json": {"config": {}}}}, "which is a file of the grid"),
    ],
)
def test_mistakes_name_their_place(grid: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        plan_runs(written(grid, tmp_path), tmp_path / "out")
    assert not (tmp_path / "out").exists()


HOSTILE = [
    "..",
    ".",
    "",
    "a/b",
    "../a",
    "/etc",
    "a\\b",
    "-rf",
    ".grid",
    "a\n",
    "a b",
    "ü",
    "@a",
    "a" * 200,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot name a run"):
        planned(tmp_path, {name: {"config": CONFIG}})


@given(st.text(max_size=20))
def test_a_name_that_is_taken_is_a_folder_in_the_grid(name: str) -> None:
    try:
        check_names([name])
    except ConfigurationError:
        return
    out = Path("/out")
    assert Path(out, name).parent == out and Path(out, name).resolve() == Path(out, name)
    assert not name.startswith((".", "-"))
