"""What a trained model says of every example of a file, for the files that benchmarks take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params, Tqdm
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import lazy_groups_of
from allennlp.data import DatasetReader, Instance

from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.trained import Trained
from allennlp_heads.predictors.head_predictor import heads_of

AT_ONCE = 4096
"""Examples held in memory; QQP's test file has 391 thousand."""

NUMBERS = ("logits", "score", "no_answer_score")
"""What heads compute, by the names of their outputs; one of them must be there."""

Said = dict[str, Any]
"""What the head says of one example in words."""


def readers_of_type(source: Trained, kind: str) -> dict[str, dict[str, Any]]:
    """
    The configurations of an archive's readers of one registered type, by task; of tasks that have a
    head only.
    """
    readers = (source.config.get("dataset_reader") or {}).get("readers") or {}
    heads = heads_of(source.model)
    return {
        key: reader
        for key, reader in readers.items()
        if key in heads and isinstance(reader, dict) and reader.get("type") == kind
    }


def reader_of_task(source: Trained, key: str) -> DatasetReader:
    """The reader of an archive's task, which reads whole files (without `max_instances`)."""
    config = deepcopy(source.config["dataset_reader"]["readers"][key])
    params = Params({**config, "max_instances": None})
    return DatasetReader.from_params(params, serialization_dir=str(source.source.folder))


def predictions(source: Trained, key: str, path: Path) -> Iterator[tuple[Instance, Said]]:
    """
    # Parameters

    source : `Trained`
    key : `str`
        The archive's name of the task.
    path : `Path`
        A file of its reader.

    # Returns

    `Iterator[Tuple[Instance, Dict[str, Any]]]`
        Every example and what the head says of it, in the order of the file.

    Raises `ConfigurationError` for what is wrong with the file, and for predictions that are no
    numbers.
    """
    read = reader_of_task(source, key).read(str(path))
    examples: Iterable[Instance] = Tqdm.tqdm(read, desc=f"{key}: {path.name}")
    for chunk in lazy_groups_of(examples, AT_ONCE):
        said = _of_chunk(source, key, chunk, path)
        for place, instance in enumerate(chunk):
            yield instance, said[place]


def _of_chunk(source: Trained, key: str, chunk: list[Instance], path: Path) -> dict[int, Said]:
    model = source.model
    device = next(model.parameters()).device
    data = TaskData({key: chunk}, model.vocab, {key: str(path)}, device=device)
    found: dict[int, Said] = {}
    for batch in data.batches(key):
        with torch.no_grad():
            outputs = model(**batch)
        _check(source, key, outputs["head_outputs"][key])
        readable = model.make_output_human_readable(outputs)
        for place, example in enumerate(batch["example"]):
            found[example] = {name: values[place] for name, values in readable.items()}
    return found


def _check(source: Trained, key: str, output: dict[str, torch.Tensor]) -> None:
    numbers = next(output[name] for name in NUMBERS if name in output)
    if not torch.isfinite(numbers).all():
        raise ConfigurationError(
            f"{source.name}: its predictions of '{key}' are no numbers (nan or infinite); was it "
            "trained to its end?"
        )
