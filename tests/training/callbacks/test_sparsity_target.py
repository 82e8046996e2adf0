"""Trainings with a target share of closed heads, whole ones but tiny."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from allennlp_heads.gates import HeadGates, chosen_heads
from allennlp_heads.training.callbacks import SparsityTarget, sparsity_target
from tests.training import configs
from tests.training.runs import train

HEADS = 12


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Any:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def config(encoder: str, data: Path, target: float = 0.5, **options: Any) -> configs.Config:
    """About a hundred updates, with gates fast enough for them."""
    made = configs.multitask(encoder, data)
    made["data_loader"]["batch_size"] = 4
    made["validation_data_loader"]["max_instances"] = 4
    trainer = made["trainer"]
    trainer["num_epochs"] = 12
    trainer["num_gradient_accumulation_steps"] = 1
    trainer.pop("learning_rate_scheduler")
    trainer.pop("checkpointer")
    trainer["callbacks"] = [{"type": "sparsity_target", "target": target, **options}]
    return made


def report(folder: Path) -> dict[str, Any]:
    found = json.loads((folder / "heads" / "sparsity.json").read_text())
    assert isinstance(found, dict)
    return found


def closed(model: Any, task: str | None = None) -> int:
    gates = model.gates
    assert isinstance(gates, HeadGates)
    return HEADS - int(chosen_heads(gates, 0.5, task=task).sum())


@pytest.mark.parametrize("target", [0.25, 0.5, 0.75])
def test_binarised_the_archive_is_within_one_head(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, target: float
) -> None:
    model = train(config(tiny_bert, fixtures_root, target), tmp_path)
    assert abs(closed(model) - round(target * HEADS)) <= 1

    found = report(tmp_path)
    assert found["schema"] == {"name": "sparsity", "version": 1}
    assert (found["target"], found["control"], found["threshold"]) == (target, "lagrangian", 0.5)
    assert found["sets"] == {"gates": {"heads": HEADS, "wanted": round(target * HEADS)}}
    assert [entry["epoch"] for entry in found["epochs"]] == list(range(12))
    assert [entry["updates"] for entry in found["epochs"]] == [10 * n for n in range(1, 13)]
    best = found["epochs"][found["best_epoch"]]["sets"]["gates"]
    assert best["reached"] and best["closed"] == closed(model)
    assert best["share"] == best["closed"] / HEADS
    for suffix in ("png", "svg"):
        assert (tmp_path / "heads" / f"sparsity.{suffix}").stat().st_size > 1000
    # of the epochs that reached it, the one of the best score
    metrics = [json.loads((tmp_path / f"metrics_epoch_{n}.json").read_text()) for n in range(12)]
    reached = [n for n, e in enumerate(found["epochs"]) if e["sets"]["gates"]["reached"]]
    score = "validation_score"
    assert found["best_epoch"] == max(reached, key=lambda n: (metrics[n][score], -n))
    assert metrics[-1]["best_epoch"] == found["best_epoch"]


def test_every_task_has_its_own_control(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    made = config(tiny_bert, fixtures_root, 0.5)
    made["model"]["backbone"]["gates"] = {"type": "per_task", "tasks": ["pos", "dep"]}
    made["trainer"]["optimizer"]["parameter_groups"] = [[["log_alpha"], {"lr": 0.8}]]
    model = train(made, tmp_path)
    assert abs(closed(model, "pos") - 6) <= 1 and abs(closed(model, "dep") - 6) <= 1
    last = report(tmp_path)["epochs"][-1]["sets"]
    assert last.keys() == {"pos", "dep"}
    assert last["pos"]["coefficient"] != last["dep"]["coefficient"]


def test_a_foreign_model_and_its_regularizer(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    """With a moving average, whose weights are those that are counted."""
    made = configs.simple_tagger(tiny_bert, fixtures_root)
    trainer = made["trainer"]
    trainer.pop("checkpointer")
    trainer["num_epochs"] = 16
    trainer["callbacks"] = [{"type": "sparsity_target", "target": 0.5}, "exact_resume"]
    model: Any = train(made, tmp_path)
    embedder = model.text_field_embedder.token_embedder_tokens
    assert abs(HEADS - int(chosen_heads(embedder.gates, 0.5).sum()) - 6) <= 1
    found = report(tmp_path)
    best = found["epochs"][found["best_epoch"]]["sets"]["gates"]
    assert best["closed"] == HEADS - int(chosen_heads(embedder.gates, 0.5).sum())


def test_one_step_for_each_update_of_accumulated_batches(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    made = config(tiny_bert, fixtures_root)
    made["trainer"].update({"num_gradient_accumulation_steps": 4, "num_epochs": 2})
    train(made, tmp_path)
    assert [entry["updates"] for entry in report(tmp_path)["epochs"]] == [3, 6]


def test_a_ramp_by_epoch(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    control = {"type": "ramp", "shape": "linear", "warmup": 0.25, "until": 0.75, "by": "epoch"}
    made = config(tiny_bert, fixtures_root, 0.0, control=control)
    made["trainer"]["num_epochs"] = 4
    train(made, tmp_path)
    found = report(tmp_path)
    assert found["control"] == "ramp"
    coefficients = [entry["sets"]["gates"]["coefficient"] for entry in found["epochs"]]
    # those of the next epoch, towards the coefficient that the gates are configured with
    assert coefficients == pytest.approx([0.0, 0.025, 0.05, 0.05])


def test_a_target_that_is_missed(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gates that hardly learn: the last epoch is archived and patience does not run."""
    made = config(tiny_bert, fixtures_root, 0.5)
    made["trainer"].update({"num_epochs": 4, "patience": 1})
    made["trainer"]["optimizer"]["parameter_groups"][0][1]["lr"] = 1e-5
    warnings: list[str] = []
    monkeypatch.setattr(
        sparsity_target.logger, "warning", lambda text, *values: warnings.append(text % values)
    )
    model = train(made, tmp_path)
    (message,) = warnings
    assert (
        "reached in no epoch" in message
        and "gates: 0 of 12 heads closed in epoch 0, 6 wanted" in message
    )
    assert "learning rate" in message and "epochs" in message
    assert closed(model) == 0
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert metrics["epoch"] == 3 and metrics["best_epoch"] == 3


