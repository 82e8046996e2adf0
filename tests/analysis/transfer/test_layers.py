"""The map of layers and components."""

from __future__ import annotations

import numpy
import pytest

from allennlp_heads.analysis.transfer import evaluate, layer_map


def test_each_component_stands_in_its_layer() -> None:
    generator = numpy.random.default_rng(0)
    performance, allowed = generator.random((4, 4)) * 90, ~numpy.eye(4, dtype=bool)
    names = ["head_context.10", "layer_output.2", "head_context.2", "pooled", "heads.importance"]
    methods = {name: generator.random((4, 4)) for name in names}
    found = evaluate(methods, performance, allowed, draws=50)
    grid = layer_map(found)
    assert grid.layers == [2, 10] and grid.families == ["head_context", "layer_output"]
    of = {name: found[name].measures["ndcg"] for name in names}
    wanted = [
        [of["head_context.2"].mean, of["layer_output.2"].mean],
        [of["head_context.10"].mean, numpy.nan],
    ]
    numpy.testing.assert_array_equal(grid.mean, wanted)
    assert grid.lower[0, 1] == of["layer_output.2"].lower
    assert grid.upper[1, 0] == of["head_context.10"].upper
    assert grid.chance == of["pooled"].chance
    assert layer_map(found, "regret@1").chance == found["pooled"].measures["regret@1"].chance
    with pytest.raises(ValueError, match="component of a layer"):
        layer_map({"pooled": found["pooled"]})
