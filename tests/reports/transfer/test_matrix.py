"""The measured transfer as arrays and as files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.transfer.matrix import TransferMatrix, read_matrix, write_matrix

NAN = numpy.nan


def matrix() -> TransferMatrix:
    """Two restarts of three tasks; b directly is 0, and c -> a was done once, a -> c never."""
    scores = numpy.full((3, 3, 2), NAN)
    scores[0, 1] = [0.2, 0.4]
    scores[1, 0] = [0.6, 0.8]
    scores[1, 2] = [0.5, 0.5]
    scores[2, 0] = [NAN, 0.25]
    scores[2, 1] = [0.1, 0.1]
    names = ["a", "b", "c"]
    return TransferMatrix(
        "limited_limited",
        names,
        dict.fromkeys(names, "labelling"),
        dict.fromkeys(names, "accuracy"),
        dict.fromkeys(names, 6),
        {"a": 10, "b": 20, "c": 30},
        numpy.array([[0.5, 0.5], [0.0, 0.0], [0.4, NAN]]),
        scores,
        {"a": [(1, 0.25), (2, 0.5)]},
    )


def test_gains_by_hand() -> None:
    found = matrix()
    assert numpy.allclose(found.baseline, [50, 0, 40])
    # all sources of a have the second restart only, c directly has the first only
    assert found.compared.tolist() == [[False, True], [True, True], [True, False]]
    performance = [[NAN, 30, NAN], [80, NAN, 50], [25, 10, NAN]]
    assert numpy.allclose(found.performance, performance, equal_nan=True)
    gains = [[NAN, NAN, NAN], [0.6, NAN, 0.25], [-0.5, NAN, NAN]]
    assert numpy.allclose(found.gains, gains, equal_nan=True)


def test_a_restart_that_is_half_done_changes_nothing() -> None:
    draw = numpy.random.default_rng(0)
    scores, direct = draw.random((4, 4, 3)), draw.random((4, 3))
    scores[numpy.arange(4), numpy.arange(4)] = NAN
    # the last restart is easy, and done for the first source only
    scores[:, :, 2] = direct[:, 2] = NAN
    before = replace(matrix(), tasks=list("abcd"), direct=direct, scores=scores)
    scores = scores.copy()
    scores[0, 1:, 2] = 1.0
    after = replace(before, scores=scores)
    assert len(after.missing) < len(before.missing)
    for name in ("performance", "baseline", "gains"):
        numpy.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    scores[1:, 0, 2] = direct[0, 2] = 1.0
    whole = replace(before, scores=scores, direct=direct)
    assert whole.performance[1, 0] == pytest.approx(100 * scores[1, 0].mean())
    assert whole.baseline[0] == pytest.approx(100 * direct[0].mean())


def test_no_restart_that_all_sources_have() -> None:
    scores = numpy.full((3, 3, 2), NAN)
    scores[1, 0], scores[2, 0, 1] = [0.5, NAN], 0.7
    found = replace(matrix(), scores=scores, direct=numpy.array([[NAN, 0.6]] * 3))
    assert found.compared.tolist() == [[False, True]] * 3
    assert numpy.isnan(found.performance[1, 0]) and found.performance[2, 0] == pytest.approx(70)
    without = replace(found, direct=numpy.full((3, 2), NAN))
    assert without.performance[1, 0] == 50 and numpy.isnan(without.performance[2, 0])
    nothing = replace(without, scores=numpy.full((3, 3, 2), NAN))
    assert numpy.isnan(nothing.performance).all() and numpy.isnan(nothing.baseline).all()


def test_what_is_missing() -> None:
    assert matrix().missing == [(None, "c", 1), ("a", "c", 0), ("a", "c", 1), ("c", "a", 0)]


def test_written_and_read(tmp_path: Path) -> None:
    paths = write_matrix(tmp_path, matrix(), about={"encoder": {"layers": 3}}, seed=5)
    assert [path.name for path in paths] == ["transfer.json", "transfer.csv"]
    for path in (tmp_path, paths[0]):
        found = read_matrix(path)
        for name, value in vars(matrix()).items():
            numpy.testing.assert_equal(getattr(found, name), value)
    assert read_matrix(tmp_path).missing == matrix().missing
    lines = paths[1].read_text().splitlines()
    assert lines[0].startswith("source,target,restart,score") and len(lines) == 1 + 5 + 9
    assert lines[1].startswith("none,a,0,0.5") and lines[-1].startswith("c,b,1,0.1")
    assert json.loads(paths[0].read_text())["seed"] == 5
    before = [path.read_bytes() for path in paths]
    write_matrix(tmp_path, matrix(), about={"encoder": {"layers": 3}}, seed=5)
    assert [path.read_bytes() for path in paths] == before


CELL = {"source": "a", "target": "b", "restart": 0, "score": 0.5}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cells": [CELL | {"source": "d"}]}, r"cells\[0\]: 'source' is 'd'"),
        ({"cells": [CELL | {"target": None}]}, r"cells\[0\]: 'target' is None"),
        ({"cells": [CELL, CELL | {"target": "a"}]}, r"cells\[1\]: 'a' is its own source"),
        ({"cells": [CELL, CELL]}, r"cells\[1\]: a -> b, restart 0, occurs twice"),
        ({"cells": [CELL | {"score": None}]}, r"cells\[0\]: 'score' is None"),
        ({"cells": [CELL | {"restart": 2}]}, "'restart' is 2, but 'restarts' is 2"),
        ({"cells": [{"source": "a"}]}, "KeyError: 'target'"),
        ({"tasks": ["a", "a", "b"]}, "has a name twice"),
        ({"schema": {"name": "gates", "version": 1}}, "'transfer' version 1 is wanted"),
        ({"curves": None}, "not a whole matrix"),
    ],
)
def test_bad_files(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = write_matrix(tmp_path, matrix())[0]
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ConfigurationError, match=message) as error:
        read_matrix(path)
    assert str(path) in str(error.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot read the report .*transfer\.json"):
        read_matrix(tmp_path)
