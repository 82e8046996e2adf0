"""For every layout: the tap does what it says, against the library's own numbers."""

from __future__ import annotations

import pytest
import torch
import transformers
from torch.autograd import gradcheck

import tests.tiny as tiny
from allennlp_heads.attention import HeadTap, by_path, layout_of, register_layout

# encoders whose own `head_mask` is right; ALBERT hands every layer the first layer's, DeBERTa and
# ModernBERT have none
HEAD_MASK = (
    "bert electra distilbert roberta xlm-roberta camembert mpnet openai-gpt gpt2".split()  # noqa: SIM905
)

every_layout = pytest.mark.parametrize("model_type", tiny.MODEL_TYPES)


def run(
    encoder: transformers.PreTrainedModel, batch: dict[str, torch.Tensor], **more
) -> torch.Tensor:
    hidden = encoder(**batch, **more).last_hidden_state
    return hidden * batch["attention_mask"][..., None]


def loss_of(hidden: torch.Tensor) -> torch.Tensor:
    """One number an example, curved so that gradients depend on every gate."""
    return hidden.tanh().square().sum(dim=(1, 2))


@every_layout
def test_shape(model_type: str) -> None:
    tap = HeadTap(tiny.encoder(model_type))
    assert (tap.layers, tap.heads, tap.head_dim) == (
        tiny.LAYERS,
        [tiny.HEADS] * tiny.LAYERS,
        tiny.HEAD_DIM,
    )


@every_layout
def test_gates_of_one_change_nothing(model_type: str) -> None:
    encoder, batch = tiny.encoder(model_type), tiny.batch(model_type)
    bare = run(encoder, batch)
    loss_of(bare).sum().backward()
    expected = {n: p.grad.clone() for n, p in encoder.named_parameters() if p.grad is not None}
    encoder.zero_grad()
    with HeadTap(encoder).scale(torch.ones(tiny.LAYERS, tiny.HEADS)):
        gated = run(encoder, batch)
        loss_of(gated).sum().backward()
    assert torch.equal(bare, gated)
    for name, parameter in encoder.named_parameters():
        if name in expected:
            assert torch.equal(parameter.grad, expected[name]), name


@every_layout
@pytest.mark.parametrize("layer,head", [(0, 1), (1, 3), (2, 0)])
def test_gate_of_zero_removes_the_slice(model_type: str, layer: int, head: int) -> None:
    encoder, batch = tiny.encoder(model_type), tiny.batch(model_type)
    gates = torch.ones(tiny.LAYERS, tiny.HEADS)
    gates[layer, head] = 0
    with HeadTap(encoder).scale(gates):
        gated = run(encoder, batch)
    # independent: empty the columns of the output projection that read the slice, in that layer
    # only
    piece = slice(head * tiny.HEAD_DIM, (head + 1) * tiny.HEAD_DIM)
    module = layout_of(encoder)[layer].output
    calls = [a.output for a in layout_of(encoder)]
    served = [index for index, output in enumerate(calls) if output is module]
    seen = []

    def without_slice(module: torch.nn.Module, args: tuple) -> tuple:
        seen.append(0)
        if served[len(seen) - 1] != layer:
            return args
        context = args[0].clone()
        context[..., piece] = 0
        return (context,)

    handle = module.register_forward_pre_hook(without_slice)
    removed = run(encoder, batch)
    handle.remove()
    assert torch.allclose(gated, removed, atol=1e-6)
    assert not torch.allclose(gated, run(encoder, batch), atol=1e-3)


@pytest.mark.parametrize("model_type", HEAD_MASK)
def test_gradient_equals_head_mask(model_type: str) -> None:
    encoder, batch = tiny.encoder(model_type, attn_implementation="eager"), tiny.batch(model_type)
    mask = torch.rand(tiny.LAYERS, tiny.HEADS, generator=torch.Generator().manual_seed(3))
    theirs = mask.clone().requires_grad_()
    loss_of(run(encoder, batch, head_mask=theirs)).sum().backward()
    ours = mask.clone().requires_grad_()
    with HeadTap(encoder).scale(ours):
        loss_of(run(encoder, batch)).sum().backward()
    assert theirs.grad.abs().min() > 0
    assert torch.allclose(ours.grad, theirs.grad, rtol=1e-4, atol=1e-5)


@every_layout
def test_gates_of_each_example_equal_one_at_a_time(model_type: str) -> None:
    encoder, batch = tiny.encoder(model_type), tiny.batch(model_type)
    encoder.requires_grad_(False)
    tap = HeadTap(encoder)
    rows = len(batch["input_ids"])
    gates = torch.ones(rows, tiny.LAYERS, tiny.HEADS, requires_grad=True)
    with tap.scale(gates, stage="importance"):
        loss_of(run(encoder, batch)).sum().backward()
    for row in range(rows):
        length = int(batch["attention_mask"][row].sum())
        alone = {key: value[row : row + 1, :length] for key, value in batch.items()}
        gate = torch.ones(tiny.LAYERS, tiny.HEADS, requires_grad=True)
        with tap.scale(gate):
            loss_of(run(encoder, alone)).sum().backward()
        assert torch.allclose(gates.grad[row], gate.grad, rtol=1e-3, atol=1e-4)


