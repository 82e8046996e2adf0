"""Rows of heads against what gates and recorded values say of every architecture."""

from __future__ import annotations

import pytest
import torch

import tests.tiny as tiny
from allennlp_heads.attention import PARTS, HeadTap, Recipe, by_path, head_rows, remove_heads
from allennlp_heads.attention.layouts import _layouts

DIVISIBLE = [kind for kind in tiny.MODEL_TYPES if kind != "albert"]


def chosen(encoder: torch.nn.Module, seed: int = 3) -> torch.Tensor:
    """Some heads of every layer, never all."""
    tap = HeadTap(encoder)  # type: ignore[arg-type]
    mask = torch.zeros(tap.layers, max(tap.heads), dtype=torch.bool)
    generator = torch.Generator().manual_seed(seed)
    for layer, heads in enumerate(tap.heads):
        mask[layer, torch.randperm(heads, generator=generator)[: max(heads // 2, 0)]] = True
    return mask


def gradients_under(encoder: torch.nn.Module, kind: str, gates: torch.Tensor) -> None:
    """Only heads whose gate is open can hand gradients to their parameters."""
    tap = HeadTap(encoder)  # type: ignore[arg-type]
    with tap.scale(gates.float()):
        output = encoder(**tiny.batch(kind)).last_hidden_state
    weights = torch.randn(output.shape, generator=torch.Generator().manual_seed(5))
    (output * weights).sum().backward()


@pytest.mark.parametrize("kind", DIVISIBLE)
def test_closed_heads_have_no_gradient_in_their_rows(kind: str) -> None:
    encoder = tiny.encoder(kind)
    mask = chosen(encoder)
    gradients_under(encoder, kind, mask)
    rows = head_rows(encoder, PARTS)
    assert {row.layer for row in rows} == {0, 1, 2}
    for row in rows:
        assert row.parameter.grad is not None
        found = row.view(row.parameter.grad).movedim(row.dim, 0).flatten(1)
        moved = found.abs().amax(dim=1) > 0
        assert torch.equal(moved, row.blocks(mask)), (row.tensor.name, row.tensor.roles)


@pytest.mark.parametrize("kind", DIVISIBLE)
def test_only_value_rows_change_the_values(kind: str) -> None:
    encoder = tiny.encoder(kind)
    tap = HeadTap(encoder)
    before = values_of_first_layer(encoder, tap, kind)
    mask = torch.zeros(tap.layers, max(tap.heads), dtype=torch.bool)
    mask[0, 1] = True
    for part in ("query", "key", "value"):
        changed = tiny.encoder(kind)
        for row in head_rows(changed, (part,)):
            if row.layer == 0:
                outside = ~row.blocks(~mask)  # the head's own blocks, of this part alone
                with torch.no_grad():
                    row.view(row.parameter).movedim(row.dim, 0)[outside] += 1.0
        after = values_of_first_layer(changed, HeadTap(changed), kind)
        differs = (after != before).flatten(0, 1).any(dim=-1).any(dim=0)
        assert differs.tolist() == [part == "value" and head == 1 for head in range(tiny.HEADS)]


def values_of_first_layer(encoder: torch.nn.Module, tap: HeadTap, kind: str) -> torch.Tensor:
    with torch.no_grad(), tap.record(contexts=False, values=True) as record:
        encoder(**tiny.batch(kind))
    return record.values[0]


@pytest.mark.parametrize("kind", ["bert", "gpt2", "openai-gpt", "distilbert", "deberta-v2"])
def test_keys_and_queries_are_not_swapped(kind: str) -> None:
    """Softmax ignores what all keys of a query have in common, such as the bias of the keys."""
    encoder = tiny.encoder(kind, **({"relative_attention": False} if "deberta" in kind else {}))
    gradients_under(encoder, kind, torch.ones(tiny.LAYERS, tiny.HEADS))
    largest = {}
    for part in ("query", "key"):
        biases = [row for row in head_rows(encoder, (part,)) if row.parameter.dim() == 1]
        own = [
            ~row.blocks(torch.zeros(tiny.LAYERS, tiny.HEADS, dtype=torch.bool)) for row in biases
        ]
        largest[part] = max(
            row.view(row.parameter.grad)[mine].abs().max() for row, mine in zip(biases, own)
        )
    assert largest["key"] < 1e-3 * largest["query"]


@pytest.mark.parametrize("kind", ["bert", "gpt2", "deberta"])
def test_every_block_is_of_one_head(kind: str) -> None:
    """Blocks of single heads partition those of a part."""
    encoder = tiny.encoder(kind)
    for row in head_rows(encoder, ("key",)):
        none = torch.zeros(tiny.LAYERS, tiny.HEADS, dtype=torch.bool)
        rest = row.blocks(none)
        counts = torch.zeros(len(rest), dtype=torch.long)
        for head in range(tiny.HEADS):
            one = none.clone()
            one[row.layer, head] = True
            counts += row.blocks(one) & ~rest
        assert torch.equal(counts, (~rest).long())
        assert (~rest).sum() == tiny.HEADS


@pytest.mark.parametrize("kind", ["bert", "gpt2", "distilbert", "deberta"])
def test_encoders_that_lost_heads(kind: str) -> None:
    encoder = tiny.encoder(kind)
    remove_heads(encoder, {0: [1], 1: range(tiny.HEADS)})
    tap = HeadTap(encoder)
    assert tap.heads == [3, 0, 4]
    mask = chosen(encoder)
    gradients_under(encoder, kind, mask)
    rows = head_rows(encoder, PARTS)
    assert {row.layer for row in rows} == {0, 2}
    for row in rows:
        assert row.parameter.grad is not None
        moved = row.view(row.parameter.grad).movedim(row.dim, 0).flatten(1).abs().amax(dim=1) > 0
        assert torch.equal(moved, row.blocks(mask))


def test_the_view_shares_its_memory() -> None:
    row = head_rows(tiny.encoder("gpt2"))[0]
    assert row.view(row.parameter).data_ptr() == row.parameter.data_ptr()


def test_albert_is_refused() -> None:
    with pytest.raises(ValueError, match="'albert' share one set of weights"):
        head_rows(tiny.encoder("albert"))


def test_unknown_parts_are_refused() -> None:
    with pytest.raises(ValueError, match=r"not \['keys'\]"):
        head_rows(tiny.encoder(), ("query", "keys"))
    with pytest.raises(ValueError, match="not none at all"):
        head_rows(tiny.encoder(), ())


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (None, "the parameters of single heads are not known.*layout does not say"),
        (Recipe("attention.self", ("query", "value")), "does not say which projection is query"),
    ],
)
def test_layouts_that_do_not_say(
    recipe: Recipe | None, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = by_path(
        "encoder.layer", "attention.output.dense", "attention.self.value", recipe=recipe
    )
    monkeypatch.setitem(_layouts, "bert", layout)
    with pytest.raises(ValueError, match=message):
        head_rows(tiny.encoder("bert"))
