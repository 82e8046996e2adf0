"""Important-head training in real trainings of tiny models."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import load_archive
from allennlp.training.callbacks import TrainerCallback

import tests.tiny as tiny
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.modules import find_encoder
from allennlp_heads.training import ImportantHeadTraining
from tests.training import configs
from tests.training.configs import Config
from tests.training.important_heads.by_name import Snapshot, projections, rows_of
from tests.training.pieces import Watching, copied, model_and_loader, trainer_of
from tests.training.runs import assert_equal, same, train

START, UPDATES = 4, 24  # 20 updates in the phase
OPTIMIZER = {"type": "adamw_fused", "lr": 0.01, "weight_decay": 0.1}
OPTIONS: dict[str, Any] = {
    "num_epochs": 6,
    "grad_norm": 1.0,
    "num_gradient_accumulation_steps": 2,
    "optimizer": OPTIMIZER,
}


@pytest.fixture
def config(tiny_bert: str, fixtures_root: Path) -> Config:
    """Two tasks with dropout, word dropout and learned gates; four updates an epoch."""
    return configs.multitask(tiny_bert, fixtures_root)


def iat(folder: Path, **options: Any) -> ImportantHeadTraining:
    return ImportantHeadTraining(str(folder), **{"start": START / UPDATES, **options})


def made(config: Config) -> Any:
    """Model and loader, the same ones every time."""
    torch.manual_seed(7)
    return model_and_loader(config)


def trained(
    config: Config,
    folder: Path,
    callback: TrainerCallback | None,
    look: Any = lambda trainer: None,
    **options: Any,
) -> tuple[Any, list[Any]]:
    """A trained model and what `look` saw after each update."""
    model, loader = made(config)
    watching = Watching(look)
    trainer: Any = trainer_of(model, loader, folder, watching, **{**OPTIONS, **options})
    trainer._callbacks = [callback, watching] if callback is not None else [watching]
    trainer.train()
    return trainer, watching.seen


def transformer(model: Any) -> torch.nn.Module:
    return find_encoder(model)[1].transformer


def masks_of(callback: ImportantHeadTraining) -> dict[str, torch.Tensor]:
    return callback.state_dict()["choices"][-1]["masks"]  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", ["adamw", "adamw_fused"])
def test_heads_of_no_task_stand_still(kind: str, config: Config, tmp_path: Path) -> None:
    """Bit by bit, weights and moments, over 20 updates after 4 that made momentum."""

    def look(trainer: Any) -> Snapshot:
        return Snapshot(transformer(trainer.model), trainer.optimizer)

    callback = iat(tmp_path)
    optimizer = {**OPTIMIZER, "type": kind}
    _, seen = trained(config, tmp_path, callback, look, optimizer=optimizer)
    assert len(seen) == UPDATES
    masks = masks_of(callback)
    assert masks.keys() == {"dep", "pos"} and all(mask.sum() == 3 for mask in masks.values())
    ever = torch.stack(list(masks.values())).any(dim=0)
    for (layer, _, what), moved in seen[-1].moved_since(seen[START - 1]).items():
        if what in ("weight", "exp_avg"):
            assert moved == ever[layer].tolist()
        else:
            assert not any(m and not t for m, t in zip(moved, ever[layer].tolist()))
    assert all(all(moved) for moved in seen[START - 1].moved_since(seen[0]).values())


@pytest.mark.parametrize("max_norm", [1.0, 0.05])
def test_the_same_by_hand(max_norm: float, config: Config, tmp_path: Path) -> None:
    """
    A loop that knows the masks ends with the same weights, bit by bit. It measures no importance,
    so that whatever measuring left behind (gradients, dropout switched off, random numbers drawn,
    batches taken) would show.
    """
    callback = iat(tmp_path, alpha=0.4)
    trainer, _ = trained(config, tmp_path, callback, grad_norm=max_norm)
    masks = masks_of(callback)
    assert not torch.equal(masks["pos"], masks["dep"])
    hand, loader = made(config)
    optimizer = torch.optim.AdamW(hand.parameters(), lr=0.01, weight_decay=0.1, fused=True)
    for update, batches in enumerate(updates(loader)):
        by_hand(hand, optimizer, batches, masks if update >= START else None, max_norm)
    assert update == UPDATES - 1
    wanted = hand.state_dict()
    for name, found in trainer.model.state_dict().items():
        assert torch.equal(found, wanted[name]), name


def updates(loader: Any) -> Iterator[list[Any]]:
    for _ in range(6):
        batches = iter(loader)
        while group := list(islice(batches, 2)):
            yield group


def by_hand(
    model: MultiTaskHeads,
    optimizer: torch.optim.Optimizer,
    batches: list[Any],
    masks: dict[str, torch.Tensor] | None,
    max_norm: float,
) -> None:
    model.train()
    optimizer.zero_grad()
    encoder = transformer(model)
    places = {id(p): layer for layer, _, p in projections(encoder)}
    trained = torch.zeros(tiny.LAYERS, tiny.HEADS, dtype=torch.bool)
    for batch in batches:
        loss = model(**batch)["loss"]
        penalty = model.get_regularization_penalty()
        loss = (loss if penalty is None else loss + penalty) / len(batches)
        parameters = list(model.parameters())
        gradients: Any = torch.autograd.grad(loss, parameters, allow_unused=True)
        mask = None if masks is None else masks[batch["task"][0]]
        trained |= True if mask is None else mask
        for parameter, gradient in zip(parameters, gradients):
            if gradient is None:
                continue
            gradient = gradient.contiguous()  # what the fused kernel expects
            for head in range(tiny.HEADS):
                if mask is not None and id(parameter) in places:
                    if not mask[places[id(parameter)], head]:
                        gradient[rows_of(head)] = 0
            parameter.grad = gradient if parameter.grad is None else parameter.grad + gradient
    torch.nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], max_norm)
    old = [
        (tensor, layer, tensor.detach().clone())
        for layer, _, p in projections(encoder)
        for tensor in (p, *(s for s in optimizer.state.get(p, {}).values() if s.dim()))
    ]
    optimizer.step()
    with torch.no_grad():
        for tensor, layer, before in old:
            for head in range(tiny.HEADS):
                if not trained[layer, head]:
                    tensor[rows_of(head)] = before[rows_of(head)]


def test_all_is_the_plain_training(config: Config, tmp_path: Path) -> None:
    callback = iat(tmp_path / "a", heads="all")
    trainer, _ = trained(config, tmp_path / "a", callback)
    plain, _ = trained(config, tmp_path / "b", None)
    assert_equal(trainer.model.state_dict(), plain.model.state_dict())
    assert_equal(trainer.optimizer.state_dict(), plain.optimizer.state_dict())
    assert all(mask.all() for mask in masks_of(callback).values())


def test_measuring_leaves_nothing_behind(config: Config, tmp_path: Path) -> None:
    """With all heads in the masks, training is the plain one however often they are made anew."""
    callback = iat(tmp_path / "a", alpha=1.0, recompute_every=1, examples=5)
    trainer, modes = trained(config, tmp_path / "a", callback, lambda t: training_modes(t.model))
    plain, wanted = trained(config, tmp_path / "b", None, lambda t: training_modes(t.model))
    assert modes == wanted and all(modes[0].values())
    assert len(callback.state_dict()["choices"]) == 20
    assert_equal(trainer.model.state_dict(), plain.model.state_dict())


def training_modes(model: torch.nn.Module) -> dict[str, bool]:
    return {name: module.training for name, module in model.named_modules()}


def test_random_and_bottom_heads(config: Config, tmp_path: Path) -> None:
    masks = {}
    for how, seed in (("important", 0), ("bottom", 0), ("random", 0), ("random", 1)):
        folder = tmp_path / f"{how}{seed}"
        callback = iat(folder, heads=how, seed=seed, start=0.0, examples=8)
        trained(config, folder, callback, num_epochs=1)
        masks[how, seed] = masks_of(callback)
        assert all(mask.sum() == 3 for mask in masks[how, seed].values())
    assert not any((masks["important", 0][t] & masks["bottom", 0][t]).any() for t in ("dep", "pos"))
    assert not torch.equal(masks["random", 0]["pos"], masks["random", 0]["dep"])
    assert not torch.equal(masks["random", 0]["pos"], masks["random", 1]["pos"])


def test_shared_heads_are_taken_out(config: Config, tmp_path: Path) -> None:
    masks = {}
    for shared in (True, False):
        folder = tmp_path / str(shared)
        callback = iat(folder, alpha=0.6, shared_heads=shared, start=0.0)
        trained(config, folder, callback, num_epochs=1)
        masks[shared] = masks_of(callback)
    both = masks[True]["dep"] & masks[True]["pos"]
    assert both.any()
    for task in ("dep", "pos"):
        assert torch.equal(masks[False][task], masks[True][task] & ~both)


@pytest.mark.parametrize("parts", [None, ["value", "output"]])
def test_other_parameters_stand_still_when_told(
    parts: list[str] | None, config: Config, tmp_path: Path
) -> None:
    callback = iat(tmp_path, other_parameters=False, parts=parts)

    def look(trainer: Any) -> dict[str, torch.Tensor]:
        return {name: p.detach().clone() for name, p in trainer.model.named_parameters()}

    trainer, seen = trained(config, tmp_path, callback, look)
    moved = {n for n in seen[-1] if not torch.equal(seen[-1][n], seen[START - 1][n])}
    own = ("value", "output.dense.weight") if parts else ("query", "key", "value")
    for name in seen[-1]:
        attention = ".attention." in name and any(part in name for part in own)
        if attention and "LayerNorm" not in name:
            continue  # heads that are chosen move
        assert (name in moved) == name.startswith("heads."), name
    assert any(".attention." in name for name in moved)
    assert all(parameter.requires_grad for parameter in trainer.model.parameters())


def test_one_task(config: Config, tmp_path: Path) -> None:
    for part in (config["dataset_reader"]["readers"], config["train_data_path"]):
        part.pop("dep")
    config["model"]["heads"].pop("dep")
    config["model"]["backbone"].pop("gates")
    callback = iat(tmp_path, start=0.0)
    _, seen = trained(
        config,
        tmp_path,
        callback,
        lambda t: Snapshot(transformer(t.model), t.optimizer),
        num_epochs=2,
    )
    mask = masks_of(callback)["pos"]
    for (layer, _, what), moved in seen[-1].moved_since(seen[0]).items():
        if what == "weight":
            assert moved == mask[layer].tolist()


def test_under_a_moving_average_the_weights_stand_still(config: Config, tmp_path: Path) -> None:
    def look(trainer: Any) -> Any:
        shadows = {k: v.clone() for k, v in trainer._moving_average._shadows.items()}
        return Snapshot(transformer(trainer.model), trainer.optimizer), shadows

    callback = iat(tmp_path)
    average = {"type": "exponential", "decay": 0.5}
    _, seen = trained(config, tmp_path, callback, look, moving_average=average)
    ever = torch.stack(list(masks_of(callback).values())).any(dim=0)
    for (layer, _, what), moved in seen[-1][0].moved_since(seen[START - 1][0]).items():
        if what == "weight":
            assert moved == ever[layer].tolist()
    name = next(n for n in seen[0][1] if n.endswith("layer.0.attention.self.query.weight"))
    weights = seen[-1][0].found[0, "encoder.layer.0.attention.self.query.weight", "weight"]
    head = int((~ever[0]).nonzero()[0])
    distances = [(s[name][rows_of(head)].flatten() - weights[head]).norm() for _, s in seen]
    assert distances[-1] < 1e-3 * distances[START - 1]


def test_a_run_branches_from_a_trained_model(
    config: Config, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Report, archive and heads that stand still since the checkpoint; which may then be gone."""
    config["trainer"].update(
        {"num_epochs": 1, "checkpointer": "atomic", "callbacks": ["exact_resume"]}
    )
    config["trainer"]["optimizer"] = OPTIMIZER
    first = train(config, tmp_path / "first")
    branch = copied(config)
    weights = str(tmp_path / "first" / "model.tar.gz")
    pretrained = {"type": "pretrained", "weights_file_path": weights}
    branch["model"]["initializer"] = {"regexes": [[".*", pretrained]]}
    branch["trainer"]["callbacks"] = [
        {"type": "important_head_training", "start": 0.0, "examples": 5},
        "exact_resume",
    ]
    second = train(branch, tmp_path / "second")
    # what other tests have set lets other levels through
    assert not [entry for entry in caplog.records if entry.levelno >= logging.ERROR]
    report = json.loads((tmp_path / "second/heads/important_head_training.json").read_text())
    assert (report["first_update"], report["updates"], report["seed"]) == (0, 4, 7)
    assert report["tasks"] == ["dep", "pos"] and len(report["data_files"]) == 2
    assert report["learning_rate_share"] == 1.0
    [choice] = report["choices"]
    assert choice["examples"] == {"dep": 5, "pos": 5}
    ever = torch.tensor([choice["masks"][task] for task in ("dep", "pos")]).bool().any(dim=0)
    nothing = torch.optim.SGD(first.parameters(), lr=0.1)
    old, new = (Snapshot(transformer(model), nothing) for model in (first, second))
    for (layer, _, _), moved in new.moved_since(old).items():
        assert moved == ever[layer].tolist()
    pictures = {path.name for path in (tmp_path / "second/heads").glob("*.png")}
    assert pictures == {f"important_head_training{task}.png" for task in ("", ".dep", ".pos")}
    shutil.rmtree(tmp_path / "first")
    assert same(
        load_archive(tmp_path / "second/model.tar.gz").model.state_dict(), second.state_dict()
    )


