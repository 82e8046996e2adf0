"""Importance of every head by every example, against one example at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.data.fields import MetadataField
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allennlp_heads.analysis.importance import MEASURES
from allennlp_heads.collect import (
    ImportanceOptions,
    TaskData,
    collect_importance,
    encoder_of,
)
from allennlp_heads.collect import importance as module
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.data.fields import UnseenLabelField
from allennlp_heads.models import MultiTaskHeads
from tests.collect.models import EXAMPLES, TASKS, data_of, one_at_a_time, singles, tiny

Pieces = tuple[MultiTaskHeads, MultiTaskBucketed]


@pytest.fixture(scope="module")
def pieces(tiny_bert: str, fixtures_root: Path) -> Pieces:
    """Long inputs are cut into windows, and gates are half open."""
    gates = {"type": "hard_concrete", "start": "xavier"}
    return tiny(tiny_bert, fixtures_root, max_length=14, gates=gates)


@pytest.mark.parametrize("task, kind", [*((task, "unit") for task in TASKS), ("dep", "sum")])
def test_equals_one_at_a_time(pieces: Pieces, task: str, kind: str) -> None:
    model, data = pieces[0], data_of(pieces[1])
    expected = one_at_a_time(model, data, task, kind)
    found = collect_importance(model, data, task, ImportanceOptions(loss=kind))
    assert sorted(found.example) == sorted(expected) and len(expected) >= 2
    wanted = numpy.stack([expected[number] for number in found.example])
    assert numpy.abs(wanted).max() > 1e-4
    # what is kept is float32
    numpy.testing.assert_allclose(found.values, wanted, rtol=1e-6, atol=1e-9)
    numpy.testing.assert_allclose(found.scores, numpy.abs(wanted).mean(0), rtol=1e-6, atol=1e-9)


def test_measures(pieces: Pieces) -> None:
    model, data = pieces[0], data_of(pieces[1])
    each = numpy.stack(list(one_at_a_time(model, data, "pos").values()))
    expected = {
        "absolute": abs(each).mean(0),
        "squared": (each**2).mean(0),
        "signed": -each.mean(0),
    }
    for measure, wanted in expected.items():
        found = collect_importance(model, data, "pos", ImportanceOptions(measure=measure))
        numpy.testing.assert_allclose(found.scores, wanted, rtol=1e-5, atol=1e-9)


def test_signed_foretells_the_loss_of_closing_a_head(pieces: Pieces) -> None:
    model, data = pieces[0], data_of(pieces[1])
    encoder = encoder_of(model)
    found = collect_importance(model, data, "dep", ImportanceOptions(measure="signed")).scores

    def loss(gates: torch.Tensor) -> float:
        with encoder.tap.scale(gates, "importance"), torch.no_grad():
            return float(numpy.mean([model(**batch)["loss"] for batch in singles(data, "dep")]))

    model.eval()
    # small, for the heads' ReLUs have kinks
    ones, step = torch.ones(encoder.layers, max(encoder.heads), dtype=torch.float64), 1e-6
    for layer, head in ((0, 1), (2, 3)):
        closer = ones.clone()
        closer[layer, head] -= step
        slope = (loss(closer) - loss(ones)) / step
        assert found[layer, head] == pytest.approx(slope, rel=1e-2, abs=1e-6)


@pytest.mark.parametrize("task", ["dep", "sent"])
def test_per_token(pieces: Pieces, task: str) -> None:
    """The sum over tokens of |<dL/dc, c>|, by recorded contexts of one example at a time."""
    model, data = pieces[0], data_of(pieces[1])
    encoder = encoder_of(model.eval())
    expected = {}
    for batch in singles(data, task):
        with encoder.tap.record() as record:
            loss = model(**batch)["loss"]
        gradients = torch.autograd.grad(loss, record.contexts)
        layers = [(c * g).sum(-1).abs().sum((0, 1)) for c, g in zip(record.contexts, gradients)]
        expected[batch["example"][0]] = torch.stack(layers).detach().numpy()
    found = collect_importance(model, data, task, ImportanceOptions(measure="per_token"))
    wanted = numpy.stack([expected[number] for number in found.example])
    numpy.testing.assert_allclose(found.values, wanted, rtol=1e-6, atol=1e-9)
    # an upper bound of Eq. 4
    exact = collect_importance(model, data, task, ImportanceOptions())
    assert (found.scores >= exact.scores - 1e-9).all()


@pytest.mark.parametrize("task", TASKS)
def test_label_free(pieces: Pieces, task: str) -> None:
    """Predictions for gold: their loss is lower, and the gradients are still each example's own."""
    model, data = pieces[0], data_of(pieces[1])
    options = ImportanceOptions(label_free=True)
    together = collect_importance(model, data, task, options)
    alone = collect_importance(model, data_of(pieces[1], 1), task, options)
    order = numpy.argsort(together.example), numpy.argsort(alone.example)
    assert not together.all_zero and together.values.dtype == numpy.float32
    numpy.testing.assert_allclose(
        together.values[order[0]], alone.values[order[1]], rtol=1e-5, atol=1e-8
    )
    gold = collect_importance(model, data, task, ImportanceOptions())
    assert together.loss.mean() < gold.loss.mean()


