"""The tagger: losses, decoding, output, mistakes in the configuration."""

from itertools import product

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models.heads import Head
from torch.nn.functional import cross_entropy

from allennlp_heads.models.heads import TaggerHead
from tests.models.heads.head_batches import (
    DIM,
    LABELS,
    LENGTHS,
    WORDS,
    batch,
    check_examples_are_independent,
    run,
    vocabulary,
)

UPOS = ["NOUN", "VERB", "PRON", "PUNCT"]
BIO = ["O", "B-X", "I-X", "I-Y"]
LOOSE = {"BIO": BIO, "IOB1": BIO, "BIOUL": ["O", "B-X", "I-X", "L-X", "U-X"]}
STRICT = {**LOOSE, "BIOES": ["O", "B-X", "I-X", "E-X", "S-X"], "BMES": ["B", "M", "E", "S"]}


def tagger(labels: list[str] = UPOS, **options) -> TaggerHead:
    torch.manual_seed(0)
    return TaggerHead(vocabulary(upos_labels=labels), DIM, **options)


@pytest.mark.parametrize(
    "options",
    [{}, {"crf": True}, {"label_encoding": "BIO"}, {"crf": True, "label_encoding": "BIO"}],
)
def test_examples_are_independent(options):
    check_examples_are_independent(tagger(BIO, **options), tags=LABELS)


@pytest.mark.parametrize("crf", [False, True])
def test_loss_of_known_words(crf):
    """A new field's words are independent, so that both losses are the same cross-entropy."""
    head = tagger(crf=crf)
    output = run(head, batch(tags=LABELS))
    for row, labels in enumerate(LABELS):
        logits = output["logits"][row, : len(labels)]
        known = [label >= 0 for label in labels]
        expected = cross_entropy(logits, torch.tensor(labels), reduction="none", ignore_index=-1)
        torch.testing.assert_close(output["example_loss"][row], expected[known].sum())
        assert output["example_units"][row] == sum(known)
    torch.testing.assert_close(output["example_loss"][-1], torch.tensor(0.0))


@pytest.mark.parametrize("options", [{}, {"crf": True}])
def test_accuracy_and_counts(options):
    """The gold is what the tagger says, but for one wrong label and three not seen in training."""
    head = tagger(**options).eval()
    inputs = batch()
    tags = run(head, inputs)["tags"].clone()
    tags[0, 1] = (tags[0, 1] + 1) % len(UPOS)
    tags[1] = -1
    tags[3, 2] = -1
    output = run(head, {**inputs, "tags": tags})
    assert output["example_counts"].tolist() == [[3, 4, 4], [0, 2, 2], [1, 1, 1], [4, 5, 5]]
    assert head.get_metrics(reset=True) == {"accuracy": pytest.approx(8 / 12)}
    assert head.get_metrics() == {"accuracy": 0.0}


def test_the_metric_counts_what_is_decoded():
    head = tagger(BIO, label_encoding="BIO").eval()
    inputs = batch()
    tags = run(head, inputs)["tags"]
    output = run(head, {**inputs, "tags": tags})
    assert set(head.get_metrics().values()) == {1.0}
    free = output["logits"].argmax(-1).masked_fill(~output["mask"], 0)
    assert not torch.equal(free, tags)


@pytest.mark.parametrize("crf", [False, True])
def test_all_parameters_learn(crf):
    head = tagger(crf=crf).train()
    run(head, batch(tags=LABELS))["loss"].backward()
    assert len(list(head.parameters())) == (5 if crf else 2)
    for parameter in head.parameters():
        assert torch.isfinite(parameter.grad).all()
        assert parameter.grad.any()


@pytest.mark.parametrize("encoding", sorted(STRICT))
def test_decoding_keeps_to_the_encoding(encoding):
    """All sequences of the encoding are tried; the prediction is the best of them."""
    labels = STRICT[encoding]
    head = tagger(labels, label_encoding=encoding).eval()
    inputs = batch([0])
    output = run(head, inputs)
    (tags,) = head.make_output_human_readable(output)["tags"]
    scores = output["logits"][0]

    def total(sequence):
        return sum(scores[word, labels.index(tag)].item() for word, tag in enumerate(sequence))

    lawful = [s for s in product(labels, repeat=4) if is_lawful(s, encoding)]
    assert total(tags) == pytest.approx(max(map(total, lawful)))
    assert tuple(tags) in lawful


def is_lawful(sequence: tuple[str, ...], encoding: str) -> bool:
    """Whether a sequence keeps to an encoding, by the definitions."""
    pairs = list(zip(("O", *sequence), (*sequence, "O")))
    if encoding == "IOB1":  # B only where two spans of a type touch
        return all(b[0] != "B" or (a != "O" and a[1:] == b[1:]) for a, b in pairs)
    if encoding == "BIO":
        return all(b[0] != "I" or (a != "O" and a[1:] == b[1:]) for a, b in pairs)
    begin, inside = ("B", "M" if encoding == "BMES" else "I")
    return all((a[0] in (begin, inside)) == (b[0] in (inside, "L", "E")) for a, b in pairs)


