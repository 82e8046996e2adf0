"""Loss balancers inside the multi-task model."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Lazy, Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models import Model

from allennlp_heads.gates import HardConcreteGates
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.models.loss_balancers import FixedWeights, MovingAverageBalancer
from allennlp_heads.modules import GatedTransformerBackbone
from tests.models.test_multitask_heads import MIXED, batch, model
from tests.training import configs
from tests.training.pieces import Watching, copied, model_and_loader, quiet, trainer_of

FIXED = Lazy(FixedWeights, weights={"a": 3.0})
MOVING = Lazy(MovingAverageBalancer)


def state(made: MultiTaskHeads) -> dict[str, Any]:
    assert made.loss_balancer is not None
    return copy.deepcopy(made.loss_balancer.state_dict())


def test_no_balancer_by_default() -> None:
    assert model().loss_balancer is None


def test_only_what_is_minimised_is_weighed() -> None:
    plain, weighed = model()(**batch(MIXED)), model(loss_balancer=FIXED).train()(**batch(MIXED))
    raw = {task: plain["head_outputs"][task]["loss"].item() for task in ("a", "a_b")}
    assert plain["loss"].item() == pytest.approx(raw["a"] + raw["a_b"])
    assert weighed["loss"].item() == pytest.approx(3 * raw["a"] + raw["a_b"])
    assert weighed["example_loss"].tolist() == plain["example_loss"].tolist()
    found = {task: weighed["head_outputs"][task]["loss"].item() for task in ("a", "a_b")}
    assert found == raw


def test_gradients_are_weighed_and_the_weights_have_none() -> None:
    gradients = []
    for options in ({}, {"loss_balancer": FIXED}, {"loss_balancer": MOVING}):
        made = model(**options).train()
        for _ in range(2):
            made.zero_grad()
            outputs = made(**batch(MIXED))
            outputs["loss"].backward()
        losses = [outputs["head_outputs"][task]["loss"].item() for task in ("a", "a_b")]
        gradients.append([made.heads[task].weight.grad.item() for task in ("a", "a_b")])
    assert gradients[1] == pytest.approx([3 * gradients[0][0], gradients[0][1]])
    weights = [sum(losses) / loss for loss in losses]
    assert gradients[2] == pytest.approx([w * g for w, g in zip(weights, gradients[0])])


def test_evaluation_neither_weighs_nor_remembers() -> None:
    made = model(loss_balancer=MOVING)
    made.train()(**batch(["a"]))
    before = state(made)
    outputs = made.eval()(**batch(MIXED))
    assert all(map(torch.equal, before.values(), state(made).values()))
    raw = [outputs["head_outputs"][task]["loss"].item() for task in ("a", "a_b")]
    assert outputs["loss"].item() == pytest.approx(sum(raw))


def test_without_gold_nothing_happens() -> None:
    made = model(loss_balancer=MOVING).train()
    assert "loss" not in made(**batch(MIXED, gold=False))
    assert not state(made)["seen"].any()


def test_mixed_batches_are_remembered_task_by_task() -> None:
    made = model(loss_balancer=MOVING).train()
    outputs = made(**batch(MIXED))
    made(**batch(["a"]))
    assert state(made)["seen"].tolist() == [2, 1]
    assert state(made)["history"][1, 0] == outputs["head_outputs"]["a_b"]["loss"]


def test_history_is_part_of_the_models_state() -> None:
    made, other = (model(loss_balancer=MOVING).train() for _ in range(2))
    for _ in range(7):
        made(**batch(MIXED))
    other.load_state_dict(copy.deepcopy(made.state_dict()))
    assert other(**batch(["a"]))["loss"] == made(**batch(["a"]))["loss"]


def test_unknown_task_in_weights() -> None:
    with pytest.raises(ConfigurationError, match=r"loss_balancer\.weights has \['x'\].*'a_b'"):
        model(loss_balancer=Lazy(FixedWeights, weights={"x": 1.0}))


def test_from_a_configuration(tiny_bert: str) -> None:
    vocab = Vocabulary(non_padded_namespaces=["*_labels"])
    vocab.add_token_to_namespace("NOUN", "upos_labels")
    config = {
        "type": "multitask_heads",
        "backbone": {"type": "gated_transformer", "transformer_model": tiny_bert},
        "heads": {"pos": {"type": "tagger", "label_namespace": "upos_labels"}},
        "loss_balancer": {"type": "moving_average", "window": 3, "intrinsic": True},
    }
    made: Any = Model.from_params(Params(copied(config)), vocab=vocab)
    assert isinstance(made.loss_balancer, MovingAverageBalancer)
    assert made.loss_balancer.intrinsic and made.loss_balancer.history.shape == (1, 3)
    nothing = {**copied(config), "loss_balancer": None, "autocast": None}
    without: Any = Model.from_params(Params(nothing), vocab=vocab)
    assert without.loss_balancer is None


class TestPenalty:
    """The penalty of the gates is added by the trainer, after the balancer."""

    def test_is_not_in_the_loss(self, tiny_bert: str) -> None:
        backbone = GatedTransformerBackbone(tiny_bert, Lazy(HardConcreteGates, coefficient=0.5))
        for options in ({}, {"loss_balancer": Lazy(FixedWeights, weights={"a": 1000.0})}):
            made = model(backbone=backbone, **options).train()
            made._last_tasks = ["a"]
            assert made.get_regularization_penalty().item() == pytest.approx(
                backbone.gates.penalty().item()
            )

    @pytest.mark.parametrize("weight", [0.0, 1.0, 1000.0])
    def test_through_the_trainer(
        self, tiny_bert: str, fixtures_root: Path, tmp_path: Path, weight: float
    ) -> None:
        config = configs.multitask(tiny_bert, fixtures_root)
        gates = config["model"]["backbone"]["gates"]
        config = quiet(config)
        config["model"]["backbone"]["gates"] = gates
        config["model"]["loss_balancer"] = {
            "type": "fixed",
            "weights": {"pos": weight, "dep": weight},
        }
        model, loader = model_and_loader(config)
        trainer: Any = trainer_of(model, loader, tmp_path, Watching(None), num_epochs=1)
        model.train()
        outputs = trainer.batch_outputs(next(iter(loader)), for_training=True)
        (raw,) = (head["loss"] for head in outputs["head_outputs"].values())
        penalty = model.gates.penalty()
        assert outputs["reg_loss"].item() == penalty.item() > 0.1
        added = (outputs["loss"] - weight * raw).item()
        assert added == pytest.approx(penalty.item(), abs=1e-5 * max(1.0, weight))
        if weight == 0:
            outputs["loss"].backward()
            found = model.gates.log_alpha.grad
            (wanted,) = torch.autograd.grad(penalty, model.gates.log_alpha)
            torch.testing.assert_close(found, wanted)
