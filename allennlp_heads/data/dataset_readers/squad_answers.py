"""Answers that stand in their context: checked, and moved to where they stand."""

from collections.abc import Iterator
from typing import Any, NamedTuple, Optional

SHOWN = 60
"""Longest part of an answer that a message repeats, in characters."""


class Answer(NamedTuple):
    """
    An answer: `context[start : start + len(text)] == text`.
    """

    text: str
    start: int


def checked_answers(
    context: str, answers: Optional[list[Any]], impossible: Optional[bool], repair: int
) -> tuple[Optional[tuple[Answer, ...]], int]:
    """
    The answers of a question, each where it stands in the context.

    # Parameters

    context : `str`
    answers : `List[Dict[str, Any]]`, optional
        Each with `text` and `answer_start`, its first character. `None` where nobody says.
    impossible : `bool`, optional
        Whether the context does not answer the question, as SQuAD 2.0 marks it. `None` where nobody
        says.
    repair : `int`
        How many characters beside its `answer_start` an answer is looked for.

    # Returns

    `Tuple[Optional[Tuple[Answer, ...]], int]`
        The answers, empty where there is none, `None` where nobody says; and how many of them stood
        elsewhere than at their `answer_start`.

    Raises `ValueError` with what is wrong.
    """
    if impossible is not None and not isinstance(impossible, bool):
        raise ValueError("'is_impossible' must be true or false.")
    if impossible and answers:
        raise ValueError("'is_impossible' is true, but there are 'answers'; correct one of them.")
    if answers is None:
        return ((), 0) if impossible else (None, 0)
    placed = [_placed(context, *_parts(answer), repair) for answer in answers]
    moved = sum(answer.start != given["answer_start"] for answer, given in zip(placed, answers))
    return tuple(placed), moved


def _parts(answer: Any) -> tuple[str, int]:
    for key in ("text", "answer_start"):
        if not isinstance(answer, dict) or key not in answer:
            raise ValueError(f"an answer has no key '{key}'.")
    text, start = answer["text"], answer["answer_start"]
    if not isinstance(text, str) or not text:
        raise ValueError(
            "the 'text' of an answer must be a text with at least one character; a question "
            "without an answer has an empty list of 'answers'."
        )
    if isinstance(start, bool) or not isinstance(start, int):
        raise ValueError(f"the 'answer_start' of '{_shown(text)}' must be a whole number.")
    return text, start


def _placed(context: str, text: str, start: int, repair: int) -> Answer:
    if start >= 0 and context.startswith(text, start):
        return Answer(text, start)
    nearest = min(_occurrences(context, text), key=lambda at: abs(at - start), default=None)
    if nearest is None:
        raise ValueError(
            f"the answer '{_shown(text)}' is not in its context; correct it, or leave the question "
            "out."
        )
    if abs(nearest - start) > repair:
        raise ValueError(
            f"the answer '{_shown(text)}' is not at its 'answer_start' {start}; the nearest place "
            f"is {nearest}, and at most {repair} characters are repaired. Correct the number, or "
            "raise the reader's 'repair'."
        )
    return Answer(text, nearest)


def _occurrences(context: str, text: str) -> Iterator[int]:
    at = context.find(text)
    while at >= 0:
        yield at
        at = context.find(text, at + 1)


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
