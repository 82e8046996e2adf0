"""Entities as spans: loss, decoding, scores, output, mistakes in the configuration."""

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models.heads import Head
from torch.nn.functional import cross_entropy

from allennlp_heads.models.heads import SpanNerHead
from allennlp_heads.models.heads.span_ner import gold_classes
from tests.models.heads.head_batches import (
    DIM,
    LENGTHS,
    WORDS,
    batch,
    check_examples_are_independent,
    run,
    vocabulary,
)
from tests.nn import plain_selection

TYPES = ["LOC", "PER"]
SPANS = [[(0, 1, 0), (1, 1, 1), (3, 3, -1)], [(0, 0, 1)], [(0, 0, 0)], []]
"""The first sentence has a span inside another one, and one of a type not seen in training."""


def ner(std: float = 1.0, **options) -> SpanNerHead:
    """A small head with decided opinions."""
    torch.manual_seed(0)
    head = SpanNerHead(vocabulary(ner_labels=TYPES), DIM, span_dim=6, **options)
    torch.nn.init.normal_(head.scorer.weight, std=std)
    return head


def class_scores(head: SpanNerHead, row: int) -> torch.Tensor:
    """The scores `[class, first word, last word]` of a sentence by the equation."""
    text = batch([row])["encoded_text"][0]
    one = torch.ones(len(text), 1)
    start = torch.cat([text @ head.start.weight.T + head.start.bias, one], 1)
    end = torch.cat([text @ head.end.weight.T + head.end.bias, one], 1)
    return torch.stack([start @ weight @ end.T for weight in head.scorer.weight])


@pytest.mark.parametrize("nested", [False, True])
def test_examples_are_independent(nested):
    check_examples_are_independent(ner(nested=nested), spans=SPANS)


@pytest.mark.parametrize("row", range(len(WORDS)))
def test_loss_span_by_span(row):
    """The equation once more, one span after the other, for one sentence."""
    head = ner().eval()
    scores = class_scores(head, row)
    gold = {(start, end): label + 1 for start, end, label in SPANS[row]}
    losses = []
    for start in range(LENGTHS[row]):
        for end in range(start, LENGTHS[row]):
            label = gold.get((start, end), 0)
            if (start, end) not in gold or label > 0:  # 0 in the gold: not seen in training
                losses.append(cross_entropy(scores[:, start, end], torch.tensor(label)))
    output = run(head, batch([row], spans=SPANS))
    torch.testing.assert_close(output["example_loss"][0], torch.stack(losses).sum())
    torch.testing.assert_close(output["loss"], torch.stack(losses).mean())
    assert output["example_units"].tolist() == [len(losses)]


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("row", range(len(WORDS)))
def test_prediction_is_the_plain_one(row, nested):
    head = ner(nested=nested).eval()
    expected = plain_selection.decode(
        class_scores(head, row).detach().tolist(), LENGTHS[row], nested
    )
    found = run(head, batch([row]))["spans"][0]
    assert [tuple(span) for span in found.tolist()] == expected


def test_flat_decoding_cannot_find_what_is_nested():
    """A head that learnt nested gold says all of it only if it may."""
    torch.manual_seed(0)
    head = SpanNerHead(vocabulary(ner_labels=TYPES), DIM, span_dim=20, nested=True).train()
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(100):
        optimizer.zero_grad()
        run(head, batch(spans=SPANS))["loss"].backward()
        optimizer.step()
    head.eval().get_metrics(reset=True)
    run(head, batch(spans=SPANS))
    # What was not seen in training is still gold: 4 of 5.
    assert head.get_metrics(reset=True) == pytest.approx(
        {"precision": 1.0, "recall": 4 / 5, "f1": 8 / 9}
    )
    head.nested = False
    output = run(head, batch(spans=SPANS))
    assert output["example_counts"].tolist() == [[1, 1, 3], [1, 1, 1], [1, 1, 1], [0, 0, 0]]


def test_scores_and_counts():
    """The gold is what the head says, but for one type and one span left out."""
    head = ner(verbose_metrics=True).eval()
    gold = run(head, batch())["spans"]
    real = gold[..., 0] >= 0
    assert real.sum(-1).tolist() == [2, 0, 1, 1]
    gold = gold.clone()
    gold[0, 0, 2] = 1 - gold[0, 0, 2]
    gold[3, 0] = -1
    output = run(head, {**batch(), "spans": gold})
    assert output["example_counts"].tolist() == [[1, 2, 2], [0, 0, 0], [1, 1, 1], [0, 1, 0]]
    scores = head.get_metrics(reset=True)
    assert scores["precision"] == pytest.approx(2 / 4)
    assert scores["recall"] == pytest.approx(2 / 3)
    assert scores["f1"] == pytest.approx(4 / 7)
    names = ("precision", "recall", "f1")
    assert set(scores) == {*names, *(f"{name}-{label}" for name in names for label in TYPES)}
    assert set(head.get_metrics().values()) == {0.0}


