"""How answers are compared, written down a second time, and answers spoilt in many ways."""

import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import groupby

PUNCTUATION = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
Scored = tuple[Fraction, int]


def words(text: str) -> list[str]:
    """Without case, punctuation and articles; letters and digits in a row are a word."""
    kept = "".join(character for character in text.lower() if character not in PUNCTUATION)
    runs = ("".join(run) for _, run in groupby(kept, key=str.isalnum))
    return "".join(" " if run in ("a", "an", "the") else run for run in runs).split()


def scored(said: str, answers: Sequence[str], version2: bool) -> Scored:
    """The best F1 and exact match of a question."""
    gold = [words(answer) for answer in answers]
    if version2 or not answers:
        gold = [answer for answer in gold if answer] or [[]]
    return max(f1(words(said), g, version2 or not answers) for g in gold), max(
        int(words(said) == g) for g in gold
    )


def f1(said: list[str], gold: list[str], version2: bool) -> Fraction:
    """Twice the words in common over all words."""
    if not said and not gold:
        return Fraction(int(version2))
    left, common = list(gold), 0
    for word in said:
        if word in left:
            left.remove(word)
            common += 1
    return Fraction(2 * common, len(said) + len(gold))


def spoilt(answer: str, context: str, generator: random.Random) -> str:
    """An answer that is perhaps wrong."""
    begin = generator.randrange(len(context))
    elsewhere = context[begin : begin + generator.randrange(40)]
    return generator.choice(
        [
            answer,
            answer.upper() + "!",
            f"The {answer}",
            f"{answer} and {elsewhere}",
            " ".join(answer.split()[:-1]),
            f"{answer} {answer}",
            elsewhere,
            "an",
            "",
        ]
    )
