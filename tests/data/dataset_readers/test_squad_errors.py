"""Bad files of questions: one message that names file, place and question, and says what to do."""

import json
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.data.tokenizers import WhitespaceTokenizer

from allennlp_heads.data.dataset_readers import SquadJsonReader
from allennlp_heads.data.dataset_readers.squad_answers import checked_answers
from tests.data.dataset_readers.squad_files import CONTEXT, document, qa, reader, write

FIRST = "data[0].paragraphs[0].qas[0]"
SECOND = "data[0].paragraphs[0].qas[1]"
GOOD = qa("q1", ("dog", 8))


def _error(folder: str, path: str, **options: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        list(reader(folder, **options).read(path))
    return str(caught.value.message)


def _changed(*keys: Any, **new: Any) -> dict[str, Any]:
    """The good document with other values under the last of the keys; `None` removes one."""
    whole = json.loads(json.dumps(document(GOOD)))
    part = whole
    for key in keys:
        part = part[key]
    for key, value in new.items():
        part.pop(key)
        if value is not None:
            part[key] = value
    return whole


ANSWERS = [
    (
        qa("q2", ("cat", 8)),
        f"{SECOND}: question 'q2': the answer 'cat' is not in its context; correct it, or leave "
        "the question out.",
    ),
    (
        qa("q2", ("x" * 61, 0)),
        f"{SECOND}: question 'q2': the answer '{'x' * 57}...' is not in its context; correct it, "
        "or leave the question out.",
    ),
    (
        qa("q2", ("dog", 8), ("dog", 29)),
        f"{SECOND}: question 'q2': the answer 'dog' is not at its 'answer_start' 29; the nearest "
        "place is 8, and at most 20 characters are repaired. Correct the number, or raise the "
        "reader's 'repair'.",
    ),
    (
        qa("q2", ("", 8)),
        f"{SECOND}: question 'q2': the 'text' of an answer must be a text with at least one "
        "character; a question without an answer has an empty list of 'answers'.",
    ),
    (
        {**GOOD, "id": "q2", "answers": [{"text": "dog"}]},
        f"{SECOND}: question 'q2': an answer has no key 'answer_start'.",
    ),
    (
        {**GOOD, "id": "q2", "answers": ["dog"]},
        f"{SECOND}: question 'q2': an answer has no key 'text'.",
    ),
    (
        {**GOOD, "id": "q2", "answers": [{"text": "dog", "answer_start": "8"}]},
        f"{SECOND}: question 'q2': the 'answer_start' of 'dog' must be a whole number.",
    ),
    (
        {**GOOD, "id": "q2", "answers": None},
        f"{SECOND}.answers: must be a list, as in SQuAD's files.",
    ),
    (
        qa("q2", ("dog", 8), is_impossible=True),
        f"{SECOND}: question 'q2': 'is_impossible' is true, but there are 'answers'; correct one "
        "of them.",
    ),
    (
        qa("q2", ("dog", 8), is_impossible="no"),
        f"{SECOND}: question 'q2': 'is_impossible' must be true or false.",
    ),
    (
        {"id": "q2", "question": "who ?"},
        f"{SECOND}: question 'q2' has no 'answers', other than those before it: give 'answers' to "
        "all questions (an empty list where the context has none) or to none.",
    ),
    (
        qa("q1", ("dog", 8)),
        f"{SECOND}: the id 'q1' is already that of {FIRST}; give each question an id of its own.",
    ),
    ({**GOOD, "id": True}, f"{SECOND}: the 'id' must be a text or a number."),
    ({"question": "who ?"}, f"{SECOND}: has no key 'id', which SQuAD's files have here."),
]


@pytest.mark.parametrize("second, message", ANSWERS)
def test_questions_and_answers(tmp_path: Path, tiny_bert: str, second: Any, message: str) -> None:
    path = write(tmp_path / "x.json", document(GOOD, second))
    assert _error(tiny_bert, path) == f"{path}: {message}"


PARAGRAPH = ("data", 0, "paragraphs", 0)
LAYOUTS = [
    ({"questions": []}, "the document: has no key 'data', which SQuAD's files have here."),
    ([1], "the document: must be an object with the key 'data', as in SQuAD's files."),
    ({"data": {}}, "data: must be a list, as in SQuAD's files."),
    ({"data": ["x"]}, "data[0]: must be an object with the key 'paragraphs', as in SQuAD's files."),
    (
        _changed("data", 0, paragraphs=None),
        "data[0]: has no key 'paragraphs', which SQuAD's files have here.",
    ),
    (
        _changed(*PARAGRAPH, context=None),
        "data[0].paragraphs[0]: has no key 'context', which SQuAD's files have here.",
    ),
    (
        _changed(*PARAGRAPH, context=["a"]),
        "data[0].paragraphs[0].context: must be a text, as in SQuAD's files.",
    ),
    (
        _changed(*PARAGRAPH, context=" \n"),
        "data[0].paragraphs[0].context: there is nothing to read in this context.",
    ),
    (
        _changed(*PARAGRAPH, qas=None),
        "data[0].paragraphs[0]: has no key 'qas', which SQuAD's files have here.",
    ),
    (
        _changed(*PARAGRAPH, "qas", 0, question=None),
        f"{FIRST}: has no key 'question', which SQuAD's files have here.",
    ),
]


@pytest.mark.parametrize("content, message", LAYOUTS)
def test_json_that_is_not_that_of_squad(
    tmp_path: Path, tiny_bert: str, content: Any, message: str
) -> None:
    path = write(tmp_path / "x.json", content)
    assert _error(tiny_bert, path) == f"{path}: {message}"


FILES: list[tuple[str, str | bytes, str]] = [
    ("x.json", "", ":1: the file is empty."),
    ("x.json.gz", "\n", ":1: the file is empty."),
    ("x.json", '{"data": []}', ":1: no question in this file; is it the right one?"),
    (
        "x.json",
        '{"data":\n [}',
        ":2: no JSON (Expecting value: line 2 column 3 (char 11)).",
    ),
    (
        "x.json",
        "[" * 200_000,
        ":1: no JSON (it is nested too deeply).",
    ),
    (
        "x.json",
        '{"data":\n"M\xfcnchen"}'.encode("latin-1"),
        ":2: not UTF-8 (invalid start byte); convert the file to UTF-8 first.",
    ),
]


@pytest.mark.parametrize("name, content, message", FILES)
def test_files(tmp_path: Path, tiny_bert: str, name: str, content: Any, message: str) -> None:
    path = write(tmp_path / name, content)
    assert _error(tiny_bert, path) == f"{path}{message}"


def test_damaged_and_missing_files(tmp_path: Path, tiny_bert: str) -> None:
    path = write(tmp_path / "x.json.gz", document(GOOD))
    whole = Path(path).read_bytes()
    for size in (len(whole) // 2, len(whole) - 5):
        Path(path).write_bytes(whole[:size])
        message = _error(tiny_bert, path)
        assert message.startswith(f"{path}:") and "damaged gzip file" in message
    Path(path).write_bytes(b"no gzip")
    assert "damaged gzip file" in _error(tiny_bert, path)
    missing = str(tmp_path / "none.json")
    assert _error(tiny_bert, missing) == f"{missing}: cannot be read (No such file or directory)."


def test_a_context_that_the_encoder_cannot_read(tmp_path: Path, tiny_bert: str) -> None:
    path = write(tmp_path / "x.json", document(qa("q"), context="\u200b"))
    assert _error(tiny_bert, path) == (
        f"{path}: question 'q': the context has nothing that the encoder can read."
    )


@pytest.mark.parametrize(
    "options, message",
    [
        (
            {"stride": 317},
            "'stride' is 317, but must be smaller than what a window holds of the context, which "
            "is 317: 'max_length' is 384, of which special tokens take 3 and the question "
            "up to 64 ('max_question_length'). Lower 'stride' or 'max_question_length', "
            "or raise 'max_length'.",
        ),
        (
            {"max_length": 60},
            "'stride' is 128, but must be smaller than what a window holds of the context, which "
            "is 0: 'max_length' is 60, of which special tokens take 3 and the question "
            "up to 64 ('max_question_length'). Lower 'stride' or 'max_question_length', "
            "or raise 'max_length'.",
        ),
        (
            {"stride": 380, "max_question_length": None},
            "'stride' is 380, but must be smaller than what a window holds of the context, which "
            "is 380: 'max_length' is 384, of which special tokens take 3 and the question "
            "at least 1 ('max_question_length'). Lower 'stride' or 'max_question_length', "
            "or raise 'max_length'.",
        ),
        ({"stride": 0}, "'stride' is 0, but must be at least 1."),
        ({"max_question_length": 0}, "'max_question_length' is 0, but must be at least 1."),
        ({"repair": -1}, "'repair' is -1, but must be at least 0."),
    ],
)
def test_options(tiny_bert: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        reader(tiny_bert, **options)
    assert caught.value.message == f"reader 'squad_json': {message}"


def test_smallest_window(tiny_bert: str) -> None:
    assert reader(tiny_bert, stride=316).stride == 316


@pytest.mark.parametrize("words, left", [(20, 6), (60, 0)])
def test_a_question_longer_than_the_window(
    tmp_path: Path, tiny_bert: str, words: int, left: int
) -> None:
    questions = [GOOD, qa("long", question="a " * words)]
    path = write(tmp_path / "x.json", document(*questions))
    found = _error(tiny_bert, path, max_length=29, stride=8, max_question_length=None)
    assert found == (
        f"{path}: question 'long': the question has {words} pieces, which leaves {left} of "
        "'max_length' 29 for the context, but windows that move by 'stride' 8 must hold more. Set "
        "'max_question_length' to cut questions, raise 'max_length', or lower 'stride'."
    )


def test_tokenizers_without_offsets() -> None:
    with pytest.raises(ConfigurationError) as caught:
        SquadJsonReader(WhitespaceTokenizer())
    assert caught.value.message == (
        "reader 'squad_json' needs the tokenizer 'transformer_pieces', which knows where in the "
        "text each piece stands, not WhitespaceTokenizer."
    )


@pytest.mark.parametrize(
    "inputs, message",
    [
        ((" ", CONTEXT), "the question is empty."),
        (("who ?", "\n"), "the context is empty."),
        (("who ?", "\u200b"), "the context has nothing that the encoder can read."),
        (
            ("who ?", CONTEXT, [{"text": "cat", "answer_start": 0}]),
            "the answer 'cat' is not in its context; correct it, or leave the question out.",
        ),
    ],
)
def test_bad_input_of_a_predictor(tiny_bert: str, inputs: Any, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        reader(tiny_bert).text_to_instance(*inputs)
    assert caught.value.message == f"SquadJsonReader: {message}"


@pytest.mark.parametrize("repair, found", [(0, None), (1, None), (2, 2), (3, 2), (20, 2)])
def test_how_far_answers_are_looked_for(repair: int, found: int | None) -> None:
    gold = [{"text": "bb", "answer_start": 4}]
    if found is None:
        with pytest.raises(ValueError, match="the nearest place is 2"):
            checked_answers("aabbaaaaaabb", gold, False, repair)
    else:
        assert checked_answers("aabbaaaaaabb", gold, False, repair) == ((("bb", found),), 1)
