"""The gated encoder: equal to the bare one, long inputs, word dropout, archives."""

from __future__ import annotations

import shutil

import pytest
import torch
import transformers
from allennlp.common import Lazy
from allennlp.common.checks import ConfigurationError

import tests.tiny as tiny
from allennlp_heads.gates import FixedGates, HardConcreteGates
from allennlp_heads.modules import GatedEncoder, GatedTransformerBackbone


def inputs(model_type: str = "bert", **options) -> dict[str, torch.Tensor]:
    batch = tiny.batch(model_type, **options)
    return {"token_ids": batch["input_ids"], "mask": batch["attention_mask"].bool()}


def test_equals_the_bare_encoder(tiny_bert: str) -> None:
    encoder = GatedEncoder(tiny_bert).eval()
    bare = transformers.AutoModel.from_pretrained(tiny_bert).eval()
    batch = tiny.batch("bert")
    assert torch.equal(encoder(**inputs()), bare(**batch).last_hidden_state)
    assert (encoder.layers, encoder.heads, encoder.get_output_dim()) == (3, [4, 4, 4], 24)


def test_open_hard_concrete_equals_the_bare_encoder_in_evaluation(tiny_bert: str) -> None:
    gated = GatedEncoder(tiny_bert, Lazy(HardConcreteGates)).eval()
    assert torch.equal(gated(**inputs()), GatedEncoder(tiny_bert).eval()(**inputs()))


def test_type_ids_reach_only_encoders_that_have_them(tiny_bert: str, tmp_path) -> None:
    encoder = GatedEncoder(tiny_bert).eval()
    types = torch.ones(3, 9, dtype=torch.long)
    assert not torch.allclose(encoder(**inputs(), type_ids=types), encoder(**inputs()))
    gpt = GatedEncoder(tiny.encoder_folder(tmp_path, "gpt2")).eval()
    assert torch.equal(gpt(**inputs("gpt2"), type_ids=types), gpt(**inputs("gpt2")))


