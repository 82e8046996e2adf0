"""Fine-tuning from one encoder in memory: nothing leaks from one task into the next."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.transfer import fine_tune_in_turn
from allennlp_heads.transfer.bench import FineTuned, TransferBench
from allennlp_heads.transfer.configuration import grid_of
from tests.transfer.grids import TASKS, grid, task


def untimed(found: FineTuned) -> FineTuned:
    return replace(found, seconds=0.0)


@pytest.fixture(scope="module")
def bench(tiny_bert: str, fixtures_root: Path) -> TransferBench:
    return TransferBench(grid_of(grid(tiny_bert, fixtures_root, TASKS)))


@pytest.mark.parametrize("name", TASKS)
def test_every_head_is_source_and_target(bench: TransferBench, name: str) -> None:
    other = "sst2" if name != "sst2" else "pos"
    bench.fine_tune(name, "limited", 0)
    state = bench.encoder_state()
    found = bench.fine_tune(name, "limited", 1, state)
    assert found.examples == 6 and found.updates == 2 and found.dev_examples == 5
    assert -1 <= found.score <= 1 and bench.metric(name) in found.metrics
    after = untimed(bench.fine_tune(other, "limited", 0, state))
    torch.manual_seed(3)
    assert untimed(bench.fine_tune(other, "limited", 0, state)) == after
    assert after.seed == bench.fine_tune(other, "limited", 0).seed, "whatever the source"


def test_classes(bench: TransferBench) -> None:
    found = {name: bench.task_class(name) for name in TASKS}
    classes = {"classification": 3, "questions": 1, "labelling": 5}
    assert {one: list(found.values()).count(one) for one in classes} == classes


def test_a_restart_draws_its_own_examples(bench: TransferBench) -> None:
    data = bench.data("sst2")
    first, second = (data.places("limited", restart) for restart in (0, 1))
    assert len(first) == len(second) == 6 and first != second
    assert first == data.places("limited", 0) and data.places("full", 1) == list(range(12))
    batches, updates = bench.batches("sst2", "limited", 0)
    assert [len(batch["task"]) for batch in batches] == [4, 2] and updates == 2
    assert bench.batches("sst2", "limited", 0)[0][0] is batches[0], "made into batches once"


def test_epochs_count_batches(tiny_bert: str, fixtures_root: Path) -> None:
    config = grid(tiny_bert, fixtures_root, ["pos", "sst2"], tokens_per_batch=20)
    config["tasks"]["pos"]["recipe"] = {"epochs": 3, "batch_size": 4}
    batches, updates = TransferBench(grid_of(config)).batches("pos", "limited", 0)
    assert len(batches) > 2 and updates == 3 * len(batches)


def test_an_encoder_that_stands_still_learns_again(tiny_bert: str, fixtures_root: Path) -> None:
    config = grid(tiny_bert, fixtures_root, ["pos", "sst2"])
    config["tasks"]["pos"]["recipe"] = {"no_grad": ["^backbone"]}
    bench = TransferBench(grid_of(config))
    before = bench.encoder_state()
    bench.fine_tune("pos", "limited", 0)
    after = bench.encoder_state()
    assert all(torch.equal(after[name], values) for name, values in before.items())
    bench.fine_tune("sst2", "limited", 0)
    after = bench.encoder_state()
    changed = [name for name, values in before.items() if not torch.equal(after[name], values)]
    assert any("value.weight" in name for name in changed)


def test_curves_do_not_disturb(bench: TransferBench) -> None:
    plain = bench.fine_tune("pos", "limited", 0)
    found = bench.fine_tune("pos", "limited", 0, curve=True)
    assert [updates for updates, _ in found.curve] == [1, 2]
    assert found.curve[-1][1] == found.score == plain.score and plain.curve == []


def test_in_turn(bench: TransferBench) -> None:
    direct = fine_tune_in_turn(bench, [], "pos", 1)
    assert untimed(direct) == untimed(bench.fine_tune("pos", "limited", 1))
    found = untimed(fine_tune_in_turn(bench, ["sst2", "squad"], "pos", 1))
    bench.fine_tune("sst2", "limited", 1)
    bench.fine_tune("squad", "limited", 1, bench.encoder_state())
    assert untimed(bench.fine_tune("pos", "limited", 1, bench.encoder_state())) == found
    for sources in (["pos"], ["sst2", "sst2"]):
        with pytest.raises(ConfigurationError, match="must be different tasks"):
            fine_tune_in_turn(bench, sources, "pos", 0)
    with pytest.raises(ConfigurationError, match="no task 'other'"):
        fine_tune_in_turn(bench, ["other"], "pos", 0)


def test_labels_unseen_in_training_are_named_once(tiny_bert: str, fixtures_root: Path) -> None:
    bench = TransferBench(grid_of(grid(tiny_bert, fixtures_root, ["pos", "sst2"])))
    with mock.patch.object(TaskData, "warn_of_unseen_labels") as warn:
        for restart in range(2):
            bench.fine_tune("pos", "limited", restart, curve=True)
    warn.assert_called_once_with("pos")


def test_on_test_data(tiny_bert: str, fixtures_root: Path) -> None:
    config = grid(tiny_bert, fixtures_root, ["pos", "sst2"])
    config["tasks"]["pos"]["test_data_path"] = str(fixtures_root / "ewt" / "test.conllu")
    bench = TransferBench(grid_of(config), test=True)
    assert bench.data("pos").sizes["validation"] == 12, "all of it"
    assert bench.data("sst2").sizes["validation"] == 5


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"validation_data_path": "train_data_path"}, r"tasks\.pos: .*scored again"),
        ({"head": {"type": "tagger", "label_namespace": "no"}}, "label_namespace"),
        (
            {"recipe": {"encoder_lr": 1e30}},
            r"pos.* the loss is .*Lower tasks\.pos\.recipe\.encoder_lr",
        ),
    ],
)
def test_what_is_wrong_with_a_task(
    tiny_bert: str, fixtures_root: Path, change: dict[str, Any], message: str
) -> None:
    own = task(tiny_bert, fixtures_root, "pos")
    own |= {key: own.get(str(value), value) for key, value in change.items() if key[-1] == "h"}
    own |= {key: value for key, value in change.items() if key[-1] != "h"}
    config = grid(tiny_bert, fixtures_root, ["pos", "sst2"])
    config["tasks"]["pos"] = own
    with pytest.raises(ConfigurationError, match=message):
        bench = TransferBench(grid_of(config))
        bench.recipe("pos")
        bench.fine_tune("pos", "limited", 0)
