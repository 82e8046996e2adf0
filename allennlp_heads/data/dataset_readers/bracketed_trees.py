"""Treebanks as bracketed trees: constituents, parts of speech, and labels that trees give words."""

import re
from collections.abc import Iterable
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, TokenIndexer
from nltk import Tree

from allennlp_heads.data.dataset_readers.bracketed_texts import BracketedText, bracketed_texts
from allennlp_heads.data.dataset_readers.sentence_reader import SentenceReader, one_of
from allennlp_heads.data.dataset_readers.tree_views import TREE_VIEWS, tree_gold
from allennlp_heads.data.paths import data_files
from allennlp_heads.data.ptb_escapes import plain_word
from allennlp_heads.data.trees import located, normalized, read_bracketed

VIEWS = ("con", "pos", *TREE_VIEWS)
SUFFIXES = (".mrg", ".parse", ".tree", ".txt")
_WORD = re.compile(r"\(\s*(?!-NONE-\s)[^\s()]+\s+[^\s()]")


@DatasetReader.register("bracketed_trees")
class BracketedTreesReader(SentenceReader):
    """
    Reads trees in the Penn Treebank's brackets, on one line or several, any number in a file. A
    root without a label, `( (S ...))`, becomes `TOP`; trees of nothing but traces are left out.

    A data path is a file, a folder (all `*.mrg`, `*.parse`, `*.tree` and `*.txt` in it and in its
    folders, sorted by path) or a glob pattern; gzip-compressed files (`.gz`) are read too.
    `${HEADS_DATA}` is replaced, see `allennlp_heads.data.paths.resolve`.

    An instance has the fields `tokens`, `metadata` (a dictionary with `words` and `pos`), and

    - view `con`: `spans` of the binarised tree, see `allennlp_heads.data.trees.binarized_spans`,
      and `metadata["tree"]`, the tree on one line with the treebank's escapes;
    - view `pos`: `tags`;
    - views `parent`, `gparent`, `ggparent`: `tags`, the label of the phrase above each word, and of
      the first and second one above that, see `allennlp_heads.data.tree_labels.ancestor_labels`;
    - view `chunk`: `spans` of the base phrases, or `tags` as `coding` says, see
      `allennlp_heads.data.chunks.chunks`.

    Registered as a `DatasetReader` with name "bracketed_trees".

    # Parameters

    view : `str`, optional (default = `"con"`)
        `"con"`, `"pos"`, `"parent"`, `"gparent"`, `"ggparent"` or `"chunk"`.
    remove_traces : `bool`, optional (default = `True`)
        Leave out empty elements (`-NONE-`) and constituents of nothing else. Otherwise they are
        words.
    remove_function_tags : `bool`, optional (default = `True`)
        Cut the labels of constituents before their first `-` or `=`: `NP-SBJ-1` is read as `NP`.
    undo_escapes : `bool`, optional (default = `True`)
        Give the encoder words without the treebank's escapes and typographic quotes (`-LRB-`; see
        `allennlp_heads.data.ptb_escapes.plain_word`). The tree in the metadata keeps its own.
    label_namespace : `str`, optional (default = `"<view>_labels"`)
        Vocabulary namespace of the labels.
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens":
    SingleIdTokenIndexer()}`)
        How words become numbers.
    max_instances : `int`, optional (default = `None`)
        Read at most this many sentences.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP.
    coding : `str`, optional (default = `"spans"`)
        How the view `chunk` says chunks: `"spans"`, `"BIO"` or `"BIOES"`.

    Raises `ConfigurationError` with file and line (`<file>:<line>: <problem>`) when reading a file
    that is missing, not UTF-8 or without a tree; brackets that are never closed, never opened or
    nested more than 499 deep; text outside of trees; and nodes that have no label, no children, or
    words beside other children.
    """

    def __init__(
        self,
        view: str = "con",
        remove_traces: bool = True,
        remove_function_tags: bool = True,
        undo_escapes: bool = True,
        label_namespace: Optional[str] = None,
        token_indexers: Optional[dict[str, TokenIndexer]] = None,
        max_instances: Optional[int] = None,
        serialization_dir: Optional[str] = None,
        coding: str = "spans",
    ) -> None:
        one_of("view", view, VIEWS)
        if coding != "spans" and view != "chunk":
            raise ConfigurationError(
                f"reader 'bracketed_trees': 'coding' is for the view 'chunk', not '{view}'; leave "
                "it out."
            )
        super().__init__(
            label_namespace or f"{view}_labels",
            coding,
            token_indexers,
            max_instances,
            serialization_dir,
        )
        self.view = view
        self.remove_traces = remove_traces
        self.remove_function_tags = remove_function_tags
        self.undo_escapes = undo_escapes

    def _read(self, file_path: str) -> Iterable[Instance]:
        texts = bracketed_texts(data_files(file_path, SUFFIXES, recursive=True))
        if self.remove_traces:
            texts = (text for text in texts if _has_words(text))
        # sharded before parsing: a worker cuts the whole file into trees and parses its own
        for text in self.shard_iterable(texts):
            yield self._tree_to_instance(self._parsed(text))

    def _parsed(self, text: BracketedText) -> Tree:
        try:
            tree = read_bracketed(text.text)
            _require_labels(tree)
            return normalized(
                tree, function_tags=not self.remove_function_tags, traces=not self.remove_traces
            )
        except ValueError as error:
            raise text.error(error) from error

    def _tree_to_instance(self, tree: Tree) -> Instance:
        words, pos = map(list, zip(*tree.pos(), strict=True))
        if self.undo_escapes:
            words = [plain_word(word) for word in words]
        return self.text_to_instance(words, **self._gold(tree, pos), pos=pos)

    def _gold(self, tree: Tree, pos: list[str]) -> dict[str, Any]:
        if self.view in TREE_VIEWS:
            return tree_gold(tree, self.view, self.coding)
        return {"tree": tree} if self.view == "con" else {"tags": pos}


def _require_labels(tree: Tree) -> None:
    for node, _, _ in located(tree):
        if node is not tree and not node.label():
            raise ValueError(f"the node above '{' '.join(map(str, node.leaves()))}' has no label")


def _has_words(text: BracketedText) -> bool:
    return "-NONE-" not in text.text or _WORD.search(text.text) is not None
