"""
Tiny random encoders made on the fly: 3 layers x 4 heads x 6 dimensions, unequal so that no swap
hides.

No test downloads anything. Every folder made here opens with `AutoModel` and `AutoTokenizer`.
"""

from __future__ import annotations

import copy
import functools
from collections import Counter
from pathlib import Path
from typing import Any

import torch
import transformers
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

LAYERS, HEADS, HEAD_DIM = 3, 4, 6
SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
HIDDEN = HEADS * HEAD_DIM

TEXT = """the old dog saw a small cat in the garden near the river . Anna gave Peter two red books
yesterday ! did she not read it ? they were walking slowly to London , because the train from Paris
had been late . who can play the song that we heard on Monday ; it costs 25 dollars and is
unbelievably good""".split()

_COMMON: dict[str, Any] = {
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "hidden_size": HIDDEN,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
}
_CONFIGS: dict[str, dict[str, Any]] = {
    "bert": {"type_vocab_size": 2},
    "electra": {"type_vocab_size": 2, "embedding_size": 16},
    # three layers that share one set of weights: the case whose gates must still differ per layer
    "albert": {"type_vocab_size": 2, "embedding_size": 16},
    "distilbert": {"n_layers": LAYERS, "n_heads": HEADS, "dim": HIDDEN, "hidden_dim": 32},
    "roberta": {"type_vocab_size": 1},
    "xlm-roberta": {"type_vocab_size": 1},
    "camembert": {"type_vocab_size": 1},
    "mpnet": {},
    "deberta": {"relative_attention": True, "pos_att_type": ["c2p", "p2c"], "type_vocab_size": 0},
    "deberta-v2": {
        "relative_attention": True,
        "position_biased_input": False,
        "pos_att_type": ["p2c", "c2p"],
        "share_att_key": True,
        "norm_rel_ebd": "layer_norm",
        "position_buckets": 16,
        "type_vocab_size": 0,
    },
    "openai-gpt": {"n_layer": LAYERS, "n_head": HEADS, "n_embd": HIDDEN, "n_positions": 64},
    "gpt2": {"n_layer": LAYERS, "n_head": HEADS, "n_embd": HIDDEN, "n_positions": 64},
    "modernbert": {"global_attn_every_n_layers": 2, "local_attention": 16},
}
MODEL_TYPES = [kind for kind in _CONFIGS if kind in transformers.CONFIG_MAPPING]
_BYTE_LEVEL = {"roberta", "gpt2", "deberta", "modernbert"}
_NO_SPECIALS = {"openai-gpt", "gpt2"}


def _config(
    model_type: str, tokenizer: transformers.PreTrainedTokenizerFast, **options: Any
) -> Any:
    settings = {**_CONFIGS[model_type], "vocab_size": len(tokenizer)}
    if not ({"n_layer", "n_layers"} & set(settings)):
        settings = {**_COMMON, **settings}
    settings["pad_token_id"] = tokenizer.pad_token_id
    settings.update(options)
    return transformers.AutoConfig.for_model(model_type, **settings)


def encoder(
    model_type: str = "bert", seed: int = 0, **options: Any
) -> transformers.PreTrainedModel:
    """A bare random encoder in evaluation mode, without files."""
    torch.manual_seed(seed)
    # in the configuration alone, older releases ignore it
    chosen = {key: options[key] for key in ("attn_implementation",) if key in options}
    config = _config(model_type, tokenizer(model_type), **options)
    return _spread(transformers.AutoModel.from_config(config, **chosen)).eval()


def _spread(model: transformers.PreTrainedModel) -> transformers.PreTrainedModel:
    """
    Larger weights than the usual 0.02, so that attention is far from uniform and biases matter.
    """
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "norm" not in name.lower():
                parameter.normal_(std=0.3)
    return model


def tokenizer(model_type: str = "bert") -> transformers.PreTrainedTokenizerFast:
    """
    A WordPiece or byte-level BPE tokenizer of a few words, with that model's special tokens. A test
    may change what it gets.
    """
    return copy.deepcopy(_tokenizer(model_type))


def _word_pieces() -> dict[str, int]:
    """Frequent words, beginnings of words, and letters; a trained vocabulary varies at random."""
    counts = Counter(word.lower() for word in TEXT)
    letters = sorted(set("".join(counts)))
    beginnings = {word[:2] for word in counts} | {word for word in counts if counts[word] > 1}
    pieces = [*SPECIALS, *letters, *(f"##{letter}" for letter in letters)]
    pieces += sorted(beginnings - set(letters))
    return {piece: number for number, piece in enumerate(pieces)}


@functools.cache
def _tokenizer(model_type: str) -> transformers.PreTrainedTokenizerFast:
    if model_type in _BYTE_LEVEL:
        backend = Tokenizer(models.BPE(unk_token="[UNK]"))
        backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        backend.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=340,
            special_tokens=SPECIALS,
            show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )
        backend.train_from_iterator([" ".join(TEXT), *TEXT], trainer)
    else:
        backend = Tokenizer(models.WordPiece(_word_pieces(), unk_token="[UNK]"))
        backend.normalizer = normalizers.BertNormalizer(lowercase=True)
        backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        backend.decoder = decoders.WordPiece()
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]"}
    if model_type in _NO_SPECIALS:
        names.pop("mask_token")
    else:
        names |= {"cls_token": "[CLS]", "sep_token": "[SEP]"}
        ids = [(token, backend.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
        backend.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids
        )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend, model_max_length=64, **names
    )


def encoder_folder(
    folder: str | Path, model_type: str = "bert", seed: int = 0, **options: Any
) -> str:
    """Write a tiny random encoder with its tokenizer into `folder` and return its path."""
    model = encoder(model_type, seed=seed, **options)
    model.save_pretrained(str(folder))
    tokenizer(model_type).save_pretrained(str(folder))
    return str(folder)


def batch(
    model_type: str = "bert", rows: int = 3, length: int = 9, seed: int = 1
) -> dict[str, torch.Tensor]:
    """
    Random padded inputs for `encoder(model_type)`: row i is i pieces shorter than the longest.
    """
    generator = torch.Generator().manual_seed(seed)
    size = len(tokenizer(model_type))
    ids = torch.randint(5, size, (rows, length), generator=generator)
    mask = torch.arange(length)[None, :] < (length - torch.arange(rows))[:, None]
    return {"input_ids": ids.masked_fill(~mask, 0), "attention_mask": mask.long()}
