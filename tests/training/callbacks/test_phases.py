"""Switches between phases in real trainings of tiny models, looked at in every update."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.training.callbacks import PhaseSwitches
from tests.training import configs
from tests.training.configs import Config
from tests.training.pieces import Watching, copied, model_and_loader, trainer_of
from tests.training.runs import same, train

OPTIMIZER = {"type": "adamw_fused", "lr": 0.01, "weight_decay": 0.1}
STARTS, UPDATES = [0, 3, 5, 8, 11, 13], 16
State = dict[str, Any]


@pytest.fixture
def config(tiny_bert: str, fixtures_root: Path) -> Config:
    """Two rounds of three phases; 16 updates of two batches, four an epoch."""
    return configs.phased(tiny_bert, fixtures_root)


def with_resets(config: Config, head: str = "keep", optimizer: str = "keep") -> Config:
    config = copied(config)
    for phase in config["data_loader"]["sampler"]["phases"]:
        phase.update({"head": head, "optimizer": optimizer})
    return config


class Seen(dict[str, torch.Tensor]):
    """The model's state and the optimizer's, before or after an update."""

    def __init__(self, trainer: Any) -> None:
        super().__init__({k: v.clone() for k, v in trainer.model.state_dict().items()})
        self.rates = [group["lr"] for group in trainer.optimizer.param_groups]
        self.steps = {int(state["step"]) for state in trainer.optimizer.state.values()}

    def head(self, task: str) -> State:
        return {k: v for k, v in self.items() if k.startswith(f"heads.{task}.")}

    def shared(self) -> State:
        return {k: v for k, v in self.items() if k.startswith("backbone.")}


class Run:
    """A training, with what it looked like when each update began and ended."""

    def __init__(self, config: Config, folder: Path, callback: bool = True, **options: Any) -> None:
        torch.manual_seed(7)
        model, loader = model_and_loader(config)
        watching = Watching(Seen)
        options = {
            "num_epochs": configs.EPOCHS,
            "grad_norm": 1.0,
            "num_gradient_accumulation_steps": 2,
            "optimizer": OPTIMIZER,
            "learning_rate_scheduler": {"type": "linear_with_fractional_warmup", "warmup": 0.4},
            **options,
        }
        trainer: Any = trainer_of(model, loader, folder, watching, **options)
        self.first = Seen(trainer)
        self.before: list[Seen] = []
        phases = [PhaseSwitches(str(folder))] if callback else []
        trainer._callbacks = [*phases, _Beginning(self.before), watching]
        trainer.train()
        self.after: list[Seen] = watching.seen
        self.trainer = trainer


class _Beginning(Watching):
    """Sees the model in the first forward of every update, after the hook of the phases."""

    def __init__(self, seen: list[Seen]) -> None:
        super().__init__(Seen)
        self.before = seen

    def on_start(self, trainer: Any, *args: Any, **kwargs: Any) -> None:
        def look(*_: Any) -> None:
            if len(self.before) == trainer._total_batches_completed:
                self.before.append(Seen(trainer))

        trainer.model.register_forward_pre_hook(look)


def task_of(update: int) -> str:
    return ["dep", "pos", "dep"][[s <= update for s in STARTS].count(True) % 3 - 1]


def test_phases_that_keep_change_nothing(config: Config, tmp_path: Path) -> None:
    config = with_resets(config)
    plain = Run(config, tmp_path / "plain", callback=False)
    found = Run(config, tmp_path / "phases")
    assert len(found.after) == UPDATES
    for one, other in zip(found.after, plain.after, strict=True):
        assert same(one, other) and one.rates == other.rates
    assert max(found.after[-1].steps) == UPDATES


def test_idle_heads_stand_still(config: Config, tmp_path: Path) -> None:
    """Neither weight decay nor moments of an earlier phase move them; gates and encoder do."""
    run = Run(with_resets(config), tmp_path)
    for update, (before, after) in enumerate(zip(run.before, run.after, strict=True)):
        busy = task_of(update)
        idle = "dep" if busy == "pos" else "pos"
        assert same(before.head(idle), after.head(idle))
        assert not same(before.head(busy), after.head(busy))
        moved = {k for k, v in after.shared().items() if not torch.equal(v, before[k])}
        assert any("attention" in name for name in moved)
        assert any("log_alpha" in name for name in moved)


def test_reset_heads(config: Config, tmp_path: Path) -> None:
    """At its begin, and not before, a phase's head has the weights of the training's begin."""
    run = Run(with_resets(config, head="reset"), tmp_path)
    for number, start in enumerate(STARTS):
        task = task_of(start)
        other = "dep" if task == "pos" else "pos"
        assert same(run.before[start].head(task), run.first.head(task))
        if number == 0:
            continue
        ended = run.after[start - 1]
        assert same(run.before[start].shared(), ended.shared())
        assert same(run.before[start].head(other), ended.head(other))
        if number > 1:
            assert not same(ended.head(task), run.first.head(task))
    names = {id(p): name for name, p in run.trainer.model.named_parameters()}
    steps = {
        names[id(parameter)]: int(state["step"])
        for parameter, state in run.trainer.optimizer.state.items()
    }
    assert {n for k, n in steps.items() if k.startswith("heads.dep.")} == {3}
    assert {n for k, n in steps.items() if k.startswith("backbone.")} >= {UPDATES}


def test_reset_optimizer(config: Config, tmp_path: Path) -> None:
    """Each phase trains as with an optimizer and a schedule of its own."""
    run = Run(with_resets(config, optimizer="reset"), tmp_path)
    stops = [*STARTS[1:], UPDATES]
    for start, stop in zip(STARTS, stops, strict=True):
        assert not run.before[start].steps
        assert start == 0 or same(run.before[start], run.after[start - 1])
        for update in range(start, stop):
            assert max(run.after[update].steps) == update - start + 1
        rates = [run.after[update].rates[0] for update in range(start, stop)]
        wanted = {2: [1, 1 / 2], 3: [1, 2 / 3, 1 / 3]}[stop - start]
        assert rates == pytest.approx([0.01 * factor for factor in wanted])


def test_the_first_step_after_a_reset_is_that_of_a_fresh_optimizer(
    config: Config, tmp_path: Path
) -> None:
    """Without decay and clipping the first step of Adam is the learning rate, with a sign."""
    options = {"optimizer": {"type": "adamw_fused", "lr": 0.01, "weight_decay": 0.0}}
    run = Run(with_resets(config, optimizer="reset"), tmp_path, grad_norm=False, **options)
    for start in STARTS:
        before, after = run.before[start].shared(), run.after[start].shared()
        steps = torch.cat([(after[name] - before[name]).flatten() for name in after])
        clear = steps[steps.abs() > 0.009]
        assert steps.abs().max() <= 0.01 + 1e-6 and len(clear) > 100


def test_moving_averages_are_reset_too(config: Config, tmp_path: Path) -> None:
    average = {"type": "exponential", "decay": 0.9}
    config = with_resets(config, head="reset")
    run = Run(config, tmp_path, moving_average=average)
    shadows = run.trainer._moving_average._shadows
    # the mean of the last phase's three updates only, whose begin is that of the training
    for name, first in run.first.head("dep").items():
        wanted, decay = first.clone(), 0.0
        for update in range(13, UPDATES):
            decay = min(0.9, (1 + update + 1) / (10 + update + 1))
            wanted = decay * wanted + (1 - decay) * run.after[update][name]
        torch.testing.assert_close(shadows[name], wanted)


@pytest.mark.parametrize("best, eligible", [("last_phase", {3}), ("any", {0, 1, 2, 3})])
def test_the_best_epoch(best: str, eligible: set[int], config: Config, tmp_path: Path) -> None:
    """With a score that only falls, the best epoch is the first that may be it."""
    config["trainer"].update(
        {
            "validation_metric": "-reg_loss",  # 0 in every validation
            "callbacks": [{"type": "phases", "best": best}, "exact_resume"],
            "checkpointer": "atomic",
        }
    )
    train(config, tmp_path)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["best_epoch"] == min(eligible) and metrics["epoch"] == 3
    report = json.loads((tmp_path / "heads" / "phases.json").read_text())
    assert report["schema"] == {"name": "phases", "version": 1} and report["seed"] == 7
    assert report["tasks"] == {
        "dep": {"batches": 7, "examples": 35},
        "pos": {"batches": 4, "examples": 20},
    }
    assert (report["epoch_batches"], report["epoch_updates"], report["best"]) == (8, 4, best)
    assert report["phases"][2] == {
        "phase": 2,
        "round": 0,
        "task": "dep",
        "part": [0.5, 1.0],
        "part_batches": 3,
        "batches": 6,
        "head": "keep",
        "optimizer": "reset",
        "first_update": 5,
        "last_update": 7,
        "first_epoch": 1,
        "last_epoch": 1,
    }
    updates = [(row["first_update"], row["last_update"]) for row in report["phases"]]
    assert updates == [(0, 2), (3, 4), (5, 7), (8, 10), (11, 12), (13, 15)]


def steps_of(*steps: int) -> Any:
    def change(config: Config) -> None:
        for phase, number in zip(config["data_loader"]["sampler"]["phases"], steps, strict=True):
            phase["steps"] = number

    return change


@pytest.mark.parametrize(
    "change, message",
    [
        (
            lambda config: config["trainer"].update({"callbacks": ["exact_resume"]}),
            r"phases\.0 resets its head .* add 'phases' to trainer\.callbacks",
        ),
        (
            lambda config: config["data_loader"].pop("sampler"),
            "'phases' has no phases to switch between",
        ),
        (
            lambda config: config["trainer"].update({"num_epochs": 3}),
            r"sampler\.epochs is 4, but trainer\.num_epochs is 3",
        ),
        (
            lambda config: config["data_loader"].update({"batches_per_epoch": 6}),
            "32 steps, but 4 epochs of 6 have only 24",
        ),
        (steps_of(7, 3, 6), "'pos' that begins after 7 batches .* update of 2 batches"),
        (
            lambda config: config["trainer"].update(
                {"learning_rate_scheduler": {"type": "exponential", "gamma": 0.9}}
            ),
            "use the learning_rate_scheduler 'linear_with_fractional_warmup'",
        ),
        (
            lambda config: config["trainer"].update(
                {"callbacks": [{"type": "phases", "best": "all"}]}
            ),
            "'best' is 'all': give 'last_phase' or 'any'",
        ),
    ],
)
def test_what_cannot_be_meant(change: Any, message: str, config: Config, tmp_path: Path) -> None:
    config = copied(config)
    config["trainer"]["callbacks"] = ["phases", "exact_resume"]
    change(config)
    with pytest.raises(ConfigurationError, match=message):
        train(config, tmp_path)
    assert not (tmp_path / "heads").exists()
