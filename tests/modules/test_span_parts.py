"""The layer on the vectors of spans against the vectors themselves."""

import pytest
import torch
from torch.nn.functional import linear

from allennlp_heads.modules.span_parts import SpanParts, SpanTable

BATCH, DIM, WIDTH_DIM, OUTPUT = 2, 3, 2, 4


def numbers(*shape: int, requires_grad: bool = True) -> torch.Tensor:
    return torch.randn(*shape, dtype=torch.float64, requires_grad=requires_grad)


def inputs(words: int, max_width: int) -> tuple[torch.Tensor, ...]:
    """Words, weight, bias, width embeddings."""
    torch.manual_seed(0)
    return (
        numbers(BATCH, words, DIM),
        numbers(OUTPUT, 3 * DIM + WIDTH_DIM),
        numbers(OUTPUT),
        numbers(max_width, WIDTH_DIM),
    )


def plain(
    table: SpanTable, words: torch.Tensor, weight: torch.Tensor, *rest: torch.Tensor
) -> torch.Tensor:
    """The layer on the vector of each span, `[batch, spans, output]`."""
    bias, widths = rest
    starts, ends = table.spans(words.device)
    vectors = [
        torch.cat([words[:, i], words[:, j], widths[j - i].expand(BATCH, -1), mean], -1)
        for i, j in zip(starts.tolist(), ends.tolist())
        for mean in [words[:, i : j + 1].mean(1)]
    ]
    return linear(torch.stack(vectors, 1), weight, bias)


@pytest.mark.parametrize("words, max_width", [(1, 3), (4, 1), (4, 3), (5, 5), (3, 30)])
def test_table(words, max_width):
    table = SpanTable(words, max_width)
    starts, ends = table.spans(torch.device("cpu"))
    spans = list(zip(starts.tolist(), ends.tolist()))
    every = [(i, j) for i in range(words) for j in range(i, words) if j - i < max_width]
    assert sorted(spans) == every and len(table) == len(every)
    assert table.index(starts, ends).tolist() == list(range(len(table)))
    longer = zip(*(ends.tolist() for ends in SpanTable(words + 2, max_width).spans(starts.device)))
    assert [span for span in longer if span in every] == spans


@pytest.mark.parametrize("words, max_width", [(1, 3), (4, 1), (5, 3), (3, 30)])
def test_same_function_and_gradients_as_the_vectors(words, max_width):
    """All spans, and a choice of them in any order, with a span that is chosen twice."""
    table, leaves = SpanTable(words, max_width), inputs(words, max_width)
    expected = plain(table, *leaves)
    rows = torch.randperm(BATCH * len(table))[: BATCH * len(table) - 1]
    every = SpanParts.of_words(*leaves).of_all_spans(table, rows)
    torch.testing.assert_close(every, expected.view(-1, OUTPUT)[rows])
    chosen = torch.randint(len(table), (BATCH, 6))
    starts, ends = (positions[chosen] for positions in table.spans(chosen.device))
    some = SpanParts.of_words(*leaves).of_spans(starts, ends)
    pairs = expected.gather(1, chosen.unsqueeze(-1).expand(-1, -1, OUTPUT))
    torch.testing.assert_close(some, pairs)
    for ours, theirs in ((every, expected.view(-1, OUTPUT)[rows]), (some, pairs)):
        direction = torch.randn_like(ours)
        gradients = torch.autograd.grad((ours * direction).sum(), leaves, retain_graph=True)
        oracle = torch.autograd.grad((theirs * direction).sum(), leaves, retain_graph=True)
        for gradient, right in zip(gradients, oracle):
            torch.testing.assert_close(gradient, right)


def test_gradcheck():
    table, leaves = SpanTable(4, 3), inputs(4, 3)
    rows = torch.tensor([5, 0, 17, 9])

    def layer(*leaves: torch.Tensor) -> torch.Tensor:
        return SpanParts.of_words(*leaves).of_all_spans(table, rows)

    assert torch.autograd.gradcheck(layer, leaves)


def test_half_precision_keeps_the_sums_exact():
    """The mean over many words has the error of one rounding, not of a long sum."""
    torch.manual_seed(0)
    words = torch.randn(1, 400, 8) + 3.0
    weight, bias, widths = torch.randn(6, 26), torch.randn(6), torch.randn(30, 2)
    table, rows = SpanTable(400, 30), torch.tensor([380, 11000])
    expected = SpanParts.of_words(words, weight, bias, widths).of_all_spans(table, rows)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        half = SpanParts.of_words(words, weight, bias, widths).of_all_spans(table, rows)
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), expected, rtol=0.02, atol=0.3)
