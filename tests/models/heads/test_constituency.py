"""The constituency parser: loss, trees, scores, output, mistakes in the configuration."""

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models.heads import Head
from nltk import Tree
from torch.nn.functional import cross_entropy, leaky_relu

from allennlp_heads.data.trees import binarized_spans, bracketed
from allennlp_heads.models.heads import ConstituencyHead
from allennlp_heads.models.heads.constituency import fenceposts
from tests.models.heads.head_batches import (
    DIM,
    LENGTHS,
    TREES,
    WORDS,
    batch,
    check_examples_are_independent,
    run,
    vocabulary,
)
from tests.nn.plain_spans import all_trees, plain_cky

SPANS = [binarized_spans(Tree.fromstring(tree)) for tree in TREES]
LABELS = sorted({label for tree in SPANS[:2] for *_, label in tree})
"""Those of the first two trees; the third and the fourth one have others."""
VOCAB = vocabulary(con_labels=LABELS)
GOLD = {
    "spans": [
        [(i, j, LABELS.index(label) if label in LABELS else -1) for i, j, label in tree]
        for tree in SPANS
    ]
}


def parser(std: float = 1.0, **options) -> ConstituencyHead:
    """A small parser with decided opinions."""
    torch.manual_seed(0)
    head = ConstituencyHead(VOCAB, DIM, span_dim=8, label_dim=6, **options)
    torch.nn.init.normal_(head.span_scorer.weight, std=std)
    torch.nn.init.normal_(head.label_scorer.weight, std=std)
    return head


@pytest.mark.parametrize("decoder", ["mbr", "cky"])
def test_examples_are_independent(decoder):
    check_examples_are_independent(parser(decoder=decoder), **GOLD)


