"""Questions about a text whose answers stand in it, in the files of SQuAD."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any, Optional

import numpy as np
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Field, Instance, Token, TokenIndexer, Tokenizer
from allennlp.data.fields import ListField, MetadataField, TensorField, TextField
from allennlp.data.token_indexers import SingleIdTokenIndexer

from allennlp_heads.data.dataset_readers.context_windows import (
    ContextPieces,
    PairLayout,
    Window,
    windows,
)
from allennlp_heads.data.dataset_readers.sharding_reader import ShardingReader
from allennlp_heads.data.dataset_readers.squad_answers import Answer, checked_answers
from allennlp_heads.data.dataset_readers.squad_file import SquadQuestion, squad_questions
from allennlp_heads.data.paths import resolve
from allennlp_heads.data.tokenizers import TransformerPiecesTokenizer

logger = logging.getLogger(__name__)

Notes = dict[str, list[str]]
"""What the log tells of a file: the questions, by their ids, of each of the following kinds."""

REPAIRED = "answers that were not at their 'answer_start' and are taken from the nearest place"
CUT = "questions longer than 'max_question_length', which have lost their last pieces"
BLANK = "blank questions"
SPLIT = "questions with an answer that no window holds whole, trained as unanswerable"


@DatasetReader.register("squad_json")
class SquadJsonReader(ShardingReader):
    """
    Reads the files of SQuAD 1.1 and 2.0 (Rajpurkar et al., 2016, 2018), plain or gzip-compressed: a
    question is answered by a part of its context, by one of several that annotators gave, or, in
    2.0, not at all. Files without `answers`, as test files are, give instances without gold.

    A context that is too long for the encoder is read in windows that overlap, each with the
    question before it; the windows of a question are one instance. A question is encoded without
    the blanks around it. Of a file, blank questions are kept, so that each of its ids has an
    answer, and the log counts them; to `text_to_instance` and predictors they are a mistake.

    The data path is one file; `${HEADS_DATA}` is replaced, see `allennlp_heads.data.paths.resolve`.

    An instance has the fields

    - `tokens`: `ListField` of one `TextField` a window: the question, then a part of the context,
      with special tokens as the encoder has them for pairs;
    - `answer_mask`: bool `[windows, pieces]`, true on the context's pieces, which alone can be
      answers. Position 0 stands for "no answer in this window";
    - `answer_spans`, with gold: int64 `[windows, 2]`, the first and last piece of the answer to be
      learned, which is the first one, and `[0, 0]` in windows that do not hold the whole of it or
      where there is none; -1 in windows that are padding. Where an answer ends inside a piece, the
      whole piece is taken;
    - `metadata`: a dictionary with `id`, `question`, `context`, `title` (or `None`), `offsets` (for
      each window int32 `[pieces, 2]`: the piece is `context[first:end]`; -1 where it is none of the
      context); where the file has it, as those of SQuAD 2.0, `is_impossible`, true or false, by
      which the head counts a question as their script does; and with gold `answers` (texts; empty:
      not answerable) and `answer_starts` (their first characters).

    Registered as a `DatasetReader` with name "squad_json".

    # Parameters

    tokenizer : `Tokenizer`
        `transformer_pieces`, of which `max_length` and `add_special_tokens` play no part here.
    token_indexers : `Dict[str, TokenIndexer]`, optional (default = `{"tokens":
    SingleIdTokenIndexer()}`)
        How tokens become numbers; usually `transformer_pieces`.
    max_length : `int`, optional (default = `384`)
        Pieces of a window, special tokens included.
    stride : `int`, optional (default = `128`)
        How many pieces of the context the next window is further.
    max_question_length : `int`, optional (default = `64`)
        Longer questions lose their last pieces, and the log says how many do. `None`: they are
        kept.
    repair : `int`, optional (default = `20`)
        How many characters beside its `answer_start` an answer is looked for. The log says how many
        answers were elsewhere.
    max_instances : `int`, optional (default = `None`)
        Read at most this many questions.
    serialization_dir : `str`, optional (default = `None`)
        Given by AllenNLP.

    Raises `ConfigurationError` for another tokenizer, for a `stride` that leaves out parts of the
    context, and, with file and question, for everything that `squad_questions` checks and for a
    question that leaves no room for the context.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        token_indexers: Optional[dict[str, TokenIndexer]] = None,
        max_length: int = 384,
        stride: int = 128,
        max_question_length: Optional[int] = 64,
        repair: int = 20,
        max_instances: Optional[int] = None,
        serialization_dir: Optional[str] = None,
    ) -> None:
        super().__init__(
            max_instances=max_instances,
            serialization_dir=serialization_dir,
        )
        if not isinstance(tokenizer, TransformerPiecesTokenizer):
            raise ConfigurationError(
                "reader 'squad_json' needs the tokenizer 'transformer_pieces', which knows where "
                f"in the text each piece stands, not {type(tokenizer).__name__}."
            )
        self._tokenizer = tokenizer
        self._token_indexers = token_indexers or {"tokens": SingleIdTokenIndexer()}
        self._layout = PairLayout.of(tokenizer)
        self.max_length = max_length
        self.stride = stride
        self.max_question_length = max_question_length
        self.repair = repair
        _check(len(self._layout), max_length, stride, max_question_length, repair)

    def _read(self, file_path: str) -> Iterable[Instance]:
        path = resolve(file_path)
        notes: Notes = defaultdict(list)
        # sharded before the texts are split: a worker reads the whole file and splits its own
        questions = self.shard_iterable(squad_questions(path, self.repair))
        try:
            for _, group in groupby(questions, key=attrgetter("context")):
                yield from self._instances(path, list(group), notes)
        finally:
            for kind, ids in notes.items():
                logger.warning("%s: %s: %d, the first in '%s'", path, kind, len(ids), ids[0])

    def text_to_instance(
        self,
        question: str,
        context: str,
        answers: Optional[list[dict[str, Any]]] = None,
        is_impossible: Optional[bool] = None,
        metadata: Optional[dict[str, Any]] = None,
    ) -> Instance:
        """
        # Parameters

        question : `str`
        context : `str`
            The text that has the answer.
        answers : `List[Dict[str, Any]]`, optional (default = `None`)
            As in the files: `text` and `answer_start`. An empty list: there is none. `None`: it is
            asked for.
        is_impossible : `bool`, optional (default = `None`)
            Whether the context has no answer, as SQuAD 2.0 marks it; `None` where nobody says.
        metadata : `Dict[str, Any]`, optional (default = `None`)
            Goes into the field `metadata`; may have `id` and `title`, which are `None` otherwise.

        # Returns

        `Instance`
            Without token indexers, which `apply_token_indexers` adds.

        Raises `ConfigurationError` for a blank question or context, and for answers that are not in
        it.
        """
        for name, text in (("question", question), ("context", context)):
            if not text.strip():
                raise ConfigurationError(f"{type(self).__name__}: the {name} is empty.")
        try:
            found, _ = checked_answers(context, answers, is_impossible, self.repair)
            asked = SquadQuestion("", question, context, answers=found, is_impossible=is_impossible)
            pieces, text_pieces = self._tokenizer.bare_pieces([question.strip(), context])
            whole = self._context(context, text_pieces)
            instance = self._instance(asked, pieces, whole, defaultdict(list))
        except ValueError as error:
            raise ConfigurationError(f"{type(self).__name__}: {error}") from error
        kept = instance["metadata"].metadata  # type: ignore[attr-defined]
        kept.update({"id": None, **(metadata or {})})
        return instance

    def apply_token_indexers(self, instance: Instance) -> None:
        for window in instance["tokens"]:  # type: ignore[attr-defined]
            window.token_indexers = self._token_indexers

    def _instances(
        self, path: str, questions: list[SquadQuestion], notes: Notes
    ) -> Iterator[Instance]:
        """Of questions about the same context, which is split once."""
        texts = [question.question.strip() for question in questions]
        question = questions[0]
        *asked, text = self._tokenizer.bare_pieces([*texts, question.context])
        try:
            context = self._context(question.context, text)
            for question, pieces in zip(questions, asked):
                yield self._instance(question, pieces, context, notes)
        except ValueError as error:
            raise ConfigurationError(f"{path}: question '{question.id}': {error}") from error

    def _context(self, text: str, tokens: list[Token]) -> ContextPieces:
        return ContextPieces.of(text, tokens, self._layout.segments[1])

    def _instance(
        self,
        question: SquadQuestion,
        pieces: list[Token],
        context: ContextPieces,
        notes: Notes,
    ) -> Instance:
        cut = pieces[: self.max_question_length]
        if question.repaired:
            notes[REPAIRED] += [question.id] * question.repaired
        if not pieces:
            notes[BLANK].append(question.id)
        if len(cut) < len(pieces):
            notes[CUT].append(question.id)
        for token in cut:
            token.type_id = self._layout.segments[0]
        found = windows(self._layout, cut, context.tokens, self.max_length, self.stride)
        fields: dict[str, Field] = {
            "tokens": ListField([TextField(window.tokens) for window in found]),
            "answer_mask": TensorField(_answer_mask(found), padding_value=False),
        }
        metadata: dict[str, Any] = {
            "id": question.id,
            "question": question.question,
            "context": question.context,
            "title": question.title,
            "offsets": [window.offsets(context) for window in found],
        }
        if question.is_impossible is not None:
            metadata["is_impossible"] = question.is_impossible
        if question.answers is not None:
            spans = _answer_spans(found, context, question.answers)
            if question.answers and not spans.any():
                notes[SPLIT].append(question.id)
            fields["answer_spans"] = TensorField(spans, padding_value=-1)
            metadata["answers"] = [answer.text for answer in question.answers]
            metadata["answer_starts"] = [answer.start for answer in question.answers]
        fields["metadata"] = MetadataField(metadata)
        return Instance(fields)


