"""Methods of ranking, against fusions by hand."""

from __future__ import annotations

import numpy
import pytest

from allennlp_heads.analysis.transfer import (
    BASELINES,
    allowed_sources,
    kind_of,
    ranking_methods,
    ranks,
    rrf,
    similarities,
)

TASKS = ["nli", "pos", "qa", "ner"]
COMPONENTS = {"text": 4, "layer_output.0": 3, "layer_output.1": 3, "heads.importance": 6}


def embeddings() -> dict[str, dict[str, numpy.ndarray]]:
    generator = numpy.random.default_rng(0)
    found = {
        task: {name: generator.random(size) for name, size in COMPONENTS.items()} for task in TASKS
    }
    for task in ("nli", "ner"):
        found[task]["pooled"] = generator.random(3)
    return found


ALIKE = similarities(embeddings())


def order_of(scores: numpy.ndarray) -> list[list[float]]:
    return numpy.nan_to_num(ranks(scores)).tolist()


def test_names_and_order() -> None:
    curves = {task: [[1, 0.1], [2, 0.2]] for task in TASKS}
    found = ranking_methods(ALIKE, dict.fromkeys(TASKS, 1.0), curves, TASKS)
    several = ["text+task", "text+heads", "task+heads", "text+task+heads"]
    assert list(found) == [*ALIKE, "layer_output", "task", "heads", *several, *BASELINES]
    assert [kind_of(name) for name in ALIKE] == ["text", "task", "task", "heads", "task"]
    for scores in found.values():
        assert numpy.isnan(numpy.diagonal(scores)).all()
    kinds = ranking_methods({"text": ALIKE["text"]}, None, None, TASKS)
    assert list(kinds) == ["text", "random"]


def test_a_component_ranks_by_its_similarity() -> None:
    found = ranking_methods(ALIKE, None, None, TASKS)
    for name in ("text", "heads", "layer_output.1"):
        alone = ALIKE["heads.importance" if name == "heads" else name].copy()
        numpy.fill_diagonal(alone, numpy.nan)
        assert order_of(found[name]) == order_of(alone)


def test_a_kind_counts_once_however_many_components_it_has() -> None:
    found = ranking_methods(ALIKE, None, None, TASKS)
    alone = {name: numpy.where(numpy.eye(4), numpy.nan, table) for name, table in ALIKE.items()}
    task = rrf([ranks(alone[name]) for name in ("layer_output.0", "layer_output.1", "pooled")])
    numpy.testing.assert_allclose(found["task"], task)
    both = rrf([ranks(alone["text"]), ranks(task)])
    numpy.testing.assert_allclose(found["text+task"], both)
    by_hand = 1 / (60 + ranks(alone["text"])) + 1 / (60 + ranks(task))
    numpy.testing.assert_allclose(both, by_hand)


def test_a_component_that_one_task_lacks_does_not_rank_it() -> None:
    found = ranking_methods(ALIKE, None, None, TASKS)
    assert numpy.isnan(found["pooled"][:, 1]).all()
    assert numpy.isfinite(found["pooled"][3, 0])
    off_diagonal = ~numpy.eye(4, dtype=bool)
    assert numpy.isfinite(found["task"][off_diagonal]).all()


def test_ranks_are_those_among_allowed_sources() -> None:
    allowed = allowed_sources(["a", "a", "b", "a"], within=True)
    found = ranking_methods(ALIKE, None, None, TASKS, allowed)
    for scores in found.values():
        assert numpy.isnan(scores[~allowed]).all()
    firsts = numpy.nanmax(found["heads"], axis=0, where=allowed, initial=0)
    assert firsts[[0, 1, 3]].tolist() == pytest.approx([1 / 61] * 3)


def test_data_size_needs_no_embedding() -> None:
    found = ranking_methods({}, {"nli": 9.0, "qa": 5.0, "pos": 7.0, "ner": 7.0}, None, TASKS)
    assert list(found) == ["random", "data_size"]
    assert order_of(found["data_size"])[0] == [0, 1, 1, 1]
    assert ranks(found["data_size"])[1:, 0].tolist() == [1.5, 3, 1.5]


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="names of their own"):
        ranking_methods({}, None, None, ["nli", "nli"])
    with pytest.raises(ValueError, match=r"of 'text' are \[4, 4\], not \[2, 2\]"):
        ranking_methods(ALIKE, None, None, TASKS[:2])