@given(
    batch_size=st.integers(1, 12),
    seed=st.integers(0, 5),
    tokens=st.integers(1, 400),
    task=st.sampled_from(TASKS),
)
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_batches_order_and_padding(
    pieces: Pieces, batch_size: int, seed: int, tokens: int, task: str
) -> None:
    model, loader = pieces
    model = model.float()
    try:
        usual = collect_importance(model, data_of(loader), task)
        data = TaskData(loader.instances, loader.vocab, loader.paths, batch_size, tokens)
        other = collect_importance(model, data, task, ImportanceOptions(seed=seed))
    finally:
        model.double()
    numpy.testing.assert_allclose(other.scores, usual.scores, rtol=1e-4, atol=1e-5)
    rows = numpy.argsort(other.example), numpy.argsort(usual.example)
    numpy.testing.assert_allclose(
        other.values[rows[0]], usual.values[rows[1]], rtol=1e-3, atol=1e-5
    )


def test_equals_the_librarys_head_mask(tiny_bert: str, fixtures_root: Path) -> None:
    """Of BERT's own eager attention."""
    model, loader = tiny(
        tiny_bert, fixtures_root, tasks=["pos"], transformer_kwargs={"attn_implementation": "eager"}
    )
    found = collect_importance(model, data_of(loader), "pos")
    encoder = encoder_of(model)
    model.eval()
    plain = encoder._run
    each = {}
    for batch in singles(data_of(loader), "pos"):
        mask = torch.ones(encoder.layers, max(encoder.heads), dtype=torch.float64)
        mask.requires_grad_()

        def with_mask(ids: Any, attention: Any, types: Any, mask: Any = mask) -> Any:
            inputs = {"input_ids": ids, "attention_mask": attention.long(), "head_mask": mask}
            return encoder.transformer(**inputs).last_hidden_state

        encoder._run = with_mask  # type: ignore[method-assign,assignment]
        each[batch["example"][0]] = torch.autograd.grad(model(**batch)["loss"], mask)[0].numpy()
    encoder._run = plain  # type: ignore[method-assign,assignment]
    wanted = numpy.stack([each[number] for number in found.example])
    numpy.testing.assert_allclose(found.values, wanted, rtol=1e-5, atol=1e-8)


