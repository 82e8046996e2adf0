"""What the examples of a data path are, task by task."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from allennlp.data import DataLoader, Field, Instance
from allennlp.data.fields import ListField, MetadataField, TextField

ONLY = ""
"""Stands for the task where the reader knows of none."""
_TEXT = ("words", "text", "text_pair", "question", "context")


@dataclass
class TaskExamples:
    """
    The examples of one task in one data path.

    # Parameters

    labels : `Dict[str, Dict[str, int]]`
        How often each label occurs, by vocabulary namespace.
    texts : `Counter[int]`
        How often each text occurs, by its hash; a text is all text of an example.
    lengths : `Counter[int]`
        How many tokens of the reader's the examples have, the longest of each one's texts.
    """

    labels: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(Counter))
    texts: Counter[int] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """Number of examples."""
        return self.texts.total()


SplitData = dict[str, TaskExamples]
"""By task; `ONLY` where there are no tasks."""


def read_split(loader: DataLoader) -> SplitData:
    """The examples of a loader that is not indexed yet."""
    found: SplitData = defaultdict(TaskExamples)
    for instance in loader.iter_instances():
        examples = found[task_of(instance)]
        inside = list(texts_of(instance))
        examples.texts[hash(_whole_text(instance) or tuple(map(_text, inside)))] += 1
        examples.lengths[max(map(len, inside), default=0)] += 1
        for own in instance.fields.values():
            if not _is_text(own):
                own.count_vocab_items(examples.labels)
    return dict(found)


def task_of(instance: Instance) -> str:
    """The task that our reader and AllenNLP's `multitask` give an example."""
    found = instance.fields.get("task")
    return str(getattr(found, "metadata", ONLY)) if found is not None else ONLY


def texts_of(instance: Instance) -> Iterator[TextField]:
    """All text fields, those in lists among them."""
    for own in instance.fields.values():
        inside = own.field_list if isinstance(own, ListField) else [own]
        yield from (inner for inner in inside if isinstance(inner, TextField))


def _whole_text(instance: Instance) -> tuple[str, ...]:
    """The text as our readers keep it, before a tokenizer cuts it; else nothing."""
    found = instance.fields.get("metadata")
    kept = found.metadata if isinstance(found, MetadataField) else None
    return tuple(str(kept[key]) for key in _TEXT if key in kept) if isinstance(kept, dict) else ()


def _text(found: TextField) -> str:
    return "\t".join(str(token) for token in found.tokens)


def _is_text(found: Field) -> bool:
    return isinstance(found, TextField) or (
        isinstance(found, ListField) and isinstance(found.field_list[0], TextField)
    )
