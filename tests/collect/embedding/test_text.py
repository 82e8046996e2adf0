"""The mean vector of texts, against the library's encoder, text by text."""

from __future__ import annotations

from pathlib import Path

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from numpy.testing import assert_allclose

from allennlp_heads.collect import TaskData, encoder_of
from allennlp_heads.collect.bare_encoder import bare_encoder
from allennlp_heads.collect.embedding import EmbeddingOptions, embed_text
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.modules import GatedEncoder
from tests.collect.models import data_of, singles, tiny
from tests.tiny import encoder_folder

Pieces = tuple[GatedEncoder, MultiTaskBucketed]
TASKS = ["pos", "qa", "sent"]


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory, fixtures_root: Path) -> Pieces:
    """An encoder that reads the longest text at once."""
    folder = encoder_folder(tmp_path_factory.mktemp("long"), max_position_embeddings=128)
    _, loader = tiny(folder, fixtures_root, tasks=TASKS)
    return bare_encoder(folder).double(), loader


def text_by_text(encoder: GatedEncoder, data: TaskData, task: str) -> numpy.ndarray:
    """Without padding; of windows, which are `[1, windows, pieces]`, each by itself."""
    means = []
    for batch in singles(data, task):
        (tokens,) = batch["tokens"].values()
        names = "token_ids", "wordpiece_mask" if "wordpiece_mask" in tokens else "mask", "type_ids"
        ids, masks, types = (tokens[name].flatten(0, -2) for name in names)
        for row, mask, kinds in zip(ids, masks.bool(), types, strict=True):
            with torch.no_grad():
                found = encoder.transformer(row[mask][None], token_type_ids=kinds[mask][None])
            means.append(found.last_hidden_state[0].mean(0).numpy())
    return numpy.mean(means, axis=0)


@pytest.mark.parametrize("task", TASKS)
def test_equals_text_by_text(pieces: Pieces, task: str) -> None:
    encoder, loader = pieces
    wanted = text_by_text(encoder, data_of(loader), task)
    for batch_size in (1, 4):
        options = EmbeddingOptions(batch_size=batch_size)
        found, facts = embed_text(encoder, data_of(loader), task, options)
        assert_allclose(found["text"], wanted, rtol=1e-9)
    assert facts["texts"] > facts["examples"] if task == "qa" else facts["texts"] == 9
    assert facts["tokens"] > 3 * facts["texts"] and list(found) == ["text"]


def test_the_same_seed_gives_the_same_examples(pieces: Pieces) -> None:
    encoder, loader = pieces
    data = data_of(loader)
    options = [EmbeddingOptions(examples=4, seed=seed) for seed in (1, 1, 2)]
    found = [embed_text(encoder, data, "pos", each)[0]["text"] for each in options]
    assert (found[0] == found[1]).all() and (found[0] != found[2]).any()


def test_needs_no_labels_and_disturbs_nothing(tiny_bert: str, fixtures_root: Path) -> None:
    model, loader = tiny(tiny_bert, fixtures_root, tasks=["pos"], max_length=14)
    encoder = encoder_of(model.train())
    before = torch.get_rng_state()
    found, facts = embed_text(encoder, data_of(loader), "pos")
    for instance in loader.instances["pos"]:
        instance.fields.pop("tags")
    assert (embed_text(encoder, data_of(loader), "pos")[0]["text"] == found["text"]).all()
    assert encoder.training and torch.equal(torch.get_rng_state(), before)
    assert facts["texts"] == facts["examples"]  # though the encoder has cut them


def test_diverged(pieces: Pieces, tiny_bert: str) -> None:
    encoder = bare_encoder(tiny_bert).double()
    with torch.no_grad():
        next(encoder.parameters()).fill_(float("nan"))
    with pytest.raises(ConfigurationError, match="task 'pos' that are not finite"):
        embed_text(encoder, data_of(pieces[1]), "pos")