def test_the_first_loss_is_that_of_equal_chances():
    head = SpanNerHead(vocabulary(ner_labels=TYPES), DIM)
    output = run(head, batch(spans=SPANS))
    assert output["loss"].item() == pytest.approx(torch.tensor(3.0).log().item())
    assert output["spans"].shape == (4, 0, 3)
    output["loss"].backward()
    assert head.scorer.weight.grad.any()


def test_all_parameters_learn():
    head = ner().train()
    inputs = batch(padding=2, spans=SPANS)
    inputs["encoded_text"].requires_grad_()
    run(head, inputs)["loss"].backward()
    for name, parameter in head.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.any(), name
    padding = ~inputs["encoded_text_mask"]
    assert not inputs["encoded_text"].grad[padding].any()
    assert inputs["encoded_text"].grad[~padding].any(-1).all()


def test_a_batch_without_gold_spans():
    head = ner().train()
    output = run(head, batch(spans=[[], [], [], []]))
    assert output["example_units"].tolist() == [10, 3, 1, 15]
    assert output["example_counts"][:, 2].tolist() == [0] * 4
    output["loss"].backward()
    assert torch.isfinite(head.scorer.weight.grad).all()


def test_nothing_known_is_no_loss():
    output = run(ner(), batch([2], spans=[[], [], [(0, 0, -1)], []]))
    assert output["example_units"].tolist() == [0]
    assert output["loss"] == 0
    assert output["example_counts"][0, 2] == 1


def test_gold_of_several_types():
    """Two types of one span, seen or not, in either order."""
    mask = torch.ones(1, 2, dtype=torch.bool)
    for rows in ([(0, 1, 1), (0, 1, 0), (0, 1, -1)], [(0, 1, -1), (0, 1, 0), (0, 1, 1)]):
        classes, known = gold_classes(torch.tensor([[*rows, (1, 1, -1), (-1, -1, -1)]]), mask)
        assert classes.tolist() == [[[0, 2], [0, 0]]]
        assert known.tolist() == [[[True, True], [False, False]]]


def test_half_precision_of_what_lies_below():
    """Scores and losses are float32, whatever the products are computed in."""
    head = ner().eval()
    inputs = batch(spans=SPANS)
    full = run(head, inputs)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = run(head, inputs)
    assert half["loss"].dtype == half["example_loss"].dtype == torch.float32
    torch.testing.assert_close(half["loss"], full["loss"], rtol=0.05, atol=0.05)
    torch.testing.assert_close(half["example_units"], full["example_units"])


def test_readable_output():
    head = ner().eval()
    output = run(head, batch())
    assert not {"loss", "example_loss", "example_units", "example_counts"} & set(output)
    readable = head.make_output_human_readable(output)
    assert readable["words"] == WORDS
    for words, spans, rows in zip(WORDS, readable["spans"], output["spans"].tolist()):
        assert [[span["start"], span["end"], TYPES.index(span["label"])] for span in spans] == [
            row for row in rows if row[0] >= 0
        ]
        for span in spans:
            assert list(span) == ["start", "end", "label", "text"]
            assert span["text"].split() == words[span["start"] : span["end"] + 1]
    bare = {key: value for key, value in batch().items() if key != "metadata"}
    unworded = head.make_output_human_readable(run(head, bare))
    assert set(unworded) == {"spans"}
    assert list(unworded["spans"][0][0]) == ["start", "end", "label"]
    assert head.make_output_human_readable({}) == {}


def test_from_a_configuration():
    params = Params({"type": "span_ner", "nested": True})
    head = Head.from_params(params, vocab=vocabulary(ner_labels=TYPES), input_dim=DIM)
    assert isinstance(head, SpanNerHead)
    assert (head.default_predictor, head.main_metric) == ("span_ner", ("f1", "+"))
    assert head.start.weight.shape == head.end.weight.shape == (150, DIM)
    assert head.scorer.weight.shape == (len(TYPES) + 1, 151, 151)
    assert not head.scorer.weight.any()


def test_mistakes_in_the_configuration():
    with pytest.raises(ConfigurationError, match="label_namespace: .* 'names'; it has ner_labels"):
        ner(label_namespace="names")
    inputs = batch(spans=SPANS)
    inputs["metadata"][3] = {"words": WORDS[3][:2]}
    with pytest.raises(ConfigurationError, match="'spans' .* 5 vectors .* 4 words"):
        run(ner(), inputs)
