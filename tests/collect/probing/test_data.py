"""Who gives centroids, who chooses and who scores: never the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.collect.probing.data import FILES, ProbeData, Roles
from allennlp_heads.collect.probing.options import ARC_KINDS, KINDS, ProbeOptions
from allennlp_heads.data.dataset_readers import ConlluReader
from tests.collect.probing.probes import data_of


def data(**sizes: int) -> ProbeData:
    reader = ConlluReader()
    files = {
        file: [reader.text_to_instance([f"{file}-{i}"], ["X"]) for i in range(size)]
        for file, size in sizes.items()
    }
    return data_of(files, "pos")


def words(instances: Sequence[Any]) -> list[str]:
    return [instance["tokens"].tokens[0].text for instance in instances]


def roles_of(roles: Roles, number: int = 0) -> tuple[list[str], list[str], list[str]]:
    """Words of the sentences that give centroids, choose and score."""
    split = roles.splits[number]
    fit, choice = (
        [word for part in parts for word in words(roles.parts[part])]
        for parts in (split.fit, split.choice)
    )
    return fit, choice, words(roles.parts[split.score])


def of_file(found: Sequence[str]) -> set[str]:
    return {word.split("-")[0] for word in found}


def test_three_files_have_a_role_each() -> None:
    given = data(train=5, validation=3, test=4)
    roles = given.roles("pos", "tagger", ProbeOptions())
    assert roles.division == "held out" and roles.files == list(FILES)
    assert [of_file(found) for found in roles_of(roles)] == [{"train"}, {"validation"}, {"test"}]
    fit, choice, score = roles_of(given.roles("pos", "dependency", ProbeOptions()))
    assert fit == [] and of_file(choice) == {"train", "validation"} and of_file(score) == {"test"}
    assert len(choice) == 8 and given.paths("pos") == {file: f"{file}.data" for file in FILES}


@pytest.mark.parametrize("files", [("train", "test"), ("validation", "test")])
def test_the_first_of_two_files_is_halved(files: tuple[str, str]) -> None:
    given = data(**dict(zip(files, (7, 4))))
    roles = given.roles("pos", "tagger", ProbeOptions())
    fit, choice, score = roles_of(roles)
    assert roles.division == "held out" and roles.files == [files[0], files[0], "test"]
    assert (len(fit), len(choice), len(score)) == (4, 3, 4)
    assert not set(fit) & set(choice) and of_file(fit) == of_file(choice) == {files[0]}
    assert roles_of(given.roles("pos", "tagger", ProbeOptions()))[0] == fit
    halves = {
        tuple(roles_of(given.roles("pos", "tagger", ProbeOptions(seed=s)))[0]) for s in range(9)
    }
    assert len(halves) > 3


@settings(max_examples=30)
@given(st.integers(3, 40), st.integers(3, 8), st.sampled_from(KINDS), st.integers(0, 5))
def test_cross_fitting(size: int, folds: int, kind: str, seed: int) -> None:
    """Everything is scored once, by what never saw it."""
    given, options = data(test=max(size, folds)), ProbeOptions(folds=folds, seed=seed)
    roles = given.roles("pos", kind, options)
    assert roles.division == "cross-fitting" and len(roles.splits) == folds
    scored: list[str] = []
    for number in range(folds):
        fit, choice, score = map(set, roles_of(roles, number))
        assert choice and score and not score & (fit | choice) and not fit & choice
        assert choice == set(roles_of(roles, (number + 1) % folds)[2])
        rest = set(words(given.instances("pos")["test"])) - choice - score
        assert fit == (set() if kind in ARC_KINDS else rest)
        scored += score
    assert len(scored) == len(set(scored)) == max(size, folds)
    assert set(roles.fitted) == (set() if kind in ARC_KINDS else set(range(folds)))


def test_the_seeds_transductive_variant() -> None:
    given = data(train=3, test=4)
    roles = given.roles("pos", "tagger", ProbeOptions(held_out=False))
    fit, choice, score = roles_of(roles)
    assert roles.division == "transductive" and fit == choice == score and len(score) == 4
    arcs = given.roles("pos", "srl", ProbeOptions(held_out=False))
    assert roles_of(arcs) == ([], score, score)


def test_limits_are_of_a_role() -> None:
    given = data(train=9, validation=9, test=2)
    fit, choice, score = roles_of(given.roles("pos", "tagger", ProbeOptions(sentences=4)))
    assert (len(fit), len(choice), len(score)) == (4, 4, 2)
    one = data(test=40).roles("pos", "tagger", ProbeOptions(sentences=10))
    assert sum(map(len, one.parts)) == 10


def test_what_cannot_be_divided() -> None:
    with pytest.raises(ConfigurationError, match="there is no data to probe heads on"):
        ProbeData()
    with pytest.raises(ConfigurationError, match="no data of a task 'dep': the tasks are"):
        data(test=3).roles("dep", "dependency", ProbeOptions())
    with pytest.raises(ConfigurationError, match="4 sentences in its only file, too few for 5"):
        data(test=4).roles("pos", "tagger", ProbeOptions())
    with pytest.raises(ConfigurationError, match="cannot be halved"):
        data(train=1, test=4).roles("pos", "tagger", ProbeOptions())