def places_of(inputs) -> list[torch.Tensor]:
    """The vectors of the places of a batch of one sentence."""
    before, after = inputs["boundary"][0]
    vectors = [before, *inputs["encoded_text"][0], after]
    return [torch.cat([a[: DIM // 2], b[DIM // 2 :]]) for a, b in zip(vectors, vectors[1:])]


@torch.no_grad()
def span_scores(head: ConstituencyHead, inputs) -> list[list[float]]:
    """Of one sentence, by start and end."""
    places, one = places_of(inputs), torch.ones(1)
    starts = [torch.cat([mlp(head.span_start, place), one]) for place in places[:-1]]
    ends = [mlp(head.span_end, place) for place in places[1:]]
    weight = head.span_scorer.weight[0]
    return [[float(start @ weight @ end) for end in ends] for start in starts]


def mlp(module, vector):
    return leaky_relu(module.linear.weight @ vector + module.linear.bias, 0.1)


@pytest.mark.parametrize("row", range(len(WORDS)))
def test_loss_tree_by_tree(row):
    """The equations once more, one tree and one span after the other, for one sentence."""
    head = parser().eval()
    inputs = batch([row], **GOLD)
    scores, places, one = span_scores(head, inputs), places_of(inputs), torch.ones(1)
    trees = list(all_trees(0, LENGTHS[row] - 1))
    totals = torch.tensor([sum(scores[i][j] for i, j in tree) for tree in trees])
    gold = sorted((i, j) for i, j, _ in SPANS[row])
    expected = -totals.log_softmax(0)[[sorted(tree) for tree in trees].index(gold)]
    losses = []
    for i, j, label in GOLD["spans"][row]:
        start = torch.cat([mlp(head.label_start, places[i]), one])
        end = torch.cat([mlp(head.label_end, places[j + 1]), one])
        found = torch.stack([start @ weight @ end for weight in head.label_scorer.weight])
        if label >= 0:
            losses.append(cross_entropy(found, torch.tensor(label)))
    if losses:
        expected = expected + torch.stack(losses).mean() * LENGTHS[row]
    output = run(head, inputs)
    torch.testing.assert_close(output["example_loss"][0], expected, rtol=1e-4, atol=1e-5)
    assert output["example_units"].tolist() == [LENGTHS[row]]


def test_places_of_sentences_of_different_lengths():
    inputs = batch([1, 0], padding=2)
    text, mask = inputs["encoded_text"], inputs["encoded_text_mask"]
    places = fenceposts(text, mask, inputs["boundary"])
    assert places.shape == (2, 7, DIM)
    for place, row in enumerate([1, 0]):
        alone = torch.stack(places_of(batch([row])))
        assert torch.equal(places[place, : LENGTHS[row] + 1], alone)


def test_without_known_labels_only_the_tree_is_learned():
    head = parser()
    inputs = batch([0], **GOLD)
    inputs["spans"][..., 2] = -1
    run(head, inputs)["loss"].backward()
    assert not head.label_scorer.weight.grad.any()
    assert head.span_scorer.weight.grad.any()


@pytest.mark.parametrize("row", [0, 3])
def test_cky_finds_the_best_tree(row):
    head = parser(decoder="cky").eval()
    inputs = batch([row])
    spans = run(head, inputs)["spans"][0].tolist()
    assert [(i, j) for i, j, _ in spans] == plain_cky(span_scores(head, inputs))


def test_the_decoders_differ():
    torch.manual_seed(1)
    mask = torch.arange(12)[None, :] < torch.randint(1, 13, (30, 1))
    boundary, text = torch.randn(30, 2, DIM), torch.randn(30, 12, DIM)
    first, second = (parser(0.3, decoder=kind).eval() for kind in ("mbr", "cky"))
    trees = [head(text, mask, boundary)["spans"] for head in (first, second)]
    assert trees[0].shape == trees[1].shape and not torch.equal(*trees)
    assert (trees[0][..., 0] >= 0).sum(-1).tolist() == (2 * mask.sum(-1) - 1).tolist()


def test_scores_and_counts():
    """Told what the model itself says, all brackets are right."""
    head = parser().eval()
    readable = head.make_output_human_readable(run(head, batch()))
    inputs = batch(**GOLD)
    for entry, tree in zip(inputs["metadata"], readable["tree"]):
        entry["tree"] = tree
    counts = run(head, inputs)["example_counts"]
    assert (counts[:, 0] == counts[:, 1]).all() and (counts[:, 0] == counts[:, 2]).all()
    scores = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "exact": 1.0}
    assert head.get_metrics(reset=True) == pytest.approx(scores)
    # The labels of the last tree were never seen, and yet its brackets are in the gold.
    counts = run(head, batch(**GOLD))["example_counts"]
    assert counts[:, 2].tolist() == [4, 3, 0, 4]
    assert head.get_metrics(reset=True)["f1"] < 1.0
    assert set(head.get_metrics().values()) == {0.0}


def test_what_is_not_known_is_not_scored():
    head = parser().eval()
    inputs = batch(**GOLD)
    del inputs["metadata"][1]["tree"]
    output = run(head, inputs)
    assert "example_counts" not in output and "example_loss" in output
    inputs.pop("metadata")
    readable = head.make_output_human_readable(run(head, inputs))
    assert [Tree.fromstring(tree).leaves() for tree in readable["tree"]] == [
        ["_"] * length for length in LENGTHS
    ]
    assert "words" not in readable


def test_training_makes_no_trees():
    head = parser().train()
    output = run(head, batch(**GOLD))
    assert "spans" not in output and "example_counts" not in output
    assert head.get_metrics() == {}
    assert head.make_output_human_readable(output) == {"words": WORDS}


def test_readable_output():
    head = parser().eval()
    inputs = batch()
    inputs["metadata"][1]["pos"] = ["PRP", "VBP"]
    readable = head.make_output_human_readable(run(head, inputs))
    assert readable["words"] == WORDS
    trees = [Tree.fromstring(tree) for tree in readable["tree"]]
    assert [bracketed(tree) for tree in trees] == readable["tree"]
    assert [tree.leaves() for tree in trees] == WORDS
    assert [tag for _, tag in trees[1].pos()] == ["PRP", "VBP"]
    assert {tag for _, tag in trees[0].pos()} == {"XX"}
    assert head.make_output_human_readable({}) == {}


def test_all_parameters_learn_from_the_first_step():
    torch.manual_seed(0)
    head = ConstituencyHead(VOCAB, DIM).train()
    inputs = batch(padding=2, **GOLD)
    inputs["encoded_text"].requires_grad_()
    inputs["boundary"].requires_grad_()
    run(head, inputs)["loss"].backward()
    for name, parameter in head.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.any(), name
    assert not inputs["encoded_text"].grad[~inputs["encoded_text_mask"]].any()
    assert inputs["boundary"].grad[:, 0].any() and inputs["boundary"].grad[:, 1].any()


def test_it_can_learn_a_batch():
    torch.manual_seed(0)
    vocab = vocabulary(con_labels=sorted({label for tree in SPANS for *_, label in tree}))
    labels = vocab.get_token_to_index_vocabulary("con_labels")
    gold = {"spans": [[(i, j, labels[label]) for i, j, label in tree] for tree in SPANS]}
    head = ConstituencyHead(vocab, DIM, span_dim=20, label_dim=20, dropout=0.1).train()
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        run(head, batch(**gold))["loss"].backward()
        optimizer.step()
    inputs = batch(**gold)
    for entry in inputs["metadata"]:
        entry["pos"] = [tag for _, tag in Tree.fromstring(entry["tree"]).pos()]
    readable = head.eval().make_output_human_readable(run(head, inputs))
    assert readable["tree"] == TREES
    assert head.get_metrics()["exact"] == 1.0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_around_it(dtype):
    head = parser().eval()
    inputs = batch(**GOLD)
    with torch.autocast("cpu", dtype=dtype):
        output = run(head, inputs)
    assert output["example_loss"].dtype == torch.float32
    output["loss"].backward()
    assert all(torch.isfinite(p.grad).all() for p in head.parameters())
    expected = run(head, inputs)["example_loss"]
    torch.testing.assert_close(output["example_loss"], expected, rtol=0.1, atol=0.1)


def test_from_a_configuration():
    params = Params({"type": "constituency", "decoder": "cky"})
    head = Head.from_params(params, vocab=VOCAB, input_dim=DIM)
    assert isinstance(head, ConstituencyHead)
    assert (head.default_predictor, head.main_metric) == ("constituency", ("f1", "+"))
    assert head.span_scorer.weight.shape == (1, 501, 500)
    assert head.label_scorer.weight.shape == (len(LABELS), 101, 101)


def test_mistakes_in_the_configuration():
    with pytest.raises(ConfigurationError, match="decoder: 'mst' .* mbr, cky"):
        parser(decoder="mst")
    with pytest.raises(ConfigurationError, match="label_namespace: .* 'trees'"):
        parser(label_namespace="trees")
    inputs = batch(**GOLD)
    inputs["spans"] = inputs["spans"][:, 1:-1]
    with pytest.raises(ConfigurationError, match="'spans' is not that of binary trees.*view 'con'"):
        run(parser(), inputs)
    inputs = batch(**GOLD)
    inputs["metadata"][0] = {"words": ["one"]}
    with pytest.raises(ConfigurationError, match="transformer_words"):
        run(parser(), inputs)
