"""OntoNotes as CoNLL-2012 files: parts of speech, names, constituents and semantic roles."""

import logging
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, TokenIndexer

from allennlp_heads.data.dataset_readers.brackets import NOTHING
from allennlp_heads.data.dataset_readers.ontonotes_sentence import (
    COLUMNS_WITHOUT_PREDICATES,
    NAMES,
    OntonotesSentence,
    parse_sentence,
)
from allennlp_heads.data.dataset_readers.sentence_blocks import SentenceBlock, sentence_blocks
from allennlp_heads.data.dataset_readers.sentence_reader import SentenceReader, one_of
from allennlp_heads.data.dataset_readers.tree_views import TREE_VIEWS, tree_gold
from allennlp_heads.data.lines import cells_of
from allennlp_heads.data.paths import data_files
from allennlp_heads.data.ptb_escapes import plain_word

logger = logging.getLogger(__name__)

VIEWS = ("pos", "ner", "con", "srl", *TREE_VIEWS)
CODED = ("ner", "chunk")
SUFFIXES = ("gold_conll",)


@DatasetReader.register("ontonotes")
class OntonotesReader(SentenceReader):
    """
    Reads one view of CoNLL-2012 files (`*_gold_conll`): words with parts of speech, names, trees
    and the propositions of predicates, each sentence as one instance. Every view reads the same
    sentences in the same order.

    A data path is a file, a folder (all `*gold_conll` in it and in its folders, so that
    `conll-2012/v4/data/train/data/english` is enough; sorted by path) or a glob pattern;
    gzip-compressed files (`.gz`) are read too. `${HEADS_DATA}` is replaced, see
    `allennlp_heads.data.paths.resolve`.

    An instance has the fields `tokens`, `metadata` (a dictionary with `words`, `pos`, `document`
    and `part`), and

    - view `pos`: `tags`;
    - view `ner`: `spans` of the names, or `tags` as `coding` says. Of names in the very same place
      the outer one is kept;
    - view `con`: `spans` of the binarised tree, see `allennlp_heads.data.trees.binarized_spans`,
      and `metadata["tree"]`, the tree on one line with the treebank's escapes, labels without
      function tags;
    - view `srl`: `predicates` (1 for each predicate, with arguments or without) and `arguments`
      (predicate, start, end, role), without `V` and `C-V`, of two roles of one span the first;
    - views `parent`, `gparent`, `ggparent` and `chunk`: as `BracketedTreesReader` has them.

    Registered as a `DatasetReader` with name "ontonotes".

    # Parameters

    view : `str`, optional (default = `"pos"`)
        `"pos"`, `"ner"`, `"con"`, `"srl"`, `"parent"`, `"gparent"`, `"ggparent"` or `"chunk"`.
    coding : `str`, optional (default = `"spans"`)
        How the views `ner` and `chunk` say names and chunks: `"spans"`, `"BIO"` or `"BIOES"`.
    only_documents_with_names : `bool`, optional (default = `False`)
        Leave out documents in which no name is marked. Many documents of OntoNotes were never
        annotated with names, which CoNLL-2012 files do not tell from documents that have none. Set
        it for the view `ner` of OntoNotes, not for corpora annotated throughout. A document is what
        column 1 names, all its parts together.
    only_documents_with_propositions : `bool`, optional (default = `False`)
        Leave out documents without any predicate; the same, for the view `srl`.
    undo_escapes : `bool`, optional (default = `True`)
        Give the encoder words without the treebank's escapes and typographic quotes (`-LRB-`, `/.`;
        see `allennlp_heads.data.ptb_escapes.plain_word`). The tree in the metadata keeps its own.
    label_namespace : `str`, optional (default = `"<view>_labels"`)
        Vocabulary namespace of the labels.
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens":
    SingleIdTokenIndexer()}`)
        How words become numbers.
    max_instances : `int`, optional (default = `None`)
        Read at most this many sentences.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP.

    Raises `ConfigurationError` with file and line (`<file>:<line>: <problem>`) when reading a file
    that is missing, not UTF-8 or without a sentence; a line with too few columns or not as many as
    the sentence's others; words out of order; skeleton files without words; and, in the view that
    needs them, missing tags, brackets that are never closed or never opened, overlapping names
    where `coding` is not `"spans"`, parse columns that are no tree, and columns without predicate.
    """

    def __init__(
        self,
        view: str = "pos",
        coding: str = "spans",
        only_documents_with_names: bool = False,
        only_documents_with_propositions: bool = False,
        undo_escapes: bool = True,
        label_namespace: Optional[str] = None,
        token_indexers: Optional[dict[str, TokenIndexer]] = None,
        max_instances: Optional[int] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        one_of("view", view, VIEWS)
        if coding != "spans" and view not in CODED:
            raise ConfigurationError(
                f"reader 'ontonotes': 'coding' is for the views {' and '.join(CODED)}, not "
                f"'{view}'; leave it out."
            )
        super().__init__(
            label_namespace or f"{view}_labels",
            coding,
            token_indexers,
            max_instances,
            serialization_dir,
        )
        self.view = view
        self.only_documents_with_names = only_documents_with_names
        self.only_documents_with_propositions = only_documents_with_propositions
        self.undo_escapes = undo_escapes

    def _read(self, file_path: str) -> Iterable[Instance]:
        blocks = sentence_blocks(data_files(file_path, SUFFIXES, recursive=True))
        if self.only_documents_with_names or self.only_documents_with_propositions:
            blocks = self._wanted(blocks)
        # sharded before parsing: a worker cuts the whole file into sentences and parses its own
        for block in self.shard_iterable(blocks):
            yield self._block_to_instance(block)

    def _wanted(self, blocks: Iterator[SentenceBlock]) -> Iterator[SentenceBlock]:
        """The sentences of the wanted documents, of which one at a time is in memory."""
        total = left_out = 0
        for _, group in groupby(blocks, key=_document):
            document = list(group)
            total += 1
            if (not self.only_documents_with_names or any(map(_has_names, document))) and (
                not self.only_documents_with_propositions or any(map(_has_predicates, document))
            ):
                yield from document
            else:
                left_out += 1
        logger.info("view %s: %d of %d documents left out", self.view, left_out, total)

    def _block_to_instance(self, block: SentenceBlock) -> Instance:
        sentence = parse_sentence(block)
        gold = self._gold(sentence)
        words = sentence.words
        if self.undo_escapes:
            words = [plain_word(word) for word in words]
        return self.text_to_instance(words, **gold, pos=sentence.pos, metadata=sentence.metadata)

    def _gold(self, sentence: OntonotesSentence) -> dict[str, Any]:
        if self.view == "pos":
            return {"tags": sentence.tags()}
        if self.view == "con":
            return {"tree": sentence.tree()}
        if self.view == "srl":
            predicates, arguments = sentence.propositions()
            return {"predicates": predicates, "arguments": arguments}
        if self.view in TREE_VIEWS:
            return tree_gold(sentence.tree(), self.view, self.coding)
        lines = sentence.lines
        return self._coded(sentence.block, lines[0], sentence.names(), len(lines))


def _first_row(block: SentenceBlock) -> list[str]:
    return cells_of(next(line for line in block.lines if not line.startswith("#")))


def _document(block: SentenceBlock) -> tuple[str, str]:
    return block.path, _first_row(block)[0]


# Lines with too few columns make a document wanted, so that parsing reports them.
def _has_names(block: SentenceBlock) -> bool:
    rows = (cells_of(line) for line in block.lines if not line.startswith("#"))
    return any(len(row) <= NAMES or row[NAMES] not in NOTHING for row in rows)


def _has_predicates(block: SentenceBlock) -> bool:
    return len(_first_row(block)) != COLUMNS_WITHOUT_PREDICATES
