"""Questions and contexts through predictors, alone, among others, and as a command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.predictors import Predictor
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.predictors import MultiTaskHeadsPredictor, SpanQaPredictor
from tests import qa_tasks
from tests.predictors.test_predict_command import _lines, _predict
from tests.tiny import TEXT

QUESTION, CONTEXT = "Who gave Peter books?", "The old dog saw Anna.  She gave Peter two red books."
LONG = " ".join(TEXT)
"""Some windows."""


def made(parts: tuple[Any, Any], **options: Any) -> SpanQaPredictor:
    """Of a model and a reader."""
    return SpanQaPredictor(*parts, **options)


@pytest.fixture(scope="module")
def parts(tiny_bert: str, fixtures_root: Path) -> Any:
    return qa_tasks.made(tiny_bert, fixtures_root)


@pytest.fixture(scope="module")
def predictor(parts: Any) -> SpanQaPredictor:
    return made(parts, n_best=4)


@pytest.fixture(scope="module")
def cautious(tiny_bert: str, fixtures_root: Path) -> SpanQaPredictor:
    """One whose head may say that there is no answer."""
    return made(qa_tasks.made(tiny_bert, fixtures_root, null_threshold=0.0))


def test_what_it_says(predictor: SpanQaPredictor) -> None:
    said = predictor.predict_json({"question": QUESTION, "context": CONTEXT, "other": 1})
    assert list(said) == ["task", "question", "answer", "score", "offsets", "n_best"]
    assert said["task"] == "squad" and said["question"] == QUESTION
    assert len(said["n_best"]) == 4
    assert said["n_best"][0] == {key: said[key] for key in ("answer", "score", "offsets")}
    scores = [one["score"] for one in said["n_best"]]
    assert scores == sorted(scores, reverse=True) and 0 < sum(scores) < 1
    check_offsets(said, CONTEXT)
    assert json.loads(json.dumps(said)) == said


def check_offsets(said: dict[str, Any], context: str) -> None:
    for one in said["n_best"]:
        if one["offsets"] is None:
            assert one["answer"] == ""
        else:
            first, last = one["offsets"]
            assert context[first:last] == one["answer"] != ""


@settings(max_examples=12)
@given(
    context=st.text(st.sampled_from("aé ß.\u200b\u0301\ud800😀\nİ中[]D"), min_size=1, max_size=90),
    question=st.text(min_size=1, max_size=9),
)
def test_offsets_are_of_the_context_as_given(parts: Any, context: str, question: str) -> None:
    predictor = made(parts, n_best=20)
    try:
        said = predictor.predict_json({"question": question, "context": context})
    except ConfigurationError as error:
        assert "empty" in str(error) and not (question.strip() and context.strip())
        return
    check_offsets(said, context)
    assert said["question"] == question


def test_long_contexts_are_read_to_their_end(tiny_bert: str, fixtures_root: Path) -> None:
    """Asked for answers of one piece and for all of them, it shows every piece once."""
    head = {"n_best": 1000, "max_answer_length": 1}
    predictor = made(qa_tasks.made(tiny_bert, fixtures_root, **head), n_best=1000)
    asked = {"question": QUESTION, "context": LONG}
    assert len(predictor._json_to_instance(asked)["tokens"]) > 3  # type: ignore[arg-type]
    said = predictor.predict_json(asked)
    check_offsets(said, LONG)
    places = sorted(tuple(one["offsets"]) for one in said["n_best"])
    assert len(set(places)) == len(places)
    assert "".join(LONG[first:last] for first, last in places) == LONG.replace(" ", "")


def test_options(parts: Any) -> None:
    asked = {"id": 17, "question": QUESTION, "context": CONTEXT}
    one = made(parts, n_best=1, show_context=True).predict_json(asked)
    assert list(one)[:4] == ["task", "id", "question", "context"]
    assert one["id"] == "17" and one["context"] == CONTEXT and len(one["n_best"]) == 1
    with pytest.raises(ConfigurationError, match="'n_best' is 0"):
        made(parts, n_best=0)


def test_no_answer(cautious: SpanQaPredictor) -> None:
    sure = []
    for word in TEXT[:20]:
        said = cautious.predict_json({"question": word, "context": CONTEXT})
        sure.append(said["no_answer_score"] > 0)
        assert (said["answer"] == "") == sure[-1] == (said["offsets"] is None)
        check_offsets(said, CONTEXT)
    assert 0 < sum(sure) < 20, "or the test shows nothing"


@pytest.mark.parametrize("threshold", [-1e9, 1e9])
def test_the_answer_given_is_shown_first(
    tiny_bert: str, fixtures_root: Path, threshold: float
) -> None:
    """Whatever its probability, also where a single one is shown."""
    parts = qa_tasks.made(tiny_bert, fixtures_root, null_threshold=threshold)
    asked = [{"question": word, "context": CONTEXT} for word in TEXT[:20]]
    several, single = (made(parts, n_best=n).predict_batch_json(asked) for n in (25, 1))
    less_likely = 0
    for every, one in zip(several, single, strict=True):
        assert (every["answer"] == "") == (threshold < 0)
        given = {key: every[key] for key in ("answer", "score", "offsets")}
        assert every["n_best"][0] == given and one["n_best"] == [given]
        assert len(every["n_best"]) == 21, "the 20 best, and that there is none"
        scores = [entry["score"] for entry in every["n_best"]]
        assert scores[1:] == sorted(scores[1:], reverse=True) and sum(scores) == pytest.approx(1)
        less_likely += scores[0] < scores[1]
    assert 0 < less_likely < 20, "or the test shows nothing"


def test_an_indexer_that_pads_further(tiny_bert: str, fixtures_root: Path) -> None:
    """Its windows are longer than the reader's mask of the context."""
    model, reader = qa_tasks.made(tiny_bert, fixtures_root)
    asked = {"question": QUESTION, "context": CONTEXT}
    wanted = made((model, reader)).predict_json(asked)
    inner: Any = reader.readers["squad"].inner  # type: ignore[attr-defined]
    inner._token_indexers["tokens"]._token_min_padding_length = 60
    found = made((model, reader)).predict_json(asked)
    assert found["answer"] == wanted["answer"] and found["offsets"] == wanted["offsets"]
    assert found["score"] == pytest.approx(wanted["score"], rel=1e-4)


