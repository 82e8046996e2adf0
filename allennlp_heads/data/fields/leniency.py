"""Instances whose labels may be unseen in training."""

from allennlp.data.instance import Instance

from allennlp_heads.data.fields.labeled_spans_field import LabeledSpansField
from allennlp_heads.data.fields.text_label_field import TextLabelField
from allennlp_heads.data.fields.unseen_label_field import UnseenLabelField


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
