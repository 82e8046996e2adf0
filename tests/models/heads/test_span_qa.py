"""Answers as spans: scores made by hand, one question at a time, gold that cannot be."""

import math
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.models.heads import SpanQaHead
from tests.models.heads.answer_batches import CONTEXTS, QUESTION, batch, head
from tests.models.heads.head_batches import vocabulary

ANSWERS = [["two old dogs", "dogs"], [], ["cat", "the cat"]]
PER_EXAMPLE = ("example_loss", "example_units", "example_counts", "no_answer_score")


def readable(made: SpanQaHead, inputs: dict[str, Any]) -> dict[str, Any]:
    return made.make_output_human_readable(made(**inputs))


@pytest.mark.parametrize("threshold", [None, 0.0])
def test_one_at_a_time_and_with_more_padding(threshold: float | None) -> None:
    made = head(null_threshold=threshold)
    together = made(**batch([0, 1, 2], ANSWERS))
    wider = made(**batch([0, 1, 2], ANSWERS, more_windows=2, more_pieces=3))
    said = made.make_output_human_readable(together)
    assert said == made.make_output_human_readable(wider)
    means = []
    for row in range(3):
        alone = made(**batch([row], ANSWERS))
        for key in PER_EXAMPLE:
            torch.testing.assert_close(together[key][row], alone[key][0])
            torch.testing.assert_close(wider[key][row], alone[key][0])
        for key, values in made.make_output_human_readable(alone).items():
            assert values == [said[key][row]]
        means.append(alone["loss"])
    torch.testing.assert_close(together["loss"], torch.stack(means).mean())


def test_windows_in_another_order_say_the_same() -> None:
    made, inputs = head(null_threshold=0.0), batch([0], ANSWERS, more_windows=1)
    order = torch.tensor([2, 3, 0, 1])
    offsets = inputs["metadata"][0]["offsets"]
    shifted = {k: v[:, order] for k, v in inputs.items() if k != "metadata"}
    empty = offsets[0][:0]
    moved = [[*offsets, empty][number] for number in order]
    shifted["metadata"] = [{**inputs["metadata"][0], "offsets": moved}]
    first, second = made(**inputs), made(**shifted)
    assert made.make_output_human_readable(first) == made.make_output_human_readable(second)
    for key in PER_EXAMPLE:
        torch.testing.assert_close(first[key], second[key])


def test_the_loss_is_the_likelihood_of_both_ends() -> None:
    inputs = batch([0, 1, 2], ANSWERS)
    output = head()(**inputs)
    for row in range(3):
        found = []
        for window, (first, last) in enumerate(inputs["answer_spans"][row].tolist()):
            if first < 0:
                continue
            places = inputs["answer_mask"][row, window].clone()
            places[0] = True
            scores = inputs["encoded_pieces"][row, window].double()
            parts = [
                -scores[p, n] + scores[places, n].logsumexp(0) for n, p in enumerate((first, last))
            ]
            found.append(sum(parts).item() / 2)  # type: ignore[union-attr]
        assert output["example_units"][row] == len(found)
        assert output["example_loss"][row].item() == pytest.approx(sum(found), rel=1e-5)


def test_windows_without_gold_are_not_learned() -> None:
    inputs = batch([0], ANSWERS)
    inputs["answer_spans"][0, 1:] = -1
    alone = {k: v if k == "metadata" else v[:, :1] for k, v in inputs.items()}
    first, second = head()(**inputs), head()(**alone)
    assert first["example_units"].tolist() == [1]
    torch.testing.assert_close(first["example_loss"], second["example_loss"])


def set_scores(inputs: dict[str, Any], scores: dict[tuple[int, int], tuple[float, float]]) -> None:
    """(window, piece) -> the scores of the first question; all others are 0."""
    inputs["encoded_pieces"].zero_()
    for (window, piece), pair in scores.items():
        inputs["encoded_pieces"][0, window, piece] = torch.tensor(pair)


def test_the_best_span_of_all_windows() -> None:
    made, inputs = head(max_answer_length=3, n_best=4), batch([0], ANSWERS)
    # "old dogs" begins in both windows; four words are too many
    set_scores(
        inputs,
        {
            (0, QUESTION): (9.0, 0.0),
            (0, QUESTION + 3): (4.0, 5.0),
            (1, QUESTION + 1): (6.0, 0.0),
            (1, QUESTION + 2): (0.0, 5.0),
        },
    )
    said = readable(made, inputs)
    best = said["n_best"][0]
    assert [entry["answer"] for entry in best] == ["old dogs", "Anna", "Anna saw", "Anna saw two"]
    assert said["answer"] == ["old dogs"] and said["id"] == ["q0"]
    first, last = said["offsets"][0]
    assert CONTEXTS[0][first:last] == "old dogs"
    weights = [math.exp(score - 11) for score in (11, 9, 9, 9)]
    chances = [weight / sum(weights) for weight in weights]
    assert [entry["score"] for entry in best] == pytest.approx(chances)
    assert said["score"] == [best[0]["score"]]
    assert said["no_answer_score"] == [-11.0]


