"""What the configuration inside an archive may name: registered classes, and nothing that runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.lines import one_line

DEEPEST = 100
"""How deep the configuration of an archive may be nested."""


def check_archived_config(name: str, config: dict[str, Any]) -> None:
    """
    Refuse a configuration that could do more than build registered classes.

    AllenNLP takes a text with dots where it expects a registered name for the path of a Python
    object, imports its module and calls it: `subprocess.Popen`, for one. And it opens archives that
    a configuration names without looking into them.

    # Parameters

    name : `str`
        What the user knows the archive by, for messages.
    config : `Dict[str, Any]`

    Raises `ConfigurationError` that names the key, for the path of an object that is not a
    `Registrable` class of a module imported before (as by `--include-package`), for
    `trust_remote_code`, and for the parts that read another archive (`from_archive`,
    `_pretrained`).
    """
    for place, key, value in _parts(name, config):
        reason = _reason(key, value)
        if reason is not None:
            raise ConfigurationError(
                one_line(f"{name} is refused: '{place}' of its config.json {reason}")
            )


def _reason(key: str, value: Any) -> str | None:
    if key == "trust_remote_code" and value:
        return "asks to run the code of an encoder"
    if key == "_pretrained" or (key == "type" and value == "from_archive"):
        return (
            "reads another archive, which is not done at the word of an archive; start from "
            "trained weights with the initializer 'pretrained' instead"
        )
    if isinstance(value, str) and _would_run(value):
        return (
            f"is '{value}', which names Python code; only registered names are taken, and classes "
            "that '--include-package' has imported"
        )
    return None


def _parts(name: str, config: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Every part of it, with the way to it and its key; items of a list have that of the list."""
    waiting: list[tuple[tuple[str, ...], str, Any]] = [((), "", config)]
    while waiting:
        way, key, value = waiting.pop()
        if len(way) > DEEPEST:
            raise ConfigurationError(
                f"{name} is refused: its config.json is nested more than {DEEPEST} deep"
            )
        yield ".".join(way), key, value
        if isinstance(value, dict):
            waiting += [((*way, inner), inner, part) for inner, part in value.items()]
        elif isinstance(value, list):
            waiting += [((*way, str(at)), key, part) for at, part in enumerate(value)]


def _would_run(text: str) -> bool:
    """Whether AllenNLP could import something by this text and call it."""
    module, _, attribute = text.rpartition(".")
    if not module or text.startswith("."):
        return False
    way: Any = None
    name = ""
    for part in module.split("."):
        name = f"{name}.{part}" if name else part
        if name in sys.modules:
            way = getattr(sys.modules[name], "__path__", ())
            continue
        spec = _find(name, way)
        if spec is None:
            return False
        if spec.origin is not None:
            # A file such as `test.tsv` is no name of code, though Python has a module `test`.
            library = text.split(".")[0] in {*sys.stdlib_module_names, "test"}
            return not (library and attribute in _FILES)
        way = spec.submodule_search_locations  # a folder: importing it runs nothing
    found = getattr(sys.modules.get(module), attribute, None)
    return found is not None and not (isinstance(found, type) and issubclass(found, Registrable))


_FILES = frozenset("conll conllu conllx csv gz json jsonl mrg npy npz tar th tree tsv txt".split())


def _find(name: str, way: Any) -> Any:
    """Where a module is, without importing it or what is above it."""
    for finder in sys.meta_path:
        try:
            spec = finder.find_spec(name, way)
        except (ImportError, ValueError, OSError, AttributeError):
            continue
        if spec is not None:
            return spec
    return None