def test_removed_and_closed_heads(tiny_bert: str, fixtures_root: Path) -> None:
    """Numbers of heads are those of the whole encoder, and who is not there is not ranked."""
    removed = {"0": [1, 3], "1": [0, 1, 2, 3]}
    mask = [[1, 0], [0, 0], [1, 1]]
    options: dict[str, Any] = {"tasks": ["pos"], "removed_heads": removed}
    model, loader = tiny(tiny_bert, fixtures_root, **options)
    with pytest.raises(ConfigurationError, match="none of 6 heads: give 0.167"):
        collect_importance(model, data_of(loader), "pos", ImportanceOptions(alpha=0.1))
    for measure in MEASURES:
        found = collect_importance(
            model, data_of(loader), "pos", ImportanceOptions(measure=measure, alpha=0.5)
        )
        exists = [[1, 0, 1, 0], [0, 0, 0, 0], [1, 1, 1, 1]]
        assert found.exists.tolist() == numpy.array(exists, bool).tolist()
        assert (found.scores != 0).tolist() == found.exists.tolist()
        assert found.top().sum() == 3 and not (found.top() & ~found.exists).any()
    options["gates"] = {"type": "fixed", "mask": [row + [0, 0] for row in mask]}
    closed, loader = tiny(tiny_bert, fixtures_root, **options)
    found = collect_importance(closed, data_of(loader), "pos", ImportanceOptions(alpha=0.5))
    assert numpy.argwhere(found.exists).tolist() == [[0, 0], [2, 0], [2, 1]]
    assert (found.scores != 0).tolist() == found.exists.tolist() and found.top().sum() == 1
    assert found.removed.sum() == 6


def test_subsets_are_seeded_and_nested(pieces: Pieces) -> None:
    model, data = pieces[0], data_of(pieces[1])

    def examples(number: int, seed: int = 0) -> set[int]:
        options = ImportanceOptions(examples=number, seed=seed)
        found = collect_importance(model, data, "pos", options)
        assert found.available == EXAMPLES and len(found.example) == min(number, EXAMPLES)
        return set(found.example.tolist())

    assert examples(3) < examples(6) == examples(6) and examples(100) == set(range(EXAMPLES))
    assert len({frozenset(examples(3, seed)) for seed in range(6)}) > 1


def test_stops_once_stable(pieces: Pieces, monkeypatch: pytest.MonkeyPatch) -> None:
    """At fixed numbers of examples, whatever the batches."""
    monkeypatch.setattr(module, "CHECK_EVERY", 2)
    model, loader = pieces
    options = ImportanceOptions(until_stable=True, alpha=1.0)
    for batch_size in (1, 2, 5):
        found = collect_importance(model, data_of(loader, batch_size), "pos", options)
        assert found.stable and len(found.example) == 2  # all heads are always the same ones
    monkeypatch.setattr(module, "STABLE_OVERLAP", 1.1)
    found = collect_importance(model, data_of(loader), "pos", options)
    assert not found.stable and len(found.example) == EXAMPLES


