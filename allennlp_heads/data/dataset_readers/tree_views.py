"""Tasks on words that a constituency tree says: phrases above a word, and chunks."""

from typing import Any

from nltk import Tree

from allennlp_heads.data.chunks import chunks
from allennlp_heads.data.span_codings import tags_of_spans
from allennlp_heads.data.tree_labels import LEVELS, ancestor_labels

TREE_VIEWS = (*LEVELS, "chunk")
"""The views of this module, which every reader of trees has."""


def tree_gold(tree: Tree, view: str, coding: str) -> dict[str, Any]:
    """
    # Parameters

    tree : `Tree`
        As the reader leaves it: with or without function tags and traces.
    view : `str`
        One of `TREE_VIEWS`.
    coding : `str`
        How the view `chunk` says chunks: `"spans"`, `"BIO"` or `"BIOES"`.

    # Returns

    `Dict[str, Any]`
        Arguments of `SentenceReader.text_to_instance`: `tags`, or `spans` of the view `chunk` where
        the coding is that.
    """
    if view in LEVELS:
        return {"tags": ancestor_labels(tree, LEVELS[view])}
    spans = chunks(tree)
    if coding == "spans":
        return {"spans": spans}
    return {"tags": tags_of_spans(spans, len(tree.leaves()), coding)}
