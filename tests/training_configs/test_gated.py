"""Gated experiments: the study's settings by encoder, targets, removal, and gates of each task."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.training_configs.shipped import evaluated, settings_of

TASKS = ["pos", "ner", "dep", "con", "srl"]
Table = dict[str, tuple[float, ...]]
LIKE_ROBERTA: Table = {
    "epochs": (30, 100, 30, 30, 100),
    "coefficients": (0.01, 0.0002, 0.01, 0.01, 0.002),
    "parts": (2, 2, 2, 2, 4),
}
STUDY: dict[str, Table] = {
    "bert_base": {
        "epochs": (30, 100, 100, 30, 100),
        "coefficients": (0.01, 0.0002, 0.01, 0.01, 0.001),
        "parts": (2, 1, 1, 2, 4),
    },
    "bert_large": {
        "epochs": (30, 100, 30, 30, 30),
        "coefficients": (0.01, 0.0002, 0.01, 0.01, 0.001),
        "parts": (2, 2, 2, 2, 8),
    },
    "roberta_base": LIKE_ROBERTA,
    "electra_base": LIKE_ROBERTA,
    "deberta_base": LIKE_ROBERTA | {"coefficients": (0.01, 0.0002, 0.02, 0.01, 0.002)},
}
JOINT_EPOCHS = {"bert_base": 100, "roberta_base": 30, "electra_base": 30, "deberta_base": 30}


def gated(name: str, settings: str = "{}") -> dict[str, Any]:
    """A configuration of `gate/` with further settings."""
    return evaluated(f"(import 'stem_cell/gate/{name}.jsonnet') + {settings}")


def groups(config: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameter groups by their regular expression."""
    return {
        first: options for [first], options in config["trainer"]["optimizer"]["parameter_groups"]
    }


def callbacks(config: dict[str, Any]) -> list[str]:
    """The names of the callbacks."""
    return [c if isinstance(c, str) else c["type"] for c in config["trainer"]["callbacks"]]


@pytest.fixture(scope="module")
def study() -> dict[str, dict[str, dict[str, Any]]]:
    """The library's table: encoder -> task -> its settings."""
    tasks = json.dumps([*TASKS, "all"])
    one = f"{{ [task]: gates.study(encoder, task) for task in {tasks} }}"
    found = f"local of(encoder) = {one}; std.mapWithKey(function(_, encoder) of(encoder), encoders"
    return evaluated(found + " { own: { name: 'my-encoder', dim: 3 } })")


@pytest.mark.parametrize("encoder", STUDY)
def test_settings_of_the_original_study(
    encoder: str, study: dict[str, dict[str, dict[str, Any]]]
) -> None:
    for number, task in enumerate(TASKS):
        epochs, coefficient, parts = (values[number] for values in STUDY[encoder].values())
        found = study[encoder][task]
        assert found["coefficient"] == coefficient
        training = found["training"]
        assert (training["epochs"], training["accumulation"]) == (epochs, parts)
        frozen = (encoder, task) == ("bert_large", "pos")
        assert training["encoder_lr"] == (5e-5 if frozen else 1e-5)
        assert training.get("train_encoder", True) is not frozen
        assert ("patience" in training) == (task == "ner")


def test_five_tasks_in_the_original_study(study: dict[str, dict[str, dict[str, Any]]]) -> None:
    for encoder, epochs in JOINT_EPOCHS.items():
        found = study[encoder]["all"]
        assert found["coefficient"] == 0.001
        training = found["training"]
        assert (training["epochs"], training["accumulation"]) == (epochs, 4)
        assert training["patience"] is None


def test_other_encoders_take_the_settings_of_bert_base(
    study: dict[str, dict[str, dict[str, Any]]],
) -> None:
    for encoder in {*study} - {*STUDY}:
        assert study[encoder] == study["bert_base"], encoder
    assert study["bert_large"]["all"] == study["bert_base"]["all"]


