from allennlp_heads.data.fields.labeled_spans_field import LabeledSpansField
from allennlp_heads.data.fields.leniency import (
    be_lenient,
    unseen_labels,
    warn_of_unseen_labels,
)
from allennlp_heads.data.fields.text_label_field import TextLabelField
from allennlp_heads.data.fields.unseen_label_field import UNSEEN, UnseenLabelField

__all__ = [
    "UNSEEN",
    "LabeledSpansField",
    "TextLabelField",
    "UnseenLabelField",
    "be_lenient",
    "unseen_labels",
    "warn_of_unseen_labels",
]
