"""Whether a probe is of the model at hand."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model

import tests.tiny as tiny
from allennlp_heads.collect import encoder_of
from allennlp_heads.collect.encoder_digest import encoder_digest
from allennlp_heads.predictors.probed_model import probed_model
from tests.predictors.tiny_archive import make_model

OTHER = "is not of this model, but of "
TASKS = {"dep": "dependency", "pos": "tagger"}
ARCHIVE = {"weights_sha256": "0123456789abcdef"}


def _own(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What this project has logged; what AllenNLP logs depends on the tests before."""
    return [record for record in caplog.records if record.name.startswith("allennlp_heads")]


@pytest.fixture(scope="module")
def model(tiny_bert: str) -> Model:
    return make_model(tiny_bert, TASKS)


def report(model: Model, **about: Any) -> dict[str, Any]:
    encoder = encoder_of(model).transformer_model
    return {"encoder": encoder, "trained_tasks": sorted(TASKS), "archive": ARCHIVE, **about}


def test_equal_digests_are_the_same_weights(model: Model, caplog: pytest.LogCaptureFixture) -> None:
    known = report(model, encoder_sha256=encoder_digest(encoder_of(model)))
    found = probed_model(known, model, "here")
    assert found["same_weights"] is True and found["trained_tasks"] == ["dep", "pos"]
    assert not _own(caplog)


def test_another_digest_is_refused(model: Model) -> None:
    with pytest.raises(ConfigurationError, match=f"here {OTHER}.*0123456789ab"):
        probed_model(report(model, encoder_sha256="0" * 64), model, "here")


def test_without_a_digest_there_is_a_warning(
    model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = probed_model(report(model), model, "here")
    assert found["same_weights"] == "unknown"
    assert "trained for ['dep', 'pos'] (weights with SHA-256 0123456789ab" in caplog.text


@pytest.mark.parametrize(
    ("about", "refused"),
    [
        ({"trained_tasks": ["dep"]}, True),
        ({"trained_tasks": []}, True),
        ({"trained_tasks": ["dep", "ner", "pos"]}, True),
        # by a callback, which names the tasks that have data
        ({"trained_tasks": ["dep"], "archive": False}, False),
        ({"trained_tasks": ["ner"], "archive": False}, True),
    ],
)
def test_models_of_other_tasks_are_refused(
    about: dict[str, Any], refused: bool, model: Model
) -> None:
    found = report(model, **about)
    if not found["archive"]:
        del found["archive"]
    if not refused:
        assert probed_model(found, model, "here")["same_weights"] == "unknown"
        return
    with pytest.raises(ConfigurationError, match=OTHER):
        probed_model(found, model, "here")


def test_a_bare_encoder_is_read_again(tiny_bert: str, caplog: pytest.LogCaptureFixture) -> None:
    model = make_model(tiny_bert, TASKS)
    bare = report(model, trained_tasks=[], archive=None)
    assert probed_model(bare, model, "here")["same_weights"] is True, "not trained yet"
    with torch.no_grad():
        next(encoder_of(model).transformer.parameters()).add_(1e-3)
    with pytest.raises(ConfigurationError, match=f"{OTHER}.* as it was before any training"):
        probed_model(bare, model, "here")
    assert not _own(caplog)
    gone = {**bare, "encoder": "no/such-folder-here/"}
    assert probed_model(gone, model, "here")["same_weights"] == "unknown"


def test_digests_are_of_weights_and_gates(tiny_bert: str, tmp_path: Path) -> None:
    one, other = (encoder_of(make_model(tiny_bert, tasks)) for tasks in (TASKS, {"pos": "tagger"}))
    assert encoder_digest(one) == encoder_digest(other), "whatever heads stand on it"
    state = {name: values.clone() for name, values in one.state_dict().items()}
    parameter = list(one.transformer.parameters())[-1]
    with torch.no_grad():
        parameter.view(-1)[-1] += 1e-3
    assert encoder_digest(one) != encoder_digest(other)
    one.load_state_dict(state)
    assert encoder_digest(one) == encoder_digest(other)
    other.remove_heads({0: [1]})
    assert encoder_digest(one) != encoder_digest(other)
    folder = tiny.encoder_folder(tmp_path / "other", seed=1)
    assert encoder_digest(encoder_of(make_model(folder, TASKS))) != encoder_digest(one)