@pytest.mark.parametrize("model_type", ["bert", "roberta", "deberta-v2", "gpt2"])
def test_long_inputs_lose_nothing(model_type: str, tmp_path) -> None:
    encoder = GatedEncoder(tiny.encoder_folder(tmp_path, model_type), word_dropout=0.0).eval()
    batch = inputs(model_type, rows=3, length=150)
    special = torch.zeros_like(batch["mask"])
    special[:, 0] = True
    for row in range(3):
        special[row, 150 - row - 1] = True
    vectors = encoder(**batch, special_mask=special)
    assert vectors.shape == (3, 150, 24)
    # the first window of each example, run alone
    room = encoder.max_length - 2
    for row in range(3):
        ids = batch["token_ids"][row]
        first = torch.cat([ids[: room + 1], ids[150 - row - 1][None]])[None]
        alone = encoder(first, torch.ones_like(first, dtype=torch.bool))
        assert torch.allclose(vectors[row, : room // 2], alone[0, : room // 2], atol=1e-5)
    # and a shorter neighbour changes nothing
    alone = encoder(
        batch["token_ids"][1:2, :149], batch["mask"][1:2, :149], special_mask=special[1:2, :149]
    )
    assert torch.allclose(vectors[1, :149], alone[0], atol=1e-5)


def test_gates_of_each_example_follow_it_through_its_windows(tiny_bert: str) -> None:
    encoder = GatedEncoder(tiny_bert, max_length=10).eval()
    lengths = torch.tensor([25, 7, 14])
    mask = torch.arange(25) < lengths[:, None]
    ids = tiny.batch("bert", rows=3, length=25)["input_ids"].clamp(min=5)
    gates = torch.rand(3, tiny.LAYERS, tiny.HEADS)
    with encoder.tap.scale(gates, stage="importance"):
        together = encoder(ids, mask)
    for row, length in enumerate(lengths.tolist()):
        with encoder.tap.scale(gates[row], stage="importance"):
            alone = encoder(ids[row : row + 1, :length], mask[row : row + 1, :length])
        assert torch.allclose(together[row, :length], alone[0], atol=1e-5)


def test_a_limit_of_ones_own(tiny_bert: str) -> None:
    whole, narrow = GatedEncoder(tiny_bert).eval(), GatedEncoder(tiny_bert, max_length=8).eval()
    batch = inputs(rows=1, length=12)
    assert not torch.allclose(whole(**batch), narrow(**batch), atol=1e-4)
    short = inputs(rows=1, length=8)
    assert torch.equal(whole(**short), narrow(**short))
    for wrong in (3, 65):
        with pytest.raises(
            ConfigurationError, match=f"'max_length' is {wrong}: this encoder takes 4 to 64"
        ):
            GatedEncoder(tiny_bert, max_length=wrong)


def test_roberta_takes_fewer_pieces_than_it_has_positions(tmp_path) -> None:
    encoder = GatedEncoder(tiny.encoder_folder(tmp_path, "roberta")).eval()
    assert encoder.max_length == 63  # padding id 0: positions are counted from 1 on
    batch = inputs("roberta", rows=1, length=63)
    assert torch.isfinite(encoder(**batch)).all()


def test_word_dropout_spares_special_pieces_and_padding(tiny_bert: str) -> None:
    torch.manual_seed(0)
    encoder = GatedEncoder(tiny_bert, word_dropout=0.5).train()
    seen: list[torch.Tensor] = []
    encoder.transformer.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(kwargs["input_ids"]), with_kwargs=True
    )
    batch = inputs(rows=40, length=50)
    batch["token_ids"][:, 0] = 2  # [CLS]
    mask_id = tiny.tokenizer().mask_token_id
    encoder(**batch)
    dropped = seen[0] == mask_id
    assert not dropped[:, 0].any() and not dropped[~batch["mask"]].any()
    assert dropped[batch["mask"]].float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert torch.equal(seen[0][~dropped], batch["token_ids"][~dropped])
    encoder.eval()(**batch)
    assert torch.equal(seen[1], batch["token_ids"])
    with pytest.raises(ConfigurationError, match="word_dropout"):
        GatedEncoder(tiny_bert, word_dropout=1.0)


def test_frozen_transformer_still_trains_gates(tiny_bert: str) -> None:
    encoder = GatedEncoder(
        tiny_bert, Lazy(HardConcreteGates, start=0.0), train_parameters=False
    ).train()
    assert not encoder.transformer.training and encoder.gates.training
    encoder(**inputs()).tanh().square().sum().backward()
    assert encoder.gates.log_alpha.grad.abs().max() > 1e-3
    assert all(p.grad is None for p in encoder.transformer.parameters())


def test_mix_of_layers(tiny_bert: str) -> None:
    encoder = GatedEncoder(tiny_bert, last_layer_only=False).eval()
    bare = transformers.AutoModel.from_pretrained(tiny_bert).eval()
    hidden = bare(**tiny.batch("bert"), output_hidden_states=True).hidden_states[1:]
    assert torch.allclose(encoder(**inputs()), torch.stack(hidden).mean(dim=0), atol=1e-5)


def test_every_parameter_gets_a_gradient(tiny_bert: str) -> None:
    encoder = GatedEncoder(
        tiny_bert, Lazy(HardConcreteGates, start=0.5), last_layer_only=False
    ).train()
    encoder(**inputs(), type_ids=torch.zeros(3, 9, dtype=torch.long)).square().sum().backward()
    assert [n for n, p in encoder.named_parameters() if p.grad is None] == []


def test_archive_opens_without_the_folder_it_was_trained_from(tmp_path) -> None:
    source = tiny.encoder_folder(tmp_path / "encoder-somewhere")
    run = tmp_path / "run"
    run.mkdir()
    trained = GatedEncoder(source, serialization_dir=str(run)).eval()
    files = {p.name for p in (run / "encoder").glob("*/*")}
    assert {"config.json", "tokenizer.json"} <= files and not any(
        "safetensors" in name for name in files
    )
    shutil.rmtree(source)
    with pytest.raises(ConfigurationError, match="'transformer_model': cannot open the encoder"):
        GatedEncoder(
            source, serialization_dir=str(run)
        )  # a run to train on, which needs the weights
    (run / "weights.th").touch()  # what an unpacked archive has
    opened = GatedEncoder(source, serialization_dir=str(run)).eval()
    opened.load_state_dict(trained.state_dict())
    assert opened.config._attn_implementation == "sdpa"
    assert torch.equal(opened(**inputs()), trained(**inputs()))


def test_archive_without_the_encoder_says_so(tmp_path) -> None:
    (tmp_path / "weights.th").touch()
    with pytest.raises(ConfigurationError, match=r'include_in_archive: \["encoder"\]'):
        GatedEncoder(str(tmp_path / "gone"), serialization_dir=str(tmp_path))


def test_package_names(tiny_bert: str) -> None:
    with pytest.raises(ConfigurationError, match="package 'no_such_package' is not installed"):
        GatedEncoder("package:no_such_package/model")
    with pytest.raises(ConfigurationError, match="has no folder 'nowhere'"):
        GatedEncoder("package:transformers/nowhere")


def test_unknown_architecture_names_the_key(tmp_path) -> None:
    config = transformers.CONFIG_MAPPING["xlm"](vocab_size=9, emb_dim=8, n_layers=1, n_heads=2)
    transformers.AutoModel.from_config(config).save_pretrained(str(tmp_path))
    tiny.tokenizer().save_pretrained(str(tmp_path))
    with pytest.raises(ConfigurationError, match="'transformer_model': no attention layout"):
        GatedEncoder(str(tmp_path))


def test_gates_of_the_wrong_shape(tiny_bert: str) -> None:
    with pytest.raises(ConfigurationError, match="2 rows .* but the encoder has 3 layers of"):
        GatedEncoder(tiny_bert, Lazy(FixedGates, mask=[[1, 1, 1, 1], [1, 1, 1, 1]]))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
@pytest.mark.parametrize("content", ["", "{}"])
def test_damaged_files_of_the_encoder(name: str, content: str, tmp_path) -> None:
    folder = tiny.encoder_folder(tmp_path)
    (tmp_path / name).write_text(content)
    with pytest.raises(ConfigurationError, match="'transformer_model': cannot open the encoder"):
        GatedEncoder(folder)


def test_text_without_pieces(tiny_bert: str) -> None:
    with pytest.raises(ConfigurationError, match="'transformer_words'"):
        GatedTransformerBackbone(tiny_bert)({"tokens": {"tokens": torch.ones(1, 2)}})


def test_values_return_to_where_heads_were_at_first(tiny_bert: str) -> None:
    encoder = GatedEncoder(tiny_bert, removed_heads={0: [0, 2], 2: [0, 1, 2, 3]})
    values = torch.arange(1.0, 13).reshape(3, 4) * encoder.gates.mask.float()
    assert encoder.in_original_numbering(values).tolist() == [[0, 1, 0, 2], [5, 6, 7, 8], [0] * 4]
    encoder.remove_heads({1: [0, 1, 2]})
    exists = encoder.in_original_numbering(encoder.gates.mask)
    assert exists.dtype == torch.bool
    assert exists.int().tolist() == [[0, 1, 0, 1], [0, 0, 0, 1], [0] * 4]
