"""What the readers of tagged, parsed and span-labelled sentences share."""

from collections.abc import Sequence
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import Field, Instance, Token, TokenIndexer
from allennlp.data.fields import MetadataField, SequenceLabelField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer
from nltk import Tree

from allennlp_heads.data.dataset_readers.sentence_blocks import SentenceBlock
from allennlp_heads.data.dataset_readers.sharding_reader import ShardingReader
from allennlp_heads.data.fields import LabeledSpansField, UnseenLabelField
from allennlp_heads.data.span_codings import Span, tags_of_spans
from allennlp_heads.data.trees import binarized_spans, bracketed

CODINGS = ("spans", "BIO", "BIOES")


class SentenceReader(ShardingReader):
    """
    Base of readers that give a sentence of words and one kind of annotation of it. Data is read as
    it is asked for; several workers of a loader share the sentences.

    Labels unseen in training are indexed as `UNSEEN` (-1), see `UnseenLabelField`.

    AllenNLP's `multiprocess` loader forks its workers. A forked process hangs in the first
    operation that torch spreads over several threads, if its parent had used such an operation
    before: OpenMP's threads do not survive the fork. Making batches of usual sizes uses none; with
    very large ones, set the environment variable `OMP_NUM_THREADS=1`. (`"start_method": "spawn"` is
    no way out, AllenNLP 2.10.1 stops there with an error about a `SemLock`.)

    # Parameters

    label_namespace : `str`
        Vocabulary namespace of the labels.
    coding : `str`, optional (default = `"spans"`)
        How an instance says its entities: `"spans"` (field `spans`), `"BIO"` or `"BIOES"` (field
        `tags`).
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens":
    SingleIdTokenIndexer()}`)
        How words become numbers.
    max_instances : `int`, optional (default = `None`)
        Read at most this many sentences.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP.
    """

    def __init__(
        self,
        label_namespace: str,
        coding: str = "spans",
        token_indexers: Optional[dict[str, TokenIndexer]] = None,
        max_instances: Optional[int] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        super().__init__(
            max_instances=max_instances,
            serialization_dir=serialization_dir,
        )
        one_of("coding", coding, CODINGS)
        self.label_namespace = label_namespace
        self.coding = coding
        self._token_indexers = token_indexers or {"tokens": SingleIdTokenIndexer()}

    def text_to_instance(
        self,
        words: list[str],
        tags: Optional[list[str]] = None,
        spans: Optional[Sequence[Span]] = None,
        tree: Optional[Tree] = None,
        predicates: Optional[Sequence[int]] = None,
        arguments: Optional[Sequence[tuple[int, int, int, str]]] = None,
        pos: Optional[list[str]] = None,
        metadata: Optional[dict[str, Any]] = None,
    ) -> Instance:
        """
        # Parameters

        words : `List[str]`
            The words of a sentence, at least one, as the encoder shall see them.
        tags : `List[str]`, optional (default = `None`)
            Their tags: the field `tags`.
        spans : `List[Tuple[int, int, str]]`, optional (default = `None`)
            Entities, as start, end (inclusive) and label: the field `spans`.
        tree : `Tree`, optional (default = `None`)
            The constituents: the field `spans` (binarised, see `binarized_spans`), and the tree on
            one line in the metadata.
        predicates : `List[int]`, optional (default = `None`)
            Positions of predicates: the field `predicates`, 1 for each of them and 0 for other
            words.
        arguments : `List[Tuple[int, int, int, str]]`, optional (default = `None`)
            Position of the predicate, start, end and role: the field `arguments`.
        pos : `List[str]`, optional (default = `None`)
            Parts of speech, for the metadata.
        metadata : `Dict[str, Any]`, optional (default = `None`)
            Goes into the field `metadata` beside `words`, `pos` and `tree`.

        # Returns

        `Instance`
            Without token indexers, which `apply_token_indexers` adds.

        Raises `ConfigurationError` for no words, and for annotation that does not fit them.
        """
        if not words:
            raise ConfigurationError(f"{type(self).__name__}: a sentence needs at least one word.")
        text = TextField([Token(word) for word in words])
        fields: dict[str, Field] = {"tokens": text}
        extra: dict[str, Any] = {"words": words} if pos is None else {"words": words, "pos": pos}
        if tags is not None:
            fields["tags"] = UnseenLabelField(tags, text, self.label_namespace, strict=True)
        if tree is not None:
            spans = binarized_spans(tree)
            extra["tree"] = bracketed(tree)
        if spans is not None:
            fields["spans"] = LabeledSpansField(spans, text, self.label_namespace, strict=True)
        if predicates is not None:
            fields["predicates"] = _marks(predicates, text)
        if arguments is not None:
            fields["arguments"] = LabeledSpansField(
                arguments, text, self.label_namespace, positions=3, strict=True
            )
        fields["metadata"] = MetadataField({**extra, **(metadata or {})})
        return Instance(fields)

    def apply_token_indexers(self, instance: Instance) -> None:
        instance["tokens"].token_indexers = self._token_indexers  # type: ignore[attr-defined]

    def _coded(
        self, block: SentenceBlock, first_line: int, spans: Sequence[Span], length: int
    ) -> dict[str, Any]:
        """The arguments of `text_to_instance` that say these entities in the reader's coding."""
        if self.coding == "spans":
            return {"spans": spans}
        try:
            return {"tags": tags_of_spans(spans, length, self.coding)}
        except ValueError as error:
            raise block.error(
                first_line,
                f"{error} in the sentence from here, which tags cannot say; leave the sentence "
                "out or set 'coding' to \"spans\".",
            ) from error


def one_of(name: str, value: str, choices: Sequence[str]) -> None:
    """Raise a `ConfigurationError` for a value of the option `name` that is not a choice."""
    if value not in choices:
        raise ConfigurationError(f"'{name}' is '{value}', but must be one of {', '.join(choices)}.")


def _marks(positions: Sequence[int], text: TextField) -> SequenceLabelField:
    marks = [0] * len(text)
    for position in positions:
        if not 0 <= position < len(marks):
            raise ConfigurationError(
                f"the predicate {position} is no word of the sentence: 0 to {len(marks) - 1}."
            )
        marks[position] = 1
    # numbers are not looked up, the namespace only keeps AllenNLP from warning
    return SequenceLabelField(marks, text, "predicate_tags")
