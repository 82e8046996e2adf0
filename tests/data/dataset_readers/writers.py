"""Instances back into the columns and brackets of the files they were read from."""

from collections.abc import Iterable, Sequence
from typing import Any

from allennlp.data import Instance
from nltk import Tree

from allennlp_heads.data.span_codings import Span
from allennlp_heads.data.trees import is_preterminal, located, tree_of_spans


def value(instance: Instance, name: str) -> Any:
    """What a field of an instance holds."""
    field: Any = instance[name]
    for attribute in ("metadata", "spans", "labels"):
        if hasattr(field, attribute):
            return getattr(field, attribute)
    return [token.text for token in field]


def cells(spans: Iterable[Span], length: int, star_in_one_word: bool = True) -> list[str]:
    """The bracket column of spans. Of spans in one place the first is the outer one."""
    opening, closing = [""] * length, [""] * length
    for start, end, label in sorted(spans, key=lambda span: (span[0], -span[1])):
        opening[start] += f"({label}"
        closing[end] += ")"
    stars = ["" if a and b and not star_in_one_word else "*" for a, b in zip(opening, closing)]
    return ["".join(parts) for parts in zip(opening, stars, closing)]


def tree_cells(tree: Tree) -> list[str]:
    """The parse column of a tree."""
    phrases = [
        (start, end, node.label()) for node, start, end in located(tree) if not is_preterminal(node)
    ]
    # children come before their parents, in brackets it is the other way round
    return cells(phrases[::-1], len(tree.leaves()))


def tree_of(instance: Instance, words: Sequence[str]) -> Tree:
    """The tree that the binarised spans of an instance mean."""
    return tree_of_spans(value(instance, "spans"), words, value(instance, "metadata")["pos"])


def predicate_columns(instance: Instance) -> list[list[str]]:
    """A column for each predicate, in the order of the words, without its `V`."""
    marks = value(instance, "predicates")
    arguments = value(instance, "arguments")
    return [
        cells([span[1:] for span in arguments if span[0] == place], len(marks))
        for place, mark in enumerate(marks)
        if mark
    ]
