"""
What a probe is, sentence by sentence, head by head and item by item, with nothing of the package:
attention weights as the library returns them, contexts by their definition, trees by nltk.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nltk
import numpy
import transformers
from allennlp.data import Instance

Grid = numpy.ndarray


class ByHand:
    """A BERT's heads on sentences, in float64, one sentence at a time."""

    def __init__(self, folder: str) -> None:
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager")
        self.model = model.eval().double()
        self._read: dict[tuple[str, ...], tuple[Grid, Grid]] = {}

    def read(self, words: list[str]) -> tuple[Grid, Grid]:
        """Attention `[layers, heads, nodes, nodes]` and contexts `[layers, heads, nodes, dim]`."""
        key = tuple(words)
        if key not in self._read:
            self._read[key] = self._computed(words)
        return self._read[key]

    def _computed(self, words: list[str]) -> tuple[Grid, Grid]:
        encoded = self.tokenizer([words], is_split_into_words=True, return_tensors="pt")
        owners = encoded.word_ids(0)
        nodes = [[0]] + [
            [piece for piece, owner in enumerate(owners) if owner == word]
            for word in range(len(words))
        ]
        output = self.model(**encoded, output_attentions=True, output_hidden_states=True)
        maps, contexts = [], []
        for layer, block in enumerate(self.model.encoder.layer):
            weights = output.attentions[layer][0].detach().numpy()
            values = block.attention.self.value(output.hidden_states[layer])[0].detach().numpy()
            heads = len(weights)
            values = values.reshape(len(values), heads, -1)
            maps.append([_between(weights[head], nodes) for head in range(heads)])
            attended = [weights[head] @ values[:, head] for head in range(heads)]
            contexts.append([[one[node].mean(0) for node in nodes] for one in attended])
        return numpy.array(maps), numpy.array(contexts)


def _between(weights: Grid, nodes: list[list[int]]) -> Grid:
    """The sum over the pieces of the key, the mean over those of the query."""
    found = numpy.zeros((len(nodes), len(nodes)))
    for i, query in enumerate(nodes):
        for j, key in enumerate(nodes):
            found[i, j] = sum(weights[q, k] for q in query for k in key) / len(query)
    return found


def items(instance: Instance, kind: str) -> list[tuple[str, int, int, int]]:
    """Label, node of the head, first and last node."""
    fields: Any = instance.fields
    if kind == "tagger":
        return [(tag, i, i, i) for i, tag in enumerate(fields["tags"].labels, 1)]
    if kind == "span_ner":
        return [(label, i + 1, i + 1, j + 1) for i, j, label in fields["spans"].spans]
    if kind == "dependency":
        arcs = zip(fields["head_tags"].labels, fields["head_indices"].labels)
        return [(label, head, i, i) for i, (label, head) in enumerate(arcs, 1)]
    if kind == "srl":
        return [(role, p + 1, i + 1, j + 1) for p, i, j, role in fields["arguments"].spans]
    tree = nltk.Tree.fromstring(fields["metadata"].metadata["tree"])
    leaves = [tree.leaf_treeposition(i) for i in range(len(tree.leaves()))]
    found = []
    for place in tree.treepositions("postorder"):
        if isinstance(tree[place], nltk.Tree) and tree[place].height() == 3:
            below = [i for i, leaf in enumerate(leaves, 1) if leaf[: len(place)] == place]
            found.append((tree[place].label(), below[0], below[0], below[-1]))
    return found


def points(maps: Grid, item: tuple[str, int, int, int], direction: str, diagonal: bool) -> Grid:
    """`[layers, heads]`: whether the attention is highest as the item says."""
    _, head, first, last = item
    found = numpy.zeros(maps.shape[:2], dtype=bool)
    for layer, head_number in numpy.ndindex(found.shape):
        one = maps[layer, head_number].copy()
        if not diagonal:
            numpy.fill_diagonal(one, -1)
        for word in range(first, last + 1):
            if direction != "to_dependent" and one[word].argmax() == head:
                found[layer, head_number] = True
            if direction != "to_head" and one[head].argmax() == word:
                found[layer, head_number] = True
    return found


Item = tuple[str, int, Any]
"""Label, number of the sentence, and what the heads say: hits, or vectors."""


def read_all(
    by_hand: ByHand,
    part: Sequence[Instance],
    kind: str,
    direction: str = "either",
    diagonal: bool = True,
) -> list[Item]:
    """Every item of a part, by the number of the sentence."""
    found: list[Item] = []
    fields: Any
    for instance in sorted(part, key=lambda one: one.fields["example"].metadata):  # type: ignore[attr-defined]
        fields = instance.fields
        maps, contexts = by_hand.read([token.text for token in fields["tokens"].tokens])
        for item in items(instance, kind):
            said: Any
            if kind in ("dependency", "srl"):
                said = points(maps, item, direction, diagonal)
            else:
                said = contexts[:, :, item[2] : item[3] + 1].mean(axis=2)
            found.append((item[0], fields["example"].metadata, said))
    return found


def right(items_to_judge: list[Item], fit: list[Item]) -> list[tuple[str, int, Grid]]:
    """The same with `[layers, heads]` hits in place of vectors, by centroids of `fit`."""
    if not fit:
        return items_to_judge
    labels = sorted({label for label, _, _ in fit})
    means = [numpy.mean([said for own, _, said in fit if own == label], axis=0) for label in labels]
    found = []
    for label, sentence, said in items_to_judge:
        cosines = [
            (said * mean).sum(-1)
            / (numpy.linalg.norm(said, axis=-1) * numpy.linalg.norm(mean, axis=-1))
            for mean in means
        ]
        nearest = numpy.array(cosines).argmax(0)
        found.append((label, sentence, numpy.array(labels)[nearest] == label))
    return found


def best(choice: list[tuple[str, int, Grid]], label: str) -> tuple[int, int]:
    """Layer and head that get most items of a label right; of a label without items, of all."""
    own = [hits for name, _, hits in choice if name == label] or [hits for *_, hits in choice]
    sums = numpy.sum(own, axis=0)
    layer, head = numpy.unravel_index(sums.argmax(), sums.shape)
    return int(layer), int(head)
