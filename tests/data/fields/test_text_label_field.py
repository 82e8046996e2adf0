import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, Instance, Vocabulary
from allennlp.data.fields import LabelField

from allennlp_heads.data.fields import UNSEEN, TextLabelField, be_lenient, unseen_labels


def _instance(label: str, strict: bool = False) -> Instance:
    return Instance({"label": TextLabelField(label, "x_labels", strict)})


VOCAB = Vocabulary.from_instances([_instance("a"), _instance("a"), _instance("b")])


def test_labels_and_the_unseen_one() -> None:
    batch = Batch([_instance("b"), _instance("a"), _instance("c")])
    batch.index_instances(VOCAB)
    tensor = batch.as_tensor_dict()["label"]
    assert isinstance(tensor, torch.Tensor) and tensor.tolist() == [1, 0, UNSEEN]
    assert [unseen_labels(instance) for instance in batch.instances] == [[], [], ["c"]]


def test_allennlp_field_raises_there() -> None:
    with pytest.raises(KeyError):
        LabelField("c", "x_labels").index(VOCAB)


def test_strict_until_made_lenient() -> None:
    instance = _instance("c", strict=True)
    with pytest.raises(ConfigurationError, match="'x_labels' lacks the label 'c'"):
        instance.index_fields(VOCAB)
    be_lenient(instance)
    instance.index_fields(VOCAB)
    assert unseen_labels(instance) == ["c"]


def test_a_second_vocabulary_of_the_same_instances() -> None:
    instances = [_instance("a"), _instance("b")]
    for _ in range(2):
        vocab = Vocabulary.from_instances(instances)
        assert vocab.get_vocab_size("x_labels") == 2
        for instance in instances:
            instance.index_fields(vocab)
