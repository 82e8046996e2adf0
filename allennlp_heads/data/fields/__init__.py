from allennlp_heads.data.fields.unseen_label_field import UNSEEN, UnseenLabelField, unseen_labels

__all__ = ["UNSEEN", "UnseenLabelField", "unseen_labels"]
