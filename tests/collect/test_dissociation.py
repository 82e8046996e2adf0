"""Choosing masks, and the measurements of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.collect.dissociation import measure_dissociation
from allennlp_heads.collect.dissociation_masks import MaskOptions
from allennlp_heads.collect.dissociation_runs import check_apart
from allennlp_heads.collect.masked_scores import masked_counts
from allennlp_heads.data.data_loaders import MultiTaskBucketed
from allennlp_heads.models import MultiTaskHeads
from allennlp_heads.reports.dissociation_results import Options, results
from tests.collect.models import EXAMPLES, data_of, tiny

TASKS = ["dep", "pos"]
OPEN = numpy.array([[1, 1, 1, 1], [1, 1, 1, 0], [1, 0, 1, 1]], dtype=bool)

Pieces = tuple[MultiTaskHeads, MultiTaskBucketed]


@pytest.fixture(scope="module")
def pieces(tiny_bert: str, fixtures_root: Path) -> Pieces:
    """Two of twelve heads are closed by the model's own gates."""
    gates = {"type": "fixed", "mask": OPEN.astype(int).tolist()}
    return tiny(tiny_bert, fixtures_root, tasks=TASKS, gates=gates)


def _importance(seed: int = 0) -> dict[str, Any]:
    generator = numpy.random.default_rng(seed)
    return {task: generator.random((3, 4)) for task in TASKS}


@pytest.mark.parametrize("balanced", [False, True, "as_mask"])
def test_masks_and_counts(pieces: Pieces, balanced: bool | str) -> None:
    model, data = pieces[0], data_of(pieces[1])
    importance = _importance()
    options = MaskOptions([0.5, 0.2], draws=3, balanced=balanced, seed=4)
    found = measure_dissociation(model, data, importance, options, {"name": "run"})
    assert found.alphas == [0.2, 0.5] and found.tasks == TASKS
    assert (found.exists == OPEN).all()
    assert found.own_masks.shape == (1, 2, 2, 3, 4)
    assert found.random_masks.shape == (1, 2, 2, 3, 3, 4)
    for masks in (found.own_masks, found.random_masks):
        assert not masks[..., ~OPEN].any()
        assert (masks[:, 0].sum(axis=(-1, -2)) == 2).all()
        assert (masks[:, 1].sum(axis=(-1, -2)) == 5).all()
        assert (masks[:, 1] | ~masks[:, 0]).all()
    for place, task in enumerate(TASKS):
        scores = numpy.where(OPEN, importance[task], -1)
        assert (found.own_masks[0, 1, place] == (scores >= numpy.sort(scores.ravel())[-5])).all()
    layers = found.random_masks.sum(axis=-1)
    if balanced is True:
        assert (layers.max(axis=-1) - layers.min(axis=-1) <= 1).all()
    if balanced == "as_mask":
        assert (layers == found.own_masks.sum(axis=-1)[:, :, :, None]).all()
    else:
        assert (found.random_masks[:, :, 0] == found.random_masks[:, :, 1]).all()
    for place, task in enumerate(TASKS):
        assert found.base[task].shape == (1, EXAMPLES, 3)
        asked = {f"own{p}": found.own_masks[0, 1, p] for p in range(2)}
        asked |= {f"random{d}": found.random_masks[0, 1, place, d] for d in range(3)}
        wanted = masked_counts(model, data, asked, [task])
        for p in range(2):
            assert (found.own[task][0, 1, p] == wanted[f"own{p}"][task]).all()
        for d in range(3):
            assert (found.random[task][0, 1, d] == wanted[f"random{d}"][task]).all()


def test_runs_have_random_masks_of_their_own(pieces: Pieces) -> None:
    model, data = pieces[0], data_of(pieces[1])
    one, other, again = (
        measure_dissociation(model, data, _importance(), MaskOptions(), place=place).random_masks
        for place in (0, 1, 0)
    )
    assert (one != other).any() and (one == again).all()


def test_tasks_of_equal_importance_do_not_dissociate(pieces: Pieces) -> None:
    scores = _importance()["pos"]
    data = measure_dissociation(
        pieces[0], data_of(pieces[1]), dict.fromkeys(TASKS, scores), MaskOptions([0.4])
    )
    (found,) = results(data, Options(rounds=20))
    assert not numpy.nan_to_num(list(found.mean.d.values())).any()
    assert found.mean.d["pos"] == 0


@pytest.mark.parametrize(
    "change, options, message",
    [
        ({"pos": numpy.zeros((3, 4))}, {}, "'pos' is 0 for every head"),
        ({"pos": numpy.where(OPEN, 0.0, 1.0)}, {}, "'pos' is 0 for every head"),
        ({"pos": numpy.full((3, 4), numpy.nan)}, {}, "'pos' has values that are no numbers"),
        ({"pos": numpy.ones((6, 12))}, {}, r"'pos' is of \[6, 12\] .* another encoder"),
        ({"pos": None}, {}, r"no importance for the task 'pos', only for \['dep'\]"),
        ({}, {"alphas": [0.09]}, "'alpha' is 0.09, which selects none of 10 heads"),
    ],
)
def test_bad_importance(
    pieces: Pieces, change: dict[str, Any], options: dict[str, Any], message: str
) -> None:
    importance = {k: v for k, v in {**_importance(), **change}.items() if v is not None}
    with pytest.raises(ConfigurationError, match=message):
        measure_dissociation(pieces[0], data_of(pieces[1]), importance, MaskOptions(**options))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"alphas": []}, "'alpha' is"),
        ({"alphas": [0.3, 1.0]}, "'alpha' is"),
        ({"alphas": [0.0]}, "'alpha' is"),
        ({"draws": 0}, "'draws' is 0"),
        ({"seed": -1}, "'seed' is -1"),
        ({"balanced": "layers"}, "'balanced' is 'layers'"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        MaskOptions(**options)


def test_one_task_cannot_dissociate(tiny_bert: str, fixtures_root: Path) -> None:
    model, loader = tiny(tiny_bert, fixtures_root, tasks=["pos"])
    with pytest.raises(ConfigurationError, match=r"only \['pos'\]: give two or more"):
        measure_dissociation(model, data_of(loader), _importance(), MaskOptions())


def test_what_selects_does_not_score(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "data")
    one, other = {"pos": str(tmp_path / "data")}, {"dep": str(tmp_path / "link")}
    with pytest.raises(ConfigurationError, match=r"choose the heads \(of 'pos'\) and score 'dep'"):
        check_apart(one, other)
    check_apart(one, other, same_data=True)
    check_apart(one, {"pos": str(tmp_path / "dev")})
    held_out = {"dep": f"{tmp_path}/link#dev"}
    with pytest.raises(ConfigurationError, match="must not see"):
        check_apart(one, held_out)
    check_apart({"pos": f"{tmp_path}/data#train"}, held_out)
    with pytest.raises(ConfigurationError, match="must not see"):
        check_apart({"pos": f"{tmp_path}/data#dev"}, held_out)
