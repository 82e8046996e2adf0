"""The label of a whole text, which may never have been seen in training."""

from allennlp.data.fields import LabelField
from allennlp.data.vocabulary import Vocabulary

from allennlp_heads.data.fields.unseen_label_field import UNSEEN, missing_label


class TextLabelField(LabelField):
    """
    A `LabelField` that gives a label missing in the vocabulary the index `UNSEEN` (-1), where
    AllenNLP's field raises a `KeyError`. See `UnseenLabelField`, which does the same for the labels
    of a sequence.

    # Parameters

    label : `str`
        The label.
    label_namespace : `str`, optional (default = `"labels"`)
        Vocabulary namespace of the label.
    strict : `bool`, optional (default = `False`)
        A label missing in the vocabulary is a `ConfigurationError`.
    """

    __slots__ = ["unseen_labels", "strict"]

    unseen_labels: list[str]
    """The label, if `index` could not find it; empty before."""

    def __init__(self, label: str, label_namespace: str = "labels", strict: bool = False) -> None:
        super().__init__(label, label_namespace)
        self.unseen_labels = []
        self.strict = strict

    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        # AllenNLP's field counts nothing once it was indexed: a second vocabulary, made from the
        # same instances, would have no labels
        counter[self._label_namespace][str(self.label)] += 1

    def index(self, vocab: Vocabulary) -> None:
        known = vocab.get_token_to_index_vocabulary(self._label_namespace)
        self._label_id = known.get(str(self.label), UNSEEN)
        self.unseen_labels = [] if self.label in known else [str(self.label)]
        if self.strict and self.unseen_labels:
            raise missing_label(self._label_namespace, self.unseen_labels[0])
