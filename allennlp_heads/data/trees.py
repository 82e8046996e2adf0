"""
Constituency trees as spans: the binary tree that a chart parser learns, and the way back.

A tree is an `nltk.Tree` whose words have one preterminal (part of speech) each. Positions are
0-based and `end` is inclusive.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Optional
from urllib.parse import unquote

from nltk import Tree

PART = "|<>"
"""Ends the label of a node that only binarisation needs."""
CHAIN = "+"
"""Joins the labels of a unary chain, the topmost first."""
UNKNOWN_TAG = "XX"
"""The part of speech of a word where it is not known."""
ROOT = "TOP"
DEEPEST = 499
"""How deep the brackets of a tree may be nested: nltk reads no deeper ones."""

Span = tuple[int, int, str]


def is_preterminal(node: Tree) -> bool:
    """Whether a node is the part of speech of one word."""
    return len(node) == 1 and isinstance(node[0], str)


def located(tree: Tree) -> Iterator[tuple[Tree, int, int]]:
    """Every node of a tree with its first and last word, children before their parent."""
    # Not recursive: a tree may be as deep as its sentence is long.
    words = 0
    open_nodes = [(tree, 0, iter(tree))]
    while open_nodes:
        node, start, children = open_nodes[-1]
        child = next(children, None)
        if child is None:
            open_nodes.pop()
            yield node, start, words - 1
        elif isinstance(child, Tree):
            open_nodes.append((child, words, iter(child)))
        else:
            words += 1


def binarized_spans(tree: Tree) -> list[Span]:
    """
    The spans of the binary tree that stands for a tree, `2 * words - 1` of them, as in Zhang et al.
    (2020), *Fast and Accurate Neural CRF Constituency Parsing*: a node `X` of more than two
    children gets nodes `X|<>` over its first two, three, ... children; so does a preterminal with
    siblings, since each word has a span; the nodes of a unary chain are one span, labelled `X+Y`.

    # Parameters

    tree : `Tree`
        Its root's label is part of it. `%`, `+` and `|<>` in its labels are written `%25`, `%2B`
        and `%7C<>`.

    # Returns

    `List[Tuple[int, int, str]]`
        Start, end and label. Empty if the tree is a lone preterminal.

    Raises `ValueError` for a node without children, and for a word whose node has other children.
    """
    spans: list[Span] = []
    finished: list[tuple[int, int, Optional[str]]] = []  # waiting for their parent
    for node, start, end in located(tree):
        if is_preterminal(node):
            finished.append((start, end, None))
            continue
        _require_children(node)
        children = finished[-len(node) :]
        del finished[-len(node) :]
        label = _escaped(node.label())
        if len(children) == 1:
            below = children[0][2]
            chain = label if below is None else label + CHAIN + below
            finished.append((start, end, chain))
            continue
        part = label + PART
        spans.extend((*place, part if own is None else own) for *place, own in children)  # type: ignore[misc]
        spans.extend((start, child_end, part) for _, child_end, _ in children[1:-1])
        finished.append((start, end, label))
    start, end, top = finished[0]
    return spans if top is None else [*spans, (start, end, top)]


def tree_of_spans(
    spans: Iterable[Span], words: Sequence[str], pos: Optional[Sequence[str]] = None
) -> Tree:
    """
    The tree of which `binarized_spans` gave the spans.

    # Parameters

    spans : `Iterable[Tuple[int, int, str]]`
        In any order; no two alike. Spans may also be missing, as in trees that are not binary. A
        span of the whole sentence labelled `X|<>`, which a parser may predict, becomes an `X`.
    words : `Sequence[str]`
        The words of the sentence.
    pos : `Sequence[str]`, optional (default = `None`)
        Their parts of speech; `XX` where not known.

    # Returns

    `Tree`
        Its root is called `TOP` where there is no span of the whole sentence.

    Raises `ValueError` for no words, for parts of speech that are not as many as the words, and
    for spans that cross or leave the sentence.
    """
    tags = [UNKNOWN_TAG] * len(words) if pos is None else pos
    if not words or len(tags) != len(words):
        raise ValueError(f"a tree of {len(words)} words and {len(tags)} parts of speech")
    whole = (0, len(words) - 1)
    # What is finished and waits for its parent, from left to right: where it starts, and its nodes.
    finished: list[tuple[int, list[Tree]]] = []
    leaves = ((at, [Tree(tag, [word])]) for at, (tag, word) in enumerate(zip(tags, words)))
    read = 0
    for start, end, label in sorted(spans, key=lambda span: (span[1], -span[0])):
        if not 0 <= start <= end < len(words):
            raise ValueError(f"the span {start}..{end} is not in a sentence of {len(words)} words")
        finished.extend(next(leaves) for _ in range(read, end + 1))
        read = end + 1
        first = len(finished)
        while first and finished[first - 1][0] >= start:
            first -= 1
        if finished[first][0] != start:
            raise ValueError(f"the span {start}..{end} crosses another one")
        nodes = [node for _, inside in finished[first:] for node in inside]
        finished[first:] = [(start, _under(label, nodes, (start, end) == whole))]
    nodes = [node for _, inside in [*finished, *leaves] for node in inside]
    return nodes[0] if len(nodes) == 1 else Tree(ROOT, nodes)


def normalized(tree: Tree, function_tags: bool = False, traces: bool = False) -> Tree:
    """
    A copy of a treebank's tree as parsers are trained and scored on.

    # Parameters

    tree : `Tree`
        A root without a label becomes `TOP` in the copy.
    function_tags : `bool`, optional (default = `False`)
        Keep function tags and indices of phrases, which `category` cuts off.
    traces : `bool`, optional (default = `False`)
        Keep the empty elements `-NONE-` and what has no other words.

    Raises `ValueError` if nothing is left.
    """
    finished: list[Optional[Tree]] = []
    for node, _, _ in located(tree):
        if is_preterminal(node):
            dropped = not traces and node.label() == "-NONE-"
            finished.append(None if dropped else Tree(node.label(), list(node)))
            continue
        _require_children(node)
        children = [child for child in finished[-len(node) :] if child is not None]
        del finished[-len(node) :]
        label = node.label() if function_tags else category(node.label())
        finished.append(Tree(label, children) if children else None)
    top = finished[0]
    if top is None:
        raise ValueError("a tree without words")
    if not top.label():
        top.set_label(ROOT)
    return top


def category(label: str) -> str:
    """
    A phrase's label without function tags and indices: cut before its first `-` or `=`, unless that
    is its first character.
    """
    cuts = [cut for cut in (label.find("-", 1), label.find("=", 1)) if cut > 0]
    return label[: min(cuts)] if cuts else label


def read_bracketed(text: str) -> Tree:
    """
    The tree that a text in brackets says. A backslash is a character like any other; nltk takes it
    together with a bracket behind it for a bracket in a word.

    Raises `ValueError` if the text is not one tree.
    """
    return Tree.fromstring(text.replace("\\(", "\\ (").replace("\\)", "\\ )"))


def bracketed(tree: Tree) -> str:
    """
    A tree on one line, `(TOP (NP (NN word)))`, which `read_bracketed` reads. Parentheses in words
    and labels are written `-LRB-` and `-RRB-`, blanks in words `_`.
    """
    finished: list[str] = []
    for node, _, _ in located(tree):
        if is_preterminal(node):
            word = "_".join(node[0].split()) or "_"
            finished.append(f"({_written(node.label())} {_written(word)})")
            continue
        _require_children(node)
        children = finished[-len(node) :]
        finished[-len(node) :] = [f"({_written(node.label())} {' '.join(children)})"]
    return finished[0]


def _require_children(node: Tree) -> None:
    if not len(node) or any(isinstance(child, str) for child in node):
        raise ValueError(
            f"the node '{node.label()}' has the children {[str(child) for child in node]}: a node "
            "has either one word or one node or more below it"
        )


def _under(label: str, nodes: list[Tree], whole: bool) -> list[Tree]:
    """The nodes below a chain of labels, or as they are if the label is not a node's."""
    if label.endswith(PART):
        if not whole:
            return nodes
        label = label.removesuffix(PART)
    for name in reversed(label.split(CHAIN)):
        nodes = [Tree(unquote(name), nodes)]
    return nodes


def _escaped(label: str) -> str:
    return label.replace("%", "%25").replace(CHAIN, "%2B").replace(PART, "%7C<>")


def _written(text: str) -> str:
    return text.replace("(", "-LRB-").replace(")", "-RRB-")
