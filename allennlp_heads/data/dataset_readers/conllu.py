"""Treebanks in CoNLL-U and CoNLL-X."""

from collections.abc import Iterable
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Field, Instance, Token, TokenIndexer
from allennlp.data.fields import MetadataField, SequenceLabelField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer

from allennlp_heads.data.dataset_readers.conllu_sentence import heads, labels, parse_sentence
from allennlp_heads.data.dataset_readers.sentence_blocks import SentenceBlock, sentence_blocks
from allennlp_heads.data.dataset_readers.sharding_reader import ShardingReader
from allennlp_heads.data.fields import UnseenLabelField
from allennlp_heads.data.paths import data_files

VIEWS = ("upos", "xpos", "dependency")
SUFFIXES = (".conllu", ".conllx", ".conll")


@DatasetReader.register("conllu")
class ConlluReader(ShardingReader):
    """
    Reads one view of a treebank: part-of-speech tags or dependencies.

    Both formats have ten columns with the same meaning in the same places, so that CoNLL-X (for
    example Stanford dependencies, as the Stanford converter writes them) needs no option: `upos` is
    column 4 (UPOS, there CPOSTAG), `xpos` column 5 (XPOS, there POSTAG), heads and relations are
    columns 7 and 8. Multi-word tokens (`1-2`) and empty nodes (`8.1`) are left out. Byte order
    marks, `\\r\\n` and gzip-compressed files (`.gz`) are read too.

    A data path is a file, a folder (all `*.conllu`, `*.conllx`, `*.conll`, sorted) or a glob
    pattern; `${HEADS_DATA}` is replaced, see `allennlp_heads.data.paths.resolve`.

    An instance has the fields

    - `tokens`: `TextField`;
    - `tags`: labels of the words (views `upos`, `xpos`);
    - `head_indices` and `head_tags`: heads, 0 for ROOT and otherwise the head's number from 1, and
      relations (view `dependency`);
    - `metadata`: a dictionary with `words`, and `sent_id` and `text` where the file has them.

    Labels unseen in training are indexed as `UNSEEN` (-1), see `UnseenLabelField`.

    Registered as a `DatasetReader` with name "conllu".

    # Parameters

    view : `str`, optional (default = `"upos"`)
        `"upos"`, `"xpos"` or `"dependency"`.
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens":
    SingleIdTokenIndexer()}`)
        How words become numbers.
    label_namespace : `str`, optional (default = `"<view>_labels"`)
        Vocabulary namespace of the tags or relations.
    keep_subtypes : `bool`, optional (default = `True`)
        Keep the subtypes of relations; without, `nmod:poss` is read as `nmod`.
    max_instances : `int`, optional (default = `None`)
        Read at most this many sentences.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP.

    Raises `ConfigurationError` with file and line (`<file>:<line>: <problem>`) when reading a file
    that is missing, not UTF-8 or without a sentence, a line that has not ten columns, ids that are
    no numbers or out of order, and, in the view that needs them, missing tags or relations,
    missing, non-integer or out-of-range heads, heads that form a cycle, and sentences without a
    root.
    """

    def __init__(
        self,
        view: str = "upos",
        token_indexers: Optional[dict[str, TokenIndexer]] = None,
        label_namespace: Optional[str] = None,
        keep_subtypes: bool = True,
        max_instances: Optional[int] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        super().__init__(
            max_instances=max_instances,
            serialization_dir=serialization_dir,
        )
        if view not in VIEWS:
            raise ConfigurationError(
                f"reader 'conllu': 'view' is '{view}', but there are only {', '.join(VIEWS)}."
            )
        self.view = view
        self.label_namespace = label_namespace or f"{view}_labels"
        self.keep_subtypes = keep_subtypes
        self._token_indexers = token_indexers or {"tokens": SingleIdTokenIndexer()}

    def _read(self, file_path: str) -> Iterable[Instance]:
        blocks = sentence_blocks(data_files(file_path, SUFFIXES))
        # sharded before parsing: a worker cuts the whole file into sentences and parses its own
        for block in self.shard_iterable(blocks):
            yield self._block_to_instance(block)

    def _block_to_instance(self, block: SentenceBlock) -> Instance:
        sentence = parse_sentence(block)
        gold: dict[str, Any]
        if self.view == "dependency":
            gold = {
                "heads": heads(block, sentence),
                "relations": labels(block, sentence, "deprel"),
            }
        else:
            gold = {"tags": labels(block, sentence, self.view)}
        return self.text_to_instance(sentence.words, **gold, metadata=sentence.comments)

    def text_to_instance(
        self,
        words: list[str],
        tags: Optional[list[str]] = None,
        heads: Optional[list[int]] = None,
        relations: Optional[list[str]] = None,
        metadata: Optional[dict[str, Any]] = None,
    ) -> Instance:
        """
        # Parameters

        words : `List[str]`
            The words of a sentence, at least one.
        tags : `List[str]`, optional (default = `None`)
            Their tags (views `upos` and `xpos`).
        heads : `List[int]`, optional (default = `None`)
            Their heads, 0 for ROOT (view `dependency`, together with `relations`).
        relations : `List[str]`, optional (default = `None`)
            The relations to their heads.
        metadata : `Dict[str, Any]`, optional (default = `None`)
            Goes into the field `metadata` beside `words`.

        # Returns

        `Instance`
            Without token indexers, which `apply_token_indexers` adds.
        """
        if not words:
            raise ConfigurationError("reader 'conllu': a sentence needs at least one word.")
        text = TextField([Token(word) for word in words])
        fields: dict[str, Field] = {"tokens": text}
        if tags is not None:
            fields["tags"] = UnseenLabelField(tags, text, self.label_namespace, strict=True)
        if heads is not None:
            # numbers are not looked up, the namespace only keeps AllenNLP from warning
            fields["head_indices"] = SequenceLabelField(heads, text, "head_index_tags")
        if relations is not None:
            relations = relations if self.keep_subtypes else [r.split(":")[0] for r in relations]
            fields["head_tags"] = UnseenLabelField(
                relations, text, self.label_namespace, strict=True
            )
        fields["metadata"] = MetadataField({"words": words, **(metadata or {})})
        return Instance(fields)

    def apply_token_indexers(self, instance: Instance) -> None:
        instance["tokens"].token_indexers = self._token_indexers  # type: ignore[attr-defined]
