"""A pruned encoder for plain transformers: right after re-opening, or not there at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModel, AutoTokenizer

import tests.tiny as tiny
from allennlp_heads.attention import remove_heads, save_plain
from tests.attention.pruning import SHRINKING, run

PARTS = {2: [1], 0: [2, 0]}
EMPTIED = {**PARTS, 1: [0, 1, 2, 3]}
BERT_FAMILY = ["bert", "electra", "roberta", "xlm-roberta", "camembert"]
NEWER = "modernbert" in tiny.MODEL_TYPES  # whose GPT-2 knows its own size
EXPRESSIBLE = [
    *((model_type, PARTS) for model_type in (*BERT_FAMILY, "distilbert", "openai-gpt")),
    *((model_type, EMPTIED) for model_type in BERT_FAMILY),
    *([("gpt2", PARTS)] if NEWER else []),
]
INEXPRESSIBLE = [
    (model_type, gone)
    for model_type in SHRINKING
    for gone in (PARTS, EMPTIED)
    if (model_type, gone) not in EXPRESSIBLE
]


def kind(value: object) -> str:
    return value if isinstance(value, str) else "emptied" if value == EMPTIED else "parts"


@pytest.mark.parametrize("model_type,gone", EXPRESSIBLE, ids=kind)
def test_plain_transformers_opens_it(model_type: str, gone: dict, tmp_path: Path) -> None:
    encoder, batch = tiny.encoder(model_type), tiny.batch(model_type)
    encoder.config._name_or_path = "/somewhere/private"
    remove_heads(encoder, gone)
    encoder.train()
    encoder.base_model.get_input_embeddings().eval()
    modes, random = [m.training for m in encoder.modules()], torch.get_rng_state()
    save_plain(encoder, gone, tmp_path / "plain", tiny.tokenizer(model_type), "# Small\n")
    assert [m.training for m in encoder.modules()] == modes
    assert torch.equal(torch.get_rng_state(), random)
    assert encoder.config.pruned_heads == {}
    assert [path.name for path in tmp_path.iterdir()] == ["plain"]

    reopened = AutoModel.from_pretrained(tmp_path / "plain").eval()
    assert torch.allclose(run(reopened, batch), run(encoder.eval(), batch), rtol=0, atol=1e-5)
    assert len(AutoTokenizer.from_pretrained(tmp_path / "plain")) == len(tiny.tokenizer(model_type))
    assert (tmp_path / "plain" / "README.md").read_text() == "# Small\n"
    config = (tmp_path / "plain" / "config.json").read_text()
    assert json.loads(config)["pruned_heads"]["0"] == [0, 2] and "private" not in config


@pytest.mark.parametrize("model_type,gone", INEXPRESSIBLE, ids=kind)
def test_what_the_library_cannot_open_is_not_written(
    model_type: str, gone: dict, tmp_path: Path
) -> None:
    encoder = tiny.encoder(model_type)
    remove_heads(encoder, gone)
    with pytest.raises(ValueError, match=f"of type '{model_type}' by itself, so there is no plain"):
        save_plain(encoder, gone, tmp_path / "plain", tiny.tokenizer(model_type), "")
    assert list(tmp_path.iterdir()) == []


def test_other_heads_than_those_removed(tmp_path: Path) -> None:
    encoder = tiny.encoder("bert")
    remove_heads(encoder, {0: [1]})
    with pytest.raises(ValueError, match="cannot open this pruned encoder.*size mismatch|Error"):
        save_plain(encoder, {0: [1, 2]}, tmp_path / "plain", tiny.tokenizer("bert"), "")
    assert list(tmp_path.iterdir()) == []


def test_a_library_that_reads_back_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = tiny.encoder("bert")
    remove_heads(encoder, PARTS)
    read = AutoModel.from_pretrained

    def spoilt(*args, **kwargs):  # type: ignore[no-untyped-def]
        model = read(*args, **kwargs)
        with torch.no_grad():
            model.encoder.layer[0].attention.self.query.weight[3, 4] += 0.5
        return model

    monkeypatch.setattr(AutoModel, "from_pretrained", spoilt)
    with pytest.raises(ValueError, match="what it reads back differs by"):
        save_plain(encoder, PARTS, tmp_path / "plain", tiny.tokenizer("bert"), "")
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain" / "mine").write_text("x")
    with pytest.raises(FileExistsError, match="exists already"):
        save_plain(tiny.encoder("bert"), {}, tmp_path / "plain", tiny.tokenizer("bert"), "")
    assert [path.name for path in (tmp_path / "plain").iterdir()] == ["mine"]
