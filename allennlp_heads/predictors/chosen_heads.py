"""Which heads a prediction is about, and what is known of them from a probe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance

from allennlp_heads.analysis.probing.centroids import Centroids
from allennlp_heads.analysis.probing.examples import Item
from allennlp_heads.analysis.probing.result import HeadCentroids, ProbeResult
from allennlp_heads.collect import existing_heads
from allennlp_heads.collect.probing.head_words import HeadWords
from allennlp_heads.collect.probing.items import items_of, kind_of
from allennlp_heads.collect.probing.options import ARC_KINDS, ProbeOptions
from allennlp_heads.modules import GatedEncoder

_GOLD = {"tags", "spans", "head_indices", "arguments"}
"""Fields of an instance that hold gold labels."""


@dataclass(frozen=True, eq=False)
class ChosenHeads:
    """
    Some heads, numbered as in the pretrained encoder.

    # Parameters

    labels : `Mapping[Tuple[int, int], Sequence[str]]`
        For each (layer, head) the labels it was chosen for; none for heads named by hand.
    kind : `str`, optional (default = `None`)
        Of the probe that chose them.
    options : `ProbeOptions`, optional
        Of that probe.
    centroids : `HeadCentroids`, optional (default = `None`)
        Where the probe was one of contexts.
    """

    labels: Mapping[tuple[int, int], Sequence[str]]
    kind: str | None = None
    options: ProbeOptions = field(default_factory=ProbeOptions)
    centroids: HeadCentroids | None = None

    def items(self, instance: Instance) -> list[Item] | None:
        """
        The gold items of an instance; `None` if it has no gold labels or, for heads named by hand,
        none that say where a word should point. Raises `ConfigurationError` as `items_of` does.
        """
        if not _GOLD & set(instance.fields):
            return None
        kind = self.kind or kind_of(instance)
        if self.kind is None and kind not in ARC_KINDS:
            return None
        head_words = self._head_words if kind == "srl" else None
        return items_of(instance, kind, self.options, head_words)

    def nearest(self, layer: int, head: int, vectors: numpy.ndarray) -> list[tuple[str, float]]:
        """The label whose centroid is nearest to each of `vectors` `[items, dim]`, its cosine."""
        assert self.centroids is not None, "asked of probes of contexts"
        means = self.centroids.vectors[list(self.centroids.heads).index((layer, head))]
        known = Centroids(len(means), 1, 1, means.shape[1])
        known.add(means[:, None, None], numpy.arange(len(means)))
        places = known.nearest(vectors[:, None, None])[:, 0, 0]
        lengths = numpy.linalg.norm(vectors, axis=-1) * numpy.linalg.norm(means[places], axis=-1)
        cosines = (vectors * means[places]).sum(-1) / numpy.maximum(lengths, 1e-30)
        return [
            (self.centroids.labels[place], float(cosine))
            for place, cosine in zip(places, cosines, strict=True)
        ]

    @cached_property
    def _head_words(self) -> HeadWords | None:
        path = self.options.head_words
        return None if path is None else HeadWords(path)


def chosen_by_probe(encoder: GatedEncoder, result: ProbeResult, task: str) -> ChosenHeads:
    """
    The heads that a probe chose. Raises `ConfigurationError` when it was of an encoder with other
    heads, or is damaged.
    """
    known = {option.name for option in fields(ProbeOptions)}
    options = {name: value for name, value in result.options.items() if name in known}
    chosen, centroids = result.chosen(), result.centroids
    there, dim = existing_heads(encoder), encoder.tap.head_dim
    if (
        result.exists.shape != there.shape
        or (centroids is not None and centroids.vectors.shape[-1] != dim)
        or not set(chosen) <= set(map(tuple, numpy.argwhere(there).tolist()))
    ):
        layers, heads = result.exists.shape
        raise ConfigurationError(
            f"'probe': the heads for '{task}' were chosen in an encoder of {layers} layers x "
            f"{heads} heads that is not the one of this model ({_described(encoder)}): probe this "
            "model with 'allennlp heads probe'"
        )
    if centroids is not None and not set(chosen) <= set(centroids.heads):
        raise ConfigurationError(
            f"'probe': heads chosen for '{task}' have no centroids: the report is damaged, write "
            "it again with 'allennlp heads probe'"
        )
    return ChosenHeads(chosen, result.kind, ProbeOptions(**options), centroids)


def chosen_by_hand(encoder: GatedEncoder, heads: Any) -> ChosenHeads:
    """
    Heads given as pairs of layer and head. Raises `ConfigurationError` for anything else and for
    heads that are not there.
    """
    there = existing_heads(encoder)
    if not isinstance(heads, (list, tuple)) or not heads or not all(map(_is_pair, heads)):
        example = f"write {[list(heads)]}" if _is_pair(heads) else "as in [[2, 8], [0, 3]]"
        raise ConfigurationError(
            f"'heads' is {heads!r}: give a list of [layer, head], both counted from 0; {example}"
        )
    for layer, head in heads:
        if not (0 <= layer < there.shape[0] and 0 <= head < there.shape[1] and there[layer, head]):
            raise ConfigurationError(
                f"'heads': there is no head {head} in layer {layer}; the encoder has "
                f"{_described(encoder)}, both counted from 0"
            )
    return ChosenHeads({(layer, head): [] for layer, head in heads})


def _is_pair(value: Any) -> bool:
    whole = isinstance(value, (list, tuple)) and len(value) == 2
    return whole and all(type(number) is int for number in value)


def _described(encoder: GatedEncoder) -> str:
    there = existing_heads(encoder)
    removed = int((~there).sum())
    size = f"{there.shape[0]} layers x {there.shape[1]} heads"
    return f"{size}, of which {removed} are removed" if removed else size
