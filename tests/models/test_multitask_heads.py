"""The multi-task model against AllenNLP's own, with heads small enough to check by hand."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models.heads import Head
from allennlp.models.multitask import MultiTaskModel
from allennlp.modules import Backbone
from allennlp.nn import RegularizerApplicator
from allennlp.nn.regularizers import L2Regularizer

from allennlp_heads.gates import HardConcreteGates, HardConcreteL0
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.modules import GatedTransformerBackbone


class Echo(Backbone):
    """Hands the ids on as one number a token, and remembers the tasks it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[list[str] | None] = []

    def get_output_dim(self) -> int:
        return 7

    def forward(self, tokens: Any, task: Any = None) -> dict[str, torch.Tensor]:  # type: ignore[override]
        self.told.append(task)
        inputs = tokens["tokens"]
        return {"encoded_text": inputs["token_ids"].float(), "encoded_text_mask": inputs["mask"]}

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        return output_dict  # only AllenNLP's own model asks


class Total(Head):
    """Predicts the sum of an example's numbers times a weight."""

    main_metric = ("mean", "+")

    def __init__(self, vocab: Vocabulary, input_dim: int, key: str = "total", sign: str = "+"):
        super().__init__(vocab)
        self.weight = torch.nn.Parameter(torch.tensor(2.0))
        self.input_dim, self.key, self.main_metric = input_dim, key, ("mean", sign)
        self.seen: list[float] = []

    def forward(self, encoded_text, encoded_text_mask, gold=None, metadata=None):  # type: ignore
        total = (encoded_text * encoded_text_mask).sum(dim=1) * self.weight
        outputs = {self.key: total}
        if gold is not None:
            error = (total - gold).abs()
            outputs |= {"loss": error.mean(), "example_loss": error}
            outputs["example_units"] = torch.ones(len(total), dtype=torch.long)
            outputs["example_counts"] = torch.stack([total.long()] * 3, dim=1)
            self.seen += total.tolist()
        return outputs

    def make_output_human_readable(self, output_dict):  # type: ignore
        if self.key in output_dict:
            return {f"{self.key}_text": [f"{value:g}" for value in output_dict[self.key]]}
        return {}

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        mean = sum(self.seen) / len(self.seen)
        if reset:
            self.seen = []
        return {"mean": mean}


def model(heads: dict[str, dict[str, Any]] | None = None, **options: Any) -> MultiTaskHeads:
    heads = {"a": {}, "a_b": {"key": "b_total"}} if heads is None else heads
    lazy = {task: Lazy(Total, **settings) for task, settings in heads.items()}
    return MultiTaskHeads(Vocabulary(), options.pop("backbone", Echo()), lazy, **options)


def batch(task: list[str], gold: bool = True) -> dict[str, Any]:
    ids = torch.arange(1, 1 + 3 * len(task)).view(len(task), 3)
    inputs: dict[str, Any] = {
        "tokens": {"tokens": {"token_ids": ids, "mask": ids % 3 != 0}},
        "metadata": [{"n": row} for row in range(len(task))],
        "task": task,
    }
    return inputs | ({"gold": torch.zeros(len(task))} if gold else {})


MIXED = ["a", "a_b", "a", "a_b", "a_b"]
TOTALS = [2.0 * (2 * row * 3 + 3) for row in range(5)]  # ids 3r+1 and 3r+2, the third is masked


def test_mixed_batch_reaches_every_head_and_is_not_changed() -> None:
    made, given = model(), batch(MIXED)
    kept = given["tokens"]["tokens"]["token_ids"]
    outputs = made(**given)
    assert given["tokens"]["tokens"]["token_ids"] is kept and kept.shape == (5, 3)
    assert outputs["head_outputs"]["a"]["total"].tolist() == [TOTALS[0], TOTALS[2]]
    assert outputs["head_outputs"]["a_b"]["b_total"].tolist() == [TOTALS[1], TOTALS[3], TOTALS[4]]
    assert outputs["example_loss"].tolist() == TOTALS
    assert outputs["example_counts"][:, 0].tolist() == TOTALS
    means = [sum(TOTALS[i] for i in rows) / len(rows) for rows in ([0, 2], [1, 3, 4])]
    assert outputs["loss"].item() == pytest.approx(sum(means))
    outputs["loss"].backward()
    assert all(p.grad is not None for p in made.parameters())


def test_counts_in_other_columns_stay_with_their_heads() -> None:
    made = model()
    forward = made.heads["a"].forward

    def four(**inputs: Any) -> dict[str, Any]:
        found = forward(**inputs)
        return found | {"example_counts": torch.ones(len(found["total"]), 4)}

    made.heads["a"].forward = four  # type: ignore[method-assign]
    outputs = made(**batch(MIXED))
    assert "example_counts" not in outputs and "example_loss" in outputs
    assert outputs["head_outputs"]["a"]["example_counts"].shape == (2, 4)
    assert made(**batch(["a"] * 3))["example_counts"].shape == (3, 4)


def test_allennlps_own_model_fails_on_the_same_batch() -> None:
    heads = {"a": Total(Vocabulary(), 7), "a_b": Total(Vocabulary(), 7)}
    stock = MultiTaskModel(
        Vocabulary(),
        Echo(),
        heads,  # type: ignore[arg-type]
        allowed_arguments={
            "backbone": {"tokens"},
            "a": {"encoded_text", "encoded_text_mask", "tokens"},
            "a_b": {"encoded_text", "encoded_text_mask", "tokens"},
        },
    )
    for head in heads.values():
        head.forward = lambda tokens, **rest: {"n": tokens["tokens"]["token_ids"]}  # type: ignore
    with pytest.raises(IndexError):
        stock(**batch(MIXED))


