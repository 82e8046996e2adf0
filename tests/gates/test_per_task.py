"""Gates of single tasks: each on its own, and the overlap between them."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from allennlp.common import Lazy, Params
from allennlp.common.checks import ConfigurationError
from allennlp.nn import RegularizerApplicator
from torch.autograd import gradcheck

from allennlp_heads.gates import (
    FixedGates,
    HardConcreteGates,
    HardConcreteL0,
    HeadGates,
    OpenGates,
    PerTaskGates,
    check_regularizer,
)

HEADS = [3, 0, 2]
TASKS = ["pos", "dep", "ner"]


def gates(**options: Any) -> PerTaskGates:
    """Gates with a different log alpha everywhere, none saturated."""
    made = PerTaskGates(HEADS, TASKS, **options)
    torch.manual_seed(0)
    with torch.no_grad():
        for alpha in made.parameters():
            alpha.uniform_(-1, 1)
    return made


def test_registered() -> None:
    params = {
        "type": "per_task",
        "tasks": TASKS,
        "gates": {"type": "hard_concrete", "coefficient": 0.2, "start": "xavier"},
        "overlap": 0.5,
    }
    made = HeadGates.from_params(Params(params), heads=HEADS)
    assert isinstance(made, PerTaskGates) and made.tasks == TASKS and made.overlap == 0.5
    assert [g.coefficient for g in made.sets().values()] == [0.2] * 3
    pos, dep = made.of("pos"), made.of("dep")
    assert not torch.equal(pos.log_alpha, dep.log_alpha)
    plain = HeadGates.from_params(Params({"type": "per_task", "tasks": ["a"]}), heads=HEADS)
    assert isinstance(plain.sets()["a"], HardConcreteGates)


def test_everything_is_the_tasks_own() -> None:
    made = gates().eval()
    for task, inner in made.sets().items():
        assert inner is made.of(task)
        assert torch.equal(made(task), inner())
        assert torch.equal(made.deterministic(task), inner.deterministic())
        assert torch.equal(made.ranking(task), inner.ranking())
        assert torch.equal(made.open_probability(task), inner.open_probability())
        assert made.expected_open(task).item() == inner.expected_open().item()
        assert made.penalty(task).item() == inner.penalty().item()
    assert list(HardConcreteGates(HEADS).sets()) == [None]


@pytest.mark.parametrize("task,message", [(None, "multitask_heads"), ("srl", "'srl' has no gates")])
def test_no_gates_without_a_task(task: str | None, message: str) -> None:
    made = gates()
    calls = [made, made.deterministic, made.penalty, made.ranking, made.expected_open]
    for call in [*calls, made.of, made.open_probability]:
        with pytest.raises(ConfigurationError, match=rf"{message}|\['pos', 'dep', 'ner'\]") as e:
            call(task)
        assert message in str(e.value) and str(TASKS) in str(e.value)
    with pytest.raises(ConfigurationError, match="pos"):
        made.binarize(made.mask, task)


@pytest.mark.parametrize("overlap", [0.0, 0.7])
def test_a_batch_leaves_the_other_tasks_alone(overlap: float) -> None:
    made = gates(overlap=overlap).train()
    (made("dep").sum() + made.penalty("dep")).backward()
    assert made.of("dep").log_alpha.grad.any()
    assert made.of("pos").log_alpha.grad is None and made.of("ner").log_alpha.grad is None


def probability(alpha: torch.Tensor) -> torch.Tensor:
    """Eq. 12 of the paper, written out."""
    return 1 / (1 + torch.exp(-(alpha - 0.33 * math.log(0.1 / 1.1))))


def test_overlap_by_hand() -> None:
    made = gates(gates=Lazy(HardConcreteGates, coefficient=0.3), overlap=0.7)
    open_ = {task: probability(inner.log_alpha).tolist() for task, inner in made.sets().items()}
    for task in TASKS:
        own = shared = 0.0
        for layer, count in enumerate(HEADS):
            for head in range(count):
                mine = open_[task][layer][head]
                own += mine
                shared += mine * sum(open_[o][layer][head] for o in TASKS if o != task)
        expected = 0.3 * own / len(HEADS) + 0.7 * shared / len(HEADS)
        assert made.penalty(task).item() == pytest.approx(expected, rel=1e-5)


def test_gradients_of_penalty_and_count() -> None:
    made = gates(overlap=0.7).double()

    def of(name: str) -> Any:
        def call(alpha: torch.Tensor) -> torch.Tensor:
            module = made.of("pos")
            del module._parameters["log_alpha"]
            module.log_alpha = alpha  # type: ignore[assignment]
            try:
                return getattr(made, name)("pos")  # type: ignore[no-any-return]
            finally:
                del module.log_alpha
                module.log_alpha = kept

        return call

    kept = made.of("pos").log_alpha
    for name in ("penalty", "expected_open"):
        assert gradcheck(of(name), (kept.detach().clone().requires_grad_(),))


def test_final_gates_of_one_task() -> None:
    made = gates(overlap=0.7).train()
    kept = torch.tensor([[1, 0, 1], [0, 0, 0], [0, 1, 0]])
    made.binarize(kept, "pos")
    assert not made.binary and made.of("pos").binary
    assert torch.equal(made("pos"), kept.float()) and made.penalty("pos").item() == 0
    # the others still keep off its heads, which are now 0 or 1
    own = made.of("dep").penalty().item()
    others = kept + made.of("ner").open_probability()
    expected = own + 0.7 * (made.open_probability("dep") * others).sum().item() / 3
    assert made.penalty("dep").item() == pytest.approx(expected)
    for task in ("dep", "ner"):
        made.binarize(kept, task)
    assert made.binary


@pytest.mark.parametrize("final", [(), ("dep",), TASKS])
def test_state_and_copies(final: tuple[str, ...]) -> None:
    made, fresh = gates(), gates(gates=Lazy(HardConcreteGates, start="xavier"))
    for task in final:
        made.binarize(made.deterministic(task) > 0.4, task)
    fresh.load_state_dict(made.state_dict())
    for other in (fresh, copy.deepcopy(made)):
        for task in TASKS:
            assert other.of(task).binary is (task in final)
            assert torch.equal(other.deterministic(task), made.deterministic(task))
    twin = copy.deepcopy(made)
    with torch.no_grad():
        twin.of("ner").log_alpha.fill_(-5)
    assert made.of("ner").log_alpha.min() > -1


def test_weights_of_other_gates() -> None:
    shared, made = HardConcreteGates(HEADS), gates()
    for strict in (True, False):  # AllenNLP loads archives without, and looks at the keys later
        with pytest.raises(
            RuntimeError, match="have gates that tasks share, but the model has gates of"
        ):
            made.load_state_dict(shared.state_dict(), strict=strict)
    with pytest.raises(RuntimeError, match="gates of .*, but the model has gates that tasks share"):
        shared.load_state_dict(made.state_dict())
    with pytest.raises(RuntimeError, match=r"gates of \['a'\], but .*\['pos', 'dep'"):
        made.load_state_dict(PerTaskGates(HEADS, ["a"]).state_dict())


@pytest.mark.parametrize(
    "tasks,options,message",
    [
        ([], {}, "'tasks' is"),
        (["a", "a"], {}, "name each of the model's heads once"),
        (["a.b"], {}, "keys of model.heads"),
        ([""], {}, "keys of model.heads"),
        (["pop"], {}, "keys of model.heads"),
        (["a"], {"overlap": -0.1}, "'overlap' is -0.1"),
        (["a"], {"overlap": math.nan}, "'overlap' is nan"),
        (["a"], {"overlap": 0.1, "gates": Lazy(FixedGates)}, "gates that are learned"),
        (["a"], {"gates": Lazy(PerTaskGates, tasks=["a"])}, "'per_task' again"),
        (["a"], {"gates": Lazy(OpenGates)}, "'open', the same for every task"),
    ],
)
def test_bad_options(tasks: list[str], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        PerTaskGates(HEADS, tasks, **options)


def test_one_task_overlaps_with_none() -> None:
    made = PerTaskGates(HEADS, ["a"], overlap=3.0)
    assert made.penalty("a").item() == made.of("a").penalty().item()


def test_the_regularizer_does_not_know_tasks() -> None:
    model = torch.nn.Module()
    model.gates = gates()
    with pytest.raises(ConfigurationError, match="which task a batch is of.*multitask_heads"):
        check_regularizer(model, RegularizerApplicator([("log_alpha", HardConcreteL0())]))
