"""Rankings put to use."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.transfer import Applied, applied_summary, write_applied
from allennlp_heads.transfer import TransferBench, applying, fine_tune_in_turn
from allennlp_heads.transfer.applied_parts import AppliedParts
from allennlp_heads.transfer.applying import apply_rankings, check_orders, random_sources
from allennlp_heads.transfer.configuration import grid_of
from tests.transfer.grids import grid

TASKS = ["pos", "sst2", "cola", "ner"]


@pytest.fixture(scope="module")
def bench(tiny_bert: str, fixtures_root: Path) -> TransferBench:
    config = grid(tiny_bert, fixtures_root, TASKS)
    sst2 = config["tasks"]["sst2"]
    sst2["test_data_path"] = sst2["validation_data_path"]
    return TransferBench(grid_of(config), test=True)


def test_the_best_source_comes_last_and_all_have_the_same_target(bench: TransferBench) -> None:
    orders = {"sst2": ["ner", "cola", "pos"]}
    (found,) = apply_rankings(bench, orders, 2, seed=1)
    assert found.sources == ["cola", "ner"] and found.data == "test"
    for restart in range(2):
        ways = {"ranked": found.sources, "direct": [], "random": found.random[restart]}
        for name, sources in ways.items():
            alone = fine_tune_in_turn(bench, sources, "sst2", restart).score
            assert found.scores[name][restart] == alone
        assert len(set(found.random[restart])) == 2 and "sst2" not in found.random[restart]
    assert apply_rankings(bench, orders, 2, seed=1) == [found]


def test_stopped_and_repeated_it_goes_on(bench: TransferBench, tmp_path: Path) -> None:
    orders = {"sst2": ["ner", "cola", "pos"], "cola": ["sst2", "ner"]}

    def use(orders: dict[str, list[str]], **decisive: Any) -> list[Applied]:
        return apply_rankings(bench, orders, 1, parts=AppliedParts(tmp_path / "parts", decisive))

    def tune(*_: Any) -> Any:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return SimpleNamespace(score=left[0] / 100)

    left = [8]
    with mock.patch.object(applying, "fine_tune_in_turn", tune):
        with pytest.raises(KeyboardInterrupt):
            use(orders)
        (tmp_path / "parts" / ".cola.0.json.77.tmp").write_bytes(b"half")
        left = [6]
        found = use(orders)
        assert left == [0], "two restarts of sst2 were there"
        assert use(dict(reversed(orders.items()))) == found[::-1], "the order does not matter"
        left = [3 * 2 * 2 + 6]
        use(orders, seed=1)
        assert left == [6], "of something else"
        use({**orders, "cola": ["ner", "sst2"]}, seed=1)
        assert left == [0], "another ranking of one target"
    names = sorted(path.name for path in (tmp_path / "parts").iterdir())
    assert names == ["cola.0.json", "cola.1.json", "sst2.0.json", "sst2.1.json"]
    AppliedParts(tmp_path / "parts", {}).drop()
    assert not (tmp_path / "parts").exists()


def test_random_sources_depend_on_the_target_alone() -> None:
    drawn = random_sources(["c", "a", "b", "d"], 2, 0, "t", 1)
    assert drawn == random_sources(["a", "b", "c", "d"], 2, 0, "t", 1)
    others = {tuple(random_sources(list("abcd"), 2, 0, "t", restart)) for restart in range(20)}
    assert len(others) > 5


def test_all_sources_leave_the_random_ones_no_choice(bench: TransferBench) -> None:
    (found,) = apply_rankings(bench, {"cola": ["pos"]}, 1)
    assert found.random == [["pos"], ["pos"]] and found.data == "validation"
    assert found.scores["random"] == found.scores["ranked"]


def test_what_cannot_be_applied(bench: TransferBench) -> None:
    for number in (0, 3):
        with pytest.raises(ConfigurationError, match=f"--apply {number}: 'pos' has 2 sources"):
            check_orders(bench, {"pos": ["ner", "cola"]}, number)
    with pytest.raises(ConfigurationError, match="no task 'squad'"):
        check_orders(bench, {"pos": ["squad"]}, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"recipe": {"epochs": 0}}, r"recipe of tasks\.ner: .*'epochs' is 0"),
        ({"train_data_path": "nowhere.conll"}, "nowhere.conll"),
    ],
)
def test_a_source_is_checked_before_anything_is_learned(
    tiny_bert: str, fixtures_root: Path, change: dict[str, Any], message: str
) -> None:
    config = grid(tiny_bert, fixtures_root, ["pos", "ner"])
    config["tasks"]["ner"] |= change
    opened = TransferBench(grid_of(config))
    with mock.patch.object(applying, "fine_tune_in_turn") as tune:
        with pytest.raises((ConfigurationError, FileNotFoundError), match=message):
            apply_rankings(opened, {"pos": ["ner"]}, 1)
    assert not tune.called


def test_files(tmp_path: Path) -> None:
    scores = {"ranked": [0.9, 0.8], "direct": [0.5, 0.6], "random": [0.9, 0.7]}
    found = Applied("a|b", "f1", "test", ["x", "y"], [["y", "z"], ["z", "x"]], scores)
    names = write_applied(tmp_path, [found], {"method": "text"}, seed=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    report = json.loads((tmp_path / "applied.json").read_text())
    against = report["targets"]["a|b"]["against"]
    assert against["direct"]["difference"] == pytest.approx(0.3)
    assert against["random"]["better"] == 1 and against["random"]["worse"] == 0
    assert report["method"] == "text" and report["seed"] == 3
    rows = list(csv.DictReader((tmp_path / "applied.csv").open()))
    assert [(row["before"], row["sources"]) for row in rows[2:]] == [
        *[("direct", "")] * 2,
        ("random", "y z"),
        ("random", "z x"),
    ]
    assert numpy.mean([float(row["score"]) for row in rows[:2]]) == pytest.approx(0.85)
    table = (tmp_path / "applied.md").read_text()
    assert "| a\\|b | x, y | f1, test | 85.0 | 55.0 | 80.0 | +30.0 (+20.0 to +40.0), p 0.5" in table
    (line,) = applied_summary([found])
    assert line.startswith("a|b, f1 of test data: 85.0 after x, y; 55.0 directly, 80.0 after")
