"""A question with its context as overlapping windows of pieces."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Optional

import numpy as np
from allennlp.data import Token, Tokenizer

_INVISIBLE = {"Mn", "Mc", "Me", "Cf"}
"""Unicode categories: marks, and formats such as the joiners of emoji."""


@dataclass(frozen=True)
class PairLayout:
    """
    What an encoder puts around the pieces of a question and of its context.

    # Parameters

    before, between, after : `List[Token]`
        Special tokens, as [CLS] and [SEP]; lists can be empty.
    segments : `Tuple[int, int]`
        The `type_id` of question and context.
    """

    before: list[Token]
    between: list[Token]
    after: list[Token]
    segments: tuple[int, int]

    @classmethod
    def of(cls, tokenizer: Tokenizer) -> "PairLayout":
        """Read off from what the tokenizer's `add_special_tokens` does with one piece of each."""
        marks = [[Token(name, idx=0, idx_end=1)] for name in ("question", "context")]
        joined = tokenizer.add_special_tokens(*marks)
        first, second = (i for i, token in enumerate(joined) if token.idx is not None)
        segments = (joined[first].type_id or 0, joined[second].type_id or 0)
        return cls(joined[:first], joined[first + 1 : second], joined[second + 1 :], segments)

    def __len__(self) -> int:
        """How many special tokens a window has."""
        return len(self.before) + len(self.between) + len(self.after)


@dataclass(frozen=True)
class ContextPieces:
    """
    The pieces of a context, made once for all its questions.

    # Parameters

    tokens : `List[Token]`
        In their segment, without special tokens.
    offsets : `numpy.ndarray`
        int32 `[pieces, 2]`: the characters of each piece, `context[first:last + 1]` as
        `[first, last + 1]`.
    """

    tokens: list[Token]
    offsets: np.ndarray

    @classmethod
    def of(cls, context: str, tokens: list[Token], segment: int) -> "ContextPieces":
        """
        From the new tokens of a context, which are put into the segment. A `ValueError` when there
        are none.
        """
        if not tokens:
            raise ValueError("the context has nothing that the encoder can read.")
        for token in tokens:
            token.type_id = segment
        starts = [token.idx or 0 for token in tokens]
        ends = [token.idx_end or 0 for token in tokens]
        if not context.isascii():
            ends = _with_marks(context, ends, [*starts[1:], len(context)])
        return cls(tokens, np.array([starts, ends], dtype=np.int32).T)

    def covering(self, start: int, end: int) -> Optional[tuple[int, int]]:
        """
        The first and last piece of the smallest span of pieces that has all the characters
        `start` to `end - 1` that any piece has; `None` where none has any.
        """
        first = int(np.searchsorted(self.offsets[:, 1], start, side="right"))
        last = int(np.searchsorted(self.offsets[:, 0], end, side="left")) - 1
        return (first, last) if first <= last else None


@dataclass(frozen=True)
class Window:
    """
    A question with a part of its context.

    # Parameters

    tokens : `List[Token]`
        All of them, with special tokens.
    place : `int`
        Where in `tokens` the context begins.
    first, end : `int`
        Which of the context's pieces these are: `first` to `end - 1`.
    """

    tokens: list[Token]
    place: int
    first: int
    end: int

    @property
    def inside(self) -> slice:
        """Where in `tokens` the context's pieces are."""
        return slice(self.place, self.place + self.end - self.first)

    def position(self, span: Optional[tuple[int, int]]) -> tuple[int, int]:
        """
        Where in `tokens` a span of the context's pieces is; `(0, 0)` unless all of it is here.
        """
        if span is None or span[0] < self.first or span[1] >= self.end:
            return 0, 0
        return span[0] - self.first + self.place, span[1] - self.first + self.place

    def offsets(self, context: ContextPieces) -> np.ndarray:
        """int32 `[pieces, 2]`, the characters of the context, -1 for all other pieces."""
        found = np.full((len(self.tokens), 2), -1, dtype=np.int32)
        found[self.inside] = context.offsets[self.first : self.end]
        return found


def windows(
    layout: PairLayout,
    question: list[Token],
    context: Sequence[Token],
    max_length: int,
    stride: int,
) -> list[Window]:
    """
    Windows over a context, each with the whole question: the first begins with the context, each
    further one `stride` pieces later, and the last is the first that reaches the context's end.
    All but the last have `max_length` pieces.

    # Parameters

    layout : `PairLayout`
    question : `List[Token]`
        In its segment, without special tokens.
    context : `Sequence[Token]`
        Likewise.
    max_length : `int`
        Pieces of a window, special tokens included.
    stride : `int`
        How many pieces of the context the next window is further.

    # Returns

    `List[Window]`
        At least one.

    Raises `ValueError` when a context needs several windows and they would not overlap.
    """
    head = [*layout.before, *question, *layout.between]
    room = max_length - len(head) - len(layout.after)
    if len(context) > room and stride >= room:
        raise ValueError(
            f"the question has {len(question)} pieces, which leaves {max(0, room)} of "
            f"'max_length' {max_length} for the context, but windows that move by 'stride' "
            f"{stride} must hold more. Set 'max_question_length' to cut questions, raise "
            "'max_length', or lower 'stride'."
        )
    last = max(0, -(-(len(context) - room) // stride)) * stride
    return [
        Window(
            [*head, *context[first : first + room], *layout.after],
            len(head),
            first,
            min(first + room, len(context)),
        )
        for first in range(0, last + 1, stride)
    ]


def _with_marks(context: str, ends: list[int], limits: list[int]) -> list[int]:
    """
    Ends of pieces moved behind the accents and joiners that the encoder does not see; they belong
    to the character before them, and an answer has them too.
    """
    moved = []
    for end, limit in zip(ends, limits):
        while end < limit and unicodedata.category(context[end]) in _INVISIBLE:
            end += 1
        moved.append(end)
    return moved
