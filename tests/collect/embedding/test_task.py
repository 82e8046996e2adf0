"""Fisher information of activations, parameters and heads, against one example at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

import tests.tiny as tiny_encoders
from allennlp_heads.collect import ImportanceOptions, TaskData, collect_importance, encoder_of
from allennlp_heads.collect.embedding import EmbeddingOptions, embed_task_and_heads
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models import MultiTaskHeads
from tests.collect.embedding.slowly import bias_of, mean, mean_squares, parameter_gradients
from tests.collect.models import EXAMPLES, TASKS, data_of, singles, tiny

Pieces = tuple[MultiTaskHeads, MultiTaskBucketed]

LAYERS = range(tiny_encoders.LAYERS)
ACTIVATIONS = [f"{kind}.{layer}" for kind in ("layer_output", "head_context") for layer in LAYERS]


@pytest.fixture(scope="module")
def pieces(tiny_bert: str, fixtures_root: Path) -> Pieces:
    """Long inputs are cut into windows, and gates are half open."""
    gates = {"type": "hard_concrete", "start": "xavier"}
    return tiny(tiny_bert, fixtures_root, max_length=14, gates=gates)


def embedded(model: MultiTaskHeads, data: TaskData, task: str, **options: Any) -> Any:
    return embed_task_and_heads(model, data, task, EmbeddingOptions(**options))[0]


@pytest.mark.parametrize("task", TASKS)
def test_activations_equal_biases_of_one_example_at_a_time(pieces: Pieces, task: str) -> None:
    """Both identities of Vu et al.'s definition, with their gradients and without."""
    model, data = pieces[0], data_of(pieces[1])
    expected = mean_squares(model, data, task)
    found, facts = embed_task_and_heads(model, data, task)
    assert facts["examples"] == facts["available"] == EXAMPLES and facts["mean_loss"] > 0
    for name in set(ACTIVATIONS) - facts["left_out"].keys():
        wanted = expected[bias_of(name)]
        assert wanted.max() > 1e-6
        # the scores of answers are float32
        assert_allclose(found[name], wanted, rtol=1e-5, atol=1e-6 * wanted.max(), err_msg=name)
    # what only shifts all scores of an answer changes nothing
    assert list(facts["left_out"]) == (["layer_output.2"] if task == "qa" else [])


def test_single_precision(pieces: Pieces) -> None:
    """As models are trained; squares of small gradients are summed in double precision."""
    model, data = pieces[0], data_of(pieces[1])
    wanted = embedded(model, data, "sent")
    try:
        found = embedded(model.float(), data, "sent")
    finally:
        model.double()
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        assert found[name].dtype == numpy.float64
        assert_allclose(found[name], values, rtol=1e-3, atol=1e-5 * values.max(), err_msg=name)


