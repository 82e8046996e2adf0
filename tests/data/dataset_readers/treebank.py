"""Random treebanks for tests: drawn as sentences, written as CoNLL-U."""

from dataclasses import dataclass
from random import Random

from hypothesis import strategies as st

# every character a word can have: no line ends, no tabs, no two spaces in a row
_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\t ")
WORDS = st.text(_CHARACTERS, min_size=1, max_size=6) | st.just("a b") | st.just("_")
LABELS = st.sampled_from(["NOUN", "nsubj", "nmod:poss", "acl:relcl:x", "-LRB-", "#"])


@dataclass
class Sentence:
    words: list[str]
    upos: list[str]
    xpos: list[str]
    relations: list[str]
    heads: list[int]
    extras: int


def random_tree(size: int, random: Random) -> list[int]:
    """Heads of a random tree: words join the tree in random order under any word already in it."""
    order = list(range(1, size + 1))
    random.shuffle(order)
    heads = [0] * size
    for place, word in enumerate(order[1:], start=1):
        heads[word - 1] = order[random.randrange(place)]
    return heads


@st.composite
def sentences(draw: st.DrawFn) -> Sentence:
    words = draw(st.lists(WORDS, min_size=1, max_size=7))
    upos, xpos, relations = (
        draw(st.lists(LABELS, min_size=len(words), max_size=len(words))) for _ in range(3)
    )
    heads = random_tree(len(words), draw(st.randoms(use_true_random=False)))
    return Sentence(words, upos, xpos, relations, heads, draw(st.integers(0, 7)))


def write(sentence: Sentence, number: int = 0) -> str:
    """One sentence as CoNLL-U; `extras` says whether it has comments, ranges and empty nodes."""
    lines = []
    if sentence.extras & 1:
        lines += [f"# sent_id = s{number}", "# newpar", "# text = a = b"]
    for index, word in enumerate(sentence.words):
        if index == 0 and sentence.extras & 2:
            lines.append("1-2\tab" + "\t_" * 8)
        lines.append(
            f"{index + 1}\t{word}\t_\t{sentence.upos[index]}\t{sentence.xpos[index]}\tA=b|C=d"
            f"\t{sentence.heads[index]}\t{sentence.relations[index]}\t_\tSpaceAfter=No"
        )
        if sentence.extras & 4:
            lines.append(f"{index + 1}.1\telided" + "\t_" * 6 + "\t2:nsubj\t_")
    return "\n".join(lines) + "\n\n"


def sentence(*words: str, tag: str = "X") -> str:
    """A chain: each word depends on the one before it."""
    rows = [
        f"{i}\t{word}\t_\t{tag}\t{tag}{tag}\t_\t{i - 1}\t{'dep' if i > 1 else 'root'}\t_\t_"
        for i, word in enumerate(words, start=1)
    ]
    return "\n".join(rows) + "\n\n"
