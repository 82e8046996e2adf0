"""Semantic roles: loss, frames, scores, sentences of all sizes, mistakes in the configuration."""

import math

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models.heads import Head
from torch.nn.functional import cross_entropy

from allennlp_heads.models.heads import SrlHead
from tests.models.heads.head_batches import DIM, LENGTHS, WORDS, run
from tests.models.heads.srl_batches import (
    ARGUMENTS,
    PREDICATES,
    ROLES,
    VOCAB,
    gold,
    plain_pair_scores,
    plain_predicate_scores,
    plain_span_scores,
    small,
    srl_batch,
)

MODES = ["predicted", "given"]


def readable(head, inputs):
    return head.make_output_human_readable(run(head, inputs))


@pytest.mark.parametrize("mode", MODES)
def test_examples_are_independent(mode):
    """Values and frames of a batch are those of each sentence alone, and of wider padding."""
    head = small(predicates=mode).eval()
    together, wider = run(head, srl_batch()), run(head, srl_batch(padding=3))
    frames = readable(head, srl_batch())
    assert frames == readable(head, srl_batch(padding=3))
    assert any(frame["arguments"] for row in frames["frames"] for frame in row)
    means = []
    for row in range(len(WORDS)):
        alone = run(head, srl_batch([row]))
        for key in ("example_loss", "example_units", "example_counts"):
            torch.testing.assert_close(together[key][row], alone[key][0])
            torch.testing.assert_close(together[key][row], wider[key][row])
        means.append(alone["loss"])
        for key, values in readable(head, srl_batch([row])).items():
            assert values == [frames[key][row]]
    torch.testing.assert_close(together["loss"], torch.stack(means).mean())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("row", range(len(WORDS)))
def test_loss_pair_by_pair(row, mode):
    """The equations once more on the plain vectors of spans, for one sentence."""
    head = small(predicates=mode).eval()
    inputs = srl_batch([row])
    words, ranking = inputs["encoded_text"][0], head.ranking
    spans, predicates = plain_span_scores(ranking, words), plain_predicate_scores(ranking, words)
    best = sorted(spans, key=lambda span: -spans[span])[: max(1, int(0.8 * len(words)))]
    kept = sorted(range(len(words)), key=lambda word: -predicates[word])
    kept = kept[: max(1, int(0.4 * len(words)))]
    if mode == "given":
        kept = [word for word, given in enumerate(PREDICATES[row]) if given]
    roles = {tuple(argument[:3]): argument[3] for argument in ARGUMENTS[row]}
    expected, units = torch.tensor(0.0), 0
    for predicate in kept:
        for start, end in best:
            role = roles.get((predicate, start, end))
            if role == -1:
                continue
            scores = plain_pair_scores(ranking, words, predicate, start, end)
            scores = torch.cat([torch.zeros(1), scores + spans[start, end] + predicates[predicate]])
            expected += cross_entropy(scores, torch.tensor(0 if role is None else role + 1))
            units += 1
    output = run(head, inputs)
    torch.testing.assert_close(output["example_loss"][0], expected)
    assert output["example_units"].tolist() == [units]
    assert output["example_counts"][0, 2] == len(ARGUMENTS[row])


@pytest.mark.parametrize("mode", MODES)
def test_frames_are_sound(mode):
    """Arguments of a predicate neither overlap nor cover it and are not too wide."""
    head = small(predicates=mode, max_width=3).eval()
    torch.manual_seed(1)
    lengths = torch.randint(1, 13, (30, 1))
    mask = torch.arange(12) < lengths
    given = (torch.rand(30, 12) < 0.4).long()
    output = head(torch.randn(30, 12, DIM), mask, predicates=given)
    found = 0
    for row, frames in enumerate(head.make_output_human_readable(output)["frames"]):
        positions = [frame["predicate"]["position"] for frame in frames]
        assert positions == sorted(set(positions))
        if mode == "given":
            assert positions == [i for i in range(lengths[row]) if given[row, i]]
        else:
            assert len(positions) <= max(1, math.floor(0.4 * lengths[row]))
            assert all(frame["arguments"] for frame in frames)
        for position, frame in zip(positions, frames):
            covered = [position]
            for argument in frame["arguments"]:
                assert argument["label"] in ROLES
                assert argument["end"] - argument["start"] < 3
                covered.extend(range(argument["start"], argument["end"] + 1))
            assert len(covered) == len(set(covered)) and max(covered) < lengths[row]
            found += len(frame["arguments"])
    assert found > 50


