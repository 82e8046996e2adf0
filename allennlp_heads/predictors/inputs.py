"""What people write into the input of a predictor, checked and turned into words."""

import json
import sys
from functools import cached_property
from typing import Any

import spacy
from allennlp.common import JsonDict
from allennlp.common.checks import ConfigurationError
from spacy.language import Language

from allennlp_heads.data.tokenizers.fast import without_surrogates


def parse_line(line: str) -> JsonDict:
    """
    One line of a JSON-lines file.

    Raises `ConfigurationError` when it is not a JSON object.
    """
    try:
        inputs = json.loads(line.lstrip("\ufeff"))  # some editors begin a file with it
    except (json.JSONDecodeError, RecursionError) as error:
        raise ConfigurationError(f"the input line {short(line)} is not JSON: {error}") from error
    return checked_object(inputs)


def checked_object(inputs: Any) -> JsonDict:
    """`inputs`, or `ConfigurationError` when it is anything but a dictionary."""
    if not isinstance(inputs, dict):
        raise ConfigurationError(
            f"the input {short(inputs)} is no JSON object: "
            'write {"sentence": "..."} or {"words": [...]}'
        )
    return inputs


class WordSplitter:
    """
    Words of an input: those given under `words`, or what a blank spaCy pipeline makes of
    `sentence`.

    A blank pipeline holds only the rules of its language: no model is downloaded. It is made at the
    first sentence.

    # Parameters

    language : `str`, optional (default = `"en"`)
        spaCy's code of the language.
    """

    def __init__(self, language: str = "en") -> None:
        self._language = language

    def words_of(self, inputs: JsonDict) -> list[str]:
        """
        # Parameters

        inputs : `JsonDict`
            With `words`, a list of strings, or `sentence`, a string. With both, `words` counts.

        # Returns

        `List[str]`
            At least one word, none of them blank.

        Raises `ConfigurationError` for anything else.
        """
        words = inputs["words"] if "words" in inputs else self._split(inputs)
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ConfigurationError(
                f"'words' of the input {short(inputs)} must be a list of strings"
            )
        if not words:
            raise ConfigurationError(f"the input {short(inputs)} has no words: leave it out")
        if not all(word.strip() for word in words):
            raise ConfigurationError(
                f"'words' of the input {short(inputs)} has a blank word: leave it out"
            )
        return list(words)

    def _split(self, inputs: JsonDict) -> list[str]:
        if "sentence" not in inputs:
            raise ConfigurationError(
                f"the input {short(inputs)} has neither 'sentence' (raw text) nor 'words' (a list)"
            )
        if not isinstance(inputs["sentence"], str):
            raise ConfigurationError(f"'sentence' of the input {short(inputs)} must be a string")
        text = without_surrogates(inputs["sentence"])
        return [word.text for word in self._pipeline(text) if not word.is_space]

    @cached_property
    def _pipeline(self) -> Language:
        try:
            pipeline = spacy.blank(self._language)
            pipeline.max_length = sys.maxsize  # the limit is for parsers, and here are only rules
            return pipeline
        except ImportError as error:
            raise ConfigurationError(
                f"spaCy cannot split the language '{self._language}' ({error}): "
                "give another 'language', or split the sentence yourself and give 'words'"
            ) from error


def short(value: Any, limit: int = 80) -> str:
    """What was written into an input, cut to its first characters, for a message."""
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}..."