def test_patience_counts_from_the_target_on(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    """Judged by a validation penalty of always 0, the run ends a patience after its arrival."""
    made = config(tiny_bert, fixtures_root, 0.5)
    made["trainer"].update({"validation_metric": "-reg_loss", "patience": 2})
    train(made, tmp_path)
    reached = [e["sets"]["gates"]["reached"] for e in report(tmp_path)["epochs"]]
    assert sum(reached) == 3 and reached[-1] and report(tmp_path)["best_epoch"] > 2


def test_tensorboard_has_the_numbers(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    made = config(tiny_bert, fixtures_root)
    made["trainer"]["num_epochs"] = 2
    made["trainer"]["callbacks"].insert(0, "tensorboard")
    train(made, tmp_path)
    events = EventAccumulator(str(tmp_path / "log" / "train"))
    events.Reload()
    numbers = report(tmp_path)["epochs"]
    for name in ("closed", "share", "expected_share", "coefficient", "reached"):
        values = [event.value for event in events.Scalars(f"sparsity/gates/{name}")]
        assert values == pytest.approx([float(entry["sets"]["gates"][name]) for entry in numbers])


def test_final_gates_are_left_alone(tiny_bert: str, fixtures_root: Path, tmp_path: Path) -> None:
    """Gates binarised by `remove_heads` before the last epochs are counted, not controlled."""
    made = config(tiny_bert, fixtures_root)
    made["trainer"]["callbacks"].append({"type": "remove_heads", "keep": 7, "finetune_epochs": 2})
    model: Any = train(made, tmp_path)
    assert model.gates.binary and closed(model) == 5
    entries = [entry["sets"]["gates"] for entry in report(tmp_path)["epochs"]]
    assert [entry["closed"] for entry in entries[-2:]] == [5, 5]
    assert [entry["coefficient"] is None for entry in entries] == [False] * 10 + [True] * 2
    assert report(tmp_path)["best_epoch"] in (10, 11)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"target": 1.0}, "'target' is 1.0"),
        ({"target": -0.1}, "'target' is -0.1"),
        ({"target": None}, "'target' is None"),
        ({"target": 0.5, "threshold": 1.0}, "'threshold' is 1.0"),
        ({"target": 0.5, "threshold": float("nan")}, "'threshold' is nan"),
    ],
)
def test_numbers_out_of_range(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        SparsityTarget(str(tmp_path), **options)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"target": 0.99}, "would close all 12 heads: give at most 0.91"),
        ({"gates": "open"}, "no learned head gates"),
        ({"gates": "fixed"}, "no learned head gates"),
        ({"no_grad": ["log_alpha"]}, "trainer.no_grad"),
        ({"validation": None}, "validation_data_path"),
        ({"control": {"type": "ramp", "shape": "round"}}, "'shape' of the control 'ramp'"),
    ],
)
def test_what_cannot_be_led(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    options = {key: value for key, value in change.items() if key == "control"}
    made = config(tiny_bert, fixtures_root, change.get("target", 0.5), **options)
    if "gates" in change:
        made["model"]["backbone"]["gates"] = {"type": change["gates"]}
        made["trainer"]["optimizer"].pop("parameter_groups")
    if "no_grad" in change:
        made["trainer"]["no_grad"] = change["no_grad"]
        made["trainer"]["optimizer"].pop("parameter_groups")
    if "validation" in change:
        made.pop("validation_data_path")
    with pytest.raises(ConfigurationError, match=message):
        train(made, tmp_path)
    assert not (tmp_path / "heads").exists()


def test_without_the_callback_the_coefficient_stays(
    tiny_bert: str, fixtures_root: Path, tmp_path: Path
) -> None:
    made = config(tiny_bert, fixtures_root)
    made["trainer"].update({"callbacks": [], "num_epochs": 1})
    model: Any = train(made, tmp_path)
    assert model.gates.coefficient == 0.05
