"""What a probe asks heads about, and sentences of it that are kept to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy


class Item(NamedTuple):
    """
    # Parameters

    label : `str`
    head : `int`
        Of arcs and arguments the node of the head or predicate, 0 for ROOT; of other items that of
        their first word, for they have no head.
    first, last : `int`
        The nodes of the first and the last word, counted from 1: of the dependent, the argument,
        the span or the word itself.
    """

    label: str
    head: int
    first: int
    last: int


@dataclass(frozen=True, eq=False)
class ExampleSentence:
    """
    A sentence, its gold, and where every head looks. *Nodes* are ROOT, which is 0, and the words.

    # Parameters

    number : `int`
        Of the sentence in its file, from 0.
    words : `Sequence[str]`
    gold : `Sequence[Item]`
        What was scored, as far as it is arcs.
    attended : `numpy.ndarray`
        `[layers, heads, nodes]`, `int16`: the node that each node attends to most, with heads
        numbered as in the pretrained encoder; -1 for a node that does not exist, and everywhere for
        a head that is no longer there.
    """

    number: int
    words: Sequence[str]
    gold: Sequence[Item]
    attended: numpy.ndarray
