"""Which few examples a run learns from."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Optional

from allennlp_heads.data.data_loaders.randomness import seeded


def sample(labels: Sequence[Optional[str]], number: int, per_class: bool, seed: int) -> list[int]:
    """
    Draw examples without replacement. The draws of one seed are nested: those for 4 examples are
    the first of those for 16.

    In total (`per_class=False`) the draw is as stratified as so few examples can be: every class
    once, the more frequent ones first, then each further example from the class that is furthest
    behind its share of the data (Sainte-Laguë's rule). Without labels it is a plain random draw.

    # Parameters

    labels : `Sequence[Optional[str]]`
        The class of each example; `None` throughout for a task without classes.
    number : `int`
        How many to draw.
    per_class : `bool`
        `True`: so many of each class.
    seed : `int`
        Decides which examples of a class are drawn, never how many.

    # Returns

    `List[int]`
        Indices into `labels`, the classes mixed.

    Raises `ValueError` that says what is missing when there are too few examples.
    """
    by_class: dict[str, list[int]] = defaultdict(list)
    for index, label in enumerate(labels):
        by_class[label or ""].append(index)
    _check(by_class, number, per_class, len(labels))
    # frequent classes first; equally frequent ones by name
    names = sorted(by_class, key=lambda name: (-len(by_class[name]), name))
    shuffled = {}
    for name in names:
        shuffled[name] = list(by_class[name])
        seeded("fewshot", seed, name).shuffle(shuffled[name])
    sizes = {name: len(by_class[name]) for name in names}
    turns = _in_turn(names, number) if per_class else _in_proportion(sizes, number)
    taken = dict.fromkeys(names, 0)
    drawn = []
    for name in turns:
        drawn.append(shuffled[name][taken[name]])
        taken[name] += 1
    return drawn


def _in_turn(names: list[str], number: int) -> Iterator[str]:
    for _ in range(number):
        yield from names


def _in_proportion(sizes: dict[str, int], number: int) -> Iterator[str]:
    taken = dict.fromkeys(sizes, 0)
    for _ in range(number):
        # every class once; of equals, `max` takes the first, that is the more frequent one
        candidates = [name for name in sizes if not taken[name]] or list(sizes)
        name = max(candidates, key=lambda name: sizes[name] / (2 * taken[name] + 1))
        taken[name] += 1
        yield name


def _check(by_class: dict[str, list[int]], number: int, per_class: bool, examples: int) -> None:
    if not per_class and number > examples:
        raise ValueError(f"{number} examples are wanted, but there are only {examples}")
    if per_class:
        for name, indices in sorted(by_class.items()):
            if number > len(indices):
                raise ValueError(
                    f"{number} examples of each class are wanted, but '{name}' has only "
                    f"{len(indices)}"
                )
