"""Whether values of a configuration are of the types that are meant."""

from __future__ import annotations

import json
import types
import typing
from typing import Any

from allennlp.common.checks import ConfigurationError

_WORDS = {
    int: "a whole number",
    bool: "true or false",
    str: "a text",
    list: "a list",
    dict: "an object",
}
_UNIONS = (typing.Union, types.UnionType)


def check_type(key: str, value: Any, hint: Any) -> None:
    """
    Raise `ConfigurationError` with the key when a value of JSON is not of a type. Unlike in Python
    `true` is no number.

    # Parameters

    key : `str`
        What the value stands under, for messages.
    value : `Any`
    hint : `Any`
        `int`, `bool`, `str`, a `list` or `dict` of these or of `Any`, `None`, and any union.
    """
    options = typing.get_args(hint) if typing.get_origin(hint) in _UNIONS else (hint,)
    plain = [typing.get_origin(option) or option for option in options]
    for option, kind in zip(options, plain):
        if kind is Any:
            return
        if type(value) is kind:
            named = value.items() if kind is dict else enumerate(value) if kind is list else ()
            for name, one in named:
                check_type(f"{key}.{name}", one, typing.get_args(option)[-1])
            return
    wanted = " or ".join(_WORDS[kind] for kind in plain if kind in _WORDS)
    shown = json.dumps(value, ensure_ascii=False, default=str)
    raise ConfigurationError(f"'{key}' is {shown}: give {wanted}")