def test_among_other_tasks(parts: Any) -> None:
    predictor = MultiTaskHeadsPredictor(*parts)
    inputs = [
        {"task": "squad", "question": QUESTION, "context": LONG},
        {"task": "sst2", "sentence": "late"},
        {"task": "squad", "question": "why", "context": CONTEXT},
    ]
    together = predictor.predict_batch_json(inputs)
    assert [output["task"] for output in together] == ["squad", "sst2", "squad"]
    for asked, output in zip(inputs, together):
        alone = predictor.predict_json(asked)
        assert alone.keys() == output.keys()
        if "answer" in alone:
            assert alone["answer"] == output["answer"] and alone["offsets"] == output["offsets"]
            assert alone["score"] == pytest.approx(output["score"], rel=1e-4)


def test_name() -> None:
    assert Predictor.by_name("span_qa") is SpanQaPredictor


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "has no 'question': give 'question' and 'context'"),
        ({"question": "a"}, "has no 'context': give 'question' and 'context'"),
        ({"question": "a", "sentence": "b"}, "has no 'context'"),
        ({"question": 3, "context": "b"}, "'question' of the input .* must be a string"),
        ({"question": "a", "context": None}, "'context' of the input .* must be a string"),
        ({"question": "a", "context": " \n"}, "'context' of the input .* is empty"),
        ({"question": "", "context": "b"}, "'question' of the input .* is empty"),
        ({"task": "sst2", "question": "a", "context": "b"}, "came to the predictor of 'squad'"),
        ([], "is no JSON object"),
    ],
)
def test_wrong_input(predictor: SpanQaPredictor, asked: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        predictor.predict_json(asked)


@pytest.fixture(scope="module")
def archive(tiny_bert: str, fixtures_root: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("qa") / "run"
    return str(qa_tasks.archive(folder, qa_tasks.config(tiny_bert, fixtures_root)))


@pytest.mark.parametrize("options", [[], ["--predictor", "span_qa", "--batch-size", "3"]])
def test_the_command(archive: str, tmp_path: Path, monkeypatch: Any, options: list[str]) -> None:
    asked = [{"question": word, "context": CONTEXT} for word in TEXT[:4]]
    task = {} if options else {"task": "squad"}
    source = _lines(tmp_path, [{**task, **one} for one in asked])
    outputs = _predict(archive, source, monkeypatch, *options)
    assert [output["question"] for output in outputs] == TEXT[:4]
    for output in outputs:
        check_offsets(output, CONTEXT)


def test_a_file_of_questions(
    archive: str, fixtures_root: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    source = tmp_path / "dev.json"
    content = json.loads((fixtures_root / "squad/dev-v2.0.json").read_text("utf-8"))
    content["data"][0]["paragraphs"][1:] = []
    source.write_text(json.dumps({**content, "data": content["data"][:1]}))
    questions = qa_tasks.questions(source)
    options = ["--use-dataset-reader", "--multitask-head", "squad", "--batch-size", "8"]
    outputs = _predict(archive, source, monkeypatch, *options)
    assert [output["id"] for output in outputs] == [question["id"] for question in questions]
    for output, question in zip(outputs, questions):
        assert output["question"] == question["question"]
        check_offsets(output, question["context"])
