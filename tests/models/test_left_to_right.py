"""Encoders that read left to right: what a text is, and which vector stands for it."""

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.data import Batch

import tests.tiny as tiny
from allennlp_heads.data.tokenizers import TransformerPiecesTokenizer
from tests.sentence_tasks import made

TEXTS = [
    ("the old dog saw a small cat in the garden near the river", "the cat"),
    ("Anna", "did she not read it ?"),
    ("who can play", "it costs 25 dollars and is unbelievably good ; they were walking"),
]
KINDS = ["openai-gpt", "gpt2"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {
        kind: tiny.encoder_folder(tmp_path_factory.mktemp(kind), kind)
        for kind in [*KINDS, "bert", "distilbert"]
    }


def batch(model: Any, reader: Any, task: str, rows: list[int], padding: int = 0) -> Any:
    pair = task != "sst2"
    gold = {"score": 1.0} if task == "stsb" else {"label": "1"}
    instances = [
        reader.readers[task].text_to_instance(
            TEXTS[row][0], TEXTS[row][1] if pair else None, **gold
        )
        for row in rows
    ]
    for instance in instances:
        reader.readers[task].inner.apply_token_indexers(instance)
    together = Batch(instances)
    together.index_instances(model.vocab)
    tensors = together.as_tensor_dict()
    tokens: Any = tensors["tokens"]["tokens"]
    for key, values in tokens.items():
        # nonsense where nothing is read
        fill = False if key.endswith("mask") else 7 if key == "token_ids" else 0
        tokens[key] = torch.nn.functional.pad(values, (0, padding), value=fill)
    return tensors


@pytest.mark.parametrize("task", ["sst2", "mrpc", "stsb"])
@pytest.mark.parametrize("kind", [*KINDS, "bert", "distilbert"])
def test_scores_do_not_know_padding_and_neighbours(
    folders: dict[str, str], kind: str, task: str
) -> None:
    model, reader = made(folders[kind], ["sst2", "mrpc", "stsb"])
    with torch.no_grad():
        together = model(**batch(model, reader, task, [0, 1, 2], padding=5))
        for row in range(3):
            alone = model(**batch(model, reader, task, [row]))
            for key in ("example_loss", "example_units", "example_counts"):
                torch.testing.assert_close(alone[key][0], together[key][row])
    assert len(set(together["example_loss"].tolist())) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_piece_stands_for_the_text(folders: dict[str, str], kind: str) -> None:
    model, reader = made(folders[kind], ["sst2"])
    tensors = batch(model, reader, "sst2", [0, 1, 2])
    with torch.no_grad():
        encoded = model.backbone(tensors["tokens"])
    mask = tensors["tokens"]["tokens"]["mask"]
    assert mask.long().diff(dim=1).max() <= 0  # padding is on the right
    for row, length in enumerate(mask.sum(1).tolist()):
        torch.testing.assert_close(
            encoded["pooled"][row], encoded["encoded_pieces"][row, length - 1]
        )


@pytest.mark.parametrize("kind", KINDS)
def test_every_piece_of_both_texts_counts(folders: dict[str, str], kind: str) -> None:
    model, reader = made(folders[kind], ["mrpc"])
    tensors = batch(model, reader, "mrpc", [0])
    with torch.no_grad():
        whole = model(**tensors)["example_loss"]
        ids = tensors["tokens"]["tokens"]["token_ids"]
        for place in range(ids.size(1)):
            kept, ids[0, place] = ids[0, place].item(), 6
            changed = model(**tensors)["example_loss"]
            assert kept == 6 or not torch.equal(whole, changed), place
            ids[0, place] = kept


def pieces(folder: str, **options: Any) -> TransformerPiecesTokenizer:
    return TransformerPiecesTokenizer(folder, **options)


def test_pairs_have_one_separator(folders: dict[str, str]) -> None:
    bare = pieces(folders["gpt2"], add_special_tokens=False)
    first, second = (bare.tokenize(text) for text in TEXTS[0])
    joined = pieces(folders["gpt2"]).tokenize_pair(*TEXTS[0])
    placed = [(token.text_id, token.idx) for token in joined]
    inside = [(token.text_id, token.idx) for token in [*first, joined[len(first)], *second]]
    assert placed == inside
    separator = joined[len(first)]
    assert (separator.text, separator.type_id, separator.idx) == ("$", 0, None)
    assert len(bare.tokenize_pair(*TEXTS[0])) == len(first) + len(second)
    for pair in (("", "dog"), ("dog", "")):  # the place is told even if one text is empty
        texts = [token.text for token in pieces(folders["gpt2"]).tokenize_pair(*pair)]
        assert (texts[0] if pair[0] == "" else texts[-1]) == "$" and len(texts) > 1
    assert [token.text for token in pieces(folders["gpt2"]).tokenize("")] == []


def test_the_end_of_text_separates_where_there_is_one(tmp_path: Path) -> None:
    tokenizer = tiny.tokenizer("gpt2")
    tokenizer.add_special_tokens({"eos_token": "<|endoftext|>"})
    tokenizer.save_pretrained(str(tmp_path))
    tiny._config("bert", tokenizer).save_pretrained(str(tmp_path))
    joined = pieces(str(tmp_path)).tokenize_pair("dog", "cat <|endoftext|>")
    separators = [token for token in joined if token.text_id == tokenizer.eos_token_id]
    assert [token.idx for token in separators] == [None]  # the text itself holds no boundary
    assert pieces(str(tmp_path)).num_special_tokens_for_pair() == 1


def test_other_encoders_get_no_second_separator(folders: dict[str, str]) -> None:
    joined = pieces(folders["bert"]).tokenize_pair("dog", "cat")
    assert [token.text for token in joined].count("[SEP]") == 2
    assert pieces(folders["bert"]).num_special_tokens_for_pair() == 3
