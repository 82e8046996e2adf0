"""What cannot be removed is refused before anything is touched; what is new can be taught."""

from __future__ import annotations

import pytest
import torch

import tests.tiny as tiny
from allennlp_heads.attention import (
    HeadTap,
    Recipe,
    by_path,
    can_remove,
    head_magnitudes,
    layouts,
    parameters_of_heads,
    register_layout,
    remove_heads,
)
from tests.attention.pruning import SHRINKING, run

ALL = {layer: range(tiny.HEADS) for layer in range(tiny.LAYERS)}
PATHS = ("encoder.layer", "attention.output.dense", "attention.self.value")


@pytest.fixture
def own_layout():
    """Layouts that a test registers for 'bert' are forgotten afterwards."""
    before = dict(layouts._layouts)
    yield
    layouts._layouts.clear()
    layouts._layouts.update(before)


@pytest.mark.parametrize(
    "removed,message",
    [
        ({0: [1], 3: [0]}, "layer 3: the encoder has layers 0 to 2"),
        ({0: [1], -1: [0]}, "layer -1"),
        ({0: [1], "1": [0]}, "layer 1: the encoder has layers 0 to 2"),
        ({0: [1], 2: [4]}, "head 4 of layer 2: it has 4 heads, counted from 0"),
        ({0: [1], 2: [-1]}, "head -1 of layer 2"),
        (ALL, "every head of the encoder: keep at least one"),
    ],
)
def test_wrong_heads_leave_the_encoder_as_it_was(removed, message: str) -> None:
    encoder = tiny.encoder("bert")
    parts = dict(encoder.named_modules()), dict(encoder.named_parameters())
    with pytest.raises(ValueError, match=message):
        remove_heads(encoder, removed)
    assert (dict(encoder.named_modules()), dict(encoder.named_parameters())) == parts


def test_heads_are_those_of_now() -> None:
    encoder = tiny.encoder("bert")
    remove_heads(encoder, {0: range(tiny.HEADS), 1: [0]})
    with pytest.raises(ValueError, match="head 3 of layer 1: it has 3 heads"):
        remove_heads(encoder, {1: [3]})
    with pytest.raises(ValueError, match="head 0 of layer 0: it has 0 heads"):
        remove_heads(encoder, {0: [0]})
    with pytest.raises(ValueError, match="every head"):
        remove_heads(encoder, {1: range(3), 2: range(4)})


@pytest.mark.parametrize("removed", [{}, {1: []}])
def test_removing_nothing(removed) -> None:
    encoder = tiny.encoder("bert")
    parts = dict(encoder.named_modules()), dict(encoder.named_parameters())
    remove_heads(encoder, removed)
    assert (dict(encoder.named_modules()), dict(encoder.named_parameters())) == parts


@pytest.mark.parametrize("model_type", SHRINKING)
def test_most_can_shrink(model_type: str) -> None:
    assert can_remove(tiny.encoder(model_type)) is None


@pytest.mark.parametrize("function", [parameters_of_heads, head_magnitudes])
def test_shared_layers_cannot(function) -> None:
    encoder = tiny.encoder("albert")
    assert "'albert': their layers share one set of weights" in can_remove(encoder)
    with pytest.raises(ValueError, match="share one set of weights"):
        remove_heads(encoder, {0: [1]})
    with pytest.raises(ValueError, match="share one set of weights"):
        function(encoder)


def test_talking_heads_cannot() -> None:
    encoder = tiny.encoder("deberta", talking_head=True)
    assert "its heads talk to each other" in can_remove(encoder)
    with pytest.raises(ValueError, match="talking_head"):
        remove_heads(encoder, {0: [1]})


def test_a_layout_without_a_recipe_says_how_to_teach_one(own_layout) -> None:
    register_layout("bert")(by_path(*PATHS))
    assert "by_path(..., recipe=Recipe(" in can_remove(tiny.encoder("bert"))


def test_a_layout_with_a_recipe(own_layout) -> None:
    own = Recipe("attention.self", ("query", "key", "value"))
    register_layout("bert")(by_path(*PATHS, recipe=own))
    encoder = tiny.encoder("bert")
    remove_heads(encoder, {0: range(tiny.HEADS), 2: [1]})
    assert HeadTap(encoder).heads == [0, 4, 3]
    run(encoder, tiny.batch("bert"))


@pytest.mark.parametrize(
    "recipe,message",
    [
        (Recipe("attention.self", ("query", "keys", "value")), "has no attribute `keys`"),
        (Recipe("attention.self", ("query",), heads="n"), "has no attribute 'n'"),
        (Recipe("attention.self", ("query",), parts=5), "do not divide into 4 heads"),
        (Recipe("attention.self", ("query",), heads="all_head_size"), "into 4 heads"),
    ],
)
def test_a_recipe_that_does_not_fit(own_layout, recipe: Recipe, message: str) -> None:
    register_layout("bert")(by_path(*PATHS, recipe=recipe))
    with pytest.raises(ValueError, match=f"recipe of 'bert' does not fit.*{message}"):
        remove_heads(tiny.encoder("bert"), {0: [0]})


@pytest.mark.parametrize("model_type", SHRINKING)
def test_magnitude_is_the_norm_of_what_goes(model_type: str) -> None:
    norms = head_magnitudes(tiny.encoder(model_type))
    assert norms.shape == (tiny.LAYERS, tiny.HEADS) and norms.dtype == torch.double
    for layer, head in [(0, 1), (2, 3)]:
        encoder = tiny.encoder(model_type)
        before = _squares(encoder)
        remove_heads(encoder, {layer: [head]})
        gone = before - _squares(encoder)
        assert float(norms[layer, head]) == pytest.approx(gone**0.5, rel=1e-6)


def _squares(encoder) -> float:
    """Of all weights; biases are vectors."""
    return sum(
        float(p.detach().double().square().sum()) for p in encoder.parameters() if p.dim() > 1
    )


def test_magnitude_where_heads_are_gone() -> None:
    encoder = tiny.encoder("bert")
    before = head_magnitudes(encoder)
    remove_heads(encoder, {0: range(tiny.HEADS), 1: [0, 2]})
    after = head_magnitudes(encoder)
    assert not after[0].any() and not after[1, 2:].any()
    assert torch.equal(after[1, :2], before[1, [1, 3]]) and torch.equal(after[2], before[2])