def test_outputs_of_one_head_never_reach_another() -> None:
    """`a` is a prefix of `a_b`; AllenNLP gives the outputs of `a_b` to the head `a` as well."""
    seen: dict[str, list[str]] = {}

    def spy(head: Head, name: str) -> None:
        def readable(output_dict: dict[str, Any]) -> dict[str, Any]:
            seen[name] = sorted(output_dict)
            return output_dict

        head.make_output_human_readable = readable  # type: ignore[method-assign]

    made = model()
    for name, head in made.heads.items():
        spy(head, name)  # type: ignore[arg-type]
    made.make_output_human_readable(made(**batch(["a_b"], gold=False)))
    assert seen == {"a_b": ["b_total"]}

    heads = {"a": Total(Vocabulary(), 7), "a_b": Total(Vocabulary(), 7, key="b_total")}
    stock = MultiTaskModel(Vocabulary(), Echo(), heads)  # type: ignore[arg-type]
    for name, head in heads.items():
        spy(head, name)
    stock.make_output_human_readable(stock(**batch(["a_b"], gold=False)))
    assert "b_b_total" in seen["a"]


def test_readable_output_is_in_the_order_of_the_batch() -> None:
    made = model()
    readable = made.make_output_human_readable(made(**batch(MIXED, gold=False)))
    words = [f"{value:g}" for value in TOTALS]
    assert readable == {
        "task": MIXED,
        "total_text": [words[0], None, words[2], None, None],
        "b_total_text": [None, words[1], None, words[3], words[4]],
    }


def test_heads_learn_their_input_size_and_backbone_its_task() -> None:
    made = model()
    assert [head.input_dim for head in made.heads.values()] == [7, 7]
    made(**batch(MIXED, gold=False))
    assert made.backbone.told == [["a", "a"], ["a_b", "a_b", "a_b"]]


def test_metrics_and_score() -> None:
    made = model({"a": {}, "c": {"sign": "-"}, "never": {}})
    made(**batch(["a", "a"]))
    made(**batch(["c"]))
    metrics = made.get_metrics(reset=True)
    assert metrics == {"a_mean": 12.0, "c_mean": 6.0, "score": (12.0 - 6.0) / 2}
    assert made.get_metrics() == {}


def test_task_without_a_head() -> None:
    with pytest.raises(ConfigurationError, match=r"the task 'x' has no head.*\['a', 'a_b'\]"):
        model()(**batch(["x"]))


def test_task_without_a_head_is_found_at_the_first_batch() -> None:
    with pytest.raises(ConfigurationError, match=r"the tasks \['x'\], which have no head"):
        model().train()(**batch(["a"]), loader_tasks=["a", "a_b", "x"])


def test_head_without_data() -> None:
    made = model()
    made.eval()(**batch(["a"]), loader_tasks=["a"])  # evaluation of one task is no mistake
    made.train()
    with pytest.raises(ConfigurationError, match=r"\['a_b'\] without training data.*\['a'\]"):
        made(**batch(["a"]), loader_tasks=["a"])


def test_training_data_without_what_the_head_learns_from() -> None:
    unlabelled = {**batch(["a"], gold=False), "tags": torch.zeros(1, 3)}
    made = model({"a": {}})
    made.eval()(**unlabelled, loader_tasks=["a"])
    made.train()
    wanted = r"heads\.a: they lack \['gold'\] and have \['metadata', 'tags', 'tokens'\].* 'view'"
    with pytest.raises(ConfigurationError, match=wanted):
        made(**unlabelled, loader_tasks=["a"])


@pytest.mark.parametrize("name", ["", "a.b", "../z", "pop", "forward", "type"])
def test_names_that_cannot_be_tasks(name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be the name of a task"):
        model({name: {}})


def test_no_heads() -> None:
    with pytest.raises(ConfigurationError, match="model.heads is empty"):
        model({})


class TestPenalty:
    @pytest.fixture
    def backbone(self, tiny_bert: str) -> GatedTransformerBackbone:
        return GatedTransformerBackbone(tiny_bert, Lazy(HardConcreteGates, coefficient=0.5))

    def test_is_the_gates_own(self, backbone: GatedTransformerBackbone) -> None:
        made = model(backbone=backbone)
        assert made.gates is backbone.gates
        assert torch.equal(made.get_regularization_penalty(), backbone.gates.penalty())
        assert model().get_regularization_penalty() is None

    def test_adds_to_ordinary_regularizers(self, backbone: GatedTransformerBackbone) -> None:
        made = model(
            backbone=backbone,
            regularizer=RegularizerApplicator([("heads", L2Regularizer(0.25))]),
        )
        expected = backbone.gates.penalty() + 2 * 0.25 * 2.0**2
        assert made.get_regularization_penalty().item() == pytest.approx(expected.item())

    def test_twice_is_an_error(self, backbone: GatedTransformerBackbone) -> None:
        twice = RegularizerApplicator([("log_alpha", HardConcreteL0())])
        with pytest.raises(ConfigurationError, match="a second time"):
            model(backbone=backbone, regularizer=twice)

    @pytest.mark.parametrize("regex,match", [("log_alfa", "matches no head gate"), ("heads", "no")])
    def test_regularizer_that_hits_nothing(self, backbone, regex: str, match: str) -> None:
        nothing = RegularizerApplicator([(regex, HardConcreteL0())])
        with pytest.raises(ConfigurationError, match=match):
            model(backbone=backbone, regularizer=nothing)


def test_regularizer_refuses_what_is_no_gate() -> None:
    with pytest.raises(
        ConfigurationError, match="is no head gate: its regex should be 'log_alpha'"
    ):
        HardConcreteL0()(torch.nn.Parameter(torch.ones(3, 4)))