@pytest.mark.parametrize("task", ["qa", "dep"])
def test_sum_of_units(pieces: Pieces, task: str) -> None:
    model, data = pieces[0], data_of(pieces[1])
    expected = mean_squares(model, data, task, lambda outputs: outputs["example_loss"].sum())
    found = embedded(model, data, task, loss="sum")
    for name in ACTIVATIONS[3:]:
        assert_allclose(found[name], expected[bias_of(name)], rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("model_type, task", [("bert", "qa"), ("bert", "sent"), ("albert", "pos")])
def test_parameters(tmp_path: Path, fixtures_root: Path, model_type: str, task: str) -> None:
    """ALBERT's layers share theirs; windows of a question add up."""
    folder = tiny_encoders.encoder_folder(tmp_path, model_type)
    model, loader = tiny(folder, fixtures_root, tasks=[task], max_length=14)
    data = data_of(loader)
    pattern = r"\.albert_layers\." if model_type == "albert" else r"layer\.[02]\."
    found = embedded(model, data, task, components=[pattern], kinds=["task"])
    expected = mean_squares(model, data, task)
    assert len(found) > 12 and all(name.startswith("parameter.") for name in found)
    for name, values in found.items():
        wanted = expected[name.removeprefix("parameter.")].reshape(-1)
        assert_allclose(values, wanted, rtol=1e-5, atol=1e-6 * wanted.max(), err_msg=name)
    kinds = ("query.weight", "LayerNorm.weight", "intermediate.dense.bias", "ffn.bias")
    assert sum(name.endswith(kinds) for name in found) >= 3


def test_pooled(pieces: Pieces) -> None:
    """For a classifier, by the formula: the projection's weights times (softmax - gold)."""
    model, data = pieces[0].eval(), data_of(pieces[1])
    weight = model.heads["sent"].projection.weight.detach()  # type: ignore[union-attr]
    rows = []
    for batch in singles(data, "sent"):
        chances = model(**batch)["head_outputs"]["sent"]["logits"].detach().softmax(-1)[0]
        chances[batch["label"][0]] -= 1
        rows.append((chances @ weight) ** 2)
    assert_allclose(embedded(model, data, "sent")["pooled"], torch.stack(rows).mean(0), rtol=1e-9)
    assert "pooled" not in embedded(model, data, "pos")


@pytest.mark.parametrize("task", ["qa", "srl"])
def test_heads(pieces: Pieces, task: str) -> None:
    """Importance as its own analysis has it, and the gates that the model has learned."""
    model, data = pieces[0], data_of(pieces[1])
    found = embedded(model, data, task, kinds=["heads"])
    for name, measure in (("importance", "absolute"), ("gate_fisher", "squared")):
        wanted = collect_importance(model, data, task, ImportanceOptions(measure=measure)).scores
        assert_allclose(found.pop(f"heads.{name}"), wanted, rtol=1e-5)
    gates = encoder_of(model).gates.deterministic()
    assert_allclose(found.pop("heads.learned_gates"), gates.detach())
    assert not found


@given(
    batch_size=st.integers(1, 12),
    tokens=st.integers(1, 400),
    labels=st.sampled_from(["gold", "sampled"]),
    task=st.sampled_from(["pos", "qa", "sent"]),
)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_batches_do_not_matter(
    pieces: Pieces, batch_size: int, tokens: int, labels: str, task: str
) -> None:
    model, loader = pieces
    model = model.float()
    pattern = r"layer\.1\.intermediate"
    options: dict[str, Any] = {"labels": labels, "components": ["layer_outputs", pattern]}
    try:
        usual = embedded(model, data_of(loader), task, **options)
        data = TaskData(loader.instances, loader.vocab, loader.paths, 4, tokens)
        other = embedded(model, data, task, batch_size=batch_size, **options)
    finally:
        model.double()
    assert usual.keys() == other.keys()
    for name, values in usual.items():
        assert_allclose(other[name], values, rtol=1e-3, atol=1e-4 * values.max(), err_msg=name)


def test_the_same_seed_gives_the_same_embedding(pieces: Pieces) -> None:
    model, data = pieces[0], data_of(pieces[1])

    def of(seed: int, **options: Any) -> numpy.ndarray:
        torch.manual_seed(seed + 100 * len(options))  # no other generator counts
        found: numpy.ndarray = embedded(model, data, "pos", seed=seed, **options)["layer_output.1"]
        return found

    for options in ({"examples": 4}, {"labels": "sampled"}, {"examples": 4, "labels": "sampled"}):
        assert (of(1, **options) == of(1, **options)).all()
        assert not numpy.allclose(of(1, **options), of(2, **options), rtol=1e-3)
    assert_allclose(of(1), of(2))  # all examples, and gold
    assert (of(1, examples=100) == of(1)).all()


def test_batch_sums(pieces: Pieces) -> None:
    """Squares of batches: biases by ordinary training gradients, activations over pieces."""
    model, data = pieces[0], data_of(pieces[1])
    patterns = [r"output\.LayerNorm\.bias$", r"value\.bias$"]
    options: dict[str, Any] = {"mode": "batch_sum", "batch_size": 4, "seed": 5}
    components = ["layer_outputs", "head_contexts", *patterns]
    found = embedded(model, data, "pos", components=components, **options)
    of_biases, of_activations = [], []
    for chunk in data.chunks("pos", 4, 5):
        (batch,) = chunk.batches("pos")
        size = int(batch["tokens"]["tokens"]["wordpiece_mask"].sum())
        squares = {name: one**2 for name, one in parameter_gradients(model, batch).items()}
        of_biases.append(squares)
        of_activations.append({name: one / size for name, one in squares.items()})
    share = len(of_biases) / EXAMPLES
    for name in ACTIVATIONS:
        wanted, bias = mean(of_activations)[bias_of(name)], mean(of_biases)[bias_of(name)]
        assert_allclose(found[name], share * wanted, rtol=1e-6)
        assert_allclose(found[f"parameter.{bias_of(name)}"], share * bias, rtol=1e-6)
    # heads are of single examples all the same, and so is all else by batches of one
    usual = embedded(model, data, "pos")
    assert_allclose(found["heads.importance"], usual["heads.importance"])
    single = embedded(
        model, data, "pos", mode="batch_sum", batch_size=1, components=patterns, kinds=["task"]
    )
    for name in ACTIVATIONS:
        assert_allclose(single[f"parameter.{bias_of(name)}"], usual[name], rtol=1e-6)
        assert not numpy.allclose(found[f"parameter.{bias_of(name)}"], usual[name], rtol=0.1)


def test_mean_gradients(pieces: Pieces) -> None:
    model, data = pieces[0], data_of(pieces[1])
    expected = mean(parameter_gradients(model, batch) for batch in singles(data, "dep"))
    found = embedded(model, data, "dep", mode="mean_gradient")
    for name in ACTIVATIONS:
        assert_allclose(found[name], expected[bias_of(name)], rtol=1e-5, atol=1e-9)


def test_removed_heads_are_as_closed_ones(tiny_bert: str, fixtures_root: Path) -> None:
    """Also where a whole layer has none left."""
    gone = {"0": [0, 1, 2, 3], "1": [1, 3]}
    mask = [[0, 0, 0, 0], [1, 0, 1, 0], [1, 1, 1, 1]]
    closed, loader = tiny(
        tiny_bert, fixtures_root, tasks=["sent"], gates={"type": "fixed", "mask": mask}
    )
    removed, _ = tiny(tiny_bert, fixtures_root, tasks=["sent"], removed_heads=gone)
    removed.heads.load_state_dict(closed.heads.state_dict())
    found, facts = embed_task_and_heads(removed, data_of(loader), "sent")
    wanted, _ = embed_task_and_heads(closed, data_of(loader), "sent")
    assert facts["left_out"] == {"head_context.0": "all its values are 0"}
    assert_allclose(wanted.pop("heads.learned_gates"), mask)
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        assert_allclose(found[name], values, rtol=1e-5, atol=1e-9, err_msg=name)
    assert (found["heads.gate_fisher"] > 0).tolist() == (numpy.array(mask) > 0).tolist()
    of_heads = found["head_context.1"].reshape(tiny_encoders.HEADS, tiny_encoders.HEAD_DIM)
    assert ((of_heads > 0).all(-1)).tolist() == [True, False, True, False]
