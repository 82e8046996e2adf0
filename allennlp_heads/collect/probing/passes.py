"""A pass of an encoder over sentences with items: what its heads compute, and which items fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy
import torch
from allennlp.common import Tqdm
from allennlp.data import Instance, Vocabulary
from allennlp.data.fields import MetadataField, TextField

from allennlp_heads.analysis.probing.arcs import words_of_spans
from allennlp_heads.collect.probing.gold import PartGold
from allennlp_heads.collect.probing.items import text_of
from allennlp_heads.collect.task_data import TaskData
from allennlp_heads.collect.word_heads import WordHeads, word_heads
from allennlp_heads.modules import GatedEncoder

NO_ROOT = "arcs from ROOT, for which the encoder has no token in front"
LOST_WORD = "items with a word that the tokenizer left without pieces"

_CHUNK = 512
"""Sentences whose tensors are in memory at once."""
_PIECES = {False: 6400, True: 2048}
"""Pieces of a batch, without and with attention, which grows with the square of the length."""


@dataclass(frozen=True, eq=False)
class WordBatch:
    """
    # Parameters

    heads : `WordHeads`
        Of some sentences.
    items : `numpy.ndarray`
        `[items]`, `int`: their items whose nodes all exist, by their places in the part.
    spans : `numpy.ndarray`
        `[items, 4]`, `int`: sentence in the batch; nodes of head, first and last word.
    sentences : `Sequence[int]`
        The sentences of the batch, by their places in the part.
    """

    heads: WordHeads
    items: numpy.ndarray
    spans: numpy.ndarray
    sentences: Sequence[int]

    @property
    def mask(self) -> numpy.ndarray:
        """`[batch, nodes]`, `bool`."""
        return self.heads.mask.cpu().numpy()

    def contexts(self) -> Iterator[numpy.ndarray]:
        """`[batch, nodes, heads, dim]` of each layer."""
        return (layer.float().cpu().numpy() for layer in self.heads.contexts)

    def attention(self) -> Iterator[numpy.ndarray]:
        """`[batch, heads, nodes, nodes]` of each layer."""
        return (layer.float().cpu().numpy() for layer in self.heads.attention)


Watch = Callable[[int, WordBatch], None]
"""Looks at each batch of a pass, with the number of its part, before it is gone."""


@dataclass(frozen=True)
class Passes:
    """
    Runs an encoder over parts of the data, batch by batch; nothing is kept.

    # Parameters

    encoder : `GatedEncoder`
        In evaluation mode.
    vocab : `Vocabulary`
        For the token indexer.
    task : `str`
        Whose gates to use.
    batch_size : `int`
    contexts, attention : `bool`
        What to record.
    of : `str`, optional (default = `""`)
        Which encoder it is, for the progress bars, unless it is the one that is probed.
    left_out : `Dict[int, Counter[str]]`
        How many items of each part could not be probed, by reason; filled by the passes.
    """

    encoder: GatedEncoder
    vocab: Vocabulary
    task: str
    batch_size: int
    contexts: bool
    attention: bool
    of: str = ""
    left_out: dict[int, Counter[str]] = field(default_factory=dict)

    def batches(
        self, part: int, gold: PartGold, purpose: str, attention: bool | None = None
    ) -> Iterator[WordBatch]:
        """
        One pass over a part, in batches of sentences of about the same length.

        # Parameters

        part : `int`
            Its number.
        gold : `PartGold`
        purpose : `str`
            For the progress bar.
        attention : `bool`, optional
            Whether this pass records attention; by default as all do.
        """
        with_weights = self.attention if attention is None else attention
        data = self._data(gold.sentences, with_weights)
        self.left_out[part] = Counter()
        named = f"{self.task}: {', '.join(filter(None, (self.of, purpose)))}"
        with Tqdm.tqdm(total=len(gold.sentences), desc=named) as progress:
            for chunk in data.chunks(self.task, _CHUNK) if data is not None else ():
                for batch in chunk.batches(self.task):
                    tokens = word_tokens(batch["tokens"])
                    with torch.no_grad():
                        heads = word_heads(
                            self.encoder, tokens, self.contexts, with_weights, self.task
                        )
                    yield self._with_items(heads, gold, batch["example"], self.left_out[part])
                    progress.update(len(batch["example"]))

    def _data(self, sentences: Sequence[Instance], attention: bool) -> TaskData | None:
        if not sentences:
            return None
        return TaskData(
            {self.task: [_plain(one, place) for place, one in enumerate(sentences)]},
            self.vocab,
            {},
            self.batch_size,
            _PIECES[attention],
            device=next(self.encoder.parameters()).device,
        )

    def _with_items(
        self, heads: WordHeads, gold: PartGold, sentences: list[int], left_out: Counter[str]
    ) -> WordBatch:
        items, row = gold.items_of(sentences)
        spans = numpy.concatenate([row[:, None], gold.places[items]], axis=1)
        mask = heads.mask.cpu().numpy()
        span, word, starts = words_of_spans(spans)
        exists = mask[spans[:, 0], spans[:, 1]]
        exists &= numpy.logical_and.reduceat(mask[spans[span, 0], word], starts)
        no_root = ~exists & (spans[:, 1] == 0) & ~mask[spans[:, 0], 0]
        left_out.update({NO_ROOT: int(no_root.sum()), LOST_WORD: int((~exists & ~no_root).sum())})
        return WordBatch(heads, items[exists], spans[exists], sentences)


def _plain(sentence: Instance, place: int) -> Instance:
    """Its text alone: labels need not be in the vocabulary, and the sentence stays untouched."""
    text = text_of(sentence)
    return Instance(
        {
            "tokens": TextField(text.tokens, text._token_indexers),
            "example": MetadataField(place),
        }
    )


def word_tokens(tokens: dict[str, dict[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """Of several indexers the one for words."""
    return next((one for one in tokens.values() if "offsets" in one), next(iter(tokens.values())))
