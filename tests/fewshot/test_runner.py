"""One run: what it learns from, what it leaves behind, and that nothing leaks into the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.fewshot import FewShotExperiment
from allennlp_heads.fewshot.data import FewShotData
from allennlp_heads.fewshot.runner import FewShotRunner, Scored
from allennlp_heads.fewshot.start import OpenedStart
from tests.fewshot.experiments import tagging, texts
from tests.pruning import archives
from tests.training.pieces import copied

Config = dict[str, Any]


def runner_of(config: Config) -> FewShotRunner:
    experiment = FewShotExperiment.from_params(Params(copied(config)))
    data = FewShotData(experiment.task, experiment.max_validation)
    name, start = next(iter(experiment.starts.items()))
    return FewShotRunner(OpenedStart(name, start), data, experiment)


def equal(one: Scored, other: Scored) -> bool:
    pairs = zip(one.scores, other.scores, strict=True)
    return one.metrics == other.metrics and all((a == b).all() for a, b in pairs)


@pytest.fixture(scope="module")
def archive(tiny_bert: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("archive") / "shared"
    config = archives.multitask(tiny_bert, {"type": "hard_concrete"}, ["pos", "dep"])
    return str(archives.write(folder, config))


@pytest.fixture()
def plain(tiny_bert: str, fixtures_root: Path) -> Config:
    return tagging(tiny_bert, fixtures_root, {"plain": {"transformer_model": tiny_bert}})


def test_runs_do_not_know_of_each_other(plain: Config) -> None:
    plain["starts"]["plain"]["word_dropout"] = 0.2
    runner = runner_of(plain)
    first = runner.run(3, 0)
    for examples, seed in ((2, 1), (3, 1)):
        assert not equal(runner.run(examples, seed), first), "seeds and examples matter"
    runner.majority()
    torch.manual_seed(99)
    assert equal(runner.run(3, 0), first), "and nothing else does"
    assert equal(runner_of(plain).run(3, 0), first)


def test_a_run_learns_and_the_start_stays(archive: str, tiny_bert: str, fixtures_root) -> None:
    config = tagging(tiny_bert, fixtures_root, {"a": {"archive": archive}})
    config["training"] |= {"updates": 40, "encoder_lr": 1e-2, "head_lr": 1e-1}
    config["max_validation"] = None
    runner = runner_of(config)
    before = runner._start.digest
    gates = runner._start.backbone.gates.log_alpha.detach().clone()
    learnt = runner.run(12, 0)
    most = runner.majority()
    assert most is not None and learnt.metrics["accuracy"] > most.metrics["accuracy"]
    assert runner._start.digest == before
    assert torch.equal(runner._start.backbone.gates.log_alpha, gates), "gates are not learnt"


def test_no_noise_of_gates(archive: str, tiny_bert: str, fixtures_root: Path) -> None:
    config = tagging(tiny_bert, fixtures_root, {"a": {"archive": archive}})
    runner = runner_of(config)
    runner.run(2, 0)
    runner._model.train()
    runner._model.gates.eval()
    gates = runner._model.gates
    assert torch.equal(gates(), gates.deterministic())


def test_the_majority_is_that_of_the_labels(tiny_bert: str, tmp_path: Path) -> None:
    runner = runner_of(texts(tiny_bert, tmp_path, {"a": {"transformer_model": tiny_bert}}))
    most = runner.majority()
    assert most is not None and most.metrics["accuracy"] == 18 / 24


def test_a_copied_head_is_where_learning_starts(
    archive: str, tiny_bert: str, fixtures_root: Path
) -> None:
    starts = {"a": {"archive": archive, "copy_head_from": "pos"}}
    config = tagging(tiny_bert, fixtures_root, starts)
    config["training"] |= {"encoder_lr": 0.0, "head_lr": 0.0}
    runner = runner_of(config)
    assert runner.copied == ["projection.weight", "projection.bias"]
    runner.run(2, 0)
    new, old = runner._model.heads["tags"], runner._start.old_head
    assert old is not None
    for row, name in enumerate(new.label_names()):
        if name in old.label_names():
            other = old.label_names().index(name)
            assert torch.equal(new.projection.weight[row], old.projection.weight[other])
    assert set(old.label_names()) & set(new.label_names())


def test_no_grad_keeps_the_encoder_as_it_is(plain: Config) -> None:
    plain["training"]["no_grad"] = ["^backbone"]
    runner = runner_of(plain)
    before = {name: p.detach().clone() for name, p in runner._model.backbone.named_parameters()}
    runner.run(2, 0)
    after = dict(runner._model.backbone.named_parameters())
    assert all(torch.equal(after[name], values) for name, values in before.items())
    head = runner._model.heads["tags"].projection
    assert runner.trainable == head.weight.numel() + head.bias.numel()


def test_every_example_of_an_epoch_is_seen_once(plain: Config) -> None:
    plain["training"] = {"epochs": 2, "batch_size": 4}
    runner = runner_of(plain)
    drawn = sorted(runner._data.draw(10, False, 3))
    batches = list(runner._batches(10, 3, 6))
    assert [len(batch) for batch in batches] == [4, 4, 2] * 2
    for epoch in (batches[:3], batches[3:]):
        assert sorted(sum(epoch, [])) == drawn
    assert batches[:3] != batches[3:]
    assert [len(batch) for batch in runner._batches(10, 3, 4)] == [4, 4, 2, 4]


@pytest.mark.parametrize(
    ("start", "message"),
    [
        ({"copy_head_from": "srl"}, "has pos, dep"),
        ({"copy_head_from": "dep"}, "no weight of DependencyHead fits"),
        ({"gates_of": "pos"}, "share their gates"),
    ],
)
def test_archives_that_do_not_fit(
    archive: str, tiny_bert: str, fixtures_root: Path, start: Config, message: str
) -> None:
    config = tagging(tiny_bert, fixtures_root, {"a": {"archive": archive, **start}})
    with pytest.raises(ConfigurationError, match=message):
        runner_of(config)


def test_gates_of_single_tasks(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    gates = {"type": "per_task", "tasks": ["pos", "dep"]}
    archive = archives.write(tmp_path / "a", archives.multitask(tiny_bert, gates, ["pos", "dep"]))
    with pytest.raises(ConfigurationError, match=r"a.gates_of is None.*one of pos, dep"):
        runner_of(tagging(tiny_bert, fixtures_root, {"a": {"archive": str(archive)}}))
    start = {"archive": str(archive), "gates_of": "dep"}
    runner = runner_of(tagging(tiny_bert, fixtures_root, {"a": start}))
    assert torch.equal(runner._start.backbone.gates.log_alpha, archives.log_alpha(1))
    assert runner.run(2, 0).metrics


def test_fewer_heads_and_other_models(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    removed = archives.multitask(tiny_bert, {"type": "open"}, ["pos"])
    removed["model"]["backbone"]["removed_heads"] = {"0": [1, 3], "2": [3]}
    path = archives.write(tmp_path / "removed", removed)
    runner = runner_of(tagging(tiny_bert, fixtures_root, {"a": {"archive": str(path)}}))
    assert runner._start.described()["heads_per_layer"] == [2, 4, 3]
    assert runner.run(2, 0).metrics
    path = archives.write(tmp_path / "foreign", archives.tagger(tiny_bert, {"type": "open"}))
    with pytest.raises(ConfigurationError, match="SimpleTagger"):
        runner_of(tagging(tiny_bert, fixtures_root, {"a": {"archive": str(path)}}))


def test_a_loss_that_is_no_number(plain: Config) -> None:
    plain["training"] |= {"updates": 5, "encoder_lr": 1e30, "head_lr": 1e30, "warmup": 0.0}
    with pytest.raises(ConfigurationError, match=r"'plain', 3 examples, seed 0: the loss is"):
        runner_of(plain).run(3, 0)
