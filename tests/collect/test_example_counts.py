import numpy
import pytest
import torch
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect import ExampleCounts, main_metrics


def batch(examples: list[int]) -> dict[str, object]:
    index = torch.tensor(examples)
    return {
        "task": ["pos"] * len(examples),
        "example": examples,
        "example_counts": torch.stack([index, index + 1, index + 2], dim=1),
        "example_loss": index * 0.5,
        "example_units": index + 3,
    }


def test_what_was_taken_is_gone() -> None:
    counts = ExampleCounts("x")
    counts.add(torch.nn.Module(), {}, batch([2, 0]))
    counts.add(torch.nn.Module(), {}, batch([1]))
    scores = counts.take()["pos"]
    assert scores.example.tolist() == [2, 0, 1]
    assert scores.counts.tolist() == [[2, 3, 4], [0, 1, 2], [1, 2, 3]]
    assert scores.loss.tolist() == [1, 0, 0.5] and scores.units.tolist() == [5, 3, 4]
    assert counts.take() == {}


def test_counts_keep_their_columns_and_kind() -> None:
    counts = ExampleCounts("x")
    decisions = torch.tensor([[1, 1, 1, 1], [0, 1, 0, 1]])
    values = torch.tensor([[0.1, 2.5], [-3.0, 0.0]])
    counts.add(torch.nn.Module(), {}, {**batch([0, 1]), "example_counts": decisions})
    counts.add(
        torch.nn.Module(),
        {},
        {**batch([0, 1]), "task": ["sim", "sim"], "example_counts": values.requires_grad_()},
    )
    scores = counts.take()
    assert scores["pos"].counts.tolist() == decisions.tolist()
    assert scores["pos"].counts.dtype == numpy.int32
    assert scores["sim"].counts.dtype == numpy.float64
    assert scores["sim"].counts.tolist() == values.tolist()


def test_real_counts_keep_every_digit() -> None:
    counts = ExampleCounts("x")
    shares = torch.tensor([[1 / 3, 0, 1], [0.1, 1, 1]], dtype=torch.double)
    counts.add(torch.nn.Module(), {}, {**batch([1, 0]), "example_counts": shares})
    found = counts.take()["pos"].counts
    assert found.dtype == numpy.float64 and found.tolist() == shares.tolist()


def test_the_message_says_who_asks() -> None:
    with pytest.raises(ConfigurationError, match="^evaluation: 'x' misses .*example_counts"):
        ExampleCounts("evaluation: 'x'").add(
            torch.nn.Module(), {}, {"task": ["pos"], "example": [0]}
        )


def test_main_metrics_are_those_of_heads_that_name_one() -> None:
    model, head = torch.nn.Module(), torch.nn.Identity()
    head.main_metric = ("LAS", "+")  # type: ignore[assignment]
    model.heads = torch.nn.ModuleDict({"dep": head, "other": torch.nn.Identity()})
    assert main_metrics(model) == {"dep": "LAS"}
    assert main_metrics(torch.nn.Module()) == {}