@pytest.mark.parametrize(
    "threshold, answer", [(None, "two"), (2.0, "two"), (1.9, ""), (0.0, ""), (-5.0, "")]
)
def test_the_threshold(threshold: float | None, answer: str) -> None:
    """Having no answer scores 5 in the window that is least sure of it, the best span 3."""
    made, inputs = head(null_threshold=threshold, n_best=2), batch([0], ANSWERS)
    set_scores(
        inputs,
        {
            (0, 0): (4.0, 2.0),
            (1, 0): (5.0, 0.0),
            (2, 0): (9.0, 9.0),
            (0, QUESTION + 2): (1.5, 1.5),
        },
    )
    output = made(**inputs)
    said = made.make_output_human_readable(output)
    assert said["no_answer_score"] == [2.0] and said["answer"] == [answer]
    texts = [entry["answer"] for entry in said["n_best"][0]]
    assert texts == (["two", "Anna saw two"] if threshold is None else ["", "two", "Anna saw two"])
    assert sum(entry["score"] for entry in said["n_best"][0]) == pytest.approx(1.0)
    if answer:
        assert said["offsets"][0] == [9, 12]
    else:
        assert said["offsets"] == [None] and not output["answer_spans"].any()
        assert said["score"] == pytest.approx([math.exp(2) / (math.exp(2) + 1 + math.exp(-1.5))])


def test_no_answer_without_a_chance() -> None:
    made, inputs = head(null_threshold=-1e9, n_best=1), batch([0], ANSWERS)
    set_scores(inputs, {(0, QUESTION): (900.0, 900.0)})
    said = readable(made, inputs)
    assert said["answer"] == [""] and said["score"] == [0.0] and said["no_answer_score"] == [-1800]
    assert [entry["answer"] for entry in said["n_best"][0]] == ["Anna", ""]


def test_counts_are_the_best_over_the_answers() -> None:
    made, inputs = head(), batch([0], ANSWERS)
    # "old" to "dogs" stand in the second window only
    set_scores(inputs, {(1, QUESTION + 1): (9.0, 0.0), (1, QUESTION + 2): (0.0, 9.0)})
    output = made(**inputs)
    assert output["example_counts"].dtype == torch.double
    assert output["example_counts"].tolist() == [[0.8, 0.0, 1.0]]
    assert made.get_metrics(reset=True) == {"token_f1": 0.8, "exact_match": 0.0}
    assert made.get_metrics() == {}


def test_both_versions() -> None:
    """Nothing is left of "a": only SQuAD 2.0 calls it the same as "the"."""
    inputs = batch([2], [[], [], ["the"]])
    set_scores(inputs, {(0, QUESTION): (9.0, 9.0)})
    assert readable(head(), inputs)["answer"] == ["a"]
    assert head()(**inputs)["example_counts"].tolist() == [[0.0, 1.0, 1.0]]
    for made, marks in ((head(), {"is_impossible": False}), (head(null_threshold=1e9), {})):
        marked = {**inputs, "metadata": [{**inputs["metadata"][0], **marks}]}
        assert made(**marked)["example_counts"].tolist() == [[1.0, 1.0, 1.0]]


def test_both_kinds_of_questions() -> None:
    made = head(null_threshold=-1e9, main_metric="exact_match")
    assert made.main_metric == ("exact_match", "+")
    counts = made(**batch([0, 1, 2], ANSWERS))["example_counts"]
    assert counts.tolist() == [[0.0, 0.0, 1.0], [1.0, 1.0, 1.0], [0.0, 0.0, 1.0]]
    assert made.get_metrics() == {
        "token_f1": 1 / 3,
        "exact_match": 1 / 3,
        "has_answer_token_f1": 0.0,
        "has_answer_exact_match": 0.0,
        "no_answer_accuracy": 1.0,
    }


def test_what_it_predicts_is_gold() -> None:
    made = head()
    inputs = batch([0, 1, 2])
    output = made(**inputs)
    gold = made.predicted_gold(output)
    assert list(gold) == ["answer_spans"]
    said = made.make_output_human_readable(output)
    wanted = batch([0, 1, 2], [[answer] for answer in said["answer"]])
    # the answers occur once in these contexts
    assert torch.equal(gold["answer_spans"], wanted["answer_spans"])
    again = made(**inputs, **gold)
    torch.testing.assert_close(again["loss"], made(**wanted)["loss"])


