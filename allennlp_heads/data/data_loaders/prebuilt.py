"""Instances turned into tensor batches, once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from allennlp.data import Batch, Instance, Vocabulary
from allennlp.data.fields import ListField, TextField

from allennlp_heads.data.data_loaders.bucketing import bucket

AnyBatch = dict[str, Any]


def build_batches(
    instances: Sequence[Instance],
    vocab: Vocabulary,
    batch_size: int,
    tokens_per_batch: int,
    seed: int | None = None,
) -> list[AnyBatch]:
    """
    Index, bucket and tensorise the instances of one task.

    The indexed text is dropped again from the instances, for the tensors hold it; they can be
    iterated over and indexed once more, also with another vocabulary.

    # Parameters

    instances : `Sequence[Instance]`
    vocab : `Vocabulary`
    batch_size, tokens_per_batch, seed
        See `bucket`.

    # Returns

    `List[Dict[str, Any]]`
        What a model's `forward` takes, on the CPU.
    """
    for instance in instances:
        instance.index_fields(vocab)
    lengths = [_length(instance) for instance in instances]
    batches = [
        Batch([instances[index] for index in indices]).as_tensor_dict()
        for indices in bucket(lengths, batch_size, tokens_per_batch, seed)
    ]
    _drop_indices(instances)
    return batches


def copy_batch(batch: Any, device: torch.device) -> Any:
    """
    A copy on a device. Models and AllenNLP's `move_to_device` change batches in place; the prebuilt
    one must be the same in every epoch.
    """
    if isinstance(batch, torch.Tensor):
        return batch.to(device, copy=True)
    if isinstance(batch, dict):
        return {key: copy_batch(value, device) for key, value in batch.items()}
    if isinstance(batch, list):
        return [copy_batch(value, device) for value in batch]
    return batch


def _length(instance: Instance) -> int:
    """
    The longest padding length of the text: pieces, where the indexer makes pieces. A list of texts
    is padded to its longest one.
    """
    return max((len(texts) * max(map(_pieces, texts)) for texts in _texts(instance)), default=1)


def _pieces(text: TextField) -> int:
    return max(text.get_padding_lengths().values())


def _texts(instance: Instance) -> Iterator[list[TextField]]:
    """The texts of each field of texts."""
    for field in instance.fields.values():
        inside = field.field_list if isinstance(field, ListField) else [field]
        texts = [text for text in inside if isinstance(text, TextField)]
        if texts:
            yield texts


def _drop_indices(instances: Iterable[Instance]) -> None:
    for instance in instances:
        instance.indexed = False
        for texts in _texts(instance):
            for text in texts:
                text._indexed_tokens = None
