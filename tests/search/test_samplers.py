"""Samplers that come to an end, and those that do not fit what is searched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.grid.executor import DONE, MISTAKEN
from allennlp_heads.search.options import SearchOptions
from allennlp_heads.search.results import write_results
from allennlp_heads.search.search import search
from allennlp_heads.search.trials import Trial
from tests.search.searches import SPACE, Played, by_sampler, options

GRID = {"lr": [0.001, 0.01, 0.1], "kind": ["a", "b"]}
RATES = {"name": "lr", "low": 0.1, "high": 0.3, "step": 0.1}
ENDING: list[tuple[str, dict[str, Any]]] = [
    ("GridSampler", {"search_space": GRID}),
    ("BruteForceSampler", {}),
    ("BruteForceSampler", {"avoid_premature_stop": True}),
]


def lines_of(wanted: SearchOptions, out: Path, executor: Played) -> list[str]:
    """What a search says in the end."""
    return search(wanted, out, lambda: executor, write_results)


def of_steps(folder: Path) -> None:
    """Six combinations of values."""
    folder.joinpath("hparams.json").write_text(
        json.dumps([{"type": "float", "attributes": RATES}, SPACE[1]])
    )


@pytest.mark.parametrize("at_once", [1, 4])
@pytest.mark.parametrize(("kind", "attributes"), ENDING)
def test_a_sampler_without_more_values_ends_the_search(
    kind: str, attributes: dict[str, Any], at_once: int, tmp_path: Path
) -> None:
    if kind == "BruteForceSampler":
        of_steps(tmp_path)
    wanted = options(tmp_path, trials=50, options_file=by_sampler(tmp_path, kind, **attributes))
    for again in (False, True):  # the second time nothing is left to do
        executor = Played(at_once=at_once)
        lines = lines_of(wanted, tmp_path / "out", executor)
        assert bool(executor.started) != again
        assert lines[0].endswith("complete; the sampler has no more values")
        trials = json.loads((tmp_path / "out" / "search.json").read_text())["trials"]
        assert {trial["state"] for trial in trials} == {"complete"}
        tried = [tuple(trial["parameters"].values()) for trial in trials]
        assert len(set(tried)) == 6
        if not attributes.get("avoid_premature_stop"):  # which may repeat some
            assert len(tried) == 6


@pytest.mark.parametrize("state", ["pruned", "failed"])
def test_the_last_trial_may_end_in_any_way(
    state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = by_sampler(tmp_path, "GridSampler", search_space={"lr": [0.1], "kind": ["a"]})
    monkeypatch.setattr(Trial, "pruned", state == "pruned")
    executor = Played(outcome=lambda run, attempt: MISTAKEN if state == "failed" else DONE)
    lines = lines_of(options(tmp_path, trials=5, options_file=path), tmp_path / "out", executor)
    assert lines[0] == f"1 trials: 1 {state}; the sampler has no more values"


@pytest.mark.parametrize(
    ("kind", "attributes", "said"),
    [
        ("GridSampler", {"search_space": {"kind": ["a"]}}, "search_space has no values of 'lr'"),
        ("GridSampler", {"search_space": {**GRID, "lr": []}}, "has no values of 'lr'"),
        ("GridSampler", {"search_space": {**GRID, "kind": ["c"]}}, r"search_space\.kind: 'c' not"),
        ("GridSampler", {"search_space": {**GRID, "x": [1]}}, "has 'x', which is not searched"),
        ("BruteForceSampler", {}, "BruteForceSampler cannot choose .*step must be given"),
    ],
)
def test_a_sampler_that_does_not_fit_is_refused_before_anything_begins(
    kind: str, attributes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    wanted = options(tmp_path, options_file=by_sampler(tmp_path, kind, **attributes))
    executor = Played()
    with pytest.raises(ConfigurationError, match=said):
        lines_of(wanted, tmp_path / "out", executor)
    assert not executor.started and not (tmp_path / "out").exists()
