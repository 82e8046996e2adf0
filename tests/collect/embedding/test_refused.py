"""Models, data and components that no embedding can be made of; what is merely rounding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data.fields import MetadataField

import tests.tiny as tiny_encoders
from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.collect.embedding import EmbeddingOptions, embed_task_and_heads
from allennlp_heads.collect.embedding.rounding import without_zeros
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.data.fields import TextLabelField
from allennlp_heads.models import MultiTaskHeads
from tests.collect.models import data_of, tiny
from tests.collect.test_undisturbed import same, state

Pieces = tuple[MultiTaskHeads, MultiTaskBucketed]


@pytest.fixture
def pieces(tiny_bert: str, fixtures_root: Path) -> Pieces:
    return tiny(tiny_bert, fixtures_root, tasks=["sent"])


def embedded(pieces: Pieces, task: str = "sent", **options: Any) -> Any:
    return embed_task_and_heads(pieces[0], data_of(pieces[1]), task, EmbeddingOptions(**options))


@pytest.mark.parametrize(
    "pattern, message",
    [
        ("valu.bais", "'valu.bais' is in the name of no parameter of the encoder.*layer_outputs"),
        ("(", "no regular expression"),
        ("embeddings", "also in 'embeddings.word_embeddings.weight', of a Embedding"),
    ],
)
def test_parameters(pieces: Pieces, pattern: str, message: str) -> None:
    before = state(pieces[0])
    with pytest.raises(ConfigurationError, match=message):
        embedded(pieces, components=["layer_outputs", pattern])
    assert same(state(pieces[0]), before)


def test_parameters_of_what_examples_share(tmp_path: Path, fixtures_root: Path) -> None:
    """DeBERTa's keys are also those of relative positions, once for all."""
    folder = tiny_encoders.encoder_folder(tmp_path, "deberta-v2")
    given = tiny(folder, fixtures_root, tasks=["sent"])
    with pytest.raises(ConfigurationError, match="key_proj' are used for what examples share"):
        embedded(given, components=[r"key_proj\.bias"])
    assert embedded(given, components=[r"value_proj\.bias"])[0]


def test_layers_within_layers(tmp_path: Path, fixtures_root: Path) -> None:
    folder = tiny_encoders.encoder_folder(tmp_path, "albert", inner_group_num=2)
    model, loader = tiny(folder, fixtures_root, tasks=["sent"])
    twice = 2 * tiny_encoders.LAYERS
    with pytest.raises(ConfigurationError, match=f"has {twice} layers with .* 'layer_outputs' ca"):
        embedded((model, loader))
    found = embedded((model, loader), components=["head_contexts"], kinds=["task"])[0]
    assert len(found) == twice


@pytest.mark.parametrize("model_type", ["gpt2", "distilbert"])
def test_other_encoders(tmp_path: Path, fixtures_root: Path, model_type: str) -> None:
    folder = tiny_encoders.encoder_folder(tmp_path, model_type)
    model, loader = tiny(folder, fixtures_root, tasks=["sent"])
    found, facts = embedded((model.float(), loader))
    assert not facts["left_out"] and len(found) == 2 * tiny_encoders.LAYERS + 3


def test_diverged(pieces: Pieces) -> None:
    with torch.no_grad():
        pieces[0].heads["sent"].projection.bias.fill_(float("inf"))  # type: ignore[union-attr]
    before = state(pieces[0])
    with pytest.raises(ConfigurationError, match="the loss of example . .*'sent' is nan"):
        embedded(pieces)
    assert same(state(pieces[0]), before)


def test_no_slope(pieces: Pieces) -> None:
    with torch.no_grad():
        pieces[0].heads["sent"].projection.weight.zero_()  # type: ignore[union-attr]
    with pytest.raises(ConfigurationError, match="no slope anywhere in the encoder"):
        embedded(pieces)


def test_unknown_task_and_labels(pieces: Pieces) -> None:
    with pytest.raises(ConfigurationError, match="no data of a task 'other'"):
        embedded(pieces, "other")
    for instance in pieces[1].instances["sent"]:
        instance.fields["label"] = TextLabelField("unheard of", "sent_labels")
    with pytest.raises(ConfigurationError, match="knows none of the labels of the task 'sent'"):
        embedded(pieces)


def test_no_gold(pieces: Pieces) -> None:
    for instance in pieces[1].instances["sent"]:
        instance.fields.pop("label")
    with pytest.raises(ConfigurationError, match="have no losses of their own"):
        embedded(pieces)
    # of which the model's own labels have no need
    assert embedded(pieces, labels="expected")[1]["mean_loss"] > 0


def test_one_example(pieces: Pieces) -> None:
    model, loader = pieces
    instances = {"sent": loader.instances["sent"][:1]}
    data = TaskData(instances, loader.vocab, loader.paths)
    components, facts = embed_task_and_heads(model, data, "sent")
    assert facts["examples"] == facts["available"] == 1 and components


def test_a_batch_of_two_tasks(pieces: Pieces) -> None:
    loader = pieces[1]
    instances = list(loader.instances["sent"])
    instances[0].fields["task"] = MetadataField("other")
    with pytest.raises(ConfigurationError, match="a batch of the tasks"):
        embedded(pieces)


def test_rounding() -> None:
    ones = numpy.ones(4)
    given = {"layer_output.0": ones, "layer_output.1": 1e-11 * ones, "heads.importance": 0 * ones}
    kept, left_out = without_zeros({**given, "heads.gate_fisher": 1e-20 * ones}, "a", "per_example")
    assert list(kept) == ["layer_output.0", "heads.gate_fisher"]
    assert left_out == {
        "layer_output.1": "its norm is 1e-11 of the largest one: rounding",
        "heads.importance": "all its values are 0",
    }
    assert "layer_output.1" in without_zeros({**given, "layer_output.1": 1e-9 * ones}, "a", "x")[0]
    given["layer_output.1"] = 1e-6 * ones
    assert "layer_output.1" in without_zeros(given, "a", "mean_gradient")[1]
    with pytest.raises(ConfigurationError, match="has layer_output.0 = nan"):
        without_zeros({"layer_output.0": numpy.nan * ones}, "a", "per_example")


def test_leaves_a_training_as_it_was(pieces: Pieces) -> None:
    """Frozen parameters, gradients and modes among it; hooks too."""
    model, loader = pieces
    model.train()
    for batch in loader:
        model(**batch)["loss"].backward()
    encoder = encoder_of(model)
    next(encoder.transformer.parameters()).requires_grad_(False)
    before = state(model)
    embedded(pieces, components=["layer_outputs", "pooled", r"query\.weight"], labels="sampled")
    assert same(state(model), before)
    assert any(p.grad is not None for p in model.parameters())
