"""The backbone on inputs that come in windows: each is encoded as if it were alone."""

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from torch.nn.functional import pad

import tests.tiny as tiny
from allennlp_heads.gates import HardConcreteGates
from allennlp_heads.modules import GatedTransformerBackbone

LENGTHS = [[9, 6, 0], [7, 0, 0], [3, 8, 5]]
"""Pieces of each window of three examples."""
VECTORS = ("encoded_text", "encoded_pieces")
MASKS = ("encoded_text_mask", "encoded_pieces_mask")


@pytest.fixture(scope="module", params=["bert", "gpt2"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    return tiny.encoder_folder(tmp_path_factory.mktemp(request.param), request.param)


def backbone(folder: str, **options: Any) -> GatedTransformerBackbone:
    torch.manual_seed(0)
    gates = Lazy(HardConcreteGates, start="xavier")
    return GatedTransformerBackbone(folder, gates, **options).eval()


def windows(lengths: list[list[int]] = LENGTHS, offsets: bool = False, seed: int = 0) -> Any:
    """A field of windows; words of two pieces where there are `offsets`."""
    generator = torch.Generator().manual_seed(seed)
    counts = torch.tensor(lengths)
    position = torch.arange(int(counts.max()))
    mask = position < counts[..., None]
    ids = torch.randint(5, 60, mask.shape, generator=generator).masked_fill(~mask, 0)
    ends = (position == 0) | (position == counts[..., None] - 1)
    inputs = {
        "token_ids": ids,
        "mask": mask,
        "type_ids": torch.zeros_like(ids),
        "special_mask": ends & mask,
    }
    if offsets:
        first = 2 * torch.arange(len(position) // 2)
        inputs["wordpiece_mask"] = mask
        inputs["mask"] = first + 1 < counts[..., None]
        inputs["offsets"] = torch.stack([first, first + 1], -1).expand(*counts.shape, -1, 2)
    return {"tokens": inputs}


def one(tokens: Any, example: int, window: int) -> Any:
    """A window as a text of its own, without padding."""
    inputs = tokens["tokens"]
    pieces = int(inputs.get("wordpiece_mask", inputs["mask"])[example, window].sum())
    words = int(inputs["mask"][example, window].sum())
    cut = {"offsets": words, "mask": words}
    return {
        "tokens": {
            key: values[example, window, : cut.get(key, pieces)][None]
            for key, values in inputs.items()
        }
    }


@pytest.mark.parametrize("offsets", [False, True])
def test_windows_are_encoded_one_by_one(folder: str, offsets: bool) -> None:
    encoder = backbone(folder)
    tokens = windows(offsets=offsets)
    found = encoder(tokens)
    assert found["encoded_pieces"].shape == (3, 3, 9, tiny.HIDDEN)
    assert found["boundary"].shape == (3, 2, tiny.HIDDEN)
    for example, lengths in enumerate(LENGTHS):
        for window, length in enumerate(lengths):
            if not length:
                for key in (*VECTORS, *MASKS):
                    assert not found[key][example, window].any()
                continue
            alone = encoder(one(tokens, example, window))
            for key in VECTORS:
                own = found[key][example, window, : alone[key].size(1)]
                torch.testing.assert_close(own, alone[key][0])
            if not window:
                for key in ("boundary", "pooled"):
                    torch.testing.assert_close(found[key][example], alone[key][0])
    inputs = tokens["tokens"]
    assert torch.equal(found["encoded_text_mask"], inputs["mask"])
    pieces = inputs.get("wordpiece_mask", inputs["mask"])
    assert torch.equal(found["encoded_pieces_mask"], pieces)


@pytest.mark.parametrize("max_length", [8, None])
def test_windows_are_never_cut_again(folder: str, max_length: int | None) -> None:
    """Parts of a window would lose the question before them."""
    encoder = backbone(folder, max_length=max_length)
    limit = encoder.encoder.max_length
    longer = windows([[limit + 1, 4], [3, 0]])
    message = rf"has {limit + 1} pieces, but the encoder reads {limit} .*reader to at most {limit}"
    with pytest.raises(ConfigurationError, match=message) as raised:
        encoder(longer)
    assert ("model.backbone.max_length" in str(raised.value)) == (max_length is not None)
    encoder(windows([[limit, 4], [3, 0]]))
    encoder(one(longer, 0, 0))  # a text by itself may be of any length


def test_padding_beyond_the_limit_is_no_long_window(folder: str) -> None:
    """As an indexer with `token_min_padding_length` makes it."""
    encoder, tokens = backbone(folder, max_length=9), windows()
    padded = {key: pad(values, (0, 4)) for key, values in tokens["tokens"].items()}
    expected, found = encoder(tokens), encoder({"tokens": padded})
    mask = expected["encoded_pieces_mask"]
    one, other = (every["encoded_pieces"][:, :, :9][mask] for every in (expected, found))
    torch.testing.assert_close(one, other)
    assert not found["encoded_pieces_mask"][..., 9:].any()


def test_padding_windows_cost_nothing(folder: str) -> None:
    encoder = backbone(folder)
    rows = []
    hook = encoder.encoder.transformer.register_forward_pre_hook(
        lambda module, args, kwargs: rows.append(len(kwargs["input_ids"])), with_kwargs=True
    )
    encoder(windows())
    hook.remove()
    assert rows == [6]


def test_a_first_window_that_is_not_the_first(folder: str) -> None:
    encoder = backbone(folder)
    tokens = windows([[0, 6, 0, 9]])
    alone = encoder(one(tokens, 0, 1))
    for key in ("boundary", "pooled"):
        torch.testing.assert_close(encoder(tokens)[key], alone[key])


def test_gates_of_each_example_follow_it(folder: str) -> None:
    encoder = backbone(folder)
    tokens = windows()
    gates = torch.rand(3, tiny.LAYERS, tiny.HEADS, requires_grad=True)
    with encoder.encoder.tap.scale(gates, "importance"), encoder.encoder.tap.record() as record:
        encoded = encoder(tokens)
    found = encoded["encoded_pieces"]
    assert record.rows is not None and set(record.rows.tolist()) == {0, 1, 2}
    weights = torch.randn(found.shape, generator=torch.Generator().manual_seed(1))
    weights = weights * encoded["encoded_pieces_mask"].unsqueeze(-1)
    (gradient,) = torch.autograd.grad((found * weights).sum(), gates)
    for example, lengths in enumerate(LENGTHS):
        own = gates[example].detach().requires_grad_()
        total = torch.zeros(())
        for window, length in enumerate(lengths):
            if not length:
                continue
            with encoder.encoder.tap.scale(own, "importance"):
                alone = encoder(one(tokens, example, window))["encoded_pieces"][0]
            torch.testing.assert_close(found[example, window, :length], alone)
            total = total + (alone * weights[example, window, :length]).sum()
        (single,) = torch.autograd.grad(total, own)
        torch.testing.assert_close(gradient[example], single, rtol=1e-3, atol=1e-4)


def test_word_dropout_leaves_special_pieces_alone(tmp_path: Path) -> None:
    encoder = backbone(tiny.encoder_folder(tmp_path), word_dropout=0.5).train()
    tokens = windows([[40, 30], [20, 0]])["tokens"]
    seen: list[torch.Tensor] = []
    hook = encoder.encoder.transformer.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(kwargs["input_ids"]), with_kwargs=True
    )
    encoder({"tokens": tokens})
    hook.remove()
    exists = tokens["mask"].any(-1)
    before, special, mask = (tokens[k][exists] for k in ("token_ids", "special_mask", "mask"))
    changed = seen[0] != before
    assert not changed[special | ~mask].any()
    assert 0.3 < changed[mask & ~special].float().mean() < 0.7
    assert (seen[0][changed] == tiny.tokenizer().mask_token_id).all()
