"""
A tiny BERT of which one head looks from each word to its head in the tree, by construction, and
random trees to go with it.

A word is written as a stem and the number of its head: `bird3` depends on the third word, `bird0`
on the root. Its embedding is a one-hot of that number, next to random numbers of its stem; the
embedding of a place is a one-hot of the place. Query and key of the planted head compare the two.
All other heads are random.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import torch
import transformers
from tokenizers import Tokenizer, models, pre_tokenizers, processors

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
STEMS = ["bird", "river", "song", "stone", "door", "moon", "coat", "glass"]
LABELS = ["nsubj", "obj", "det", "amod", "advmod"]

LAYERS, HEADS = 3, 4
PLANTED = (1, 2)
"""Layer and head, from 0."""
PLACES = 12
"""Places of a text, the two special tokens included, and dimensions of a head."""
HIDDEN = HEADS * PLACES
_WHERE_TO, _PLACE, _REST = slice(0, PLACES), slice(PLACES, 2 * PLACES), slice(2 * PLACES, None)


def encoder_folder(folder: str | Path, seed: int = 0) -> str:
    """Write the encoder with its tokenizer into `folder` and return its path."""
    tokenizer = _tokenizer()
    config = transformers.BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        intermediate_size=16,
        max_position_embeddings=PLACES,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = transformers.BertModel(config).eval()
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "LayerNorm" not in name:
                parameter.copy_(torch.randn(parameter.shape, generator=generator) / 2)
        _write_where_words_point(model, tokenizer)
        _keep_it_through_the_layers(model)
        _plant(model.encoder.layer[PLANTED[0]].attention.self)
    model.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    return str(folder)


def _write_where_words_point(
    model: transformers.BertModel, tokenizer: transformers.PreTrainedTokenizerFast
) -> None:
    embeddings = model.embeddings
    words = embeddings.word_embeddings.weight
    words[:, _WHERE_TO], words[:, _PLACE] = 0, 0
    for word, number in tokenizer.get_vocab().items():
        if word not in SPECIALS:
            words[number, int(word.lstrip("abcdefghijklmnopqrstuvwxyz"))] = 1
    embeddings.position_embeddings.weight.zero_()
    embeddings.position_embeddings.weight[:, _PLACE] = torch.eye(PLACES)
    embeddings.token_type_embeddings.weight.zero_()


def _keep_it_through_the_layers(model: transformers.BertModel) -> None:
    """What a layer adds leaves the one-hots alone; its normalisation only scales and shifts."""
    for layer in model.encoder.layer:
        for added in (layer.attention.output.dense, layer.output.dense):
            added.weight[: _REST.start] = 0
            added.bias[: _REST.start] = 0


def _plant(attention: torch.nn.Module) -> None:
    """
    Centred one-hots: the product is positive where they are the same, negative elsewhere, however
    much either was scaled and shifted.
    """
    rows = slice(PLANTED[1] * PLACES, (PLANTED[1] + 1) * PLACES)
    centred = torch.eye(PLACES) - 1 / PLACES
    for projection, columns in ((attention.query, _WHERE_TO), (attention.key, _PLACE)):
        projection.weight[rows] = 0
        projection.weight[rows, columns] = 200 * centred
        projection.bias[rows] = 0


def _tokenizer() -> transformers.PreTrainedTokenizerFast:
    words = [f"{stem}{head}" for stem in STEMS for head in range(PLACES - 1)]
    vocabulary = {word: number for number, word in enumerate([*SPECIALS, *words])}
    backend = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    ids = [(token, vocabulary[token]) for token in ("[CLS]", "[SEP]")]
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=ids
    )
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_max_length=PLACES,
        pad_token="[PAD]",
        unk_token="[UNK]",
        mask_token="[MASK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )


def trees(sentences: int, seed: int) -> list[list[int]]:
    """Random trees of 4 to 10 words: of every word its head, from 1, or 0 for the root."""
    generator = random.Random(seed)
    found = []
    for _ in range(sentences):
        length = generator.randint(4, PLACES - 2)
        order = generator.sample(range(1, length + 1), length)
        heads = {word: generator.choice(order[:n]) if n else 0 for n, word in enumerate(order)}
        found.append([heads[word] for word in range(1, length + 1)])
    return found


def write_treebank(file: str | Path, sentences: int, seed: int) -> str:
    """Write random trees as CoNLL-U, with random labels, and return the path."""
    generator = random.Random(seed)
    blocks = [_block(heads, generator) for heads in trees(sentences, seed)]
    Path(file).write_text("\n".join(blocks), "utf-8")
    return str(file)


def _block(heads: Sequence[int], generator: random.Random) -> str:
    lines = []
    for number, head in enumerate(heads, start=1):
        word = f"{generator.choice(STEMS)}{head}"
        label = generator.choice(LABELS) if head else "root"
        lines.append(f"{number}\t{word}\t_\tNOUN\t_\t_\t{head}\t{label}\t_\t_\n")
    return "".join(lines)
