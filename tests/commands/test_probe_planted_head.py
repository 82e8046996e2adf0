"""`allennlp heads probe` finds the one head that attends to gold heads by construction."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy
import pytest
import torch
import transformers
from allennlp.commands import main

from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.probing import read_probe
from tests import planted_head
from tests.planted_head import LABELS, PLANTED

SENTENCES = {"train": 40, "dev": 40, "test": 60}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return planted_head.encoder_folder(tmp_path_factory.mktemp("planted"))


@pytest.fixture(scope="module")
def configuration(encoder: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a user writes: the encoder's folder, and a treebank."""
    folder = tmp_path_factory.mktemp("treebank")
    paths = {
        split: {"dep": planted_head.write_treebank(folder / f"{split}.conllu", number, seed)}
        for seed, (split, number) in enumerate(SENTENCES.items())
    }
    reader = {"type": "conllu", "view": "dependency"}
    config = {
        "transformer_model": encoder,
        "dataset_reader": {"type": "multitask_heads", "readers": {"dep": reader}},
        "train_data_path": paths["train"],
        "validation_data_path": paths["dev"],
        "test_data_path": paths["test"],
        "probes": {"direction": "to_head", "draws": 50},
    }
    path = folder / "probe.jsonnet"
    path.write_text(json.dumps(config), "utf-8")
    return path


@pytest.fixture(scope="module")
def found(configuration: Path, tmp_path_factory: pytest.TempPathFactory) -> ProbeResult:
    """What the verb writes, from the command line to the file."""
    out = tmp_path_factory.mktemp("out") / "planted"
    words = ["allennlp", "heads", "probe", str(configuration), "-o", str(out)]
    with pytest.MonkeyPatch.context() as inside:
        inside.setattr(sys, "argv", words)
        main(prog="allennlp")
    [result] = read_probe(out).values()
    return result


def test_the_encoder_is_as_promised(encoder: str) -> None:
    model = transformers.AutoModel.from_pretrained(encoder, attn_implementation="eager").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(encoder)
    right, words = torch.zeros(planted_head.LAYERS, planted_head.HEADS), 0
    for heads in planted_head.trees(30, seed=5):
        text = [f"{stem}{head}" for stem, head in zip(planted_head.STEMS * 2, heads)]
        pieces = tokenizer(text, is_split_into_words=True, return_tensors="pt")
        assert pieces["input_ids"].size(1) == len(heads) + 2
        assert tokenizer.unk_token_id not in pieces["input_ids"]
        with torch.no_grad():
            weights = torch.stack(model(**pieces, output_attentions=True).attentions)[:, 0]
        assert (weights[PLANTED][range(1, len(heads) + 1), heads] > 0.99).all()
        right += (weights[:, :, 1:-1].argmax(-1) == torch.tensor(heads)).sum(-1)
        words += len(heads)
    others = right / words
    assert others[PLANTED] == 1
    others[PLANTED] = 0
    assert others.max() < 0.3


def test_it_is_the_best_head_of_every_label(found: ProbeResult) -> None:
    assert {score.label for score in found.labels} == {*LABELS, "root"}
    for score in found.labels:
        assert (score.layer, score.head) == PLANTED
        assert (score.accuracy, score.high) == (1, 1) and 0.8 < score.low <= 1
        assert score.chosen_on == "label" and not score.rare
        assert score.random_head < 0.5 and score.random_weights < 0.9
    for overall in found.overall.values():
        assert overall.accuracy == 1
    assert (found.overall["one_head"].layer, found.overall["one_head"].head) == PLANTED


def test_no_other_head_is_right_throughout(found: ProbeResult) -> None:
    shape = (len(LABELS) + 1, planted_head.LAYERS, planted_head.HEADS)
    assert found.accuracy.shape == shape and found.exists.all()
    perfect = numpy.zeros(shape, dtype=bool)
    perfect[:, PLANTED[0], PLANTED[1]] = True
    numpy.testing.assert_array_equal(found.accuracy == 1, perfect)
    assert found.accuracy[~perfect].max() < 0.8


def test_its_tree_is_the_gold_tree(found: ProbeResult) -> None:
    tree = found.tree
    assert tree is not None
    assert (tree.layer, tree.head, tree.orientation) == (*PLANTED, "to_head")
    assert tree.uas == 1 and tree.random_head < 0.5
    assert max(tree.left_chain, tree.right_chain) < 0.5


def test_a_chain_of_places_and_a_random_label_do_not_explain_it(found: ProbeResult) -> None:
    for score in found.labels:
        if score.label != "root":
            assert score.offset_accuracy is not None and score.offset_accuracy < 0.7


def test_the_distance_to_gold_is_none(found: ProbeResult) -> None:
    distance = found.statistics["distance_to_gold"]
    assert distance[PLANTED] == pytest.approx(0, abs=1e-3)
    others = numpy.delete(distance.ravel(), PLANTED[0] * planted_head.HEADS + PLANTED[1])
    assert others.min() > 0.5
