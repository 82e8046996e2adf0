"""Labels of a sequence of which some may never have been seen in training."""

from allennlp.common.checks import ConfigurationError
from allennlp.data.fields import SequenceField, SequenceLabelField
from allennlp.data.vocabulary import Vocabulary

UNSEEN = -1
"""Index of a label unseen in training: left out of the loss, an error in the score."""


class UnseenLabelField(SequenceLabelField):
    """
    A `SequenceLabelField` that gives labels missing in the vocabulary the index `UNSEEN` (-1),
    where AllenNLP's field raises a `KeyError`. Development and test data often have a rare label
    that the training data lacks; it must neither stop the evaluation nor be taken for another
    label.

    Its tensor has the padding value 0, as AllenNLP's: the mask of the text says which values are
    real. Parameters are those of `SequenceLabelField`, and

    strict : `bool`, optional (default = `False`)
        `True` where the model may be a foreign one, which takes the index -1 for an index: a label
        missing in the vocabulary is then a `ConfigurationError`. The reader `multitask_heads` makes
        its fields lenient, since the heads of its model know `UNSEEN`.
    """

    __slots__ = ["unseen_labels", "strict"]

    unseen_labels: list[str]
    """The labels that `index` could not find, one entry a place; empty before."""

    def __init__(
        self,
        labels: list[str] | list[int],
        sequence_field: SequenceField,
        label_namespace: str = "labels",
        strict: bool = False,
    ) -> None:
        super().__init__(labels, sequence_field, label_namespace)
        self.unseen_labels = []
        self.strict = strict

    def count_vocab_items(self, counter: dict[str, dict[str, int]]) -> None:
        # AllenNLP's field counts nothing once it was indexed: a second vocabulary, made from the
        # same instances, would have no labels
        if not self._skip_indexing:
            for label in self.labels:
                counter[self._label_namespace][str(label)] += 1

    def index(self, vocab: Vocabulary) -> None:
        if self._skip_indexing:
            return
        known = vocab.get_token_to_index_vocabulary(self._label_namespace)
        self._indexed_labels = [known.get(str(label), UNSEEN) for label in self.labels]
        self.unseen_labels = [str(label) for label in self.labels if label not in known]
        if self.strict and self.unseen_labels:
            raise missing_label(self._label_namespace, self.unseen_labels[0])


def missing_label(namespace: str, label: str) -> ConfigurationError:
    """The error for a label that a strict field could not find, to be raised by the caller."""
    return ConfigurationError(
        f"the vocabulary '{namespace}' lacks the label '{label}', which only the model and reader "
        "'multitask_heads' can score. Leave out 'datasets_for_vocab_creation', so that the labels "
        "of all data are known"
    )
