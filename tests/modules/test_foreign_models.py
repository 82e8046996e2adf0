"""Heads of AllenNLP's own models are pruned by configuration alone."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.models.archival import load_archive
from allennlp.predictors import Predictor

from allennlp_heads.gates import HardConcreteGates

REGULARIZER = {"regexes": [["log_alpha", {"type": "hard_concrete_l0", "coefficient": 2.0}]]}


def trainer() -> dict[str, Any]:
    """Few updates, so the gates' learning rate and the coefficient are large."""
    groups = [[["log_alpha"], {"lr": 0.5, "weight_decay": 0.0}]]
    return {
        "num_epochs": 4,
        "optimizer": {"type": "adamw", "lr": 1e-3, "parameter_groups": groups},
        "callbacks": ["gate_report"],
    }


def embedder(encoder: str) -> dict[str, Any]:
    gated = {
        "type": "gated_transformer",
        "transformer_model": encoder,
        "gates": {"type": "hard_concrete"},
    }
    return {"token_embedders": {"tokens": gated}}


def simple_tagger(encoder: str, fixtures: Path, data: Path) -> dict[str, Any]:
    indexer = {"type": "transformer_words", "transformer_model": encoder}
    return {
        "dataset_reader": {
            "type": "conllu",
            "view": "upos",
            "token_indexers": {"tokens": indexer},
            "max_instances": 40,
        },
        "train_data_path": str(fixtures / "ewt/train.conllu"),
        "model": {
            "type": "simple_tagger",
            "label_namespace": "upos_labels",
            "text_field_embedder": embedder(encoder),
            "encoder": {"type": "pass_through", "input_dim": 24},
            "regularizer": REGULARIZER,
        },
    }


def basic_classifier(encoder: str, fixtures: Path, data: Path) -> dict[str, Any]:
    path = data / "reviews.jsonl"
    texts = [("a good dog", "1"), ("unbelievably late", "0")] * 20
    path.write_text("\n".join(json.dumps({"text": t, "label": label}) for t, label in texts))
    pieces = {"type": "transformer_pieces", "transformer_model": encoder}
    return {
        "dataset_reader": {
            "type": "text_classification_json",
            "tokenizer": pieces,
            "token_indexers": {"tokens": pieces},
        },
        "train_data_path": str(path),
        "model": {
            "type": "basic_classifier",
            "text_field_embedder": embedder(encoder),
            "seq2vec_encoder": {"type": "cls_pooler", "embedding_dim": 24},
            "regularizer": REGULARIZER,
        },
    }


def train(params: dict[str, Any], folder: Path) -> Model:
    """Params are used up while objects are made of them, so no two may be the same dictionary."""
    trained = train_model(Params(json.loads(json.dumps(params))), str(folder / "run"))
    assert trained is not None
    return trained


def gates_of(model: Model) -> HardConcreteGates:
    (gates,) = [m for m in model.modules() if isinstance(m, HardConcreteGates)]
    return gates


@pytest.mark.parametrize("configuration", [simple_tagger, basic_classifier])
def test_heads_are_pruned(configuration, tiny_bert, fixtures_root, tmp_path) -> None:
    params = configuration(tiny_bert, fixtures_root, tmp_path)
    loader = {"batch_size": 4, "shuffle": True}
    params |= {"data_loader": loader, "trainer": trainer(), "include_in_archive": ["encoder"]}
    trained = train(params, tmp_path)
    gates = gates_of(trained).deterministic()
    assert (gates == 0).sum() >= 3
    # the archive opens by itself and has the same gates
    opened = load_archive(tmp_path / "run" / "model.tar.gz").model
    assert torch.equal(gates_of(opened).deterministic(), gates)
    assert (tmp_path / "run" / "heads" / "gates.json").is_file()


def test_without_the_regularizer_heads_stay_open(tiny_bert, fixtures_root, tmp_path) -> None:
    params = simple_tagger(tiny_bert, fixtures_root, tmp_path)
    del params["model"]["regularizer"]
    params |= {"data_loader": {"batch_size": 4}, "trainer": {**trainer(), "num_epochs": 1}}
    trained = train(params, tmp_path)
    assert (gates_of(trained).deterministic() > 0).all()


def test_a_regex_that_matches_nothing_is_reported(tiny_bert, fixtures_root, tmp_path) -> None:
    params = simple_tagger(tiny_bert, fixtures_root, tmp_path)
    params["model"]["regularizer"]["regexes"] = [["log_alfa", "hard_concrete_l0"]]
    params |= {"data_loader": {"batch_size": 4}, "trainer": trainer()}
    with pytest.raises(ConfigurationError, match="'log_alfa' of 'hard_concrete_l0' matches no"):
        train(params, tmp_path)


def test_both_predict(tiny_bert, fixtures_root, tmp_path) -> None:
    cases = [
        (simple_tagger, "tagger", {"sentence": "Birds sing."}, "tags"),
        (basic_classifier, "text_classifier", {"sentence": "Birds sing."}, "label"),
    ]
    for configuration, name, given, key in cases:
        params = configuration(tiny_bert, fixtures_root, tmp_path)
        params["model"].pop("regularizer")
        if configuration is basic_classifier:
            params["model"]["namespace"] = "tags"
        params |= {"data_loader": {"batch_size": 40}, "trainer": {**trainer(), "num_epochs": 1}}
        folder = tmp_path / name
        folder.mkdir()
        train(params, folder)
        predictor = Predictor.from_path(
            str(folder / "run"), predictor_name=name, import_plugins=False
        )
        output = predictor.predict_json(given)
        assert output[key]
        assert name != "tagger" or sorted(output) == ["tags", "words"]


def test_that_regex_is_reported_without_gate_report_too(tiny_bert, fixtures_root, tmp_path) -> None:
    params = simple_tagger(tiny_bert, fixtures_root, tmp_path)
    params["model"]["regularizer"]["regexes"] = [["log_alfa", "hard_concrete_l0"]]
    params |= {"data_loader": {"batch_size": 4}}
    params["trainer"] = {**trainer(), "callbacks": ["exact_resume"]}
    with pytest.raises(ConfigurationError, match="'log_alfa' of 'hard_concrete_l0' matches no"):
        train(params, tmp_path)