@pytest.mark.parametrize("threshold", [None, 0.0])
def test_nothing_that_could_be_an_answer(threshold: float | None) -> None:
    made, inputs = head(null_threshold=threshold), batch([1], ANSWERS)
    inputs["answer_mask"].zero_()
    output = made(**inputs)
    said = made.make_output_human_readable(output)
    assert said["answer"] == [""] and said["offsets"] == [None] and said["score"] == [1.0]
    assert said["n_best"] == [[{"answer": "", "score": 1.0, "offsets": None}]]
    assert math.isfinite(said["no_answer_score"][0]) and said["no_answer_score"][0] > 1e30
    assert output["example_loss"].tolist() == [0.0]
    assert output["example_counts"].tolist() == [[1.0, 1.0, 1.0]]


def test_training_looks_for_no_answers() -> None:
    made, inputs = head(dropout=0.5).train(), batch([0, 1, 2], ANSWERS)
    inputs["encoded_pieces"].requires_grad_()
    output = made(**inputs)
    assert set(output) == {
        *("start_logits", "end_logits", "metadata", "loss", "example_loss", "example_units")
    }
    assert made.get_metrics(reset=True) == {} and made.make_output_human_readable(output) == {}
    output["loss"].backward()
    gradient = inputs["encoded_pieces"].grad
    possible = inputs["answer_mask"].clone()
    possible[..., 0] |= inputs["encoded_pieces_mask"][..., 0]
    assert torch.isfinite(gradient).all() and not gradient[~possible].any()


def test_without_gold_and_without_texts() -> None:
    made, inputs = head(), batch([0, 1, 2])
    output = made(**inputs)
    assert "loss" not in output and made.get_metrics() == {}
    assert made.make_output_human_readable(output)["answer"][1] == "London"
    bare = {key: value for key, value in inputs.items() if key != "metadata"}
    output = made(**bare)
    assert made.make_output_human_readable(output) == {}
    # the same characters in other windows are not known
    assert (output["answer_spans"] > 0).any(-1).sum(-1).tolist() == [1, 1, 1]
    assert made(**bare, answer_spans=output["answer_spans"])["loss"] > 0


@pytest.mark.parametrize(
    "span, message",
    [
        ([QUESTION - 1, QUESTION], "window 1 of question 0 of a batch, which is no part"),
        ([QUESTION + 1, QUESTION], "window 1 of question 0"),
        ([QUESTION, 99], r"has \[3, 99\] for window 1"),
        ([QUESTION, -1], r"has \[3, -1\] for window 1"),
        ([0, QUESTION], r"has \[0, 3\] for window 1"),
    ],
)
def test_gold_elsewhere(span: list[int], message: str) -> None:
    inputs = batch([0], ANSWERS)
    inputs["answer_spans"][0, 1] = torch.tensor(span)
    with pytest.raises(ConfigurationError, match=f"'answer_spans'.*{message}"):
        head()(**inputs)


def test_gold_of_other_windows() -> None:
    inputs = batch([0], ANSWERS, more_windows=1)
    inputs["answer_spans"][0, 3] = 0
    with pytest.raises(ConfigurationError, match="'answer_spans' has .0, 0. for window 3"):
        head()(**inputs)
    inputs["answer_spans"] = inputs["answer_spans"][:, :2]
    with pytest.raises(ConfigurationError, match="'answer_spans' has the shape .1, 2, 2."):
        head()(**inputs)
    inputs["answer_mask"] = inputs["answer_mask"][:, :2]
    with pytest.raises(ConfigurationError, match="'answer_mask' has the shape .1, 2, 8."):
        head()(**inputs)


def test_an_encoder_that_pads_further() -> None:
    """An indexer can make pieces that the reader's mask does not have."""
    made, inputs = head(null_threshold=0.0), batch([0, 1, 2], ANSWERS, more_pieces=5)
    narrow = {**inputs, "answer_mask": inputs["answer_mask"][..., :-5]}
    one, other = made(**narrow), made(**inputs)
    assert made.make_output_human_readable(one) == made.make_output_human_readable(other)
    for key in ("start_logits", "example_loss", "example_counts", "answer_spans"):
        assert torch.equal(one[key], other[key])
    wide = {**inputs, "encoded_pieces": inputs["encoded_pieces"][:, :, :-1]}
    with pytest.raises(ConfigurationError, match="'answer_mask' has the shape .3, 3, 13."):
        made(**wide)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"main_metric": "f1"}, "main_metric: a 'span_qa' has no 'f1'; choose one of token_f1"),
        ({"n_best": 0}, "n_best: it is 0"),
        ({"max_answer_length": -1}, "max_answer_length: it is -1"),
    ],
)
def test_wrong_options(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        SpanQaHead(vocabulary(), 2, **options)
