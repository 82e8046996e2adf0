"""Scored sentences that also stand among those that choose heads: copies of files, and chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance

from allennlp_heads.collect.probing.data import Roles
from allennlp_heads.collect.probing.items import words_of

SHARED = (
    "scored sentences that also stand, word for word, among those that choose heads or give "
    "centroids"
)


def count_shared(
    task: str,
    roles: Roles,
    sentences: Sequence[Sequence[Instance]],
    paths: Mapping[str, str],
) -> int:
    """
    How many of a task's scored sentences have the same words as one that chooses for them. Short
    ones, such as *Thanks!*, do so in all data; with transductive probes nothing else is meant, and
    none is counted.

    # Parameters

    task : `str`
    roles : `Roles`
    sentences : `Sequence[Sequence[Instance]]`
        Of each part those that have items.
    paths : `Mapping[str, str]`
        Of each file, for the message.

    # Returns

    `int`

    Raises `ConfigurationError` when all of them do: then the data to score, or a copy of it, is
    among the other data.
    """
    if roles.division == "transductive":
        return 0
    words = [[hash(tuple(words_of(one))) for one in part] for part in sentences]
    shared = total = 0
    for split in roles.splits:
        others = {one for part in (*split.fit, *split.choice) for one in words[part]}
        shared += sum(one in others for one in words[split.score])
        total += len(words[split.score])
    if shared < total or not total:
        return shared
    scored = {roles.files[part] for part in roles.scored}
    names = [paths[file] for file in paths if file in scored]
    choosing = [paths[file] for file in paths if file not in scored] or names
    raise ConfigurationError(
        f"task '{task}': all {total:,} sentences to score ({', '.join(names)}) also stand, word "
        f"for word, among those that choose heads or give centroids ({', '.join(choosing)}): what "
        "chooses heads must not score them. Give other data, or leave files out: a single one, "
        "without repetitions, is divided by cross-fitting"
    )
