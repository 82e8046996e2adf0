"""A training that ends with a pruned model."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import load_archive
from allennlp.training.moving_average import MovingAverage

import tests.tiny as tiny
from allennlp_heads.modules import find_encoder
from allennlp_heads.pruning import prune_archive
from allennlp_heads.reports import gate_pictures
from allennlp_heads.training.callbacks import remove_heads
from tests.training import configs
from tests.training.runs import Config, Unkilled, train, train_killed

KEEP, FINETUNED = 5, 2


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("write_current", "write_best"):
            patch.setattr(gate_pictures, name, lambda history, folder: None)
        yield
    torch.set_num_threads(threads)


@MovingAverage.register("test_still")
class Still(MovingAverage):
    def apply(self, num_updates: int | None = None) -> None:
        pass


def removing(encoder: str, data: Path, **options: Any) -> Config:
    """A tiny run of four epochs with this callback as the last but one."""
    config = configs.multitask(encoder, data)
    callback = {"type": "remove_heads", "measure": False, "plain": False, **options}
    config["trainer"]["callbacks"].insert(-1, callback)
    return config


@pytest.fixture(scope="module")
def run(tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Unkilled:
    folder = tmp_path_factory.mktemp("removing") / "run"
    config = removing(tiny_bert, fixtures_root, keep=KEEP, finetune_epochs=FINETUNED)
    unkilled = Unkilled(config, folder)
    unkilled.folder = folder  # type: ignore[attr-defined]
    return unkilled


def grids(folder: Path) -> numpy.ndarray:
    """The gates of each epoch, the first from before training."""
    with numpy.load(folder / "heads/gates.npz") as arrays:
        return arrays["gates/gates"]


def test_the_last_epochs_have_gates_of_zeros_and_ones(run: Any) -> None:
    gates = grids(run.folder)
    assert ((gates[: 1 + configs.EPOCHS - FINETUNED] % 1) != 0).any()
    final = gates[-FINETUNED:]
    assert (final == final[0]).all() and final[0].sum() == KEEP
    assert set(numpy.unique(final)) == {0, 1}
    # the best epoch is one of these, and the other weights went on training
    tracker = run.left["tracker"]
    assert tracker["best_epoch"] >= configs.EPOCHS - FINETUNED


def test_the_pruned_model_is_the_archives(run: Any, tmp_path: Path) -> None:
    pruned = run.folder / "pruned"
    masked = find_encoder(load_archive(run.folder / "model.tar.gz").model.eval())[1]
    found = load_archive(pruned / "model.tar.gz").model.eval()
    smaller = find_encoder(found)[1]
    assert sum(smaller.heads) == KEEP
    batch = tiny.batch("bert")
    mask = batch["attention_mask"].bool()
    with torch.no_grad():
        one, other = (e(batch["input_ids"], mask)[mask] for e in (masked, smaller))
    torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
    # the verb says the same
    options = remove_heads.PruneOptions(measure=False, plain=False)
    prune_archive(run.folder, tmp_path / "by_verb", options)
    for name in ("heads/pruning.json", "heads/pruning.npz", "config.json"):
        assert (tmp_path / "by_verb" / name).read_bytes() == (pruned / name).read_bytes()
    again, first = (
        torch.load(folder / "weights.th", weights_only=True)
        for folder in (tmp_path / "by_verb", pruned)
    )
    assert again.keys() == first.keys()
    assert all(torch.equal(again[name], tensor) for name, tensor in first.items())


@pytest.mark.parametrize(
    "moment", [("epoch", 1), ("saved", 2, 0), ("batch", 2, 3), ("epoch", 2), ("end",)]
)
def test_resumed(run: Any, moment: tuple[Any, ...], tmp_path: Path) -> None:
    train_killed(run.config, tmp_path / "run", *moment)
    run.assert_same(tmp_path / "run")
    for name in ("pruning.json", "pruning.npz"):
        resumed, unkilled = (f / "pruned/heads" / name for f in (tmp_path / "run", run.folder))
        assert resumed.read_bytes() == unkilled.read_bytes()


def test_a_failure_costs_nothing(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(remove_heads, "prune_run", full)
    config = removing(tiny_bert, fixtures_root, threshold=0.4)
    config["trainer"]["num_epochs"] = 1
    before = copy.deepcopy(config)
    train(config, tmp_path / "run")
    assert config == before
    assert (tmp_path / "run/model.tar.gz").is_file() and not (tmp_path / "run/pruned").exists()
    command = (
        f"allennlp heads prune {tmp_path}/run -o {tmp_path}/run/pruned --force --threshold 0.4"
    )
    assert command in (tmp_path / "run/out.log").read_text()


def test_gates_that_nothing_passes_in_the_end(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = removing(tiny_bert, fixtures_root, finetune_epochs=1)
    config["model"]["backbone"]["gates"] |= {"start": -9.0}
    config["trainer"]["num_epochs"] = 2
    train(config, tmp_path / "run")
    log = (tmp_path / "run/out.log").read_text()
    assert "not made final: no head has a gate above" in log
    assert (tmp_path / "run/model.tar.gz").is_file() and not (tmp_path / "run/pruned").exists()
    # the message alone, and a command that succeeds
    assert "the training is unharmed: no head has a gate above" in log and "Traceback" not in log
    out = tmp_path / "run/pruned"
    assert f"allennlp heads prune {tmp_path}/run -o {out} --force --keep 0.5" in log
    prune_archive(tmp_path / "run", out, remove_heads.PruneOptions(keep=0.5, measure=False))
    assert sum(find_encoder(load_archive(out / "model.tar.gz").model)[1].heads) == 6


def test_resumed_after_nothing_passed(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    """Epochs whose gates could not become final still count."""
    config = removing(tiny_bert, fixtures_root, finetune_epochs=2)
    config["model"]["backbone"]["gates"] |= {"start": -9.0}
    config["trainer"]["num_epochs"] = 3
    unkilled = Unkilled(config, tmp_path / "unkilled")
    train_killed(config, tmp_path / "run", "batch", 2, 1)
    unkilled.assert_same(tmp_path / "run")


def test_heads_are_chosen_by_the_weights_that_are_saved(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    """All gates close at once, and are open in an average that stays where it was."""
    config = removing(tiny_bert, fixtures_root, finetune_epochs=1)
    config["model"]["backbone"]["gates"] |= {"coefficient": 10.0}
    config["trainer"]["optimizer"]["parameter_groups"][0][1]["lr"] = 9.0
    config["trainer"]["moving_average"] = "test_still"
    config["trainer"]["num_epochs"] = 2
    model: Any = train(config, tmp_path / "run")
    assert model.gates.binary and model.gates.kept.sum() == 12
    assert model.gates.log_alpha.min() > 2
    last = torch.load(tmp_path / "run/model_state_e2_b0.th")
    assert last["backbone.encoder.gates.log_alpha"].max() < -2


def test_trained_gates_may_be_final_from_the_start(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = removing(tiny_bert, fixtures_root, keep=KEEP, finetune_epochs=1)
    config["trainer"]["num_epochs"] = 1
    with pytest.raises(ConfigurationError, match="have not been trained yet"):
        train(config, tmp_path / "new")
    config["model"]["backbone"]["gates"] |= {"start": "xavier"}  # stands for trained ones
    train(config, tmp_path / "run")
    assert (grids(tmp_path / "run")[-1] == 1).sum() == KEEP
    assert (tmp_path / "run/pruned/model.tar.gz").is_file()


def test_workers_must_not_wait_for_gradients() -> None:
    def trainer(**wrapped: Any) -> Any:
        return SimpleNamespace(_ddp_wrapped_model=SimpleNamespace(model=SimpleNamespace(**wrapped)))

    with pytest.raises(ConfigurationError, match='"multitask_torch"'):
        remove_heads._check_workers(trainer(find_unused_parameters=False))
    remove_heads._check_workers(trainer(find_unused_parameters=True))


def test_an_encoder_from_an_archive(run: Any, tmp_path: Path) -> None:
    config = copy.deepcopy(run.config)
    archive = str(run.folder / "model.tar.gz")
    config["model"] = {"type": "from_archive", "archive_file": archive}
    with pytest.raises(ConfigurationError, match="initializer .pretrained. instead"):
        train(config, tmp_path / "run")
    assert not list((tmp_path / "run").glob("model_state*"))


@pytest.mark.parametrize(
    "options, gates, message",
    [
        ({"keep": 13}, "hard_concrete", "asks for 13 heads, but this encoder has 12"),
        ({"keep": 3, "threshold": 0.5}, "hard_concrete", "give one of them"),
        ({"finetune_epochs": 5}, "hard_concrete", "give 0 to 4"),
        ({"task": "pos"}, "hard_concrete", "share one set"),
        ({}, "open", "without gates"),
        ({}, {"type": "per_task", "tasks": ["pos", "dep"]}, "one of pos, dep"),
    ],
)
def test_mistakes_are_found_before_training(
    options: Config, gates: Any, message: str, tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    config = removing(tiny_bert, fixtures_root, **options)
    config["model"]["backbone"]["gates"] = gates
    with pytest.raises(ConfigurationError, match=message):
        train(config, tmp_path / "run")
    assert not list((tmp_path / "run").glob("model_state*"))
    assert json.loads((tmp_path / "run/config.json").read_text())


def test_each_task_has_its_own(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    config = removing(tiny_bert, fixtures_root, task="dep", keep=0.5, finetune_epochs=1)
    config["model"]["backbone"]["gates"] = {"type": "per_task", "tasks": ["pos", "dep"]}
    config["trainer"]["num_epochs"] = 2
    train(config, tmp_path / "run")
    trained = load_archive(tmp_path / "run/model.tar.gz").model
    gates = find_encoder(trained)[1].gates
    assert gates.binary
    assert [gates.deterministic(task).sum() for task in ("pos", "dep")] == [6, 6]
    pruned = load_archive(tmp_path / "run/pruned/model.tar.gz").model
    assert list(pruned.heads) == ["dep"]
    kept = find_encoder(pruned)[1].kept_heads
    assert [[int(h) for h in row.nonzero()[:, 0]] for row in gates.deterministic("dep")] == kept