def test_spans_are_scored_beside_words():
    """
    The gold is what the tagger says, but for a span whose type was not seen in training.
    """
    head = tagger(BIO, label_encoding="BIO", verbose_metrics=True).eval()
    assert head.main_metric == ("f1", "+")
    assert tagger(BIO).main_metric == ("accuracy", "+")
    inputs = batch()
    output = run(head, inputs)
    tags, spans = output["tags"].clone(), output["spans"]
    found = (spans[..., 0] >= 0).sum(-1)
    assert found[0] > 0
    start, end, _ = spans[0, 0]
    tags[0, start : end + 1] = -1
    output = run(head, {**inputs, "tags": tags})
    counts = torch.stack([found, found, found], -1)
    counts[0, 0] -= 1
    torch.testing.assert_close(output["example_counts"], counts)
    total = int(found.sum())
    scores = head.get_metrics(reset=True)
    assert scores["precision"] == scores["recall"] == pytest.approx(1 - 1 / total)
    assert scores["f1"] == pytest.approx(1 - 1 / total)
    assert scores["accuracy"] == pytest.approx(1 - int(end - start + 1) / sum(LENGTHS))
    assert {"f1-X", "f1-Y"} <= set(scores)
    assert set(head.get_metrics().values()) == {0.0}
    assert run(head.train(), batch(tags=LABELS))["example_counts"].dtype == torch.long


@pytest.mark.parametrize("encoding", sorted(STRICT))
def test_readable_spans_are_those_of_the_tags(encoding):
    head = tagger(STRICT[encoding], label_encoding=encoding).eval()
    readable = head.make_output_human_readable(run(head, batch()))
    assert set(readable) == {"words", "tags", "spans"}
    letters = str.maketrans("LU", "ES")
    for words, tags, spans in zip(WORDS, readable["tags"], readable["spans"]):
        covered = ["O"] * len(words)
        for span in spans:
            start, end, label = span["start"], span["end"], span["label"]
            assert span["text"].split() == words[start : end + 1]
            covered[start : end + 1] = [label] * (end + 1 - start)
            if encoding not in ("BIO", "IOB1"):
                first, last = (tags[place].translate(letters)[0] for place in (start, end))
                assert (first, last) == (("S", "S") if start == end else ("B", "E"))
        assert covered == ["O" if tag == "O" else tag[2:] for tag in tags]


def test_learnt_transitions_are_decoded():
    head = tagger(crf=True).eval()
    head.chain.transitions.data[:] = -100.0
    head.chain.transitions.data[2, 1] = head.chain.transitions.data[1, 2] = 0.0
    tags = run(head, batch([0]))["tags"][0].tolist()
    assert tags in ([1, 2, 1, 2], [2, 1, 2, 1])


def test_readable_output():
    head = tagger().eval()
    output = run(head, batch())
    assert not {"loss", "example_loss", "example_units", "example_counts"} & set(output)
    readable = head.make_output_human_readable(output)
    assert readable["words"] == WORDS
    assert [len(tags) for tags in readable["tags"]] == LENGTHS
    assert readable["tags"][0] == [UPOS[i] for i in output["logits"][0, :4].argmax(-1)]
    assert head.make_output_human_readable({}) == {}
    bare = {key: value for key, value in batch().items() if key != "metadata"}
    assert set(head.make_output_human_readable(run(head, bare))) == {"tags"}


def test_from_a_configuration():
    params = Params({"type": "tagger", "label_namespace": "upos_labels", "crf": True})
    head = Head.from_params(params, vocab=vocabulary(upos_labels=UPOS), input_dim=DIM)
    assert isinstance(head, TaggerHead)
    assert (head.default_predictor, head.main_metric) == ("tagger", ("accuracy", "+"))


def test_mistakes_in_the_configuration():
    with pytest.raises(ConfigurationError, match="label_encoding: 'bio' .* BIO, "):
        tagger(label_encoding="bio")
    with pytest.raises(ConfigurationError, match="label_encoding: 'NOUN' in 'upos_labels' .* BIO"):
        tagger(label_encoding="BIO")
    with pytest.raises(ConfigurationError, match="label_encoding: 'E-X' .* BIO"):
        tagger(STRICT["BIOES"], label_encoding="BIO")
    with pytest.raises(ConfigurationError, match="label_encoding: .* 'B-X' without 'E-X'"):
        tagger(STRICT["BIO"], label_encoding="BIOES")
    with pytest.raises(ConfigurationError, match="label_namespace: .* 'xpos_labels'; it has upos"):
        tagger(label_namespace="xpos_labels")


def test_labels_of_words_for_vectors_of_pieces():
    inputs = batch(tags=LABELS)
    inputs["tags"] = inputs["tags"][:, :-1]
    with pytest.raises(ConfigurationError, match="'tags' has 4 labels .* transformer_words"):
        run(tagger(), inputs)
