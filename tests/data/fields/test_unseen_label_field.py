import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, Instance, Token, Vocabulary
from allennlp.data.fields import SequenceLabelField, TextField

from allennlp_heads.data.fields import UNSEEN, UnseenLabelField, be_lenient, unseen_labels


def _text(words: str) -> TextField:
    return TextField([Token(word) for word in words.split()], {})


def _vocab(*labels: str, namespace: str = "pos_labels") -> Vocabulary:
    return Vocabulary.from_instances(
        [Instance({"x": UnseenLabelField(list(labels), _text(" ".join(labels)), namespace)})]
    )


def test_unseen_labels_are_minus_one_and_named() -> None:
    field = UnseenLabelField(["N", "X", "V", "X"], _text("a b c d"), "pos_labels")
    field.index(_vocab("N", "V"))
    assert field.as_tensor({"num_tokens": 6}).tolist() == [0, UNSEEN, 1, UNSEEN, 0, 0]
    assert field.unseen_labels == ["X", "X"]
    field.index(_vocab("N", "V", "X"))
    assert field.unseen_labels == []


def test_allennlp_field_raises_there() -> None:
    field = SequenceLabelField(["N", "X"], _text("a b"), "pos_labels")
    with pytest.raises(KeyError):
        field.index(_vocab("N"))


def test_unseen_is_not_the_unknown_token_of_a_padded_namespace() -> None:
    vocab = _vocab("N", namespace="pos")
    field = UnseenLabelField(["N", "X"], _text("a b"), "pos")
    field.index(vocab)
    assert field.as_tensor({"num_tokens": 2}).tolist() == [
        vocab.get_token_index("N", "pos"),
        UNSEEN,
    ]


def test_an_unknown_namespace() -> None:
    field = UnseenLabelField(["N"], _text("a"), "other_labels")
    field.index(_vocab("N"))
    assert field.unseen_labels == ["N"]


def test_counted_also_after_indexing() -> None:
    text = _text("a b")
    instance = Instance({"tags": UnseenLabelField(["N", "X"], text, "pos_labels")})
    instance.index_fields(_vocab("N"))
    vocab = Vocabulary.from_instances([instance])
    assert set(vocab.get_token_to_index_vocabulary("pos_labels")) == {"N", "X"}


def test_numbers_are_left_alone() -> None:
    field = UnseenLabelField([3, 0], _text("a b"), "pos_labels")
    field.index(_vocab("N"))
    field.count_vocab_items({})
    assert field.as_tensor({"num_tokens": 2}).tolist() == [3, 0]
    assert field.unseen_labels == []


def test_in_instances_and_batches() -> None:
    instances = []
    for labels in (["N", "X"], ["V"]):
        text = _text(" ".join(labels))
        fields = {"tags": UnseenLabelField(labels, text, "pos_labels"), "text": text}
        instances.append(Instance(fields))
    batch = Batch(instances)
    batch.index_instances(_vocab("N", "V"))
    assert torch.equal(batch.as_tensor_dict()["tags"], torch.tensor([[0, UNSEEN], [1, 0]]))
    assert [unseen_labels(instance) for instance in instances] == [["X"], []]


def test_strict_for_models_that_do_not_know_minus_one() -> None:
    text = _text("a b")
    field = UnseenLabelField(["N", "X"], text, "pos_labels", strict=True)
    with pytest.raises(ConfigurationError, match="'pos_labels' lacks the label 'X'"):
        field.index(_vocab("N"))
    be_lenient(Instance({"tags": field, "text": text}))
    field.index(_vocab("N"))
    assert field.unseen_labels == ["X"]
