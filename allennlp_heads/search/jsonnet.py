"""Files in Jsonnet, and in one line what is wrong with them."""

from __future__ import annotations

import json
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.common.params import evaluate_file


def read_jsonnet(path: str) -> Any:
    """What a file of JSON or Jsonnet holds. Raises `ConfigurationError` where it is none."""
    try:
        return json.loads(evaluate_file(path))
    except RuntimeError as error:
        raise ConfigurationError(f"{path}: {said_by(error)}") from error


def said_by(error: RuntimeError) -> str:
    """What Jsonnet says, with the place where it happened, but not with all that led there."""
    said, *frames = str(error).strip().splitlines() or [""]
    place = frames[0].strip().split("\t")[0] if frames else ""
    return said.removeprefix("RUNTIME ERROR: ") + (f" ({place})" if place else "")