def test_scores_and_counts():
    """The gold is what the head says, but for one role, one span, and one that is too wide."""
    head = small(predicate_ratio=1.0).eval()
    inputs = srl_batch(arguments=None)
    frames = readable(head, inputs)["frames"]
    said = [
        [
            (f["predicate"]["position"], a["start"], a["end"], ROLES.index(a["label"]))
            for f in sentence
            for a in f["arguments"]
        ]
        for sentence in frames
    ]
    assert min(len(said[0]), len(said[3])) >= 2
    changed = [list(row) for row in said]
    changed[0][0] = (*said[0][0][:3], -1)
    changed[3][0] = (*said[3][0][:3], (said[3][0][3] + 1) % len(ROLES))
    changed[3].append((3, 0, 4, 0))
    output = run(head, {**inputs, "arguments": gold(changed)})
    counts = [[len(row), len(row), len(row)] for row in said]
    counts[0][0] -= 1
    counts[3] = [len(said[3]) - 1, len(said[3]), len(said[3]) + 1]
    assert output["example_counts"].tolist() == counts
    correct, predicted, total = (sum(column) for column in zip(*counts))
    metrics = head.get_metrics(reset=True)
    assert metrics["precision"] == pytest.approx(correct / predicted)
    assert metrics["recall"] == pytest.approx(correct / total)
    assert metrics["f1"] == pytest.approx(2 * correct / (predicted + total))
    right = sum(len(row) for row in frames)
    wrong = 3 not in [frame["predicate"]["position"] for frame in frames[3]]
    assert metrics["predicate_f1"] == pytest.approx(2 * right / (2 * right + wrong))
    assert set(head.get_metrics().values()) == {0.0}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("length", [1, 2, 130])
def test_sentences_of_all_lengths(mode, length):
    """One word, and more words than any span is wide; with and without a gold argument."""
    torch.manual_seed(0)
    head = SrlHead(VOCAB, DIM, predicates=mode).train()
    text, mask = torch.randn(2, length, DIM), torch.ones(2, length, dtype=torch.bool)
    given = torch.zeros(2, length, dtype=torch.long)
    given[0, 0] = 1
    argument = (0, length - 1, length - 1, 0)
    wide = (0, 0, length - 1, 0)  # covers the predicate and, in a long sentence, is too wide
    arguments = gold([[argument, wide], []])
    output = head(text, mask, arguments=arguments, predicates=given)
    output["loss"].backward()
    assert torch.isfinite(output["loss"])
    assert output["example_counts"][:, 2].tolist() == [2, 0]
    spans = max(1, int(0.8 * length))
    units = [spans, 0] if mode == "given" else [max(1, int(0.4 * length)) * spans] * 2
    assert output["example_units"].tolist() == units
    assert output["spans"].diff(dim=-1).max() < 30


@pytest.mark.parametrize("mode", MODES)
def test_gold_can_be_kept_in_training(mode):
    """Then all of it survives, in as many places; at evaluation it makes no difference."""
    plain, keeping = small(predicates=mode), small(predicates=mode, keep_gold=True)
    inputs = srl_batch()
    kept = run(keeping.train(), inputs)
    assert kept["roles"].shape == run(plain.train(), inputs)["roles"].shape
    spans = [{tuple(span) for span in row if span[0] >= 0} for row in kept["spans"].tolist()]
    for row, arguments in enumerate(ARGUMENTS):
        assert {argument[1:3] for argument in arguments} <= spans[row]
        assert {argument[0] for argument in arguments} <= set(kept["predicates"][row].tolist())
    inputs.pop("metadata")
    torch.testing.assert_close(run(keeping.eval(), inputs), run(plain.eval(), inputs))


@pytest.mark.parametrize("mode", MODES)
def test_nothing_at_all(mode):
    """No argument in the whole batch, and no predicate: a loss that can be differentiated."""
    head = small(predicates=mode).train()
    nothing = torch.zeros(4, 0, 4, dtype=torch.long)
    none = torch.zeros(4, max(LENGTHS), dtype=torch.long)
    output = run(head, srl_batch(arguments=nothing, predicates=none))
    output["loss"].backward()
    assert all(torch.isfinite(p.grad).all() for p in head.parameters() if p.grad is not None)
    assert output["example_counts"][:, 2].tolist() == [0, 0, 0, 0]
    assert (output["loss"] == 0) == (mode == "given")
    assert head.get_metrics()["f1"] == 0.0
    head.eval()
    frames = readable(head, srl_batch(arguments=nothing, predicates=none))["frames"]
    assert mode == "predicted" or frames == [[]] * 4


