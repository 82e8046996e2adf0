"""Spans as tags, one a word, and back: IOB1, BIO (IOB2), BIOES and BIOUL."""

from collections.abc import Iterable, Sequence
from typing import Optional

Span = tuple[int, int, str]

SCHEMES = ("IOB1", "BIO", "BIOES", "BIOUL")
"""
How tags say where spans begin and end; `BIO` is also called IOB2, `BIOUL` BILOU.

In `IOB1` a span begins with `I-`, and with `B-` only right after another span of its label.
"""

# the letters of the first, an inner and the last word of a span, and of a span of one word
_LETTERS = {
    "IOB1": ("I", "I", "I", "I"),
    "BIO": ("B", "I", "I", "B"),
    "BIOES": ("B", "I", "E", "S"),
    "BIOUL": ("B", "I", "L", "U"),
}
_FIRST = "BSU"
_LAST = "ESLU"


def tags_of_spans(spans: Iterable[Span], length: int, scheme: str = "BIO") -> list[str]:
    """
    # Parameters

    spans : `Iterable[Tuple[int, int, str]]`
        Start, end (inclusive) and label, in any order.
    length : `int`
        Words of the sentence.
    scheme : `str`, optional (default = `"BIO"`)
        One of `SCHEMES`.

    # Returns

    `List[str]`
        One tag a word, for example `B-PER`; `O` outside of all spans.

    Raises `ValueError` for spans that overlap or leave the sentence, which no tags can say.
    """
    first, inner, last, single = _LETTERS[scheme]
    tags = ["O"] * length
    for start, end, label in sorted(spans):
        if not 0 <= start <= end < length:
            raise ValueError(f"the span {(start, end, label)} is not in a sentence of {length}")
        if any(tag != "O" for tag in tags[start : end + 1]):
            raise ValueError(f"the span {(start, end, label)} overlaps another one")
        touches = scheme == "IOB1" and start > 0 and tags[start - 1][1:] == f"-{label}"
        begin = "B" if touches else single if start == end else first
        letters = [begin] + [inner] * (end - start - 1) + [last] * (end > start)
        tags[start : end + 1] = [f"{letter}-{label}" for letter in letters]
    return tags


def spans_of_tags(tags: Sequence[str]) -> list[Span]:
    """
    The spans that tags of any of the `SCHEMES` mean. Sequences that break the rules of their scheme
    are read as the CoNLL evaluation scripts read them: a span begins at each `B-`, `S-` and `U-`,
    after each `E-`, `L-`, `S-` and `U-`, and where the label changes.

    AllenNLP has a function for each scheme (`allennlp.data.dataset_readers.dataset_utils`); they
    give the same spans for valid tags, but the one for BIOUL cannot repair.

    # Parameters

    tags : `Sequence[str]`
        One a word, each a tag of some scheme (`problem_with_tags` without `strict` finds others).

    # Returns

    `List[Tuple[int, int, str]]`
        Start, end (inclusive) and label, from left to right.
    """
    spans: list[Span] = []
    previous = "O"
    for place, tag in enumerate(tags):
        if tag != "O":
            if tag[0] in _FIRST or previous[0] in _LAST or previous[1:] != tag[1:]:
                spans.append((place, place, tag[2:]))
            else:
                start, _, label = spans[-1]
                spans[-1] = (start, place, label)
        previous = tag
    return spans


def problem_with_tags(
    tags: Sequence[str], scheme: str, strict: bool = True
) -> Optional[tuple[int, str]]:
    """
    # Parameters

    tags : `Sequence[str]`
        One a word.
    scheme : `str`
        One of `SCHEMES`.
    strict : `bool`, optional (default = `True`)
        Whether the order of the tags must be valid too, and not only each tag.

    # Returns

    `Optional[Tuple[int, str]]`
        The position of the first bad tag and what is wrong with it; `None` if all is well.
    """
    letters = ("I", "B") if scheme == "IOB1" else _LETTERS[scheme]
    for place, tag in enumerate(tags):
        if tag != "O" and not (tag[:1] in letters and tag[1:2] == "-" and tag[2:]):
            kinds = ", ".join(f"'{letter}-<label>'" for letter in dict.fromkeys(letters))
            return place, f"'{tag}' is no tag of {scheme}, which has 'O', {kinds}."
    return _problem_with_order(tags, scheme) if strict else None


def _problem_with_order(tags: Sequence[str], scheme: str) -> Optional[tuple[int, str]]:
    ends = scheme in ("BIOES", "BIOUL")  # these say where a span ends
    previous = "O"
    for place, tag in enumerate([*tags, "O"]):
        is_open = previous[0] in "BI" if ends else previous != "O"
        same = is_open and previous[1:] == tag[1:]
        if scheme == "IOB1":
            if tag[0] == "B" and not same:
                return place, f"'{tag}' begins a span that 'I' begins in IOB1."
        else:
            inside = tag[0] in "IEL"
            if ends and is_open and not (inside and same):
                return place - 1, f"no tag ends the span of '{previous}'."
            if inside and not same:
                return place, f"'{tag}' continues no span."
        previous = tag
    return None