@pytest.mark.parametrize("name", [*TASKS, "all_shared", "all_per_task"])
def test_experiments_have_these_settings(
    name: str, study: dict[str, dict[str, dict[str, Any]]]
) -> None:
    config = settings_of(f"training_configs/stem_cell/gate/{name}.jsonnet")
    wanted = study["minilm"]["all" if "all" in name else name]
    settings, trainer = wanted["training"], config["trainer"]
    assert trainer["num_epochs"] == settings["epochs"]
    assert trainer["num_gradient_accumulation_steps"] == settings["accumulation"]
    assert config["data_loader"]["batch_size"] == 64 // settings["accumulation"]
    assert trainer["patience"] == settings.get("patience", settings["epochs"] // 2)
    assert config["model"]["backbone"]["train_parameters"] is True
    gates = config["model"]["backbone"]["gates"]
    own = gates["gates"] if name == "all_per_task" else gates
    assert own == {"type": "hard_concrete", "coefficient": wanted["coefficient"]}
    rate = 5e-5 if name == "all_per_task" else 1e-5
    constant = {"lr": 1e-3, "weight_decay": 0, "warmup": 0, "decay": False}
    assert groups(config) == {"\\.transformer\\.": {"lr": rate}, "log_alpha": constant}
    if name == "all_per_task":
        assert set(gates["tasks"]) == set(config["model"]["heads"]) and gates["overlap"] == 0
    balancer = {"type": "moving_average"} if "all" in name else None
    assert config["model"]["loss_balancer"] == balancer


def test_settings_follow_the_encoder() -> None:
    config = gated("pos", "{ encoder: encoders.bert_large }")
    backbone = config["model"]["backbone"]
    assert backbone["transformer_model"] == "bert-large-cased"
    assert backbone["train_parameters"] is False
    assert set(groups(config)) == {"log_alpha"}
    gates = gated("dep", "{ encoder: encoders.deberta_base }")["model"]["backbone"]["gates"]
    assert gates["coefficient"] == 0.02


def test_the_price_of_an_overlap() -> None:
    found = evaluated("gates.per_task(0.01, ['pos', 'dep'], overlap=0.012)")
    assert found["overlap"] == 0.012 and found["tasks"] == ["pos", "dep"]


def test_the_study_has_no_settings_for_pairs() -> None:
    with pytest.raises(RuntimeError, match="no gates for pos_dep, only for all, con, dep"):
        evaluated("gates.study(encoders.bert_base, 'pos_dep')")


@pytest.mark.parametrize("task", ["srl", "all_per_task"])
def test_settings_for_two_cores(task: str) -> None:
    config = gated(task, "{ training+: pruning_on_two_cores, target: 0.5 }")
    plain = settings_of(f"training_configs/stem_cell/gate/{task}.jsonnet")
    assert config["model"]["backbone"]["gates"] == plain["model"]["backbone"]["gates"]
    trainer = config["trainer"]
    assert (trainer["num_epochs"], trainer["patience"]) == (6, None)
    assert trainer["num_gradient_accumulation_steps"] == 1
    assert config["data_loader"]["batch_size"] == 16
    rates = {"\\.transformer\\.": {"lr": 1e-4}, "log_alpha": {"lr": 0.1, "weight_decay": 0}}
    assert groups(config) == rates


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        ("target: 0.5", [{"type": "sparsity_target", "target": 0.5}]),
        (
            "target: { target: 0.25, control: 'ramp' }",
            [{"type": "sparsity_target", "target": 0.25, "control": "ramp"}],
        ),
        ("remove_heads: true", [{"type": "remove_heads"}]),
        (
            "target: 0.5, remove_heads: { finetune_epochs: 2 }",
            [
                {"type": "sparsity_target", "target": 0.5},
                {"type": "remove_heads", "finetune_epochs": 2},
            ],
        ),
        ("target: null, remove_heads: false", []),
        ("remove_heads: null", []),
    ],
)
def test_callbacks_of_pruning(settings: str, wanted: list[dict[str, Any]]) -> None:
    config = gated("pos", "{" + settings + "}")
    assert [c for c in config["trainer"]["callbacks"] if isinstance(c, dict)] == wanted
    names = callbacks(config)
    assert names[-1] == "exact_resume" and "gate_report" in names


def test_fixed_gates_are_not_learned() -> None:
    config = gated("pos", "{ gates: gates.fixed([[0, 1], [1, 1]]), remove_heads: true }")
    assert config["model"]["backbone"]["gates"] == {"type": "fixed", "mask": [[0, 1], [1, 1]]}
    assert "log_alpha" not in groups(config)
    assert callbacks(config)[-2:] == ["remove_heads", "exact_resume"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("gates: gates.open, target: 0.5", "target needs gates that are learned, .* are open"),
        ("gates: gates.fixed([[1]]), target: 0.5", "target needs gates that are learned, .* fixed"),
        ("gates: gates.open, remove_heads: true", "remove_heads needs gates that close heads"),
        ("target: 'half'", "target is a share of the heads or an object"),
        ("remove_heads: 3", "remove_heads, .* are true, false or an object"),
    ],
)
def test_settings_that_do_not_fit(settings: str, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        gated("pos", "{" + settings + "}")
