"""Probes from sentences to results: against loops, and what must not matter."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common import Lazy

import tests.tiny as tiny
from allennlp_heads.analysis.probing import ProbeResult
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.collect.probing.probe import probe_task
from allennlp_heads.gates import FixedGates
from allennlp_heads.modules import GatedEncoder
from tests.collect.probing import probes
from tests.collect.probing.by_hand import ByHand, best, read_all, right
from tests.collect.probing.probes import FAST, probed, weighted_count


@pytest.fixture(scope="module")
def wide_bert(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Reads every sentence of the fixtures in one window, as the library itself does."""
    folder = tmp_path_factory.mktemp("wide-bert")
    return tiny.encoder_folder(folder, max_position_embeddings=160)


@pytest.fixture(scope="module")
def by_hand(wide_bert: str) -> ByHand:
    return ByHand(wide_bert)


def same(one: ProbeResult, other: ProbeResult) -> None:
    assert [vars(label) for label in one.labels] == [vars(label) for label in other.labels]
    assert one.overall == other.overall and one.notes == other.notes
    numpy.testing.assert_array_equal(one.accuracy, other.accuracy)
    for name in ("label", "sentence", "correct", "one_head"):
        numpy.testing.assert_array_equal(getattr(one.items, name), getattr(other.items, name))
    assert one.tree == other.tree and set(one.statistics) == set(other.statistics)
    for name, values in one.statistics.items():
        numpy.testing.assert_allclose(values, other.statistics[name], atol=1e-4)


@pytest.mark.parametrize("task", probes.KINDS)
@pytest.mark.parametrize(
    ("files", "options"),
    [
        (("train", "validation", "test"), {}),
        (("validation", "test"), {"direction": "to_head", "diagonal": False}),
        (("test",), {"folds": 3, "direction": "to_dependent"}),
        (("train", "test"), {"held_out": False}),
    ],
    ids=["three files", "two files", "cross-fitting", "transductive"],
)
def test_as_by_hand(
    task: str,
    files: Sequence[str],
    options: Any,
    wide_bert: str,
    by_hand: ByHand,
    fixtures_root: Path,
) -> None:
    """Heads, choices and items are those of straightforward loops."""
    data, kind = probes.data(task, wide_bert, fixtures_root, files), probes.KINDS[task]
    given = ProbeOptions(**FAST, **options)
    result = probe_task(probes.encoder(wide_bert), data, task, given)
    assert result.kind == kind
    roles = data.roles(task, kind, given)
    parts = [read_all(by_hand, part, kind, given.direction, given.diagonal) for part in roles.parts]
    scored, chosen = [], []
    for split in roles.splits:
        fit = [item for part in split.fit for item in parts[part]]
        choice = right([item for part in split.choice for item in parts[part]], fit)
        for item in right(parts[split.score], fit):
            scored.append(item)
            chosen.append(best(choice, item[0]))
    labels = [label.label for label in result.labels]
    assert [label for label, _, _ in scored] == [labels[i] for i in result.items.label]
    assert [number for _, number, _ in scored] == result.items.sentence.tolist()
    correct = [bool(hits[head]) for (*_, hits), head in zip(scored, chosen)]
    assert correct == result.items.correct.tolist()
    for place, label in enumerate(result.labels):
        own = [hits for name, _, hits in scored if name == label.label]
        assert label.count == len(own)
        numpy.testing.assert_allclose(result.accuracy[place], numpy.mean(own, axis=0))
        heads = [head for (name, *_), head in zip(scored, chosen) if name == label.label]
        assert (label.layer, label.head) in heads
        if len(roles.splits) == 1:
            assert {(label.layer, label.head)} == set(heads)


@pytest.mark.parametrize("task", probes.KINDS)
def test_batches_and_order_do_not_matter(task: str, tiny_bert: str, fixtures_root: Path) -> None:
    options = ProbeOptions(**{**FAST, "control": True, "trees": True, "statistics": True})
    encoder = probes.encoder(tiny_bert)
    data = probes.data(task, tiny_bert, fixtures_root)
    expected = probe_task(encoder, data, task, options)
    same(expected, probe_task(encoder, data, task, options))
    alone = ProbeOptions(**{**options.as_dict(), "batch_size": 1})
    same(expected, probe_task(encoder, data, task, alone))
    backwards = {
        file: list(reversed(instances)) for file, instances in data.instances(task).items()
    }
    turned = probe_task(encoder, probes.data_of(backwards, task), task, options)
    same(expected, turned)


