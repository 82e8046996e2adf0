"""Answers that stand in their context: checked, and moved to where they stand."""

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
    nearest = _nearest(context, text, start)
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


def _nearest(context: str, text: str, start: int) -> Optional[int]:
    """Where the text stands nearest to a place, the earlier one of two; `None` if nowhere."""
    # two searches: a text may stand in its context millions of times
    start = min(max(start, 0), len(context))
    places = (context.rfind(text, 0, start + len(text)), context.find(text, start))
    return min((at for at in places if at >= 0), key=lambda at: abs(at - start), default=None)


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