def test_is_looked_at_ever_less_often(pieces: Pieces, monkeypatch: pytest.MonkeyPatch) -> None:
    """And stops at the first look that finds enough agreement."""
    looks: dict[int, float] = {}
    whole = module.bootstrap

    def noted(values: numpy.ndarray, *args: Any, **options: Any) -> Any:
        found = whole(values, *args, **options)
        looks[len(values)] = found.overlap
        return found

    monkeypatch.setattr(module, "bootstrap", noted)
    monkeypatch.setattr(module, "CHECK_EVERY", 1)
    monkeypatch.setattr(module, "STABLE_OVERLAP", 1.1)
    model, loader = pieces
    options = ImportanceOptions(until_stable=True, alpha=0.3)
    collect_importance(model, data_of(loader), "pos", options)
    assert list(looks) == [2**n for n in range(10) if 2**n <= EXAMPLES]
    before = dict(looks)
    least = sorted(before.values())[len(before) // 2]
    monkeypatch.setattr(module, "STABLE_OVERLAP", least)
    found = collect_importance(model, data_of(loader), "pos", options)
    first = next(number for number, overlap in before.items() if overlap >= least)
    assert found.stable and len(found.example) == first


def test_loss_that_ignores_the_encoder(pieces: Pieces) -> None:
    model, data = pieces[0], data_of(pieces[1])
    projection = model.heads["pos"].projection.weight  # type: ignore[union-attr]
    before = projection.detach().clone()
    try:
        with torch.no_grad():
            projection.zero_()
        found = collect_importance(model, data, "pos")
        assert found.all_zero and not found.scores.any()
        with pytest.raises(ConfigurationError, match="'pos' does not depend on any head"):
            found.top()
    finally:
        with torch.no_grad():
            projection.copy_(before)


def test_loss_that_is_no_number(pieces: Pieces) -> None:
    model, data = pieces[0], data_of(pieces[1])
    bias = model.heads["pos"].projection.bias  # type: ignore[union-attr]
    before = bias.detach().clone()
    try:
        with torch.no_grad():
            bias.fill_(float("nan"))
        with pytest.raises(ConfigurationError, match=r"example \d of the task 'pos' is nan"):
            collect_importance(model, data, "pos")
    finally:
        with torch.no_grad():
            bias.copy_(before)


def test_no_gold_and_no_data(pieces: Pieces) -> None:
    model, loader = pieces
    with pytest.raises(ConfigurationError, match="no data of a task 'chunks'"):
        collect_importance(model, data_of(loader), "chunks")
    bare = []
    for instance in loader.instances["pos"]:
        fields = {name: field for name, field in instance.fields.items() if name != "tags"}
        bare.append(Instance(fields))
    data = TaskData({"pos": bare}, loader.vocab, loader.paths)
    with pytest.raises(ConfigurationError, match="'pos' have no losses of their own"):
        collect_importance(model, data, "pos")
    assert collect_importance(model, data, "pos", ImportanceOptions(label_free=True)).values.any()


def test_labels_that_the_model_does_not_know(
    pieces: Pieces, caplog: pytest.LogCaptureFixture
) -> None:
    model, loader = pieces
    found = loader.instances["pos"]
    text = found[0]["tokens"]
    strange = UnseenLabelField(["strange"] * len(text), text, "upos_labels")  # type: ignore[arg-type]
    one = Instance({**found[0].fields, "tags": strange})
    paths = {"pos": "pos.conllu"}
    collect_importance(model, TaskData({"pos": [one, found[1]]}, loader.vocab, paths), "pos")
    assert (
        f"pos.conllu (task 'pos') has labels unseen in training, {len(text)} in all" in caplog.text
    )  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="pos.conllu: the model knows none of the labels"):
        collect_importance(model, TaskData({"pos": [one]}, loader.vocab, paths), "pos")


def test_mixed_batches_are_refused(pieces: Pieces) -> None:
    model, loader = pieces
    first, second = (Instance(dict(found.fields)) for found in loader.instances["pos"][:2])
    second.fields["task"] = MetadataField("dep")
    data = TaskData({"pos": [first, second]}, loader.vocab, loader.paths)
    with pytest.raises(ConfigurationError, match="batch of the tasks"):
        collect_importance(model, data, "pos")


@pytest.mark.parametrize(
    "wrong, message",
    [
        ({"measure": "best"}, "'measure' is 'best'"),
        ({"loss": "mean"}, "'loss' is 'mean'"),
        ({"examples": 0}, "'examples' is 0"),
        ({"alpha": 0.0}, "'alpha' is 0.0"),
        ({"alpha": 1.5}, "'alpha' is 1.5"),
        ({"seed": -1}, "'seed' is -1"),
    ],
)
def test_wrong_options(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        ImportanceOptions.from_params(Params(dict(wrong)))


def test_flags_say_what_is_not_the_default() -> None:
    options = ImportanceOptions(examples=5, until_stable=True, measure="squared")
    assert options.flags() == ["--examples 5", "--measure squared", "--until-stable"]
    assert replace(options, examples=None).scale() == {"by_layer": False, "min_max": False}
