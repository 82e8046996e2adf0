"""A pretrained encoder without any training, and readers for it: what the study calls static."""

from __future__ import annotations

from typing import Any

import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.models.archival import check_device
from allennlp_heads.modules import GatedEncoder

Config = dict[str, Any]

_INDEXER = "transformer_words"

_EXAMPLE = """{{
  transformer_model: '{encoder}',
  dataset_reader: {{
    type: 'multitask_heads',
    readers: {{ dep: {{ type: 'conllu', view: 'dependency' }} }},
  }},
  train_data_path: {{ dep: 'train.conllu' }},
  validation_data_path: {{ dep: 'dev.conllu' }},
  test_data_path: {{ dep: 'test.conllu' }},
}}"""


def bare_encoder(
    transformer_model: str, max_length: int | None = None, cuda_device: int = -1
) -> GatedEncoder:
    """
    A pretrained encoder as it is, with open gates, in evaluation mode.

    # Parameters

    transformer_model : `str`
        A hub name, a folder, or `package:<package>/<folder>`.
    max_length : `int`, optional (default = `None`)
        Pieces in a window; by default as many as the encoder takes.
    cuda_device : `int`, optional (default = `-1`)

    Raises `ConfigurationError` for an unknown encoder, a window that it cannot take and a GPU that
    there is not.
    """
    check_device(cuda_device)
    encoder = GatedEncoder(transformer_model, max_length=max_length, word_dropout=0.0)
    device = torch.device("cpu" if cuda_device < 0 else cuda_device)
    return encoder.to(device).eval()


def reading_for(transformer_model: str, reader: Config) -> Config:
    """
    The configuration of a reader of tasks whose words are split for this encoder.

    # Parameters

    transformer_model : `str`
    reader : `Dict[str, Any]`
        Stays as it is.

    # Returns

    `Dict[str, Any]`
        With `token_indexers` for those of `readers` that name none.

    Raises `ConfigurationError` where one names another encoder, whose pieces would mean something
    else to this one.
    """
    readers = reader.get("readers")
    if not isinstance(readers, dict) or not readers:
        raise ConfigurationError(
            "'dataset_reader' has no tasks: give the reader 'multitask_heads', with one of "
            "'readers' for each task"
        )
    return {
        **reader,
        "readers": {
            task: _reading(transformer_model, task, config) for task, config in readers.items()
        },
    }


def example_configuration(transformer_model: str) -> str:
    """A short configuration that probes this encoder, as Jsonnet."""
    return _EXAMPLE.format(encoder=transformer_model)


def _reading(transformer_model: str, task: str, reader: Any) -> Any:
    if not isinstance(reader, dict):  # the bare name of a type
        reader = {"type": reader}
    indexer = {"type": _INDEXER, "transformer_model": transformer_model}
    given = reader.get("token_indexers") or {"tokens": indexer}
    for name, config in given.items():
        other = config.get("transformer_model") if isinstance(config, dict) else None
        if other != transformer_model:
            raise ConfigurationError(
                f"dataset_reader.readers.{task}.token_indexers.{name} splits words for {other}, "
                f"but the encoder is {transformer_model}: name that one, or leave 'token_indexers' "
                "out"
            )
    return {**reader, "token_indexers": given}
