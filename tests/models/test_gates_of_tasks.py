"""Gates of single tasks inside the multi-task model."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch
from allennlp.nn import RegularizerApplicator
from allennlp.nn.regularizers import L2Regularizer

from allennlp_heads.gates import FixedGates, HardConcreteGates, HardConcreteL0, PerTaskGates
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.modules import GatedTransformerBackbone
from tests.models.test_multitask_heads import model as echo_model
from tests.training import configs
from tests.training.pieces import model_and_loader, quiet

TASKS = ["pos", "dep"]
MASKS = {
    "pos": torch.tensor([[1, 0, 1, 0], [0, 0, 0, 0], [0, 1, 1, 1]]),
    "dep": torch.tensor([[0, 0, 1, 1], [1, 0, 0, 1], [1, 0, 0, 0]]),
}


def config(encoder: str, data: Path, **gates: Any) -> configs.Config:
    made = quiet(configs.multitask(encoder, data))
    made["model"]["backbone"]["gates"] = {"type": "per_task", "tasks": TASKS, **gates}
    made["data_loader"]["max_instances"] = 4
    return made


@pytest.fixture(scope="module")
def made(tiny_bert: str, fixtures_root: Path) -> Any:
    """A model with overlap, and a batch of each task."""
    model, loader = model_and_loader(config(tiny_bert, fixtures_root, overlap=0.2))
    batches = {batch["task"][0]: batch for batch in loader}
    for batch in batches.values():
        batch.pop("loader_tasks")
    return model, batches


@pytest.fixture
def model(made: Any) -> MultiTaskHeads:
    return copy.deepcopy(made[0])  # type: ignore[no-any-return]


@pytest.fixture
def batches(made: Any) -> dict[str, Any]:
    return made[1]  # type: ignore[no-any-return]


def mixed(tiny_bert: str, fixtures_root: Path) -> Any:
    """A model of two tasks with the same fields, and one batch of two examples of each."""
    settings = config(tiny_bert, fixtures_root, overlap=0.2)
    readers, heads = settings["dataset_reader"]["readers"], settings["model"]["heads"]
    readers["dep"], heads["dep"] = readers["pos"], heads["pos"]
    found, loader = model_and_loader(settings)
    instances = list(loader.iter_instances())
    batch = Batch([instances[0], instances[-1], instances[1], instances[-2]])
    batch.index_instances(found.vocab)
    return found, batch.as_tensor_dict()


def alphas(model: MultiTaskHeads) -> dict[str, torch.Tensor]:
    return {str(task): gates.log_alpha for task, gates in model.gates.sets().items()}  # type: ignore[misc]


def test_a_batch_moves_only_its_tasks_gates(model: MultiTaskHeads, batches: Any) -> None:
    for task, other in (TASKS, TASKS[::-1]):
        model.zero_grad()
        loss = model.train()(**batches[task])["loss"]
        (loss + model.get_regularization_penalty()).backward()
        assert alphas(model)[task].grad.abs().min() > 0 and alphas(model)[other].grad is None


@pytest.mark.parametrize(
    "balancer", [{"type": "fixed", "weights": {"pos": 7.0}}, {"type": "moving_average"}]
)
def test_penalty_is_of_the_last_batch_and_never_weighed(
    tiny_bert: str, fixtures_root: Path, batches: Any, balancer: Any
) -> None:
    settings = config(tiny_bert, fixtures_root, overlap=0.2)
    settings["model"]["loss_balancer"] = balancer
    model, _ = model_and_loader(settings)
    assert model.loss_balancer is not None
    for task in [*TASKS, *TASKS]:
        model.train()(**batches[task])
        assert torch.equal(model.get_regularization_penalty(), model.gates.penalty(task))


def test_a_mixed_batch_pays_each_tasks_penalty_once(tiny_bert: str, fixtures_root: Path) -> None:
    model, batch = mixed(tiny_bert, fixtures_root)
    assert batch["task"] == ["dep", "pos", "dep", "pos"]
    model.train()(**batch)
    own = sum(model.gates.penalty(task) for task in TASKS)
    assert model.get_regularization_penalty().item() == pytest.approx(own.item())
    model._regularizer = RegularizerApplicator([("heads.pos", L2Regularizer(0.5))])
    ordinary = model._regularizer(model)
    expected = pytest.approx((own + ordinary).item())
    assert model.get_regularization_penalty().item() == expected
    # shared gates are penalised once, however many tasks a batch has
    model.backbone.encoder.gates = HardConcreteGates(model.backbone.encoder.heads)
    model._regularizer = None
    model(**batch)
    assert torch.equal(model.get_regularization_penalty(), model.gates.penalty())


def test_a_number_before_the_first_batch_and_for_final_tasks(
    model: MultiTaskHeads, batches: Any
) -> None:
    """The trainer adds penalties up from the first it is given, before any batch."""
    assert model.get_regularization_penalty().item() == 0
    model.gates.binarize(MASKS["pos"], "pos")
    model.train()(**batches["pos"])
    assert model.get_regularization_penalty().item() == 0
    model(**batches["dep"])
    assert model.get_regularization_penalty().item() > 0
    model.gates.binarize(MASKS["dep"], "dep")
    assert model.get_regularization_penalty().item() == 0
    model.backbone.encoder.gates = PerTaskGates([4], TASKS, Lazy(FixedGates))
    for model._last_tasks in ([], ["pos"]):
        assert model.get_regularization_penalty() is None


@pytest.mark.parametrize("how", ["log_alpha", "final", "fixed"])
def test_closed_heads_are_the_tasks_masks(model: MultiTaskHeads, batches: Any, how: str) -> None:
    """Outputs of a task with gates of its own equal those of a model with that one mask."""
    encoder = model.backbone.encoder
    for task, kept in MASKS.items():
        if how == "log_alpha":
            alphas(model)[task].data = kept * 10.0 - 5
        elif how == "final":
            model.gates.binarize(kept, task)
    if how == "fixed":
        encoder.gates = PerTaskGates(encoder.heads, TASKS, Lazy(FixedGates))
        for task, kept in MASKS.items():
            encoder.gates.binarize(kept, task)
    model.eval()
    for task, kept in MASKS.items():
        masked = copy.deepcopy(model)
        masked.backbone.encoder.gates = FixedGates(encoder.heads, mask=kept.tolist())
        ours, theirs = model(**batches[task]), masked(**batches[task])
        assert torch.equal(ours["example_loss"], theirs["example_loss"])
        if how == "final":
            assert torch.equal(model.train()(**batches[task])["example_loss"], ours["example_loss"])
            model.eval()
    # the other task's mask makes a difference
    other = copy.deepcopy(model)
    other.backbone.encoder.gates = FixedGates(encoder.heads, mask=MASKS["dep"].tolist())
    assert not torch.equal(model(**batches["pos"])["loss"], other(**batches["pos"])["loss"])


class TestMistakes:
    def backbone(self, encoder: str, tasks: list[str]) -> GatedTransformerBackbone:
        return GatedTransformerBackbone(encoder, Lazy(PerTaskGates, tasks=tasks))

    @pytest.mark.parametrize("tasks", [["a"], ["a", "b"], ["a", "a_b", "c"]])
    def test_other_tasks_than_the_heads(self, tiny_bert: str, tasks: list[str]) -> None:
        wanted = r"backbone.gates.tasks is .*, but model.heads has \['a', 'a_b'\]"
        with pytest.raises(ConfigurationError, match=wanted):
            echo_model(backbone=self.backbone(tiny_bert, tasks))
        echo_model(backbone=self.backbone(tiny_bert, ["a_b", "a"]))

    def test_a_regularizer_for_gates_of_tasks(self, tiny_bert: str) -> None:
        with pytest.raises(ConfigurationError, match="does not know which task"):
            echo_model(
                backbone=self.backbone(tiny_bert, ["a", "a_b"]),
                regularizer=RegularizerApplicator([("log_alpha", HardConcreteL0())]),
            )

    def test_another_model_does_not_say_the_task(self, tiny_bert: str) -> None:
        backbone = self.backbone(tiny_bert, ["a", "a_b"])
        ids = torch.ones(1, 3, dtype=torch.long)
        with pytest.raises(ConfigurationError, match="only the model 'multitask_heads' says"):
            backbone({"tokens": {"token_ids": ids, "mask": ids.bool()}})
