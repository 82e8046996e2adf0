"""A development set for data that comes without one: `#train` and `#dev` behind a path."""

import os
import random
from collections.abc import Sequence
from typing import Optional, TypeVar

from allennlp.common.checks import ConfigurationError

Item = TypeVar("Item")

PARTS = ("train", "dev")


def split_part(path: str) -> tuple[str, Optional[str]]:
    """
    A data path and the part of its examples that is meant.

    # Parameters

    path : `str`
        For example `agnews/train.csv#dev`.

    # Returns

    `Tuple[str, Optional[str]]`
        The file or folder, and `"train"`, `"dev"` or `None`, which is all.

    Raises `ConfigurationError` for a part of a test set: a model chosen on it would be scored on
    what it was chosen with.
    """
    whole, mark, part = path.rpartition("#")
    if not mark or part not in PARTS:
        return path, None
    if os.path.basename(whole).split(".")[0] == "test":
        raise ConfigurationError(
            f"{path}: only training data is divided, never the test set. Give the path of the "
            f"training data with '#{part}'."
        )
    return whole, part


def share_examples(first: str, second: str) -> bool:
    """Whether two data paths mean some of the same examples, as a file and its `#dev` do."""
    one, other = split_part(first)[0], split_part(second)[0]
    return os.path.realpath(one) == os.path.realpath(other) and share_parts(first, second)


def share_parts(first: str, second: str) -> bool:
    """The same of two paths to one content."""
    parts = {split_part(first)[1], split_part(second)[1]}
    return None in parts or len(parts) == 1


def take_part(
    items: Sequence[Item], part: Optional[str], share: float, seed: int
) -> Sequence[Item]:
    """
    The items of one part, in their order.

    # Parameters

    items : `Sequence[Item]`
        All examples of a file, always in the same order.
    part : `str`, optional
        `"dev"`, `"train"` for the others, `None` for all.
    share : `float`
        How much is held out, over 0 and under 1; at least one item.
    seed : `int`
        Which ones. The same seed gives the same items.

    # Returns

    `Sequence[Item]`

    Raises `ConfigurationError` when a part would be empty.
    """
    if part is None:
        return items
    held_out = max(1, round(share * len(items)))
    if held_out >= len(items):
        raise ConfigurationError(
            f"holding out {share} of {len(items)} examples leaves none to train on; choose a "
            "smaller share, or give a file for development."
        )
    draw = random.Random(seed)
    order = sorted(range(len(items)), key=[draw.random() for _ in items].__getitem__)
    chosen = set(order[:held_out])
    return [item for place, item in enumerate(items) if (place in chosen) == (part == "dev")]


def check_share(share: float) -> None:
    """Raise a `ConfigurationError` for a `dev_share` that is not between 0 and 1."""
    if not 0.0 < share < 1.0:
        raise ConfigurationError(f"'dev_share' is {share}, but must be over 0 and under 1.")
