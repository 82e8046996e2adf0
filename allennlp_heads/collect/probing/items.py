"""What a probe scores once each: words, spans, constituents, arcs or arguments of gold labels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.data.fields import TextField
from nltk import Tree

from allennlp_heads.analysis.probing.examples import Item
from allennlp_heads.collect.probing.head_words import HeadWords
from allennlp_heads.collect.probing.options import ProbeOptions
from allennlp_heads.data.span_codings import spans_of_tags
from allennlp_heads.data.trees import is_preterminal, located, read_bracketed


def words_of(instance: Instance) -> list[str]:
    """The words of an instance. Raises `ConfigurationError` unless it has exactly one text."""
    return [token.ensure_text() for token in text_of(instance).tokens]


def text_of(instance: Instance) -> TextField:
    """The text of an instance. Raises `ConfigurationError` unless it has exactly one."""
    texts = [field for field in instance.fields.values() if isinstance(field, TextField)]
    if len(texts) != 1:
        raise ConfigurationError(
            f"an instance with the fields {sorted(instance.fields)} has {len(texts)} texts: heads "
            "are probed on sentences, one an instance"
        )
    return texts[0]


def kind_of(instance: Instance) -> str:
    """
    The kind of probe that the fields of an instance are gold for. Raises `ConfigurationError` where
    they are for none.
    """
    given = instance.fields
    if "head_indices" in given and "head_tags" in given:
        return "dependency"
    if "arguments" in given:
        return "srl"
    if "spans" in given:
        return "constituency" if _tree_text(instance) is not None else "span_ner"
    if "tags" in given:
        return "tagger"
    raise ConfigurationError(
        f"its examples (fields {', '.join(sorted(given))}) have no gold labels to probe heads "
        "with: these are 'tags', 'spans', 'head_indices' with 'head_tags', or 'arguments'. An "
        "encoder can be probed for tasks that it was not trained for: give the reader and the data "
        "of one"
    )


def items_of(
    instance: Instance,
    kind: str,
    options: ProbeOptions = ProbeOptions(),
    head_words: HeadWords | None = None,
) -> list[Item]:
    """
    The items of an instance, in the order of its gold labels. Arguments `V` and `C-V` are whatever
    the reader makes of them; ours leave them out.

    # Parameters

    instance : `Instance`
        Of any reader that gives the fields of ours; it need not be indexed.
    kind : `str`
        Of the probe.
    options : `ProbeOptions`, optional
        `phrases` and `span_words`.
    head_words : `HeadWords`, optional (default = `None`)
        For the `span_words` `"head"`.

    Raises `ConfigurationError` where the fields are not those of this kind, and for gold labels
    outside the sentence.
    """
    words = words_of(instance)
    try:
        items = list(_FINDERS[kind](instance, options))
    except KeyError as error:
        raise ConfigurationError(
            f"a probe of the kind '{kind}' needs the field {error}, but the instance has only "
            f"{sorted(instance.fields)}"
        ) from error
    for item in items:
        if not (0 <= item.head <= len(words) and 1 <= item.first <= item.last <= len(words)):
            raise ConfigurationError(
                f"the gold {item.label!r} at (head, first, last) = {tuple(item[1:])}, counted from "
                f"1, is outside its sentence of {len(words)} words, '{' '.join(words)}'"
            )
    if kind == "srl" and options.span_words != "any":
        items = [_narrowed(item, words, options.span_words, head_words) for item in items]
    return items


def word_form(words: Sequence[str], item: Item) -> str:
    """The words of an item as they are written: what the control task gives one label each."""
    return " ".join(words[item.first - 1 : item.last])


def _words(instance: Instance, options: ProbeOptions) -> Iterator[Item]:
    for place, tag in enumerate(_labels(instance, "tags"), start=1):
        yield Item(tag, place, place, place)


def _entities(instance: Instance, options: ProbeOptions) -> Iterator[Item]:
    if "spans" in instance.fields:
        spans = _field(instance, "spans").spans
    else:
        spans = spans_of_tags(_labels(instance, "tags"))
    for start, end, label in spans:
        yield Item(label, start + 1, start + 1, end + 1)


def _constituents(instance: Instance, options: ProbeOptions) -> Iterator[Item]:
    text = _tree_text(instance)
    if text is None:
        raise KeyError("metadata['tree']")
    heights: dict[int, int] = {}
    for node, start, end in located(read_bracketed(text)):
        if is_preterminal(node):
            continue
        heights[id(node)] = height = 1 + max(_height(child, heights) for child in node)
        if options.phrases == "all":
            yield Item(f"{node.label()}-{height}", start + 1, start + 1, end + 1)
        elif height == _LOWEST:
            yield Item(node.label(), start + 1, start + 1, end + 1)


_LOWEST = 3
"""A word has the height 1, its part of speech 2, and a phrase over these alone 3."""


def _height(child: Tree, heights: dict[int, int]) -> int:
    return 2 if is_preterminal(child) else heights[id(child)]


def _arcs(instance: Instance, options: ProbeOptions) -> Iterator[Item]:
    heads, labels = _field(instance, "head_indices").labels, _labels(instance, "head_tags")
    for place, (head, label) in enumerate(zip(heads, labels, strict=True), start=1):
        yield Item(label, int(head), place, place)


def _arguments(instance: Instance, options: ProbeOptions) -> Iterator[Item]:
    for predicate, start, end, role in _field(instance, "arguments").spans:
        yield Item(role, predicate + 1, start + 1, end + 1)


_FINDERS: dict[str, Callable[[Instance, ProbeOptions], Iterator[Item]]] = {
    "tagger": _words,
    "span_ner": _entities,
    "constituency": _constituents,
    "dependency": _arcs,
    "srl": _arguments,
}


def _narrowed(item: Item, words: list[str], which: str, head_words: HeadWords | None) -> Item:
    """The same argument as one word."""
    if which == "head":
        assert head_words is not None, "the options ask for their path"
        word = head_words.of_span(words, item.first, item.last)
    else:
        word = getattr(item, which)
    return item._replace(first=word, last=word)


def _field(instance: Instance, name: str) -> Any:
    return instance.fields[name]


def _labels(instance: Instance, name: str) -> list[str]:
    return [str(label) for label in _field(instance, name).labels]


def _tree_text(instance: Instance) -> str | None:
    metadata = getattr(instance.fields.get("metadata"), "metadata", None)
    return metadata.get("tree") if isinstance(metadata, dict) else None
