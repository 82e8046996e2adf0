"""Columns, one word a line: spans as tags in IOB1, BIO, BIOES or BIOUL, or labels of any kind."""

from collections.abc import Iterable, Iterator
from typing import Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, TokenIndexer

from allennlp_heads.data.dataset_readers.sentence_blocks import SentenceBlock, sentence_blocks
from allennlp_heads.data.dataset_readers.sentence_reader import SentenceReader, one_of
from allennlp_heads.data.lines import cells_of
from allennlp_heads.data.paths import data_files
from allennlp_heads.data.span_codings import SCHEMES, problem_with_tags, spans_of_tags

SUFFIXES = (".conll", ".bio", ".iob", ".tsv", ".txt")
OTHER_NAMES = {"IOB2": "BIO", "IOBES": "BIOES", "BILOU": "BIOUL"}
DOCUMENT_START = "-DOCSTART-"
PLAIN = "plain"
"""The scheme of labels that are not of spans, but each of its own word."""


@DatasetReader.register("bio_columns")
class BioColumnsReader(SentenceReader):
    """
    Reads entities (or chunks) from files with a word and its tag on each line, blank lines between
    sentences: CoNLL-2003, CoNLL-2000, WNUT, GermEval and their like. Lines with a
    column `-DOCSTART-` are skipped. Tags are made spans once, when read, whatever their scheme.
    With the scheme `"plain"` the labels of words may be anything: supertags, semantic tags, errors.

    A data path is a file, a folder (all `*.conll`, `*.bio`, `*.iob`, `*.tsv` and `*.txt`, sorted)
    or a glob pattern; gzip-compressed files (`.gz`) are read too. `${HEADS_DATA}` is replaced, see
    `allennlp_heads.data.paths.resolve`.

    An instance has the fields `tokens`, `metadata` (a dictionary with `words`), and `tags` or
    `spans`, as `coding` says.

    Registered as a `DatasetReader` with name "bio_columns".

    # Parameters

    word_column : `int`, optional (default = `0`)
        From 0; negative numbers count from the last column, which is -1.
    tag_column : `int`, optional (default = `-1`)
        Likewise.
    separator : `str`, optional (default = `None`)
        What separates columns. By default any number of blanks and tabs.
    comment : `str`, optional (default = `None`)
        Lines that begin so are skipped, for example `"# "`. By default there are no comments, since
        a word can begin with any character.
    scheme : `str`, optional (default = `"BIO"`)
        Scheme of the file: `"IOB1"`, `"BIO"` (or `"IOB2"`), `"BIOES"` (`"IOBES"`), `"BIOUL"`
        (`"BILOU"`), or `"plain"`, with which `coding` and `strict` mean nothing and instances have
        the labels of the file as `tags`.
    coding : `str`, optional (default = `"BIO"`)
        What instances have: `"BIO"` or `"BIOES"` tags, or `"spans"`.
    strict : `bool`, optional (default = `True`)
        Tags in an order that the scheme does not allow are an error. If `False`, they are read as
        the CoNLL evaluation scripts read them, see `allennlp_heads.data.span_codings`.
    label_namespace : `str`, optional (default = `"ner_labels"`)
        Vocabulary namespace of the labels.
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens":
    SingleIdTokenIndexer()}`)
        How words become numbers.
    max_instances : `int`, optional (default = `None`)
        Read at most this many sentences.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP.

    Raises `ConfigurationError` with file and line (`<file>:<line>: <problem>`) when reading a file
    that is missing, not UTF-8 or without a sentence; a line with other columns than the sentence's
    first one or too few; an empty word; and tags that the scheme does not have or, if `strict`, not
    in this order; with the scheme `"plain"`, words without a label.
    """

    def __init__(
        self,
        word_column: int = 0,
        tag_column: int = -1,
        separator: Optional[str] = None,
        comment: Optional[str] = None,
        scheme: str = "BIO",
        coding: str = "BIO",
        strict: bool = True,
        label_namespace: str = "ner_labels",
        token_indexers: Optional[dict[str, TokenIndexer]] = None,
        max_instances: Optional[int] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        super().__init__(label_namespace, coding, token_indexers, max_instances, serialization_dir)
        one_of("scheme", scheme, (*SCHEMES, *OTHER_NAMES, PLAIN))
        for name, given in (("separator", separator), ("comment", comment)):
            if given == "":
                raise ConfigurationError(f"'{name}' is empty; leave it out or give characters.")
        self.word_column = word_column
        self.tag_column = tag_column
        self.separator = separator
        self.comment = comment
        self.scheme = OTHER_NAMES.get(scheme, scheme)
        self.strict = strict

    def _read(self, file_path: str) -> Iterable[Instance]:
        blocks = self._sentences(sentence_blocks(data_files(file_path, SUFFIXES), self.comment))
        # sharded before parsing: a worker cuts the whole file into sentences and parses its own
        for block in self.shard_iterable(blocks):
            yield self._block_to_instance(block)

    def _sentences(self, blocks: Iterator[SentenceBlock]) -> Iterator[SentenceBlock]:
        """The blocks that have words."""
        return (block for block in blocks if not all(map(self._is_skipped, block.lines)))

    def _is_skipped(self, line: str) -> bool:
        if self.comment is not None and line.startswith(self.comment):
            return True
        return DOCUMENT_START in line and DOCUMENT_START in self._cells(line)

    def _cells(self, line: str) -> list[str]:
        if self.separator is not None:
            return line.split(self.separator)
        return cells_of(line)

    def _block_to_instance(self, block: SentenceBlock) -> Instance:
        words, tags, lines = [], [], []
        width = 0
        for index, line in enumerate(block.lines):
            if self._is_skipped(line):
                continue
            cells = self._cells(line)
            width = width or len(cells)
            self._check_cells(block, index, cells, width)
            words.append(cells[self.word_column])
            tags.append(cells[self.tag_column])
            lines.append(index)
        if self.scheme == PLAIN:
            self._check_labels(block, lines, tags)
            return self.text_to_instance(words, tags)
        self._check_tags(block, lines, tags)
        return self.text_to_instance(
            words, **self._coded(block, lines[0], spans_of_tags(tags), len(words))
        )

    def _check_cells(self, block: SentenceBlock, index: int, cells: list[str], width: int) -> None:
        if len(cells) != width:
            raise block.error(
                index, f"{len(cells)} columns, but the sentence's first line has {width}."
            )
        for name in ("word_column", "tag_column"):
            column = getattr(self, name)
            if not -width <= column < width:
                raise block.error(
                    index, f"there is no column {column} ('{name}'), the line has {width}."
                )
        if self.word_column % width == self.tag_column % width:
            raise block.error(
                index,
                f"the word and its tag are both looked for in column {self.word_column % width} of "
                f"{width}; does 'separator' fit the file, and are 'word_column' and 'tag_column' "
                "right?",
            )
        if not cells[self.word_column]:
            raise block.error(index, f"column {self.word_column} has no word.")

    def _check_labels(self, block: SentenceBlock, lines: list[int], labels: list[str]) -> None:
        for line, label in zip(lines, labels, strict=True):
            if not label:
                raise block.error(line, f"column {self.tag_column} has no label.")

    def _check_tags(self, block: SentenceBlock, lines: list[int], tags: list[str]) -> None:
        problem = problem_with_tags(tags, self.scheme, self.strict)
        if problem is None:
            return
        place, reason = problem
        remedy = ""
        if problem_with_tags(tags, self.scheme, strict=False) is None:
            remedy = (
                f" Is 'scheme' {self.scheme}? Set 'strict' to false to read such tags as the CoNLL "
                "evaluation scripts do."
            )
        raise block.error(lines[place], reason + remedy)