@pytest.mark.parametrize("task", ["pos", "dep"])
def test_scored_labels_choose_nothing(task: str, tiny_bert: str, fixtures_root: Path) -> None:
    """Other gold in the sentences to score: the same heads, centroids and control labels."""
    expected = probed(tiny_bert, fixtures_root, task)
    files: dict[str, Any] = dict(probes.data(task, tiny_bert, fixtures_root).instances(task))
    field = "tags" if task == "pos" else "head_tags"
    for instance in files["test"]:
        labels = instance[field].labels
        labels[:] = [*labels[1:], labels[0]]
    changed = probe_task(
        probes.encoder(tiny_bert), probes.data_of(files, task), task, ProbeOptions(**FAST)
    )
    assert expected.overall["weighted"] != changed.overall["weighted"]
    assert heads_of(expected) == heads_of(changed)
    if task == "pos":
        numpy.testing.assert_array_equal(expected.centroids.vectors, changed.centroids.vectors)


def heads_of(result: ProbeResult) -> dict[str, tuple[int, int]]:
    return {label.label: (label.layer, label.head) for label in result.labels}


def test_beside_the_heads(tiny_bert: str, fixtures_root: Path) -> None:
    """Every baseline is there, with numbers that make sense, and repeats itself."""
    found = [
        probed(tiny_bert, fixtures_root, "dep", control=True, trees=True, random_weights=2)
        for _ in range(2)
    ]
    same(*found)
    (result, _) = found
    weighted = result.overall["weighted"]
    for number in (weighted.offset_accuracy, weighted.random_weights, weighted.control):
        assert 0 < number < 1
    other = probed(tiny_bert, fixtures_root, "dep", random_weights=2, seed=4)
    assert other.overall["weighted"].random_weights != weighted.random_weights
    assert weighted.random_weights != weighted.accuracy
    words, before, after = chains(tiny_bert, fixtures_root)
    assert result.tree.count == weighted_count(result) == words
    assert result.tree.left_chain == pytest.approx(before / words)
    assert result.tree.right_chain == pytest.approx(after / words)
    assert set(result.statistics) >= {"entropy", "distance_to_gold"}
    assert result.samples["choice"]["sentences"] == 38
    centroids = probed(tiny_bert, fixtures_root, "pos", control=True, random_weights=1)
    assert 0 < centroids.overall["weighted"].control < 1
    assert not centroids.statistics and centroids.tree is None
    assert 0 < centroids.overall["weighted"].random_weights < 1


def chains(folder: str, fixtures: Path) -> tuple[int, int, int]:
    """Words; those whose head is the word before (ROOT for the first); the word after."""
    words = before = after = 0
    instance: Any
    for instance in probes.sentences("dep", folder, fixtures, "test"):
        heads = instance["head_indices"].labels
        for word, head in enumerate(heads, 1):
            words += 1
            before += head == word - 1
            after += head == (word + 1 if word < len(heads) else 0)
    return words, before, after


def test_statistics_and_trees_by_hand(wide_bert: str, by_hand: ByHand, fixtures_root: Path) -> None:
    """Of the sentences to score, while the tree's head is chosen on the others."""
    data = probes.data("dep", wide_bert, fixtures_root)
    options = ProbeOptions(**{**FAST, "trees": True})
    result = probe_task(probes.encoder(wide_bert), data, "dep", options)
    attached = numpy.zeros((2, tiny.LAYERS, tiny.HEADS))
    distances = []
    for file, instances in data.instances("dep").items():
        instance: Any
        for instance in instances:
            maps, _ = by_hand.read([token.text for token in instance["tokens"].tokens])
            for word, head in enumerate(instance["head_indices"].labels, 1):
                if file == "test":
                    to_gold = numpy.maximum(maps[:, :, word, head], maps[:, :, head, word])
                    distances.append(1 - to_gold)
                    continue
                for layer, number in numpy.ndindex(attached.shape[1:]):
                    one = maps[layer, number].copy()
                    numpy.fill_diagonal(one, -1)
                    attached[0, layer, number] += one[word].argmax() == head
                    attached[1, layer, number] += one[:, word].argmax() == head
    numpy.testing.assert_allclose(
        result.statistics["distance_to_gold"], numpy.mean(distances, axis=0), atol=1e-5
    )
    orientation, layer, head = numpy.unravel_index(attached.argmax(), attached.shape)
    tree = result.tree
    assert (tree.layer, tree.head) == (layer, head)
    assert tree.orientation == ("to_head", "to_dependent")[orientation]