def test_the_best_epoch_is_one_of_the_phase(config: Config, tmp_path: Path) -> None:
    config["trainer"].update({"num_epochs": 3, "checkpointer": "atomic", "optimizer": OPTIMIZER})
    config["trainer"]["validation_metric"] = "-reg_loss"  # the same in all epochs
    config["trainer"]["callbacks"] = [
        {"type": "important_head_training", "start": 0.5, "heads": "random"},
        "exact_resume",
    ]
    train(config, tmp_path / "run")
    assert json.loads((tmp_path / "run/metrics.json").read_text())["best_epoch"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"alpha": 0.0}, "'alpha' is 0.0: give a share above 0"),
        ({"start": 1.0}, "'start' is 1.0: give a share from 0 to below 1"),
        ({"heads": "best"}, "'heads' is 'best': give one of important, random, bottom, all"),
        ({"examples": 0}, "'examples' is 0"),
        ({"recompute_every": 0}, "'recompute_every' is 0: give a number of updates"),
        ({"recompute_every": "batch"}, "'recompute_every' is 'batch'"),
        ({"alpha": 0.05}, "selects none of 12 heads"),
        ({"parts": ["values"]}, r"not \['values'\]"),
    ],
)
def test_options_that_cannot_be(
    options: dict[str, Any], message: str, config: Config, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        trained(config, tmp_path, iat(tmp_path, **options))


def test_trainings_that_cannot_have_it(config: Config, tmp_path: Path) -> None:
    def refused(changed: Config, message: str, **options: Any) -> None:
        with pytest.raises(ConfigurationError, match=message):
            trained(changed, tmp_path, iat(tmp_path, **options))

    frozen = copied(config)
    frozen["model"]["backbone"]["train_parameters"] = False
    refused(frozen, "the encoder is frozen")
    shared = copied(config)
    folder = tiny.encoder_folder(tmp_path / "albert", "albert")
    for reader in shared["dataset_reader"]["readers"].values():
        reader["token_indexers"]["tokens"]["transformer_model"] = folder
    shared["model"]["backbone"]["transformer_model"] = folder
    refused(shared, "'important_head_training': the layers of encoders of type 'albert' share")
    alone = copied(config)
    for part in (alone["dataset_reader"]["readers"], alone["train_data_path"]):
        part.pop("dep")
    alone["model"]["heads"].pop("dep")
    refused(alone, "set 'shared_heads' to true", shared_heads=False)


def test_models_without_tasks(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    foreign = configs.simple_tagger(tiny_bert, fixtures_root)
    foreign["trainer"]["callbacks"] = ["important_head_training"]
    foreign["trainer"].pop("checkpointer")
    with pytest.raises(ConfigurationError, match="needs a model whose outputs name the task"):
        train(foreign, tmp_path / "run")


def test_batches_of_several_tasks_or_none(config: Config, tmp_path: Path) -> None:
    callback = iat(tmp_path)
    for outputs in ({}, {"task": ["pos", "dep"]}):
        with pytest.raises(ConfigurationError, match="masks the gradients of a batch by its task"):
            callback.on_backward(None, outputs, False)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="list it before the callback"):
        callback.on_backward(None, {"task": ["pos"]}, True)  # type: ignore[arg-type,dict-item]