@every_layout
def test_gradcheck(model_type: str) -> None:
    encoder = tiny.encoder(model_type).double()
    encoder.requires_grad_(False)
    batch = tiny.batch(model_type, rows=1, length=4)
    tap = HeadTap(encoder)

    def loss(gates: torch.Tensor) -> torch.Tensor:
        with tap.scale(gates):
            return loss_of(run(encoder, batch)).sum()

    gates = torch.rand(tiny.LAYERS, tiny.HEADS, dtype=torch.double, requires_grad=True)
    # DeBERTa casts to single precision inside its LayerNorm, which needs a larger step
    coarse = {"eps": 1e-2, "atol": 2e-2, "rtol": 2e-2, "nondet_tol": 1e-6}
    assert gradcheck(loss, (gates,), **(coarse if model_type == "deberta" else {}))
    (gradient,) = torch.autograd.grad(loss(gates), gates)
    assert gradient.abs().max() > 0.2  # far above the coarse tolerance


@every_layout
def test_contexts_are_weights_times_values(model_type: str) -> None:
    encoder, batch = tiny.encoder(model_type), tiny.batch(model_type)
    with HeadTap(encoder).record(weights=True, values=True) as record:
        run(encoder, batch)
    assert len(record.contexts) == len(record.weights) == len(record.values) == tiny.LAYERS
    for context, weights, values in zip(record.contexts, record.weights, record.values):
        assert context.shape[2:] == (tiny.HEADS, tiny.HEAD_DIM)
        assert torch.allclose(context, torch.einsum("bhqk,bkhd->bqhd", weights, values), atol=1e-5)


def test_shared_layer_has_gates_of_its_own() -> None:
    encoder, batch = tiny.encoder("albert"), tiny.batch("albert")
    outputs = [a.output for a in layout_of(encoder)]
    assert len(set(outputs)) == 1  # one set of weights, three layers
    results = []
    for layer in range(tiny.LAYERS):
        gates = torch.ones(tiny.LAYERS, tiny.HEADS)
        gates[layer] = 0
        with HeadTap(encoder).scale(gates):
            results.append(run(encoder, batch))
    assert not any(torch.allclose(a, b) for a, b in zip(results, results[1:]))


def test_albert_groups_in_order() -> None:
    encoder = tiny.encoder("albert", num_hidden_layers=4, num_hidden_groups=2, inner_group_num=2)
    outputs = [a.output for a in layout_of(encoder)]
    assert len(outputs) == 8 and outputs[:4] == [outputs[0], outputs[1]] * 2
    with HeadTap(encoder).record(weights=True, values=True) as record:
        run(encoder, tiny.batch("albert"))
    for context, weights, values in zip(record.contexts, record.weights, record.values):
        assert torch.allclose(context, torch.einsum("bhqk,bkhd->bqhd", weights, values), atol=1e-5)


def test_unknown_encoder() -> None:
    config = transformers.CONFIG_MAPPING["xlm"](vocab_size=9, emb_dim=8, n_layers=1, n_heads=2)
    with pytest.raises(
        ValueError, match="no attention layout for encoders of type 'xlm'.*register_layout"
    ):
        HeadTap(transformers.AutoModel.from_config(config))


def test_model_with_a_task_head_is_refused() -> None:
    config = tiny.encoder("bert").config
    with pytest.raises(ValueError, match="does not fit BertForMaskedLM.*bare encoder"):
        HeadTap(transformers.AutoModelForMaskedLM.from_config(config))


def test_a_new_layout_in_a_few_lines() -> None:
    config = transformers.CONFIG_MAPPING["xlm"](vocab_size=9, emb_dim=8, n_layers=2, n_heads=2)
    encoder = transformers.AutoModel.from_config(config).eval()

    @register_layout("xlm")
    def xlm(encoder):
        return [
            type(layout_of(tiny.encoder("bert"))[0])(a.out_lin, a.v_lin, lambda m, y, h: y)
            for a in encoder.attentions
        ]

    try:
        with HeadTap(encoder).scale(torch.ones(2, 2)):
            assert encoder(torch.tensor([[3, 4, 5]])).last_hidden_state.shape == (1, 3, 8)
        register_layout("xlm")(by_path("attentions", "out_lin", "v_lin"))
        assert HeadTap(encoder).heads == [2, 2]
    finally:
        from allennlp_heads.attention import layouts

        layouts._layouts.pop("xlm")
