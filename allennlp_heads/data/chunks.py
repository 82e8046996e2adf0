"""Base phrases (chunks) from constituency trees, in the manner of CoNLL-2000."""

from nltk import Tree

from allennlp_heads.data.span_codings import Span
from allennlp_heads.data.tree_labels import paths
from allennlp_heads.data.trees import category, is_preterminal

LABELS = frozenset("ADJP ADVP CONJP INTJ LST NP PP PRT SBAR UCP VP".split())
"""The eleven of CoNLL-2000. Words of other phrases, such as clauses, are in no chunk."""

_NOMINAL = frozenset(("NAC", "NML", "NX", "QP"))
_MODIFIERS = _NOMINAL | {"ADJP", "ADVP", "UCP"}
_NEVER_AT_AN_END = frozenset(("``", "''", ",", ".", ":", "-LRB-", "-RRB-", "NFP", "CC"))


def chunks(tree: Tree) -> list[Span]:
    """
    The chunks of a sentence: runs of neighbouring words that belong to one phrase. Tjong Kim Sang
    and Buchholz (2000), *Introduction to the CoNLL-2000 Shared Task: Chunking*, cut each phrase of
    a tree off behind its head. The rules here are our own: they need no table of heads, and chunks
    can differ from the shared task's.

    1. A word belongs to the phrase right above its part of speech. `WHNP` counts as `NP`, `WHPP`,
       `WHADVP` and `WHADJP` likewise, and `QP`, `NML`, `NX` and `NAC` that stand alone as `NP`.
    2. A modifier (`ADJP`, `ADVP`, `QP`, `NML`, `NX`, `NAC`, `UCP`) is part of the phrase above it
       if it stands before a word of that phrase: *[NP a very old house]*. `QP`, `NML`, `NX` and
       `NAC` are part of an `NP` wherever they stand in it.
    3. A `VP` goes on in the `VP` below it, or below an `S` with nothing else in it, if at most
       words and modifiers come between: *[VP would not be told to leave]*.
    4. A possessive ending (`POS`) is part of the phrase that goes on after it: *[NP Anna]
       [NP 's house]*.
    5. Punctuation and conjunctions are inside a chunk, never at one of its ends.

    # Parameters

    tree : `Tree`
        Each word has a part of speech of its own, with the Penn Treebank's labels.

    # Returns

    `List[Tuple[int, int, str]]`
        Start, end (inclusive) and label, from left to right; no two overlap.
    """
    runs: list[tuple[Tree, list[int]]] = []
    tags = []
    for place, path in enumerate(paths(tree)):
        owner = _owner(path)
        tags.append(str(path[-1].label()))
        if runs and runs[-1][0] is owner:
            runs[-1][1].append(place)
        else:
            runs.append((owner, [place]))
    return [span for owner, places in runs for span in _trimmed(owner, places, tags)]


def _trimmed(owner: Tree, places: list[int], tags: list[str]) -> list[Span]:
    """The run without what no chunk begins or ends with; empty if nothing is left."""
    label = "NP" if _kind(owner) in _NOMINAL else _kind(owner)
    words = [place for place in places if tags[place] not in _NEVER_AT_AN_END]
    if label not in LABELS or not words:
        return []
    return [(words[0], words[-1], label)]


def _owner(path: list[Tree]) -> Tree:
    at = max(0, len(path) - 2)
    possessive = path[-1].label() == "POS" and path[at][-1] is path[-1]
    if possessive and at > 0 and _kind(path[at - 1]) == "NP":
        at -= 1
    above = _above(path, at)
    while above != at:
        at, above = above, _above(path, above)
    return path[at]


def _above(path: list[Tree], at: int) -> int:
    """Where in the path the phrase is that this one is part of; its own place if of none."""
    if at == 0:
        return at
    upper, node = path[at - 1], path[at]
    if _kind(node) == "VP":
        alone = at > 1 and _kind(upper) == "S" and len(upper) == 1
        steps = 2 if alone else 1
        return at - steps if _goes_on(path[at - steps], path[at - steps + 1]) else at
    part = _kind(node) in _MODIFIERS and _is_part(upper, node)
    return at - 1 if part else at


def _goes_on(upper: Tree, node: Tree) -> bool:
    """Whether the verbs of a `VP` go on in what is below this child."""
    if _kind(upper) != "VP":
        return False
    before = upper[: _place(upper, node)]
    return all(is_preterminal(child) or _kind(child) in _MODIFIERS for child in before)


def _is_part(upper: Tree, modifier: Tree) -> bool:
    phrase = "NP" if _kind(upper) in _NOMINAL else _kind(upper)
    if phrase not in LABELS:
        return False
    if phrase == "NP" and _kind(modifier) in _NOMINAL:
        return True
    rest = (child for child in upper[_place(upper, modifier) + 1 :] if not _is_modifier(child))
    following = next(rest, None)
    if following is None:
        return False
    if is_preterminal(following):
        return following.label() not in _NEVER_AT_AN_END
    return _kind(following) == "VP" and _goes_on(upper, following)


def _is_modifier(node: Tree) -> bool:
    return not is_preterminal(node) and _kind(node) in _MODIFIERS


def _place(upper: Tree, node: Tree) -> int:
    # trees compare by what they hold, and a phrase can stand in a sentence twice
    return next(place for place, child in enumerate(upper) if child is node)


def _kind(node: Tree) -> str:
    return category(str(node.label())).removeprefix("WH")
