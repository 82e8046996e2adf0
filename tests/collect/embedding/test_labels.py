"""Labels that are drawn from predictions, and their exact expectation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from numpy.testing import assert_allclose

from allennlp_heads.collect.embedding import EmbeddingOptions, embed_task_and_heads
from allennlp_heads.collect.embedding import labels as module
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.models.heads import TextRegressorHead
from allennlp_heads.nn import ExampleSampler
from tests.collect.embedding.slowly import bias_of, mean, parameter_gradients
from tests.collect.models import data_of, singles, tiny

Pieces = tuple[MultiTaskHeads, MultiTaskBucketed]
ENDS = ("start_logits", "end_logits")
PLACES = ["layer_output.0", "head_context.2"]


@pytest.fixture(scope="module")
def pieces(tiny_bert: str, fixtures_root: Path) -> Pieces:
    return tiny(tiny_bert, fixtures_root, tasks=["con", "pos", "qa", "sent"], max_length=14)


def embedded(pieces: Pieces, task: str, **options: Any) -> Any:
    return embed_task_and_heads(pieces[0], data_of(pieces[1]), task, EmbeddingOptions(**options))[0]


def test_expectation_over_classes(pieces: Pieces) -> None:
    """By an ordinary backward pass for each label of each example."""
    model, data = pieces[0], data_of(pieces[1])
    rows = []
    for batch in singles(data, "sent"):
        chances = model.eval()(**batch)["head_outputs"]["sent"]["logits"].detach().softmax(-1)[0]
        squares = []
        for label, chance in enumerate(chances):
            gradients = parameter_gradients(model, {**batch, "label": torch.tensor([label])})
            squares.append({k: float(chance) * v**2 * len(chances) for k, v in gradients.items()})
        rows.append(mean(squares))
    found = embedded(pieces, "sent", labels="expected")
    for name in PLACES:
        assert_allclose(found[name], mean(rows)[bias_of(name)], rtol=1e-8)
    assert_allclose(found["heads.gate_fisher"].shape, (3, 4))


def test_draws_approach_the_expectation(pieces: Pieces) -> None:
    exact = embedded(pieces, "sent", labels="expected")
    once, often = (embedded(pieces, "sent", labels="sampled", draws=draws) for draws in (1, 100))
    for name in [*PLACES, "heads.importance", "heads.gate_fisher"]:
        far, near = (abs(found[name] - exact[name]).max() for found in (once, often))
        assert near < far / 2 and near < 0.1 * exact[name].max(), name


@pytest.mark.parametrize("task", ["pos", "qa"])
def test_sampled_losses_are_those_of_the_gold_that_was_drawn(
    pieces: Pieces, task: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the likeliest label is drawn, they are what the head says of it as gold."""
    monkeypatch.setattr(ExampleSampler, "categorical", lambda self, chances: chances.argmax(-1))
    model = pieces[0].eval()
    for batch in data_of(pieces[1]).batches(task):
        head, output = model.heads[task], model(**batch)["head_outputs"][task]
        sampler = ExampleSampler([0] * len(batch["task"]))
        found = head.sampled_losses(output, sampler)  # type: ignore[operator]
        if task == "pos":
            batch["tags"] = output["tags"]
        else:  # not always a lawful span, so not asked as gold
            ends = [output[name].log_softmax(-1).max(-1).values for name in ENDS]
            exists = output["answer_spans"][..., 0] >= 0
            wanted = -(ends[0] + ends[1]).masked_fill(~exists, 0.0).sum(-1) / 2
            torch.testing.assert_close(found["example_loss"], wanted)
            assert found["example_units"].tolist() == exists.sum(-1).tolist()
            continue
        again = model(**batch)["head_outputs"][task]
        torch.testing.assert_close(found["example_loss"], again["example_loss"])
        assert found["example_units"].tolist() == again["example_units"].tolist()


def test_a_number_is_drawn_around_the_prediction() -> None:
    """With the variance whose negative log-likelihood is the squared error."""
    head = TextRegressorHead.__new__(TextRegressorHead)
    output = {"score": torch.linspace(-5, 5, 4000, requires_grad=True)}
    found = head.sampled_losses(output, ExampleSampler(range(4000)))
    assert float(found["example_loss"].detach().mean()) == pytest.approx(0.5, abs=0.04)
    (slope,) = torch.autograd.grad(found["loss"] * 4000, output["score"])
    # of the true Fisher information, which is 2
    assert float((slope**2).mean()) == pytest.approx(2, abs=0.15)


@pytest.mark.parametrize(
    "task, labels, message",
    [
        ("con", "sampled", "ConstituencyHead cannot be drawn .*'labels': 'gold'"),
        ("pos", "expected", "TaggerHead does not give an example one of a few labels"),
        ("qa", "expected", "SpanQaHead does not give"),
    ],
)
def test_heads_without(pieces: Pieces, task: str, labels: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        embedded(pieces, task, labels=labels)


def test_many_classes(pieces: Pieces, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_CLASSES", 1)
    with pytest.raises(ConfigurationError, match="'sent' has 2 labels.*at most 1: draw some"):
        embedded(pieces, "sent", labels="expected")


def test_not_with_a_random_field(tiny_bert: str, fixtures_root: Path) -> None:
    model, _ = tiny(tiny_bert, fixtures_root, tasks=["pos"])
    head = model.heads["pos"]
    head.crf = True  # type: ignore[assignment]
    with pytest.raises(ConfigurationError, match="'crf' cannot be drawn"):
        head.sampled_losses({}, ExampleSampler([]))  # type: ignore[operator]
