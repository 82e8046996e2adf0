"""
The probes as their definitions read: loops over layers, heads, sentences and words. What is fast is
compared with them, in tests for the same results and in the benchmark for seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy

Maps = Sequence[numpy.ndarray]  # of each sentence the weights of one head, [query, key], no padding


def strongest(weights: numpy.ndarray, node: int, rooted: bool = True, diagonal: bool = True) -> int:
    """The key with the greatest weight of a node's row, the first of several; -1 without any."""
    best = -1
    for key in range(0 if rooted else 1, len(weights)):
        if (diagonal or key != node) and (best < 0 or weights[node, key] > weights[node, best]):
            best = key
    return best


def arc_hit(keys: Sequence[int], dependent: int, head: int, direction: str) -> bool:
    """Whether one of the two nodes attends most to the other."""
    to_head = keys[dependent] == head
    to_dependent = keys[head] == dependent
    return {"to_head": to_head, "to_dependent": to_dependent}.get(
        direction, to_head or to_dependent
    )


def span_hit(keys: Sequence[int], predicate: int, first: int, last: int, direction: str) -> bool:
    """The same for any word of a span."""
    for word in range(first, last + 1):
        if arc_hit(keys, word, predicate, direction):
            return True
    return False


def probe_arcs(
    attention: Sequence[Sequence[Maps]], arcs: Sequence[tuple[int, int, int]], direction: str
) -> numpy.ndarray:
    """
    Hits of all arcs `[arcs, layers, heads]`, from the maps of each layer, head and sentence, where
    every node is there. A row's greatest weight is found by the array's own `argmax`, as whoever
    writes this loop would.
    """
    hits = numpy.zeros((len(arcs), len(attention), len(attention[0])), dtype=bool)
    for layer, heads in enumerate(attention):
        for head, maps in enumerate(heads):
            for number, (sentence, dependent, governor) in enumerate(arcs):
                weights = maps[sentence]
                if direction != "to_dependent" and weights[dependent].argmax() == governor:
                    hits[number, layer, head] = True
                if direction != "to_head" and weights[governor].argmax() == dependent:
                    hits[number, layer, head] = True
    return hits


def means(vectors: numpy.ndarray, labels: Sequence[int], number: int) -> list[numpy.ndarray | None]:
    """Of one head: the mean of each label's vectors `[items, dim]`, None for labels without any."""
    found: list[numpy.ndarray | None] = []
    for label in range(number):
        items = [vector.astype(float) for vector, gold in zip(vectors, labels) if gold == label]
        found.append(sum(items) / len(items) if items else None)
    return found


def nearest(vector: numpy.ndarray, centroids: Sequence[numpy.ndarray | None]) -> int:
    """The first label of those whose centroid has the greatest cosine."""
    best, greatest = -1, -math.inf
    for label, centroid in enumerate(centroids):
        if centroid is None:
            continue
        found = cosine(vector, centroid)
        if found > greatest + 1e-9:
            best, greatest = label, found
    return best


def cosine(one: numpy.ndarray, other: numpy.ndarray) -> float:
    """0 where one of the vectors is zero."""
    product = norm_one = norm_other = 0.0
    for a, b in zip(one.tolist(), other.tolist()):
        product, norm_one, norm_other = product + a * b, norm_one + a * a, norm_other + b * b
    return product / math.sqrt(norm_one * norm_other) if norm_one * norm_other else 0.0


def gold_mass(
    weights: numpy.ndarray, predicate: int, first: int, last: int, direction: str
) -> float:
    """The weight that one end of an item gives the other; the greater one where both count."""
    from_words = max(weights[word, predicate] for word in range(first, last + 1))
    from_head = sum(weights[predicate, word] for word in range(first, last + 1))
    return {"to_head": from_words, "to_dependent": from_head}.get(
        direction, max(from_words, from_head)
    )


def statistics(maps: Maps) -> dict[str, float]:
    """Of one head: what `AttentionStatistics` means, without the distance to gold."""
    entropies, shares, offsets, distances, masses = [], [], [], [], []
    for weights in maps:
        for query in range(1, len(weights)):
            row = [float(weight) for weight in weights[query]]
            everything = [*row, max(1 - sum(row), 0)]
            entropies.append(-sum(p * math.log(p) for p in everything if p > 0))
            shares.append(1 - sum(row[1:]))
            for key in range(1, len(weights)):
                offsets.append(row[key] * (key - query))
                distances.append(row[key] * abs(key - query))
                masses.append(row[key])
    return {
        "entropy": sum(entropies) / len(entropies),
        "special_share": sum(shares) / len(shares),
        "mean_offset": sum(offsets) / sum(masses),
        "mean_distance": sum(distances) / sum(masses),
    }
