"""Rankings put to use: the first sources against none and against random ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from allennlp.common import Tqdm
from allennlp.common.checks import ConfigurationError

from allennlp_heads.data.data_loaders.randomness import seeded
from allennlp_heads.reports.transfer.applied import DIRECT, RANDOM, RANKED, Applied
from allennlp_heads.transfer.applied_parts import AppliedPart, AppliedParts
from allennlp_heads.transfer.bench import TransferBench
from allennlp_heads.transfer.in_turn import fine_tune_in_turn


def apply_rankings(
    bench: TransferBench,
    orders: Mapping[str, Sequence[str]],
    number: int,
    seed: int = 0,
    regime: str | None = None,
    parts: AppliedParts | None = None,
) -> list[Applied]:
    """
    Fine-tune on the first sources of a ranking in turn, the best one last, so that least of it is
    forgotten, and then on the target. Beside it: on the target alone, and on equally many random
    sources first, others in each restart. All three have the same examples and noise of the target.

    # Parameters

    bench : `TransferBench`
        With `test=True`, so that a target's test data is scored where the grid names some.
    orders : `Mapping[str, Sequence[str]]`
        Target -> the sources to choose from, best first.
    number : `int`
        How many are learned from.
    seed : `int`, optional (default = `0`)
        Of the random sources.
    regime : `str`, optional (default = the grid's first one)
    parts : `AppliedParts`, optional (default = `None`)
        Where each restart of a target is kept when it is done, and looked for first.

    # Returns

    `List[Applied]`
        One for each target, with the grid's restarts.

    Raises `ConfigurationError` for what `check_orders` refuses, and when training does not work;
    the parts that are done stay.
    """
    check_orders(bench, orders, number)
    restarts = range(bench.grid.restarts)
    found = []
    with Tqdm.tqdm(total=len(orders) * len(restarts), desc="restarts") as progress:
        for target, sources in orders.items():
            ranked, done = list(reversed(sources[:number])), []
            for restart in restarts:
                drawn = random_sources(sources, number, seed, target, restart)
                part = None if parts is None else parts.read(target, restart, ranked, drawn)
                if part is None:
                    part = _part(bench, ranked, drawn, target, restart, regime)
                    if parts is not None:
                        parts.write(target, restart, part)
                done.append(part)
                progress.update()
            found.append(_together(bench, target, ranked, done))
    return found


def random_sources(
    sources: Sequence[str], number: int, seed: int, target: str, restart: int
) -> list[str]:
    """Those of a restart, whatever the order of `sources` and whatever other targets there are."""
    return seeded("applied", seed, target, restart).sample(sorted(sources), number)


def check_orders(bench: TransferBench, orders: Mapping[str, Sequence[str]], number: int) -> None:
    """
    Raise `ConfigurationError` where the grid lacks a task, a task cannot be read or has no recipe,
    or a target has fewer sources than are wanted: to be called before anything long.
    """
    tasks = dict.fromkeys(task for target, found in orders.items() for task in (target, *found))
    for task in tasks:
        bench.grid.task(task)
    for target, sources in orders.items():
        if not 1 <= number <= len(sources):
            raise ConfigurationError(
                f"--apply {number}: '{target}' has {len(sources)} sources to choose from; give a "
                "number from 1 to that"
            )
    with bench.at_work():
        for task in tasks:
            bench.model(task)
            bench.recipe(task)


def _part(
    bench: TransferBench,
    ranked: list[str],
    drawn: list[str],
    target: str,
    restart: int,
    regime: str | None,
) -> AppliedPart:
    ways = {RANKED: ranked, DIRECT: [], RANDOM: drawn}
    scores = {
        name: fine_tune_in_turn(bench, before, target, restart, regime).score
        for name, before in ways.items()
    }
    return AppliedPart(ranked, drawn, scores)


def _together(
    bench: TransferBench, target: str, ranked: list[str], parts: Sequence[AppliedPart]
) -> Applied:
    scored = "test" if bench.grid.task(target).test_data_path is not None else "validation"
    scores = {name: [part.scores[name] for part in parts] for name in (RANKED, DIRECT, RANDOM)}
    random = [part.random for part in parts]
    return Applied(target, bench.metric(target), scored, ranked, random, scores)
