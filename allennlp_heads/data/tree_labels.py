"""Labels of words from a constituency tree: the phrase above them, and those above that."""

from collections.abc import Iterator

from nltk import Tree

from allennlp_heads.data.trees import ROOT, is_preterminal

LEVELS = {"parent": 1, "gparent": 2, "ggparent": 3}
"""How many nodes each view climbs from a word's part of speech."""


def paths(tree: Tree) -> Iterator[list[Tree]]:
    """
    For every word, from left to right, the nodes above it: from the root down to the word's part of
    speech. The list is the caller's for one step only.
    """
    # Not recursive: a tree may be as deep as its sentence is long.
    path = [tree]
    if is_preterminal(tree):
        yield path
        return
    waiting = [iter(tree)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
            path.pop()
            continue
        path.append(child)
        if is_preterminal(child):
            yield path
            path.pop()
        else:
            waiting.append(iter(child))


def ancestor_labels(tree: Tree, level: int) -> list[str]:
    """
    The label of the node `level` steps above each word's part of speech, as in Liu et al. (2019),
    *Linguistic Knowledge and Transferability of Contextual Representations* (there syntactic
    constituency ancestor tagging). Every node is a step, those of unary chains too. The climb ends
    at the root: a word with fewer nodes above it has the root's label.

    # Parameters

    tree : `Tree`
        Each word has a part of speech of its own, as in `allennlp_heads.data.trees`.
    level : `int`
        1 for the parent, 2 for the grandparent, 3 for the great-grandparent; at least 1.

    # Returns

    `List[str]`
        One a word. `TOP` for the word of a tree that is nothing but its part of speech.

    Raises `ValueError` for a level below 1.
    """
    if level < 1:
        raise ValueError(f"level {level}: the parent, 1, is the lowest")
    if is_preterminal(tree):
        return [ROOT]
    return [str(path[max(0, len(path) - 1 - level)].label()) for path in paths(tree)]
