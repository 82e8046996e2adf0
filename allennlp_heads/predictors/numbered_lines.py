"""Errors in one line of an input file that say which line it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from allennlp.common import JsonDict
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.predictors import Predictor

from allennlp_heads.predictors.inputs import parse_line


class Line(dict[str, object]):
    """
    The object of a line.

    # Parameters

    inputs : `JsonDict`
    number : `int`
        That of the line, from 1.
    """

    def __init__(self, inputs: JsonDict, number: int) -> None:
        super().__init__(inputs)
        self.number = number


class NumberedLines(Predictor):
    """
    Base of predictors whose errors in an input name its line. `allennlp predict` reads several
    lines before it predicts the first, and leaves out blank ones before anyone could count them.
    """

    _lines = 0

    def load_line(self, line: str) -> JsonDict:
        """Read one line of the input file; `ConfigurationError` when it is not a JSON object."""
        self._lines += 1
        with _naming(self._lines):
            return Line(parse_line(line), self._lines)

    def predict_json(self, inputs: JsonDict) -> JsonDict:
        """Predict one input."""
        return self.predict_instance(self._batch_json_to_instances([inputs])[0])

    def _batch_json_to_instances(self, json_dicts: list[JsonDict]) -> list[Instance]:
        instances = []
        for inputs in json_dicts:
            with _naming(getattr(inputs, "number", None)):
                instances.append(self._json_to_instance(inputs))
        return instances


@contextmanager
def _naming(number: int | None) -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        if number is None:
            raise
        raise ConfigurationError(
            f"input line {number} (blank ones not counted): {error}"
        ) from error
