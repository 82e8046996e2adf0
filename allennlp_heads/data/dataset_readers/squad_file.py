"""The files of SQuAD as checked questions, each with its context and answers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.dataset_readers.squad_answers import Answer, checked_answers
from allennlp_heads.data.json_text import load_json
from allennlp_heads.data.lines import data_error, one_line, whole_text

LARGEST = 2**28
"""The most characters of a file, which is read whole; that of SQuAD 2.0 has 42 million."""
_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "a text"}


@dataclass(frozen=True)
class SquadQuestion:
    """
    A question of a file.

    # Parameters

    id : `str`
        What the file calls it.
    question, context : `str`
        As they stand in the file.
    title : `str`, optional (default = `None`)
        That of the article the context is from.
    answers : `Tuple[Answer, ...]`, optional (default = `None`)
        Where the answer stands in the context, perhaps several times; empty for a question that the
        context does not answer, `None` where the file does not say.
    repaired : `int`, optional (default = `0`)
        How many of the answers stood beside the offset that the file gives them.
    is_impossible : `bool`, optional (default = `None`)
        What the file says of it; SQuAD 1.1 says nothing.
    """

    id: str
    question: str
    context: str
    title: Optional[str] = None
    answers: Optional[tuple[Answer, ...]] = None
    repaired: int = 0
    is_impossible: Optional[bool] = None


def squad_questions(path: str, repair: int) -> Iterator[SquadQuestion]:
    """
    The questions of a file in the format of SQuAD 1.1 or 2.0, in its order.

    # Parameters

    path : `str`
        A JSON file, gzip-compressed if its name ends in `.gz`.
    repair : `int`
        How many characters beside its `answer_start` an answer is looked for.

    # Returns

    `Iterator[SquadQuestion]`

    Raises `ConfigurationError` with the file, where in it, and the question's id, when the file
    cannot be read, is no JSON or not SQuAD's, has no question, two of the same id, a context with
    nothing to read in it, answers to some questions only, or an answer that is not in its context
    or too far from its offset.
    """
    places: dict[str, str] = {}
    gold: Optional[bool] = None
    for question, node in _questions(path, repair):
        if question.id in places:
            raise node.error(
                f"the id '{question.id}' is already that of {places[question.id]}; give each "
                "question an id of its own."
            )
        places[question.id] = node.place
        if gold is None:
            gold = question.answers is not None
        if gold != (question.answers is not None):
            raise node.error(
                f"question '{question.id}' has {'no ' if gold else ''}'answers', other than those "
                "before it: give 'answers' to all questions (an empty list where the context has "
                "none) or to none."
            )
        yield question
    if not places:
        raise data_error(path, 1, "no question in this file; is it the right one?")


@dataclass(frozen=True)
class _Node:
    """A part of a JSON document and where it stands, for messages."""

    path: str
    value: Any
    keys: tuple[Any, ...] = field(default=())

    @property
    def place(self) -> str:
        """As `data[3].paragraphs[0]`."""
        steps = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys)
        return "".join(steps).lstrip(".") or "the document"

    def error(self, problem: str) -> ConfigurationError:
        """The error for this part, to be raised by the caller."""
        return ConfigurationError(one_line(f"{self.path}: {self.place}: {problem}"))

    def child(self, key: str, kind: type) -> "_Node":
        """What stands under a key, which must be there."""
        if not isinstance(self.value, dict):
            raise self.error(f"must be an object with the key '{key}', as in SQuAD's files.")
        if key not in self.value:
            raise self.error(f"has no key '{key}', which SQuAD's files have here.")
        child = _Node(self.path, self.value[key], (*self.keys, key))
        if not isinstance(child.value, kind):
            raise child.error(f"must be {_KINDS[kind]}, as in SQuAD's files.")
        return child

    def children(self, key: str) -> Iterator["_Node"]:
        """The items of the list under a key."""
        inner = self.child(key, list)
        for number, item in enumerate(inner.value):
            yield _Node(self.path, item, (*inner.keys, number))


def _questions(path: str, repair: int) -> Iterator[tuple[SquadQuestion, _Node]]:
    for article in _Node(path, _document(path)).children("data"):
        for paragraph in article.children("paragraphs"):
            title = article.value.get("title")
            context = paragraph.child("context", str)
            if not context.value.strip():
                raise context.error("there is nothing to read in this context.")
            for question in paragraph.children("qas"):
                yield _question(question, context.value, title, repair), question


def _question(node: _Node, context: str, title: Optional[str], repair: int) -> SquadQuestion:
    text = node.child("question", str).value
    name = node.child("id", object).value
    if isinstance(name, bool) or not isinstance(name, (str, int)) or name == "":
        raise node.error("the 'id' must be a text or a number.")
    impossible = node.value.get("is_impossible")
    found = node.child("answers", list).value if "answers" in node.value else None
    try:
        answers, repaired = checked_answers(context, found, impossible, repair)
    except ValueError as error:
        raise node.error(f"question '{name}': {error}") from error
    return SquadQuestion(str(name), text, context, title, answers, repaired, impossible)


def _document(path: str) -> Any:
    text = whole_text(path, LARGEST)
    if not text.strip():
        raise data_error(path, 1, "the file is empty.")
    try:
        return load_json(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise data_error(path, line, f"no JSON ({error}).") from error
