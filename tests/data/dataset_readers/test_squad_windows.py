"""Windows over any text: nothing is lost, offsets lead back, and pieces are the library's own."""

import unicodedata
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tests.tiny as tiny
from allennlp_heads.attention.pretrained import load_tokenizer
from allennlp_heads.data.tokenizers.fast import PLAIN
from tests.data.dataset_readers.squad_files import (
    KINDS,
    context_places,
    encoder,
    learned,
    metadata,
    pieces,
    reader,
    tensors,
)

ODD = [
    "naïve",
    "cafe\u0301",
    "x\u0301\u0302",
    "👩\u200d👩",
    "😀",
    "한국",
    "a\u200bb",
    "[SEP]",
    "ﬁn",
    "\u0301",
]
BLANKS = st.text(alphabet=" \n\t\u00a0", min_size=1, max_size=3)
WORDS = st.one_of(st.sampled_from([*tiny.TEXT, *ODD]), st.text(max_size=4))


@st.composite
def texts(draw: Any, most: int = 40) -> str:
    words = draw(st.lists(WORDS, min_size=1, max_size=most))
    return "".join(word + draw(BLANKS) for word in words)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {kind: encoder(tmp_path_factory.mktemp(kind), kind) for kind in KINDS}


def _pieces_of(folder: str, text: str) -> tuple[list[int], list[tuple[int, int]]]:
    found = load_tokenizer(folder)(
        text, add_special_tokens=False, return_offsets_mapping=True, **PLAIN
    )
    return found["input_ids"], found["offset_mapping"]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(question=texts(6), context=texts(), stride=st.integers(1, 9), spare=st.integers(1, 12))
def test_windows_cover_the_context(
    folders: dict[str, str], kind: str, question: str, context: str, stride: int, spare: int
) -> None:
    ids, _ = _pieces_of(folders[kind], context)
    asked, _ = _pieces_of(folders[kind], question.strip())
    assume(ids and asked and context.strip())
    special = {"bert": 3, "roberta": 4, "gpt2": 1}[kind]
    room = stride + spare
    maker = reader(
        folders[kind],
        max_length=len(asked) + special + room,
        stride=stride,
        max_question_length=len(asked),
    )
    instance = maker.text_to_instance(question, context)
    windows, places = pieces(maker, instance), context_places(instance)
    # one piece is further in the next window by the stride, and none is left out
    for number, (window, inside) in enumerate(zip(windows, places)):
        part = ids[number * stride : number * stride + room]
        assert [window[place] for place in inside] == part
        assert len(window) == len(asked) + special + len(part) <= maker.max_length
        assert list(inside) == list(range(inside[0], inside[0] + len(part)))
    reached = [number * stride + len(inside) for number, inside in enumerate(places)]
    assert reached[-1] == len(ids) and all(end < len(ids) for end in reached[:-1])
    mask = tensors(maker, instance)["answer_mask"][0].numpy()
    for row, inside in zip(mask, places):
        assert np.array_equal(np.flatnonzero(row), inside)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(context=texts(), stride=st.integers(1, 9), spare=st.integers(1, 12))
def test_offsets_lead_back_to_the_text(
    folders: dict[str, str], kind: str, context: str, stride: int, spare: int
) -> None:
    ids, _ = _pieces_of(folders[kind], context)
    assume(ids and context.strip())
    maker = reader(
        folders[kind], max_length=12 + stride + spare, stride=stride, max_question_length=8
    )
    instance = maker.text_to_instance("old", context)
    found: dict[int, tuple[int, int]] = {}
    for number, (offsets, inside) in enumerate(
        zip(metadata(instance)["offsets"], context_places(instance))
    ):
        assert offsets.dtype == np.int32 and (np.delete(offsets, inside, axis=0) == -1).all()
        for place, span in enumerate(offsets[inside].tolist(), start=number * stride):
            # the same piece has the same characters in every window
            assert found.setdefault(place, span) == span
    spans = [found[place] for place in range(len(ids))]
    assert spans == sorted(spans) and all(0 <= a <= b <= len(context) for a, b in spans)
    covered = {place for a, b in spans for place in range(a, b)}
    first = min(covered, default=len(context))
    for place in set(range(len(context))) - covered:
        # only blanks, controls, and what the tokenizer throws away before the first piece
        assert unicodedata.category(context[place])[0] in "ZC" or place < first


