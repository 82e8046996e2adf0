"""The methods that rank sources: single components, kinds of embeddings, and baselines."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence

import numpy

from allennlp_heads.analysis.transfer.baselines import Curve, curve_gradient, of_sources
from allennlp_heads.analysis.transfer.fusion import CONSTANT, rrf
from allennlp_heads.analysis.transfer.places import ranks

KINDS = ("text", "task", "heads")
"""Of embeddings, in the order in which they are named together."""

RANDOM, DATA_SIZE, CURVE_GRADIENT = "random", "data_size", "curve_gradient"
BASELINES = (RANDOM, DATA_SIZE, CURVE_GRADIENT)


def kind_of(component: str) -> str:
    """`"text"`, `"heads"` or `"task"`: the kind of embedding that a component belongs to."""
    family = component.split(".")[0]
    return family if family in ("text", "heads") else "task"


def ranking_methods(
    similarities: Mapping[str, numpy.ndarray],
    sizes: Mapping[str, float] | None,
    curves: Mapping[str, Curve] | None,
    tasks: Sequence[str],
    allowed: numpy.ndarray | None = None,
    constant: float = CONSTANT,
) -> dict[str, numpy.ndarray]:
    """
    Scores of every method for every pair of tasks.

    - Each component by itself (`"layer_output.3"`), by its similarity.
    - Families of at least two components (`"layer_output"`: its layers), and the kinds of
      embeddings (`"text"`, `"task"`, `"heads"`), which fuse the rankings of all their components.
    - Several kinds (`"text+task"`, ..., `"text+task+heads"`): the fused rankings of the kinds fused
      again, so that a kind counts once, however many components it has.
    - `"random"`: all sources equal. Since measures take equal scores in every order, its measures
      are the exact expectation of a random ranking.
    - `"data_size"` and `"curve_gradient"` (see `curve_gradient`): of the source alone.

    # Parameters

    similarities : `Mapping[str, numpy.ndarray]`
        Component -> `[tasks, tasks]`, as `similarities` gives them.
    sizes : `Mapping[str, float]`, optional
        The training examples *available* for each task, also where fewer were used: those used are
        all equal in a limited regime. `None` leaves the baseline out.
    curves : `Mapping[str, Curve]`, optional
        The learning curve of each task's direct fine-tuning. `None` leaves the baseline out.
    tasks : `Sequence[str]`
        In the order of the similarities.
    allowed : `numpy.ndarray`, optional
        `[sources, targets]`, `bool`: only these are ranked, and fusion takes ranks among them. By
        default all pairs of different tasks. Give `evaluate` the same.
    constant : `float`, optional (default = `60`)
        Of the fusion.

    # Returns

    `Dict[str, numpy.ndarray]`
        `[sources, targets]`, higher is better; `nan` where a pair is not allowed or the method
        cannot say.

    Raises `ValueError` for tasks of the same name and similarities of other shapes.
    """
    shape = (len(tasks), len(tasks))
    if len(set(tasks)) < len(tasks):
        raise ValueError(f"tasks need names of their own: {list(tasks)}")
    for name, table in similarities.items():
        if numpy.shape(table) != shape:
            raise ValueError(
                f"the similarities of '{name}' are {list(numpy.shape(table))}, not "
                f"[{len(tasks)}, {len(tasks)}] as the tasks"
            )
    mask = ~numpy.eye(len(tasks), dtype=bool) if allowed is None else allowed
    methods = {name: numpy.asarray(table, float) for name, table in similarities.items()}
    methods = {name: numpy.where(mask, table, numpy.nan) for name, table in methods.items()}
    methods.update(_fused(methods, constant))
    methods.update(_baselines(sizes, curves, tasks))
    return {name: numpy.where(mask, table, numpy.nan) for name, table in methods.items()}


def _fused(components: Mapping[str, numpy.ndarray], constant: float) -> dict[str, numpy.ndarray]:
    ranked = {name: ranks(table) for name, table in components.items()}
    fused = {}
    for family, names in _groups(components, lambda name: name.split(".")[0]).items():
        if len(names) > 1:
            fused[family] = rrf([ranked[name] for name in names], constant)
    kinds = _groups(components, kind_of)
    kinds = {kind: kinds[kind] for kind in KINDS if kind in kinds}
    for kind, names in kinds.items():
        fused[kind] = rrf([ranked[name] for name in names], constant)
    for number in range(2, len(kinds) + 1):
        for some in itertools.combinations(kinds, number):
            fused["+".join(some)] = rrf([ranks(fused[kind]) for kind in some], constant)
    return fused


def _groups(names: Mapping[str, object], of: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(of(name), []).append(name)
    return groups


def _baselines(
    sizes: Mapping[str, float] | None, curves: Mapping[str, Curve] | None, tasks: Sequence[str]
) -> dict[str, numpy.ndarray]:
    found = {RANDOM: numpy.zeros((len(tasks), len(tasks)))}
    if sizes is not None:
        found[DATA_SIZE] = of_sources(sizes, tasks)
    if curves is not None:
        slopes = {task: curve_gradient(curve) for task, curve in curves.items()}
        found[CURVE_GRADIENT] = of_sources(slopes, tasks)
    return found
