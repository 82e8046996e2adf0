"""The parser: loss, trees, scores, output, mistakes in the configuration."""

import conllu
import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models.heads import Head
from torch.nn.functional import cross_entropy, leaky_relu

from allennlp_heads.models.heads import DependencyHead
from allennlp_heads.nn import is_projective, is_tree
from tests.models.heads.head_batches import (
    DIM,
    HEADS,
    LABELS,
    LENGTHS,
    RELATIONS,
    WORDS,
    batch,
    check_examples_are_independent,
    run,
    vocabulary,
)

GOLD = {"head_indices": HEADS, "head_tags": LABELS}
VOCAB = vocabulary(dependency_labels=RELATIONS)


def parser(std: float = 1.0, **options) -> DependencyHead:
    """A small parser with decided opinions."""
    torch.manual_seed(0)
    head = DependencyHead(VOCAB, DIM, arc_dim=8, relation_dim=6, **options)
    torch.nn.init.normal_(head.arc_scorer.weight, std=std)
    torch.nn.init.normal_(head.relation_scorer.weight, std=std)
    return head


@pytest.mark.parametrize("decoder", ["eisner", "mst", "greedy"])
def test_examples_are_independent(decoder):
    check_examples_are_independent(parser(decoder=decoder), **GOLD)


@pytest.mark.parametrize("row", range(len(WORDS)))
def test_loss_word_by_word(row):
    """The equations once more, one word after the other, for one sentence."""
    head = parser().eval()
    inputs = batch([row], **GOLD)
    vectors = [inputs["boundary"][0, 0], *inputs["encoded_text"][0]]

    def mlp(module, vector):
        return leaky_relu(module.linear.weight @ vector + module.linear.bias, 0.1)

    one = torch.ones(1)
    expected = torch.tensor(0.0)
    for word, (gold, label) in enumerate(zip(HEADS[row], LABELS[row]), start=1):
        places = [place for place in range(len(vectors)) if place != word]
        dependent = torch.cat([mlp(head.arc_dependent, vectors[word]), one])
        arcs = [
            dependent @ head.arc_scorer.weight[0] @ mlp(head.arc_head, vectors[place])
            for place in places
        ]
        expected += cross_entropy(torch.stack(arcs), torch.tensor(places.index(gold)))
        if label >= 0:
            dependent = torch.cat([mlp(head.relation_dependent, vectors[word]), one])
            governor = torch.cat([mlp(head.relation_head, vectors[gold]), one])
            relations = torch.stack([dependent @ w @ governor for w in head.relation_scorer.weight])
            expected += cross_entropy(relations, torch.tensor(label))
    output = run(head, inputs)
    torch.testing.assert_close(output["example_loss"][0], expected)
    assert output["example_units"].tolist() == [LENGTHS[row]]


def test_an_unknown_head_has_no_loss_and_is_an_error():
    head = parser().eval()
    before = run(head, batch([0], **GOLD))
    inputs = batch([0], **GOLD)
    inputs["head_indices"][0, 0] = -1
    after = run(head, inputs)
    assert after["example_units"].tolist() == [3]
    assert after["example_loss"] < before["example_loss"]
    inputs["head_indices"][:] = -1
    nothing = run(head.train(), inputs)
    assert nothing["loss"] == 0
    assert nothing["example_counts"].tolist() == [[0, 3, 3]]
    nothing["loss"].backward()
    assert all(torch.isfinite(p.grad).all() for p in head.parameters() if p.grad is not None)


@pytest.mark.parametrize("decoder", ["eisner", "mst"])
def test_predictions_are_trees(decoder):
    head = parser(decoder=decoder).eval()
    torch.manual_seed(1)
    mask = torch.arange(9)[None, :] < torch.randint(1, 10, (40, 1))
    boundary, text = torch.randn(40, 2, DIM), torch.randn(40, 9, DIM)
    heads = head(text, mask, boundary)["heads"]
    assert is_tree(heads, mask).all()
    assert is_projective(heads, mask).all() == (decoder == "eisner")
    greedy = head.train()(text, mask, boundary)["heads"]
    assert not is_tree(greedy, mask).all()