@pytest.mark.parametrize("kind", ["bert", "roberta"])
@settings(max_examples=40)
@given(question=texts(6), context=texts(), stride=st.integers(1, 9), spare=st.integers(1, 12))
def test_windows_are_those_of_the_library(
    folders: dict[str, str], kind: str, question: str, context: str, stride: int, spare: int
) -> None:
    library = load_tokenizer(folders[kind])
    question = question.strip()
    asked, _ = _pieces_of(folders[kind], question)
    assume(asked and context.strip() and _pieces_of(folders[kind], context)[0])
    special = {"bert": 3, "roberta": 4}[kind]
    size = len(asked) + special + stride + spare
    expected = library(
        question,
        context,
        **{**PLAIN, "truncation": "only_second"},
        max_length=size,
        stride=spare,  # the library's is how much two windows share
        return_overflowing_tokens=True,
    )
    maker = reader(folders[kind], max_length=size, stride=stride, max_question_length=len(asked))
    instance = maker.text_to_instance(question, context)
    assert pieces(maker, instance) == expected["input_ids"]
    assert pieces(maker, instance, "type_ids") == expected["token_type_ids"]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(question=texts(6), context=texts())
def test_one_window_is_a_pair(
    folders: dict[str, str], kind: str, question: str, context: str
) -> None:
    maker = reader(folders[kind], max_length=2000, max_question_length=None)
    assume(question.strip() and context.strip() and _pieces_of(folders[kind], context)[0])
    instance = maker.text_to_instance(question, context)
    (window,) = instance["tokens"].field_list  # type: ignore[attr-defined]
    pair = maker._tokenizer.tokenize_pair(question.strip(), context)
    wanted = [(str(token), token.text_id, token.type_id) for token in pair]
    assert [(str(token), token.text_id, token.type_id) for token in window] == wanted
    if kind != "gpt2":
        whole = load_tokenizer(folders[kind])(question.strip(), context, **PLAIN)
        assert pieces(maker, instance) == [whole["input_ids"]]
        assert pieces(maker, instance, "type_ids") == [whole["token_type_ids"]]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=50)
@given(context=texts(), data=st.data(), stride=st.integers(1, 9), spare=st.integers(1, 12))
def test_the_answer_is_the_smallest_span_of_pieces_that_has_it(
    folders: dict[str, str], kind: str, context: str, data: Any, stride: int, spare: int
) -> None:
    ids, spans = _pieces_of(folders[kind], context)
    assume(ids and context.strip())
    start = data.draw(st.integers(0, len(context) - 1))
    end = data.draw(st.integers(start + 1, min(len(context), start + 25)))
    answer = context[start:end]
    maker = reader(
        folders[kind], max_length=12 + stride + spare, stride=stride, max_question_length=8
    )
    gold = [{"text": answer, "answer_start": start}]
    instance = maker.text_to_instance("old", context, gold)
    offsets = {
        number * stride + step: metadata(instance)["offsets"][number][place]
        for number, inside in enumerate(context_places(instance))
        for step, place in enumerate(inside)
    }
    # by brute force: the pieces that share a character with the answer
    touched = [place for place, (a, b) in offsets.items() if a < end and b > start]
    for number, inside in enumerate(context_places(instance)):
        span = instance["answer_spans"].tensor[number].tolist()  # type: ignore[attr-defined]
        here = [place for place in touched if 0 <= place - number * stride < len(inside)]
        if touched and here == touched:
            assert span == [
                inside[touched[0] - number * stride],
                inside[touched[-1] - number * stride],
            ]
            text = learned(instance)[number]
            assert text is not None and text in context
            kept = [c for c in answer if unicodedata.category(c)[0] in "LNPS"]
            assert [c for c in kept if c not in text] == []
        else:
            assert span == [0, 0]


@pytest.mark.parametrize("kind", KINDS)
def test_accents_and_joiners_belong_to_the_answer(folders: dict[str, str], kind: str) -> None:
    context = "the cafe\u0301 of Anna\u200b , 👩\u200d👩"
    maker = reader(folders[kind])
    for answer in ("cafe\u0301", "cafe\u0301 of Anna\u200b", "👩\u200d👩", context):
        gold = [{"text": answer, "answer_start": context.index(answer)}]
        assert learned(maker.text_to_instance("old", context, gold)) == [answer]