def _answer_mask(found: list[Window]) -> torch.Tensor:
    mask = np.zeros((len(found), max(len(window.tokens) for window in found)), dtype=bool)
    for row, window in zip(mask, found):
        row[window.inside] = True
    return torch.from_numpy(mask)


def _answer_spans(
    found: list[Window], context: ContextPieces, answers: tuple[Answer, ...]
) -> torch.Tensor:
    span = None
    if answers:
        text, start = answers[0]
        span = context.covering(start, start + len(text))
    return torch.tensor([window.position(span) for window in found])


def _check(
    special: int, max_length: int, stride: int, max_question_length: Optional[int], repair: int
) -> None:
    for name, value, least in (
        ("max_length", max_length, 1),
        ("stride", stride, 1),
        ("max_question_length", max_question_length, 1),
        ("repair", repair, 0),
    ):
        if value is not None and value < least:
            raise ConfigurationError(
                f"reader 'squad_json': '{name}' is {value}, but must be at least {least}."
            )
    room = max_length - special - (max_question_length or 1)
    if stride >= room:
        raise ConfigurationError(
            f"reader 'squad_json': 'stride' is {stride}, but must be smaller than what a window "
            f"holds of the context, which is {max(0, room)}: 'max_length' is {max_length}, of "
            f"which special tokens take {special} and the question "
            f"{'at least 1' if max_question_length is None else f'up to {max_question_length}'} "
            "('max_question_length'). Lower 'stride' or 'max_question_length', or raise "
            "'max_length'."
        )
