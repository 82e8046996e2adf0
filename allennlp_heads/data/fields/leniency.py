"""Instances whose labels may be unseen in training."""

import logging
from collections import Counter
from collections.abc import Iterable

from allennlp.data.instance import Instance

from allennlp_heads.data.fields.labeled_spans_field import LabeledSpansField
from allennlp_heads.data.fields.text_label_field import TextLabelField
from allennlp_heads.data.fields.unseen_label_field import UnseenLabelField

logger = logging.getLogger(__name__)


def be_lenient(instance: Instance) -> None:
    """Let labels of this instance be unseen in training."""
    for field in instance.fields.values():
        if isinstance(field, UnseenLabelField | LabeledSpansField | TextLabelField):
            field.strict = False


def unseen_labels(instance: Instance) -> list[str]:
    """All labels of an indexed instance that the vocabulary lacks, from all its fields."""
    found: list[str] = []
    for field in instance.fields.values():
        found.extend(getattr(field, "unseen_labels", ()))
    return found


def warn_of_unseen_labels(task: str, path: str, instances: Iterable[Instance]) -> bool:
    """
    Log which labels of indexed instances the vocabulary lacks, and how often each occurs. Returns
    whether there are any. `path` is where the instances come from.
    """
    counts: Counter[str] = Counter()
    for instance in instances:
        counts.update(unseen_labels(instance))
    if counts:
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        logger.warning(
            "%s (task '%s') has labels unseen in training, %d in all: %s. "
            "They are left out of the loss and count as errors in the score.",
            path,
            task,
            sum(counts.values()),
            ", ".join(f"{label} ({count})" for label, count in ordered),
        )
    return bool(counts)
