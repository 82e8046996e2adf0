"""Scores under masks, against models whose fixed gates are these masks, and what they leave."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.training.util import evaluate

from allennlp_heads.analysis.measures import measure_of
from allennlp_heads.collect import TaskData, encoder_of, main_metrics, task_data
from allennlp_heads.collect.masked_scores import masked_counts, masked_scores
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models import MultiTaskHeads
from tests.collect.models import EXAMPLES, data_of, tiny
from tests.training.runs import assert_equal

TASKS = ["dep", "pos", "sent"]
CLOSED = numpy.array([[1, 0, 0, 1], [1, 1, 1, 1], [0, 0, 1, 0]], dtype=bool)
NONE = numpy.zeros_like(CLOSED)

Pieces = tuple[MultiTaskHeads, MultiTaskBucketed]


@pytest.fixture(scope="module")
def pieces(tiny_bert: str, fixtures_root: Path) -> Pieces:
    return tiny(tiny_bert, fixtures_root, tasks=TASKS, max_length=14)


def _gated(tiny_bert: str, fixtures_root: Path) -> Pieces:
    """The same model with fixed gates, which close the same heads."""
    gates = {"type": "fixed", "mask": (~CLOSED).astype(int).tolist()}
    return tiny(tiny_bert, fixtures_root, tasks=TASKS, max_length=14, gates=gates)


def test_equals_the_evaluation_of_a_model_with_these_gates(
    pieces: Pieces, tiny_bert: str, fixtures_root: Path
) -> None:
    found = masked_counts(pieces[0], data_of(pieces[1]), {"none": NONE, "some": CLOSED})
    gated, loader = _gated(tiny_bert, fixtures_root)
    loader.shuffle = False
    for name, model in (("none", pieces[0]), ("some", gated)):
        metrics = evaluate(model, loader, cuda_device=-1)  # type: ignore[arg-type]
        for task, metric in main_metrics(model).items():
            score = measure_of(metric).of_examples(found[name][task])
            assert metrics[f"{task}_{metric}"] == pytest.approx(float(score)), (name, task)
            assert len(found[name][task]) == EXAMPLES
    assert any((found["none"][task] != found["some"][task]).any() for task in TASKS)


def test_losses_equal_those_of_a_model_with_these_gates(
    pieces: Pieces, tiny_bert: str, fixtures_root: Path
) -> None:
    gated, loader = _gated(tiny_bert, fixtures_root)
    found = masked_scores(pieces[0], data_of(pieces[1]), {"some": CLOSED, "none": NONE})
    wanted = masked_scores(gated, data_of(loader), {"none": NONE})["none"]
    for task in TASKS:
        numpy.testing.assert_allclose(found["some"][task].loss, wanted[task].loss, rtol=1e-6)
        assert (found["some"][task].loss != found["none"][task].loss).all()
        assert found["some"][task].example.tolist() == list(range(EXAMPLES))


def test_removed_heads_keep_their_numbers(
    pieces: Pieces, tiny_bert: str, fixtures_root: Path
) -> None:
    model = copy.deepcopy(pieces[0])
    encoder_of(model).remove_heads({0: [0], 2: [1, 3]})
    gone = NONE.copy()
    gone[0, 0] = gone[2, 1] = gone[2, 3] = True
    also = NONE.copy()
    also[0, 3] = also[2, 2] = True
    whole = masked_scores(pieces[0], data_of(pieces[1]), {"both": gone | also, "gone": gone})
    small = masked_scores(model, data_of(pieces[1]), {"also": also, "none": NONE})
    for task in TASKS:
        for one, other in (("both", "also"), ("gone", "none")):
            numpy.testing.assert_allclose(whole[one][task].loss, small[other][task].loss, rtol=1e-5)


def test_no_score_depends_on_batches_and_other_masks(pieces: Pieces) -> None:
    model, loader = pieces
    together = masked_scores(model, data_of(loader), {"none": NONE, "some": CLOSED})
    alone = masked_scores(model, data_of(loader, batch_size=1), {"some": CLOSED}, ["pos"])
    assert list(alone["some"]) == ["pos"]
    for one, other in zip(alone["some"]["pos"], together["some"]["pos"]):
        numpy.testing.assert_allclose(one, other, rtol=1e-6)


class Counting:
    """Counts calls of a function and then calls it."""

    def __init__(self, function: Any) -> None:
        self.function, self.calls = function, 0

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return self.function(*args, **kwargs)


def test_each_batch_is_read_once_a_mask_and_built_once(
    pieces: Pieces, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, loader = pieces
    builds = Counting(task_data.build_batches)
    monkeypatch.setattr(task_data, "build_batches", builds)
    calls = []
    handle = model.register_forward_pre_hook(
        lambda module, args, kwargs: calls.append(tuple(kwargs["example"])), with_kwargs=True
    )
    masked_counts(model, data_of(loader), {"a": NONE, "b": CLOSED, "c": ~CLOSED})
    handle.remove()
    assert builds.calls == len(TASKS)
    assert sum(map(len, calls)) == 3 * EXAMPLES * len(TASKS)


def _state(model: MultiTaskHeads, loader: MultiTaskBucketed) -> dict[str, Any]:
    return {
        "weights": copy.deepcopy(model.state_dict()),
        "modes": [module.training for module in model.modules()],
        "learns": [parameter.requires_grad for parameter in model.parameters()],
        "gradients": [None if p.grad is None else p.grad.clone() for p in model.parameters()],
        "hooks": [len(module._forward_pre_hooks) for module in model.modules()],
        "metrics": model.get_metrics(),
        "scored": (sorted(model._scored), list(model._last_tasks)),
        "random": (torch.get_rng_state(), random.getstate(), numpy.random.get_state()[1].tolist()),  # type: ignore[index]
        "epoch": loader.epoch,
    }


@pytest.mark.parametrize("breaks", [False, True])
def test_model_and_data_are_untouched(
    pieces: Pieces, monkeypatch: pytest.MonkeyPatch, breaks: bool
) -> None:
    model, loader = copy.deepcopy(pieces[0]).train(), pieces[1]
    data = data_of(loader)
    for batch in data.batches("pos"):
        model(**batch)["loss"].backward()
    before = _state(model, loader)
    if breaks:
        monkeypatch.setattr(model.heads["sent"], "forward", _broken)
        with pytest.raises(RuntimeError, match="broken"):
            masked_counts(model, data, {"some": CLOSED})
        monkeypatch.undo()
    else:
        masked_counts(model, data, {"some": CLOSED})
    assert_equal(_state(model, loader), before)


def _broken(*args: Any, **kwargs: Any) -> None:
    raise RuntimeError("broken")


def test_mask_of_another_encoder(pieces: Pieces) -> None:
    with pytest.raises(ValueError, match=r"'bad' is \[4, 3\], .* 3 layers x 4 heads"):
        masked_counts(pieces[0], data_of(pieces[1]), {"bad": CLOSED.T})


def test_examples_without_gold(pieces: Pieces) -> None:
    data: TaskData = data_of(pieces[1])
    for batch in (batches := list(data.batches("pos"))):
        del batch["tags"]
    data._batches["pos"] = batches
    with pytest.raises(ConfigurationError, match="must be labelled"):
        masked_counts(pieces[0], data, {"none": NONE}, ["pos"])


def test_a_model_that_computes_no_numbers(pieces: Pieces) -> None:
    model = copy.deepcopy(pieces[0])
    with torch.no_grad():
        next(model.heads["sent"].parameters()).fill_(float("nan"))
    with pytest.raises(ConfigurationError, match="loss of example 0 of the task 'sent' is nan"):
        masked_scores(model, data_of(pieces[1]), {"none": NONE})
