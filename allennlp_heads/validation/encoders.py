"""The pretrained encoders that a configuration names: here, and the same everywhere."""

from __future__ import annotations

import os
from copy import deepcopy
from typing import Any

from huggingface_hub import snapshot_download

from allennlp_heads.attention.pretrained import PACKAGE_PREFIX, locate
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.written import Config, walk

KEYS = ("transformer_model", "model_name", "encoder")
"""The names under which components, AllenNLP's own among them, take an encoder."""


def check_same_encoder(config: Config, findings: Findings) -> None:
    """Find readers that split or index for another encoder than the model's."""
    of_model = {value for _, value in _encoders(config.get("model"), "model")}
    for part in ("dataset_reader", "validation_dataset_reader"):
        for key, value in _encoders(config.get(part), part):
            if of_model and value not in of_model:
                findings.error(
                    key,
                    f"pieces are made for {value}, but the model's encoder is "
                    f"{', '.join(sorted(of_model))}",
                    "Give both the same.",
                )


def on_this_machine(config: Config, findings: Findings) -> Config | None:
    """
    The same configuration with folders for hub names, so that building it asks no hub.

    # Returns

    `Dict[str, Any]`, or `None` where an encoder is not here; `findings` says so.
    """
    folders: dict[str, str | None] = {}
    for key, name in _encoders(config, ""):
        if name not in folders:
            folders[name] = _folder(key, name, findings)
    if None in folders.values():
        return None
    return _replaced(deepcopy(config), folders)


def _folder(key: str, name: str, findings: Findings) -> str | None:
    try:
        found = locate(name)
    except ValueError as error:
        findings.error(key, str(error))
        return None
    if name.startswith(PACKAGE_PREFIX) or os.path.isdir(found):
        return name
    if os.path.isabs(found) or found.startswith(".") or found.count("/") > 1:
        findings.error(key, f"the folder {found} does not exist", "Correct the path.")
        return None
    try:
        return snapshot_download(found, local_files_only=True)
    except Exception as error:  # of the hub's library, whose errors differ between releases
        findings.warning(
            key,
            f"the encoder {name} is not on this machine ({type(error).__name__}), and this command "
            "loads nothing from the network",
            "Data and model were not checked. Training will fetch it from its hub.",
        )
        return None


def _encoders(config: Any, prefix: str) -> list[tuple[str, str]]:
    return [
        (key, value)
        for key, name, value in walk(config, prefix)
        if name in KEYS and isinstance(value, str)
    ]


def _replaced(value: Any, folders: dict[str, str | None], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _replaced(below, folders, key) for key, below in value.items()}
    if isinstance(value, list):
        return [_replaced(below, folders) for below in value]
    return folders[value] if name in KEYS and isinstance(value, str) else value