def test_scores_and_counts():
    """The gold is what the parser says, but for two heads, one of them of punctuation, and two
    relations, one of them not seen in training."""
    head = parser().eval()
    inputs = batch()
    predicted = run(head, inputs)
    heads, relations = predicted["heads"].clone(), predicted["relations"].clone()
    heads[0, 1] += 1
    heads[2, 0] += 1  # "."
    relations[0, 2] = (relations[0, 2] + 1) % len(RELATIONS)
    relations[3, 4] = -1
    output = run(head, {**inputs, "head_indices": heads, "head_tags": relations})
    # Words without "!" and ".": 3, 2, 0 and 5.
    assert output["example_counts"].tolist() == [[1, 3, 3], [2, 2, 2], [0, 0, 0], [4, 5, 5]]
    expected = {"UAS": 9 / 10, "LAS": 7 / 10, "UAS_punct": 10 / 12, "LAS_punct": 8 / 12}
    assert head.get_metrics(reset=True) == pytest.approx(expected)
    assert set(head.get_metrics().values()) == {0.0}
    inputs.pop("metadata")
    run(head, {**inputs, "head_indices": heads, "head_tags": relations})
    assert head.get_metrics()["LAS"] == pytest.approx(8 / 12)


def test_all_parameters_learn_from_the_first_step():
    torch.manual_seed(0)
    head = DependencyHead(VOCAB, DIM).train()
    inputs = batch(**GOLD)
    inputs["encoded_text"].requires_grad_()
    inputs["boundary"].requires_grad_()
    run(head, inputs)["loss"].backward()
    for name, parameter in head.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.any(), name
    assert not inputs["encoded_text"].grad[~inputs["encoded_text_mask"]].any()
    assert inputs["boundary"].grad[:, 0].any()


def test_it_can_learn_a_batch():
    torch.manual_seed(0)
    head = DependencyHead(VOCAB, DIM, arc_dim=20, relation_dim=20, dropout=0.1).train()
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(60):
        optimizer.zero_grad()
        run(head, batch(**GOLD))["loss"].backward()
        optimizer.step()
    head.eval().get_metrics(reset=True)
    run(head, batch(**GOLD))
    assert head.get_metrics()["UAS"] == 1.0


def test_readable_output():
    head = parser().eval()
    readable = head.make_output_human_readable(run(head, batch()))
    assert readable["words"] == WORDS
    for row, text in enumerate(readable["conllu"]):
        (sentence,) = conllu.parse(text)
        assert sentence.serialize() == text
        assert [token["id"] for token in sentence] == list(range(1, LENGTHS[row] + 1))
        assert [token["form"] for token in sentence] == WORDS[row]
        assert [token["head"] for token in sentence] == readable["heads"][row]
        assert [token["deprel"] for token in sentence] == readable["relations"][row]
        assert set(readable["relations"][row]) <= set(RELATIONS)
    assert head.make_output_human_readable({}) == {}


def test_readable_output_of_odd_words():
    head = parser().eval()
    inputs = batch([0])
    inputs["metadata"] = [{"words": ["a\tb", "c\nd", " ", "e f"]}]
    (text,) = head.make_output_human_readable(run(head, inputs))["conllu"]
    (sentence,) = conllu.parse(text)
    assert [token["form"] for token in sentence] == ["a b", "c d", "_", "e f"]
    inputs.pop("metadata")
    readable = head.make_output_human_readable(run(head, inputs))
    assert "words" not in readable
    assert [token["form"] for token in conllu.parse(readable["conllu"][0])[0]] == ["_"] * 4


def test_from_a_configuration():
    params = Params({"type": "dependency", "decoder": "mst"})
    head = Head.from_params(params, vocab=VOCAB, input_dim=DIM)
    assert isinstance(head, DependencyHead)
    assert (head.default_predictor, head.main_metric) == ("dependency", ("LAS", "+"))
    assert head.arc_scorer.weight.shape == (1, 501, 500)
    assert head.relation_scorer.weight.shape == (len(RELATIONS), 101, 101)


def test_mistakes_in_the_configuration():
    with pytest.raises(ConfigurationError, match="decoder: 'cky' .* eisner, mst, greedy"):
        parser(decoder="cky")
    with pytest.raises(ConfigurationError, match="label_namespace: .* 'deps'"):
        parser(label_namespace="deps")
    inputs = batch(**GOLD)
    inputs["head_indices"] = inputs["head_indices"][:, 1:]
    with pytest.raises(ConfigurationError, match="'head_indices' has 4 labels"):
        run(parser(), inputs)
