from allennlp_heads.data.fields.unseen_label_field import (
    UNSEEN,
    UnseenLabelField,
    be_lenient,
    unseen_labels,
)

__all__ = ["UNSEEN", "UnseenLabelField", "be_lenient", "unseen_labels"]