@pytest.mark.parametrize("mode", MODES)
def test_all_parameters_learn_from_the_first_step(mode):
    torch.manual_seed(0)
    head = SrlHead(VOCAB, DIM, predicates=mode).train()
    inputs = srl_batch()
    inputs["encoded_text"].requires_grad_()
    run(head, inputs)["loss"].backward()
    for name, parameter in head.named_parameters():
        assert torch.isfinite(parameter.grad).all(), name
        assert parameter.grad.any(), name
    assert not inputs["encoded_text"].grad[~inputs["encoded_text_mask"]].any()


@pytest.mark.parametrize("mode", MODES)
def test_it_can_learn_a_batch(mode):
    torch.manual_seed(0)
    # Everything survives, since what does not is not learnt.
    sizes = {"hidden_dim": 30, "max_width": 4, "argument_ratio": 4.0, "predicate_ratio": 1.0}
    head = SrlHead(VOCAB, DIM, predicates=mode, dropout=0.0, **sizes).train()
    inputs = srl_batch([0, 2, 3])
    optimizer = torch.optim.Adam(head.parameters(), lr=0.01)
    for _ in range(80):
        optimizer.zero_grad()
        run(head, inputs)["loss"].backward()
        optimizer.step()
    head.eval().get_metrics(reset=True)
    run(head, inputs)
    metrics = head.get_metrics()
    assert metrics["f1"] == metrics["predicate_f1"] == 1.0
    frame = readable(head, srl_batch([0]))["frames"][0][0]
    assert frame["predicate"] == {"position": 1, "text": "see"}
    assert frame["arguments"] == [
        {"start": 0, "end": 0, "label": "ARG0", "text": "Dogs"},
        {"start": 2, "end": 2, "label": "ARG1", "text": "cats"},
    ]


def test_readable_output_without_words():
    head = small().eval()
    inputs = srl_batch()
    inputs.pop("metadata")
    output = readable(head, inputs)
    assert set(output) == {"frames"}
    assert not any("text" in frame["predicate"] for row in output["frames"] for frame in row)
    assert head.make_output_human_readable({}) == {}


def test_half_precision():
    """The loss under autocast is that in full precision, and so are the gradients, within 5 %."""
    head = small(predicates="given").eval()
    full = run(head, srl_batch())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = run(head, srl_batch())
    assert half["loss"].dtype == torch.float32
    torch.testing.assert_close(half["loss"], full["loss"], rtol=0.05, atol=0.0)
    half["loss"].backward()
    assert all(torch.isfinite(p.grad).all() for p in head.parameters() if p.grad is not None)


def test_from_a_configuration():
    head = Head.from_params(Params({"type": "srl"}), vocab=VOCAB, input_dim=DIM)
    assert isinstance(head, SrlHead)
    assert (head.default_predictor, head.main_metric) == ("srl", ("f1", "+"))
    assert head.predicates == "predicted"
    ranking, span_dim = head.ranking, 3 * DIM + 20
    assert ranking.width_embedding.weight.shape == (30, 20)
    assert ranking.argument_first.weight.shape == (150, span_dim)
    assert ranking.predicate_first.weight.shape == (150, DIM)
    assert ranking.pair_first.weight.shape == (150, span_dim + DIM)
    for scorer, outputs in (
        (ranking.argument_scorer, 1),
        (ranking.predicate_scorer, 1),
        (ranking.pair_scorer, len(ROLES)),
    ):
        assert scorer.second.weight.shape == (150, 150)
        assert scorer.output.weight.shape == (outputs, 150)
        assert scorer.dropout == 0.2
    assert (ranking.argument_ratio, ranking.predicate_ratio) == (0.8, 0.4)


def test_mistakes_in_the_configuration():
    with pytest.raises(ConfigurationError, match="predicates: 'gold' .* predicted, given"):
        small(predicates="gold")
    with pytest.raises(ConfigurationError, match="max_width: 0"):
        small(max_width=0)
    for share in (-0.1, 1.0):
        with pytest.raises(ConfigurationError, match="dropout: "):
            small(dropout=share)
    for name in ("argument_ratio", "predicate_ratio"):
        with pytest.raises(ConfigurationError, match=f"{name}: 0 keeps nothing"):
            small(**{name: 0})
    with pytest.raises(ConfigurationError, match="label_namespace: .* 'roles'"):
        small(label_namespace="roles")
    inputs = srl_batch()
    with pytest.raises(ConfigurationError, match="no field 'predicates'"):
        run(small(predicates="given"), {**inputs, "predicates": None})
    with pytest.raises(ConfigurationError, match="'predicates' has 4 labels"):
        run(small(predicates="given"), {**inputs, "predicates": inputs["predicates"][:, 1:]})
    with pytest.raises(ConfigurationError, match="'arguments' .* 5 vectors .* 4 words"):
        run(small(), {**inputs, "metadata": [{"words": row[:4]} for row in WORDS]})
