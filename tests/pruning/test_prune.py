"""Masked, removed, written and read back: the same outputs, and as small as it should be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.models.archival import load_archive
from allennlp.predictors import Predictor

import tests.tiny as tiny
from allennlp_heads.attention import parameters_of_heads
from allennlp_heads.modules import GatedEncoder, find_encoder
from allennlp_heads.pruning import PruneOptions, prune_archive
from tests.pruning import archives

QUICK = PruneOptions(measure=False, plain=False)
KINDS = [
    kind
    for kind in ("bert", "distilbert", "deberta", "deberta-v2", "gpt2", "modernbert")
    if kind in tiny.MODEL_TYPES
]
"""One of each build; `tests/attention` removes heads from all."""


def encoder_of(archive: Path) -> GatedEncoder:
    return find_encoder(load_archive(archive).model)[1]


def vectors(encoder: GatedEncoder, kind: str) -> torch.Tensor:
    batch = tiny.batch(kind)
    with torch.no_grad():
        mask = batch["attention_mask"].bool()
        return encoder.eval()(batch["input_ids"], mask)[mask]


@pytest.mark.parametrize("kind", KINDS)
def test_masked_removed_and_read_back(kind: str, tmp_path: Path) -> None:
    folder = tiny.encoder_folder(tmp_path / "encoder", kind)
    config = archives.multitask(folder, archives.FIXED, ["pos"])
    config["model"]["backbone"] |= {"word_dropout": 0.0, "last_layer_only": False}
    archive = archives.write(tmp_path / "run", config)
    masked = encoder_of(archive)
    wanted = vectors(masked, kind)
    open_heads = vectors(GatedEncoder(folder, word_dropout=0.0), kind)
    assert not torch.allclose(wanted, open_heads, atol=1e-2)
    report = prune_archive(archive, tmp_path / "out", QUICK)
    # the archive needs the folder it was trained from no longer
    shutil.rmtree(folder)
    pruned = encoder_of(tmp_path / "out/model.tar.gz")
    assert pruned.heads == [2, 0, 3] and pruned.kept_heads == [[0, 2], [], [0, 1, 2]]
    torch.testing.assert_close(vectors(pruned, kind), wanted, atol=1e-5, rtol=1e-5)
    assert max(report["largest_difference"].values()) <= 1e-5
    assert report["removed"] == archives.REMOVED
    assert pruned.config.pruned_heads == {}
    # smaller by the heads' parameters, nothing else
    gone = zip(parameters_of_heads(masked.transformer), archives.REMOVED)
    fewer = sum(size * len(heads) for size, heads in gone)
    parameters = report["parameters"]["encoder"]
    assert parameters["before"] - parameters["after"] == fewer > 0
    parameters = report["parameters"]["model"]
    assert parameters["before"] - parameters["after"] == fewer


def test_the_file_is_smaller_by_the_removed_parameters(tiny_bert: str, tmp_path: Path) -> None:
    config = archives.multitask(tiny_bert, archives.FIXED, ["pos"])
    archive = archives.write(tmp_path / "run", config)
    report = prune_archive(archive, tmp_path / "out", QUICK)
    old, new = (
        torch.load(path, weights_only=True)
        for path in (tmp_path / "run/best.th", tmp_path / "out/weights.th")
    )
    gates = {name for name in old if ".gates." in name}
    assert old.keys() - new.keys() >= gates and not {name for name in new if ".gates." in name}
    numbers = [sum(t.numel() for n, t in s.items() if n not in gates) for s in (old, new)]
    fewer = report["parameters"]["encoder"]["before"] - report["parameters"]["encoder"]["after"]
    assert numbers[0] - numbers[1] == fewer
    # every tensor of its own takes some hundred bytes beside its numbers; none drags old ones along
    overhead = report["bytes"]["after"] - 4 * numbers[1]
    assert 0 < overhead < 800 * len(new)
    assert report["bytes"]["before"] - report["bytes"]["after"] >= 4 * fewer


@pytest.mark.parametrize("kind", ["words", "pieces"])
def test_models_of_allennlp(kind: str, tiny_bert: str, tmp_path: Path) -> None:
    make = archives.tagger if kind == "words" else archives.classifier
    archive = archives.write(tmp_path / "run", make(tiny_bert, {"type": "hard_concrete"}))
    gates = encoder_of(archive).gates.deterministic()
    prune_archive(archive, tmp_path / "out", QUICK)
    pruned = load_archive(tmp_path / "out/model.tar.gz")
    kept = [[head for head in range(4) if gates[layer][head] > 0.5] for layer in range(3)]
    assert find_encoder(pruned.model)[1].kept_heads == kept
    masked = load_archive(
        archives.write(
            tmp_path / "masked",
            make(tiny_bert, {"type": "fixed", "mask": (gates > 0.5).int().tolist()}),
        )
    )
    name = "tagger" if kind == "words" else "text_classifier"
    key = "logits" if kind == "words" else "probs"
    for sentence in archives.SENTENCES:
        one, other = (_predicted(a, name, sentence)[key] for a in (masked, pruned))
        numpy.testing.assert_allclose(one, other, atol=1e-5)


def _predicted(archive: Any, name: str, sentence: str) -> Any:
    predictor: Any = Predictor.from_archive(archive, name)
    instance = (
        predictor._dataset_reader.text_to_instance(words=sentence.split())
        if name == "tagger"
        else predictor._json_to_instance({"sentence": sentence})
    )
    predictor._dataset_reader.apply_token_indexers(instance)
    return predictor._model.forward_on_instance(instance)


def test_every_kind_of_head(tiny_bert: str, tmp_path: Path) -> None:
    tasks = list(archives.HEADS)
    archive = archives.write(tmp_path / "run", archives.multitask(tiny_bert, archives.FIXED, tasks))
    prune_archive(archive, tmp_path / "out", QUICK)
    inputs = [{"task": task, "words": s.split()} for task in tasks for s in archives.SENTENCES]
    one, other = (
        Predictor.from_path(str(path), import_plugins=False).predict_batch_json(inputs)
        for path in (archive, tmp_path / "out/model.tar.gz")
    )
    assert one == other
    assert [output["task"] for output in one] == [given["task"] for given in inputs]


def test_one_task_of_several_with_gates_of_their_own(tiny_bert: str, tmp_path: Path) -> None:
    tasks = ["pos", "dep", "ner"]
    gates = {"type": "per_task", "tasks": tasks}
    config = archives.multitask(tiny_bert, gates, tasks)
    config["model"]["loss_balancer"] = {"type": "moving_average"}
    config["train_data_path"] = {task: f"{task}.txt" for task in tasks}
    archive = archives.write(tmp_path / "run", config)
    trained = load_archive(archive).model
    encoder = find_encoder(trained)[1]
    values = encoder.gates.deterministic("dep")
    encoder.gates.binarize(values > 0.5, "dep")
    options = PruneOptions(task="dep", measure=False, plain=False)
    report = prune_archive(archive, tmp_path / "out", options)
    pruned = load_archive(tmp_path / "out/model.tar.gz")
    reader: Any = pruned.dataset_reader
    assert set(pruned.model.heads) == set(reader.readers) == {"dep"}
    assert pruned.config["train_data_path"].as_dict() == {"dep": "dep.txt"}
    assert (report["task"], report["heads"]["after"]) == ("dep", int((values > 0.5).sum()))
    mask = torch.ones(1, 6, dtype=torch.bool)
    ids = tiny.batch("bert", rows=1, length=6)["input_ids"]
    with torch.no_grad():
        wanted = encoder.eval()(ids, mask, task="dep")
        found = find_encoder(pruned.model)[1].eval()(ids, mask)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)
    predictor = Predictor.from_archive(pruned)
    # the only task need not be named
    assert predictor.predict_json({"words": ["the", "dog"]})["task"] == "dep"


def test_pruned_again(tiny_bert: str, tmp_path: Path) -> None:
    first = archives.write(
        tmp_path / "run", archives.multitask(tiny_bert, {"type": "hard_concrete"}, ["pos"])
    )
    prune_archive(first, tmp_path / "one", PruneOptions(keep=8, measure=False, plain=False))
    once = encoder_of(tmp_path / "one/model.tar.gz")
    # the pruned model gets gates of its own: all heads but the first of the largest layer
    config = json.loads((tmp_path / "one/config.json").read_text())
    widest = max(range(3), key=lambda layer: once.heads[layer])
    mask = [[1] * heads for heads in once.heads]
    mask[widest][0] = 0
    config["model"]["backbone"]["gates"] = {"type": "fixed", "mask": mask}
    second = archives.write(tmp_path / "again", config)
    masked = encoder_of(second)
    report = prune_archive(second, tmp_path / "two", QUICK)
    twice = encoder_of(tmp_path / "two/model.tar.gz")
    gone = once.kept_heads[widest][0]
    assert [len(kept) for kept in report["removed"]] == [4 - heads for heads in twice.heads]
    assert twice.kept_heads == [
        [head for head in kept if (layer, head) != (widest, gone)]
        for layer, kept in enumerate(once.kept_heads)
    ]
    assert (report["heads"], report["original"]) == ({"before": 8, "after": 7}, [4, 4, 4])
    torch.testing.assert_close(vectors(twice, "bert"), vectors(masked, "bert"), atol=1e-5, rtol=0)


def test_pruned_again_from_the_plain_folder(tiny_bert: str, tmp_path: Path) -> None:
    """A new training takes the small encoder as it would any other; numbers stay the first ones."""
    first = archives.write(tmp_path / "run", archives.multitask(tiny_bert, archives.FIXED, ["pos"]))
    prune_archive(first, tmp_path / "one", PruneOptions(measure=False))
    plain = str(tmp_path / "one/transformers")
    gates = {"type": "fixed", "mask": [[0, 1], [], [1, 0, 1]]}
    second = archives.write(tmp_path / "again", archives.multitask(plain, gates, ["pos"]))
    masked = encoder_of(second)
    assert masked.kept_heads == [[0, 2], [], [0, 1, 2]]
    report = prune_archive(second, tmp_path / "two", PruneOptions(measure=False))
    assert report["kept"] == [[2], [], [0, 2]]
    assert report["removed"] == [[0, 1, 3], [0, 1, 2, 3], [1, 3]]
    twice = encoder_of(tmp_path / "two/model.tar.gz")
    wanted = vectors(masked, "bert")
    torch.testing.assert_close(vectors(twice, "bert"), wanted, atol=1e-5, rtol=0)
    assert report["transformers"] == {"folder": "transformers", "reason": None}
    third = GatedEncoder(str(tmp_path / "two/transformers"))
    torch.testing.assert_close(vectors(third, "bert"), wanted, atol=1e-5, rtol=0)


def test_the_report(tiny_bert: str, tmp_path: Path) -> None:
    archive = archives.write(
        tmp_path / "run", archives.multitask(tiny_bert, archives.FIXED, ["pos"])
    )
    for out in ("one", "two"):
        prune_archive(archive, tmp_path / out, PruneOptions(measure=False))
    for name in ("pruning.json", "pruning.npz", "pruning.png", "pruning.svg"):
        first, second = (tmp_path / out / "heads" / name for out in ("one", "two"))
        assert first.read_bytes() == second.read_bytes()
    report = json.loads((tmp_path / "one/heads/pruning.json").read_text())
    assert report["schema"] == {"name": "pruning", "version": 1} and "measured" not in report
    with numpy.load(tmp_path / "one/heads/pruning.npz") as arrays:
        assert (arrays["kept"] == numpy.array(archives.MASK, dtype=bool)).all()
    # 64 pieces, hidden size 24, 12 heads of 6 before and 5 after, feed-forward of 32 in 3 layers
    full, pruned = (4 * 64 * 24 * 6 * h + 2 * 64**2 * 6 * h + 2 * 64 * 24 * 32 * 3 for h in (12, 5))
    assert report["cost"]["multiply_adds"] == {"before": full, "after": pruned}
    assert report["cost"]["expected_speedup"] == pytest.approx(full / pruned)
    card = (tmp_path / "one/transformers/README.md").read_text()
    assert "7 of 12 attention heads were removed" in card and "| 2 | 0 | none |" in card
    assert "license" not in card
    assert str(tmp_path) not in card
    measured = prune_archive(archive, tmp_path / "three")["measured"]
    assert min(measured["seconds"].values()) > 0 and 0.1 < measured["speedup"] < 10


def test_the_license_of_the_source_is_kept(tmp_path: Path) -> None:
    folder = tiny.encoder_folder(tmp_path / "encoder")
    (tmp_path / "encoder/README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\nText")
    archive = archives.write(tmp_path / "run", archives.multitask(folder, archives.FIXED, ["pos"]))
    prune_archive(archive, tmp_path / "out", PruneOptions(measure=False))
    card = (tmp_path / "out/transformers/README.md").read_text()
    assert card.startswith("---\nlicense: apache-2.0\n---\n\n# encoder with 5")


def test_random_generators_are_left_alone(tiny_bert: str, tmp_path: Path) -> None:
    archive = archives.write(
        tmp_path / "run", archives.multitask(tiny_bert, archives.FIXED, ["pos"])
    )
    state = torch.get_rng_state(), numpy.random.get_state()[1]
    prune_archive(archive, tmp_path / "out")
    assert torch.equal(torch.get_rng_state(), state[0])
    assert (numpy.random.get_state()[1] == state[1]).all()
