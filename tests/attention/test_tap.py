"""The tap's own contract: order, hooks, shapes, windows."""

from __future__ import annotations

import pytest
import torch

import tests.tiny as tiny
from allennlp_heads.attention import HeadTap

SHAPE = (tiny.LAYERS, tiny.HEADS)


def hooks(module: torch.nn.Module) -> int:
    return sum(len(m._forward_pre_hooks) + len(m._forward_hooks) for m in module.modules())


@pytest.fixture
def encoder():
    return tiny.encoder("bert")


@pytest.fixture
def batch():
    return tiny.batch("bert")


def test_no_gates_no_hooks(encoder, batch) -> None:
    with HeadTap(encoder).scale(None):
        assert hooks(encoder) == 0
        encoder(**batch)


@pytest.mark.parametrize(
    "switch_on",
    [lambda t: t.scale(torch.ones(SHAPE)), lambda t: t.record(weights=True, values=True)],
)
def test_hooks_are_removed_also_after_an_exception(encoder, batch, switch_on) -> None:
    tap = HeadTap(encoder)
    with pytest.raises(RuntimeError, match="inside"):
        with switch_on(tap):
            assert hooks(encoder) > 0
            encoder(**batch)
            raise RuntimeError("inside")
    assert hooks(encoder) == 0
    with pytest.raises(IndexError):
        with switch_on(tap):
            encoder(input_ids=torch.tensor([[10**6]]))  # fails inside the encoder
    assert hooks(encoder) == 0
    # and the next use is not disturbed
    bare = encoder(**batch).last_hidden_state
    with tap.scale(torch.ones(SHAPE)):
        assert torch.equal(encoder(**batch).last_hidden_state, bare)


def test_nested_use_keeps_hooks_until_the_last_is_out(encoder, batch) -> None:
    tap = HeadTap(encoder)
    with tap.scale(torch.zeros(SHAPE), stage="importance"):
        with tap.scale(torch.ones(SHAPE)):
            encoder(**batch)
        with tap.record() as record:
            encoder(**batch)
        assert record.contexts[0].abs().max() == 0
    assert hooks(encoder) == 0


def test_record_sees_gates_and_importance_whatever_the_order_of_entry(encoder, batch) -> None:
    tap = HeadTap(encoder)
    gate, importance = torch.rand(SHAPE), torch.rand(3, *SHAPE)
    with tap.record() as bare:
        encoder(**batch)
    with tap.record() as record, tap.scale(importance, stage="importance"), tap.scale(gate):
        encoder(**batch)
    expected = bare.contexts[0] * gate[0][:, None] * importance[:, None, 0, :, None]
    assert torch.allclose(record.contexts[0], expected)


def test_rows_follow_their_example_through_windows(encoder, batch) -> None:
    tap = HeadTap(encoder)
    gates = torch.rand(2, *SHAPE)
    examples = torch.tensor([0, 1, 0])
    with tap.rows(examples), tap.scale(gates):
        windows = encoder(**batch).last_hidden_state
    with tap.scale(gates[examples]):
        assert torch.equal(encoder(**batch).last_hidden_state, windows)


@pytest.mark.parametrize("shape", [(3,), (4, 3), (3, 5), (2, 2, 3, 4)])
def test_wrong_shapes(encoder, shape) -> None:
    with pytest.raises(ValueError, match=r"do not fit an encoder of 3 layers x 4 heads"):
        with HeadTap(encoder).scale(torch.ones(shape)):
            pass


def test_record_is_replaced_by_each_pass(encoder, batch) -> None:
    with HeadTap(encoder).record() as record:
        encoder(**batch)
        first = record.contexts
        encoder(**batch)
    assert len(record.contexts) == tiny.LAYERS and record.contexts is not first
    assert record.weights == [] and record.values == []


def test_pruned_layers_have_fewer_heads(encoder, batch) -> None:
    full = tiny.encoder("bert")
    gates = torch.ones(SHAPE)
    gates[1, [0, 2]] = 0
    encoder.prune_heads({1: [0, 2]})
    tap = HeadTap(encoder)
    assert tap.heads == [4, 2, 4]
    with HeadTap(full).scale(gates):
        masked = full(**batch).last_hidden_state
    with tap.scale(torch.ones(SHAPE)):
        assert torch.allclose(encoder(**batch).last_hidden_state, masked, atol=1e-5)


def test_fused_attention_stays_in_use(encoder, batch, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    fused = torch.nn.functional.scaled_dot_product_attention

    def counted(*args, **kwargs):  # type: ignore[no-untyped-def]
        calls.append(1)
        return fused(*args, **kwargs)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", counted)
    with HeadTap(encoder).scale(torch.ones(SHAPE)), HeadTap(encoder).record():
        encoder(**batch)
    assert len(calls) == tiny.LAYERS
