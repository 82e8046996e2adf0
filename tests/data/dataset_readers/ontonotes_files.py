"""Random CoNLL-2012 files for tests: drawn as sentences, written in columns."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from nltk import Tree

from allennlp_heads.data.span_codings import Span
from tests.data.dataset_readers.writers import cells, tree_cells

# no brackets, which treebanks escape, and no white space of ASCII
_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\t ()")
WORDS = st.text(_CHARACTERS, min_size=1, max_size=4) | st.sampled_from(["-LRB-", "/.", "a\u00a0b"])
LABELS = st.sampled_from(["A", "B", "ARG1", "R-ARGM-TMP", "S"])


@dataclass
class Sentence:
    words: list[str]
    pos: list[str]
    tree: Tree
    names: list[Span] = field(default_factory=list)
    propositions: dict[int, list[Span]] = field(default_factory=dict)


@st.composite
def phrases(draw: st.DrawFn, leaves: list[Tree], label: str) -> Tree:
    """A random tree over leaves, with unary chains; never just one leaf without a phrase."""
    nodes: list[Tree] = []
    rest = leaves
    while rest:
        width = draw(st.integers(1, len(rest)))
        part, rest = rest[:width], rest[width:]
        deeper = width < len(leaves) and width > 1 or draw(st.integers(0, 3)) == 0
        nodes += [draw(phrases(part, draw(LABELS)))] if deeper else part
    return Tree(label, nodes)


@st.composite
def nested_spans(draw: st.DrawFn, start: int, end: int) -> list[Span]:
    """Spans that nest or stand apart, no two in one place; in the order of their brackets."""
    spans: list[Span] = []
    while start <= end and draw(st.booleans()):
        start = draw(st.integers(start, end))
        last = draw(st.integers(start, end))
        spans.append((start, last, draw(LABELS)))
        if last > start:
            inner = draw(nested_spans(start, last))
            spans += [span for span in inner if span[:2] != (start, last)]
        start = last + 1
    return spans


@st.composite
def sentences(draw: st.DrawFn) -> Sentence:
    words = draw(st.lists(WORDS, min_size=1, max_size=6))
    pos = draw(st.lists(LABELS, min_size=len(words), max_size=len(words)))
    leaves = [Tree(tag, [word]) for tag, word in zip(pos, words, strict=True)]
    last = len(words) - 1
    predicates = draw(st.sets(st.integers(0, last)))
    return Sentence(
        words,
        pos,
        draw(phrases(leaves, "TOP")),
        draw(nested_spans(0, last)),
        {place: draw(nested_spans(0, last)) for place in sorted(predicates)},
    )


def write(sentence: Sentence, document: str = "x/1", gap: str = " ", verbs: bool = True) -> str:
    """One sentence in columns, `gap` between them; without `verbs` no column has a `(V*)`."""
    size = len(sentence.words)
    columns = [
        [document] * size,
        ["0"] * size,
        [str(place) for place in range(size)],
        sentence.words,
        sentence.pos,
        tree_cells(sentence.tree),
        *(["do" if place in sentence.propositions else "-" for place in range(size)],),
        ["01" if place in sentence.propositions else "-" for place in range(size)],
        ["-"] * size,
        ["-"] * size,
        cells(sentence.names, size),
    ]
    for place, arguments in sentence.propositions.items():
        verb = [(place, place, "V")] if verbs else []
        columns.append(cells([*arguments, *verb], size))
    columns.append(["-"] * size)
    return "".join(gap.join(row) + "\n" for row in zip(*columns, strict=True)) + "\n"


def document(name: str, *sentences: str) -> str:
    """Sentences already written as the one part of a document."""
    return f"#begin document ({name}); part 000\n{''.join(sentences)}#end document\n"


def plain_sentence(*words: str, names: list[Span] | None = None, predicates: int = 0) -> Sentence:
    """A flat tree of the words; the first `predicates` words are predicates without arguments."""
    leaves = [Tree("X", [word]) for word in words]
    propositions: dict[int, list[Span]] = {place: [] for place in range(predicates)}
    return Sentence([*words], ["X"] * len(words), Tree("TOP", leaves), names or [], propositions)