@pytest.mark.parametrize("files", [("train", "validation", "test"), ("test",)])
def test_the_encoder_is_untouched(
    files: Sequence[str], tiny_bert: str, fixtures_root: Path
) -> None:
    encoder = GatedEncoder(tiny_bert).train()
    before = copy.deepcopy(encoder.state_dict())
    modules = {name: (module, module.training) for name, module in encoder.named_modules()}
    attention = encoder.config._attn_implementation
    state = torch.get_rng_state()
    options = ProbeOptions(**{**FAST, "random_weights": 1, "trees": True, "folds": 3})
    for task in ("dep", "ner"):
        probe_task(encoder, probes.data(task, tiny_bert, fixtures_root, files), task, options)
    assert torch.equal(torch.get_rng_state(), state)
    assert encoder.config._attn_implementation == attention
    assert modules == {name: (m, m.training) for name, m in encoder.named_modules()}
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in encoder.modules())
    after = encoder.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], before[name]) for name in after)


def test_closed_and_removed_heads_are_not_chosen(tiny_bert: str, fixtures_root: Path) -> None:
    """Heads keep their numbers, and the results of the others stay those of the same encoder."""
    mask = numpy.ones((tiny.LAYERS, tiny.HEADS))
    mask[2, 1:] = 0  # nothing is above this layer
    closed = GatedEncoder(
        tiny_bert, gates=Lazy(FixedGates, constructor_extras={"mask": mask.tolist()})
    )
    removed = GatedEncoder(tiny_bert, removed_heads={2: [1, 2, 3]})
    for task in ("dep", "pos"):
        data = probes.data(task, tiny_bert, fixtures_root)
        options = ProbeOptions(**FAST, direction="to_head")
        results = [
            probe_task(encoder, data, task, options)
            for encoder in (probes.encoder(tiny_bert), closed, removed)
        ]
        for result in results[1:]:
            numpy.testing.assert_array_equal(result.exists, mask > 0)
            assert all(mask[head] for head in heads_of(result).values())
            assert numpy.isnan(result.accuracy[:, mask == 0]).all()
            numpy.testing.assert_allclose(
                result.accuracy[:, mask > 0], results[0].accuracy[:, mask > 0]
            )


@pytest.mark.parametrize("files", [("train", "validation", "test"), ("test",)])
@pytest.mark.parametrize("task", ["dep", "srl", "pos"])
def test_a_layer_without_heads(
    task: str, files: Sequence[str], tiny_bert: str, fixtures_root: Path
) -> None:
    """All is probed as ever, and nothing of that layer is chosen."""
    encoder = GatedEncoder(tiny_bert, removed_heads={1: list(range(tiny.HEADS))})
    options = ProbeOptions(**{**FAST, "trees": True, "control": True, "statistics": True})
    result = probe_task(encoder, probes.data(task, tiny_bert, fixtures_root, files), task, options)
    assert numpy.isnan(result.accuracy[:, 1]).all() and not result.exists[1].any()
    assert not numpy.isnan(result.accuracy[:, [0, 2]]).any()
    assert all(layer != 1 for layer, _ in heads_of(result).values())
    assert (result.tree is not None) == (task == "dep")


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        (("train", "validation", "test"), {"choice", "score", "trees"}),
        (("test",), {f"fold {fold} of 3" for fold in (1, 2, 3)} | {"trees"}),
    ],
)
def test_progress_bars(
    files: Sequence[str], shown: set[str], tiny_bert: str, fixtures_root: Path, capsys: Any
) -> None:
    """Say which part is read, and for what."""
    probed(tiny_bert, fixtures_root, "dep", files, random_weights=2, folds=3, trees=True)
    said = set(re.findall(r"dep: ([^:\r]*): +0%", capsys.readouterr().err))
    if len(files) > 1:
        shown = shown - {"trees"}
    parts = shown - {"trees"}
    random = {f"random weights {number}, {part}" for number in (1, 2) for part in parts}
    assert said == shown | random
