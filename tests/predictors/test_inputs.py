"""What people write into inputs, right and wrong."""

import re
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.predictors.inputs import WordSplitter, checked_object, parse_line


def test_raw_sentences_are_split_without_a_model() -> None:
    inputs = {"sentence": "  Don't panic,\n\tit's   U.K. time! "}
    words = ["Do", "n't", "panic", ",", "it", "'s", "U.K.", "time", "!"]
    assert WordSplitter().words_of(inputs) == words
    assert inputs == {"sentence": "  Don't panic,\n\tit's   U.K. time! "}


def test_the_language_is_an_option() -> None:
    assert WordSplitter("de").words_of({"sentence": "Z.B. heute"})[0] == "Z.B."


def test_given_words_count_and_are_copied() -> None:
    words = ["Don't", "a b"]
    split = WordSplitter().words_of({"words": words, "sentence": "other"})
    assert split == words and split is not words


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        ({}, "neither 'sentence'"),
        ({"sentence": ""}, "no words"),
        ({"sentence": " \n "}, "no words"),
        ({"sentence": None}, "'sentence'.*must be a string"),
        ({"words": []}, "no words"),
        ({"words": "the dog"}, "'words'.*list of strings"),
        ({"words": ["the", 1]}, "'words'.*list of strings"),
        ({"words": ["the", " "]}, "blank word"),
    ],
)
def test_wrong_inputs_are_clear_errors(inputs: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as raised:
        WordSplitter().words_of(inputs)
    assert re.search(re.escape(repr(inputs)), str(raised.value))


def test_long_inputs_are_shortened_in_messages() -> None:
    with pytest.raises(ConfigurationError) as raised:
        WordSplitter().words_of({"text": "dog " * 1000})
    assert len(str(raised.value)) < 250


def test_an_unknown_language_is_a_clear_error() -> None:
    with pytest.raises(ConfigurationError, match="'qq'"):
        WordSplitter("qq").words_of({"sentence": "the dog"})


def test_lines() -> None:
    assert parse_line('{"words": ["a"]}\n') == {"words": ["a"]}
    with pytest.raises(ConfigurationError, match="not JSON"):
        parse_line("{'words'}")
    with pytest.raises(ConfigurationError, match="not JSON"):
        parse_line("[" * 100_000)
    with pytest.raises(ConfigurationError, match="no JSON object"):
        parse_line('["a"]')
    with pytest.raises(ConfigurationError, match="no JSON object"):
        checked_object("a")
