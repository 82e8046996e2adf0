"""The files of a checkpoint, one by one: written whole, and checked before they are trusted."""

from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from allennlp_heads.disk.zip_files import zip_damage
from allennlp_heads.reports.files import atomic_write


class UnreadableState(Exception):
    """A state file is truncated, damaged or of a kind that the safe loader refuses."""


def save_state(path: str, state: Any) -> None:
    """`torch.save`, atomically. Raises `ConfigurationError` with `path` if it cannot be written."""
    try:
        with atomic_write(path) as file:
            torch.save(state, file)
    except (ConfigurationError, RuntimeError) as error:
        # torch reports a full disk as a RuntimeError about positions in the file
        cause = error.__cause__ or error.__context__
        refused = isinstance(cause, OSError) and cause.strerror
        reason = refused or (str(error) or type(error).__name__).splitlines()[0]
        raise ConfigurationError(
            f"cannot write the checkpoint {path}: {reason}. Earlier checkpoints are untouched: "
            "make room or make the folder writable, then go on with --recover"
        ) from error


def check_state_file(path: str) -> None:
    """Raise `UnreadableState` unless `path` is complete and its checksums are right."""
    try:
        damage = zip_damage(path)
    except SigTermReceived:  # says nothing about the file
        raise
    except Exception as error:  # whatever the reader of zip files makes of a damaged one
        raise UnreadableState(f"{path} is truncated or damaged ({error})") from error
    if damage is not None:
        raise UnreadableState(f"{path} is damaged ({damage})")


def load_state(path: str) -> Any:
    """Tensors come to the CPU. Raises `UnreadableState` for a damaged file or pickled code."""
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except SigTermReceived:  # says nothing about the file
        raise
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise UnreadableState(f"{path} cannot be read ({reason})") from error
