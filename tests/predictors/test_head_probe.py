"""The predictor of single heads: as the probe scored them, for every kind of model and input."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pytest
from allennlp.commands import main
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.models import Model
from allennlp.predictors import Predictor

import tests.tiny as tiny
from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.collect.encoder_digest import encoder_digest
from allennlp_heads.collect.probing.data import ProbeData
from allennlp_heads.collect.probing.options import CENTROID_KINDS, ProbeOptions
from allennlp_heads.collect.probing.probe import probe_task
from allennlp_heads.data.token_indexers import TransformerPiecesIndexer
from allennlp_heads.predictors import HeadProbePredictor
from allennlp_heads.predictors.chosen_heads import chosen_by_probe
from allennlp_heads.reports.probing.files import write_probe
from tests.collect import models
from tests.predictors.tiny_archive import TREEBANK, make_model, make_reader, write_archive
from tests.training.pieces import copied

KINDS = {
    "con": "constituency",
    "dep": "dependency",
    "ner": "span_ner",
    "pos": "tagger",
    "srl": "srl",
}
WORDS = ["the", "old", "dog", "saw", "Anna"]
SPANS = {"ner": [[4, 4], [0, 2]], "con": [[0, 2]]}


class Probed(NamedTuple):
    """A model of five tasks, its readers, and what probes of its heads found, also on disk."""

    model: Model
    reader: MultiTaskDatasetReader
    data: TaskData
    results: dict[str, ProbeResult]
    folder: str

    def predictor(self, **options: Any) -> HeadProbePredictor:
        return HeadProbePredictor(self.model, self.reader, **{"probe": self.folder, **options})


@pytest.fixture(scope="module")
def probed(tiny_bert: str, fixtures_root: Path, tmp_path_factory) -> Probed:
    """Centroids, choice and score of the same few sentences, which a test can show again."""
    model, loader = models.tiny(tiny_bert, fixtures_root, tasks=list(KINDS))
    config = models.configuration(tiny_bert, fixtures_root, list(KINDS))
    reader: Any = DatasetReader.from_params(Params(copied(config["dataset_reader"])))
    data, encoder = models.data_of(loader), encoder_of(model)
    options = {
        "dep": ProbeOptions(held_out=False, random_weights=0, direction="to_head", diagonal=False),
        "srl": ProbeOptions(
            held_out=False,
            random_weights=0,
            span_words="head",
            head_words=str(fixtures_root / "ewt/train.conllu"),
        ),
        "con": ProbeOptions(held_out=False, random_weights=0, phrases="all"),
    }
    default = ProbeOptions(held_out=False, random_weights=0, draws=10)
    results = {
        task: probe_task(encoder, ProbeData(train=data), task, options.get(task, default))
        for task in KINDS
    }
    folder = tmp_path_factory.mktemp("probe")
    about: dict[str, Any] = {"encoder": "tiny", "trained_tasks": ["dep"]}
    about["encoder_sha256"] = encoder_digest(encoder)
    write_probe(folder, results, about, figures=False)
    return Probed(model.eval(), reader, data, results, str(folder))


def shown(probed: Probed, task: str, **options: Any) -> list[dict[str, Any]]:
    """The probed sentences again."""
    return probed.predictor(**options).predict_batch_instance(probed.data.instances(task))


def scored(output: dict[str, Any], head: dict[str, Any]) -> list[tuple[str, bool]]:
    """Gold label and success of what a head was asked."""
    if "nearest" in head:
        return [(item["gold"], item["correct"]) for item in head["nearest"]]
    return [(item["label"], item["correct"]) for item in head["gold"]]


@pytest.mark.parametrize("task", KINDS)
def test_each_head_does_what_the_probe_says(task: str, probed: Probed) -> None:
    outputs, result = shown(probed, task), probed.results[task]
    hits: dict[str, list[bool]] = defaultdict(list)
    for output in outputs:
        assert (output["task"], output["kind"]) == (task, KINDS[task])
        for head in output["heads"]:
            for label, correct in scored(output, head):
                if label in head["labels"]:
                    hits[label].append(correct)
    assert {label.label for label in result.labels} == set(hits)
    for score in result.labels:
        assert len(hits[score.label]) == score.count
        assert sum(hits[score.label]) / score.count == pytest.approx(score.accuracy)
    chosen = [(head["layer"], head["head"], head["labels"]) for head in outputs[0]["heads"]]
    assert chosen == [(*place, labels) for place, labels in result.chosen().items()]


@pytest.mark.parametrize("task", ["dep", "srl"])
def test_points_where_the_kept_examples_do(task: str, probed: Probed) -> None:
    outputs, kept = shown(probed, task), probed.results[task].examples
    numbers = [one["example"].metadata for one in probed.data.instances(task)]  # type: ignore
    assert kept
    for example in kept:
        output = outputs[numbers.index(example.number)]
        assert output["words"] == example.words
        for head in output["heads"]:
            shown_nodes = [
                0 if point["to"] == "root" else point["to"] + 1 for point in head["points_at"]
            ]
            assert shown_nodes == example.attended[head["layer"], head["head"]].tolist()


@pytest.mark.parametrize("task", KINDS)
def test_plain_input_is_shown_without_gold(task: str, probed: Probed) -> None:
    inputs = {"task": task, "words": WORDS, **({"spans": SPANS[task]} if task in SPANS else {})}
    (output,) = probed.predictor().predict_batch_json([inputs])
    assert output["words"] == WORDS and output["heads"]
    assert output["probed"] == {"encoder": "tiny", "trained_tasks": ["dep"], "same_weights": True}
    for head in output["heads"]:
        if KINDS[task] in CENTROID_KINDS:
            assert "gold" not in head["nearest"][0] and len(head["nearest"]) == len(
                SPANS.get(task, WORDS)
            )
            assert all(-1 <= item["similarity"] <= 1 for item in head["nearest"])
            labels = set(probed.results[task].centroids.labels)
            assert {item["label"] for item in head["nearest"]} <= labels
        else:
            assert "gold" not in head
            assert [point["word"] for point in head["points_at"]] == ["ROOT", *WORDS]
    json.dumps(output)


def test_tasks_may_be_mixed_and_sentences_be_raw(probed: Probed) -> None:
    inputs = [
        {"task": "dep", "sentence": "the old dog saw Anna"},
        {"task": "pos", "sentence": "the old dog saw Anna"},
        {"task": "dep", "words": WORDS[:2]},
    ]
    together = probed.predictor().predict_batch_json(inputs)
    assert [output["task"] for output in together] == ["dep", "pos", "dep"]
    assert [len(output["words"]) for output in together] == [5, 5, 2]
    alone = [probed.predictor().predict_json(one) for one in inputs]
    assert together == alone
    default = probed.predictor(task="dep").predict_json({"words": WORDS[:2]})
    assert default == together[2]


def test_heads_by_hand_show_all_gold_arcs(probed: Probed) -> None:
    heads = [[layer, head] for layer in range(tiny.LAYERS) for head in range(tiny.HEADS)]
    for task, places in (("dep", "head_indices"), ("srl", None), ("pos", None)):
        outputs = shown(probed, task, probe=None, heads=heads)
        for output, instance in zip(outputs, probed.data.instances(task)):
            assert [[head["layer"], head["head"]] for head in output["heads"]] == heads
            for head in output["heads"]:
                assert ("gold" in head) == (task != "pos")
            if places:
                gold = [item["head"] for item in output["heads"][0]["gold"]]
                labels = instance[places].labels  # type: ignore[attr-defined]
                expected = [h - 1 if h else "root" for h in labels]
                assert gold == expected


def test_pictures(probed: Probed, tmp_path: Path) -> None:
    predictor = probed.predictor(pictures=str(tmp_path / "new"))
    words = ["AT&T", "<b>", "dog"]
    inputs = [
        {"task": "dep", "words": words},
        {"task": "pos", "words": words},
        {"task": "con", "words": words, "spans": [[0, 2], [1, 1]]},
    ]
    for number, output in enumerate(predictor.predict_batch_json(inputs), start=1):
        for head in output["heads"]:
            path = Path(head["picture"])
            place = f"layer{head['layer'] + 1}_head{head['head'] + 1}"
            assert path.name == f"{number:04d}.{output['task']}.{place}.svg"
            text = "".join(ElementTree.parse(path).getroot().itertext())
            assert all(word in text for word in words)
            assert f"layer {head['layer'] + 1}, head {head['head'] + 1}" in text
            labels = [item["label"] for item in head.get("nearest", [])]
            assert all(label in text for label in labels)
            svg = path.read_text()
            others = [p for p in head.get("points_at", []) if p["position"] != p["to"]]
            assert svg.count("displacy-arc") == len(others)
            assert svg.count('class="span"') == len(labels)
            meaning = "the word that looks" if output["task"] == "dep" else "centroid is nearest"
            assert meaning in text
    again = probed.predictor(pictures=str(tmp_path / "again")).predict_batch_json(inputs)
    for head in again[0]["heads"]:
        other = tmp_path / "new" / Path(head["picture"]).name
        assert Path(head["picture"]).read_bytes() == other.read_bytes()
    # numbers go on
    (head, *_) = predictor.predict_json(inputs[1])["heads"]
    assert Path(head["picture"]).name.startswith("0004.pos.")


def test_gold_in_pictures(probed: Probed, tmp_path: Path) -> None:
    for output in shown(probed, "dep", pictures=str(tmp_path)):
        for head in output["heads"]:
            text = Path(head["picture"]).read_text()
            found = {item["label"] for item in head["gold"] if item["correct"]}
            arcs = [part.split("</textPath>")[0] for part in text.split("<textPath")[1:]]
            named = {arc.split(">")[1].split()[0] for arc in arcs if " " in arc.split(">")[1]}
            assert named == {label.replace("&", "&amp;") for label in found}


def test_predict_command(
    tiny_bert: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, probed: Probed
) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    write_archive(archive, tiny_bert, {"dep": "dependency"}, {"dep": "dependency"})
    source, gold = tmp_path / "inputs.jsonl", tmp_path / "gold.conllu"
    source.write_text('{"sentence": "the dog saw Anna."}\n')
    gold.write_text(TREEBANK)
    out = tmp_path / "out"
    write_probe(tmp_path / "heads", {"dep": probed.results["dep"]}, {}, figures=False)

    def predict(file: Path, arguments: dict[str, Any], *options: str) -> list[dict[str, Any]]:
        call = ["predict", str(archive), str(file), "--predictor", "head_probe", "--silent"]
        call += ["--output-file", str(out), "--predictor-args", json.dumps(arguments), *options]
        monkeypatch.setattr(sys, "argv", ["allennlp", *call])
        main()
        return [json.loads(line) for line in out.read_text().splitlines()]

    (output,) = predict(source, {"probe": str(tmp_path / "heads" / "probe.json")})
    assert output["words"] == ["the", "dog", "saw", "Anna", "."]
    outputs = predict(gold, {"heads": [[0, 1]]}, "--use-dataset-reader", "--multitask-head", "dep")
    assert [item["label"] for item in outputs[0]["heads"][0]["gold"]] == ["det", "nsubj", "root"]
    assert len(outputs) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"probe": None}, "either.*--predictor-args"),
        ({"heads": [[0, 0]]}, "either"),
        ({"probe": "out/nowhere"}, "no out/nowhere: .*heads probe .* -o out/nowhere'"),
        ({"probe": "out/x/probe.json"}, "no out/x/probe.json: .* -o out/x'"),
        ({"probe": 5}, "'probe' is 5: give a string"),
        ({"pictures": 5}, "'pictures' is 5: give a string"),
        ({"task": ["dep"]}, "'task' is \\['dep'\\]: give a string"),
        ({"prob": "here"}, "knows no \\['prob'\\]: choose from \\['probe', 'heads'"),
        ({"probe": None, "heads": [2, 1]}, "list of .*; write \\[\\[2, 1\\]\\]"),
        ({"probe": None, "heads": []}, "list of \\[layer, head\\]"),
        ({"probe": None, "heads": [[1]]}, "list of \\[layer, head\\]"),
        ({"probe": None, "heads": [[0, 4]]}, "no head 4 in layer 0.*3 layers x 4 heads"),
        ({"probe": None, "heads": [[-1, 0]]}, "no head 0 in layer -1"),
        ({"task": "sentiment"}, "'sentiment'.*'dep'"),
    ],
)
def test_wrong_arguments(options: dict[str, Any], message: str, probed: Probed) -> None:
    with pytest.raises(ConfigurationError, match=message):
        probed.predictor(**options)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"words": WORDS}, "names no task.*'con', 'dep'"),
        ({"task": "mood", "words": WORDS}, "'mood'.*'con', 'dep'"),
        ({"task": "ner", "words": WORDS}, "'spans' of the input is None.*\\[start, end\\].*0 to 4"),
        ({"task": "con", "words": WORDS, "spans": [[2, 5]]}, "\\[\\[2, 5\\]\\]"),
        ({"task": "con", "words": WORDS, "spans": [[3, 2]]}, "start, end"),
        ({"task": "con", "words": WORDS, "spans": [3]}, "start, end"),
        ({"task": "dep", "words": WORDS, "spans": [[0, 1]]}, "only probes of the kinds"),
        ({"task": "dep", "words": []}, "no words"),
        ({"task": "dep"}, "neither 'sentence'"),
    ],
)
def test_wrong_inputs(inputs: dict[str, Any], message: str, probed: Probed) -> None:
    with pytest.raises(ConfigurationError, match=message):
        probed.predictor().predict_batch_json([inputs])


def test_a_probe_of_another_encoder(probed: Probed, tmp_path: Path) -> None:
    folder = tiny.encoder_folder(tmp_path / "large", n_layers=2, num_hidden_layers=2)
    model = make_model(folder, {"dep": "dependency"})
    reader = make_reader(folder, {"dep": "dependency"})
    with pytest.raises(ConfigurationError, match="3 layers x 4 heads.*2 layers x 4 heads"):
        HeadProbePredictor(model, reader, probe=probed.folder)


@pytest.mark.parametrize("damage", ["outside", "without centroids"])
def test_a_damaged_probe(damage: str, probed: Probed) -> None:
    result = probed.results["pos"]
    if damage == "outside":
        labels = [replace(result.labels[0], head=99), *result.labels[1:]]
        result = replace(result, labels=labels)
    else:
        assert result.centroids is not None
        result = replace(result, centroids=replace(result.centroids, heads=[(0, 99)]))
    message = "not the one of this model" if damage == "outside" else "have no centroids"
    with pytest.raises(ConfigurationError, match=message):
        chosen_by_probe(encoder_of(probed.model), result, "pos")


def test_sentences_in_pieces_are_refused(tiny_bert: str, probed: Probed) -> None:
    reader = make_reader(tiny_bert, {"dep": "dependency"})
    pieces = TransformerPiecesIndexer(tiny_bert)
    reader.readers["dep"].inner._token_indexers = {"tokens": pieces}  # type: ignore[attr-defined]
    predictor = HeadProbePredictor(probed.model, reader, heads=[[0, 0]])
    with pytest.raises(ConfigurationError, match="'dep' splits text into pieces .*words only"):
        predictor.predict_json({"words": WORDS})


def test_a_task_without_a_reader(tiny_bert: str, probed: Probed) -> None:
    reader = make_reader(tiny_bert, {"dep": "dependency"})
    predictor = HeadProbePredictor(probed.model, reader, probe=probed.folder)
    with pytest.raises(ConfigurationError, match="'pos' has no reader"):
        predictor.predict_json({"task": "pos", "words": WORDS})


def test_it_is_registered() -> None:
    assert Predictor.by_name("head_probe") is HeadProbePredictor
