from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, Instance, Token, Vocabulary
from allennlp.data.fields import ListField, TextField

from allennlp_heads.data.fields import UNSEEN, LabeledSpansField, be_lenient, unseen_labels


def _text(length: int) -> TextField:
    return TextField([Token("w") for _ in range(length)], {})


def _instance(length: int, *spans: tuple[Any, ...], **options: Any) -> Instance:
    field = LabeledSpansField(list(spans), _text(length), "ner_labels", **options)
    return Instance({"spans": field})


def _vocab(*labels: str) -> Vocabulary:
    return Vocabulary.from_instances([_instance(1, *((0, 0, label) for label in labels))])


def _batch(*instances: Instance, vocab: Vocabulary) -> torch.Tensor:
    batch = Batch(instances)
    batch.index_instances(vocab)
    tensor: Any = batch.as_tensor_dict()["spans"]
    return tensor


def test_spans_of_a_batch() -> None:
    tensor = _batch(
        _instance(3, (0, 2, "ORG"), (1, 1, "PER")),
        _instance(1),
        _instance(2, (0, 0, "PER")),
        vocab=_vocab("ORG", "PER"),
    )
    assert tensor.dtype == torch.long
    assert tensor.tolist() == [
        [[0, 2, 0], [1, 1, 1]],
        [[-1, -1, -1], [-1, -1, -1]],
        [[0, 0, 1], [-1, -1, -1]],
    ]


def test_arguments_have_three_positions() -> None:
    tensor = _batch(
        _instance(4, (2, 0, 1, "ARG0"), positions=3),
        _instance(2, positions=3),
        vocab=_vocab("ARG0"),
    )
    assert tensor.tolist() == [[[2, 0, 1, 0]], [[-1, -1, -1, -1]]]


@pytest.mark.parametrize("positions", [2, 3])
def test_no_span_in_the_batch(positions: int) -> None:
    instances = [_instance(2, positions=positions) for _ in range(2)]
    assert _batch(*instances, vocab=_vocab("X")).shape == (2, 0, positions + 1)


def test_unseen_labels_keep_their_place() -> None:
    instance = _instance(3, (0, 1, "NEW"), (2, 2, "PER"), (0, 0, "NEW"))
    tensor = _batch(instance, vocab=_vocab("PER"))
    assert tensor[0].tolist() == [[0, 1, UNSEEN], [2, 2, 0], [0, 0, UNSEEN]]
    assert unseen_labels(instance) == ["NEW", "NEW"]
    instance.indexed = False
    instance.index_fields(_vocab("PER", "NEW"))
    assert unseen_labels(instance) == []


def test_strict_for_models_that_do_not_know_minus_one() -> None:
    instance = _instance(2, (0, 1, "NEW"), strict=True)
    with pytest.raises(ConfigurationError, match="'ner_labels' lacks the label 'NEW'"):
        instance.index_fields(_vocab("PER"))
    be_lenient(instance)
    instance.index_fields(_vocab("PER"))
    assert unseen_labels(instance) == ["NEW"]


def test_counted_also_after_indexing() -> None:
    instance = _instance(2, (0, 1, "NEW"))
    instance.index_fields(_vocab("PER"))
    vocab = Vocabulary.from_instances([instance])
    assert set(vocab.get_token_to_index_vocabulary("ner_labels")) == {"NEW"}


@pytest.mark.parametrize(
    "spans, positions, problem",
    [
        ([(0, "X")], 2, "needs 2 positions and a label"),
        ([(0, 1, "X")], 3, "needs 3 positions and a label"),
        ([(0, 3, "X")], 2, "does not fit a sequence of length 3: positions are 0 to 2"),
        ([(-1, 1, "X")], 2, "does not fit"),
        ([(2, 1, "X")], 2, "end .inclusive. is not before the start"),
        ([(3, 0, 1, "X")], 3, "does not fit"),
    ],
)
def test_spans_that_do_not_fit(spans: list[Any], positions: int, problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        LabeledSpansField(spans, _text(3), "ner_labels", positions)


def test_a_predicate_may_stand_after_its_argument() -> None:
    assert len(LabeledSpansField([(2, 0, 1, "ARG0")], _text(3), "srl_labels", 3)) == 1


def test_tensor_needs_indexing() -> None:
    with pytest.raises(ConfigurationError, match="index"):
        LabeledSpansField([], _text(1), "ner_labels").as_tensor({"num_spans": 0})


def test_in_lists_of_fields() -> None:
    """`ListField` pads with empty fields."""
    fields = [LabeledSpansField([(0, 0, "PER")], _text(1), "ner_labels") for _ in range(2)]
    lists = [Instance({"spans": ListField(fields[:count])}) for count in (2, 1)]
    batch = Batch(lists)
    batch.index_instances(_vocab("PER"))
    tensor: Any = batch.as_tensor_dict()["spans"]
    assert tensor.tolist() == [[[[0, 0, 0]], [[0, 0, 0]]], [[[0, 0, 0]], [[-1, -1, -1]]]]


def test_readable() -> None:
    field = LabeledSpansField([(0, 1, "PER")], _text(2), "ner_labels")
    assert field.human_readable_repr() == [(0, 1, "PER")]
    assert "'ner_labels' with [(0, 1, 'PER')]" in str(field)
