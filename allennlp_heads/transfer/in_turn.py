"""A ranking in use: fine-tuning on its first sources, one after the other, then on the target."""

from __future__ import annotations

from collections.abc import Sequence

from allennlp.common.checks import ConfigurationError

from allennlp_heads.transfer.bench import FineTuned, TransferBench


def fine_tune_in_turn(
    bench: TransferBench,
    sources: Sequence[str],
    target: str,
    restart: int,
    regime: str | None = None,
) -> FineTuned:
    """
    # Parameters

    bench : `TransferBench`
        `open_bench(path)` of a grid; with `test=True` the target's test data is scored.
    sources : `Sequence[str]`
        The first is learned first; none is direct fine-tuning. With one source it is a cell of the
        matrix of `allennlp heads transfer`, to the last digit.
    target : `str`
    restart : `int`
    regime : `str`, optional (default = the grid's first one)
        How much data sources and target have.

    # Returns

    `FineTuned`
        On the target.

    Raises `ConfigurationError` for an unknown task and a target that is its own source.
    """
    if target in sources or len(set(sources)) < len(sources):
        raise ConfigurationError(
            f"the sources {', '.join(sources)} of '{target}' must be different tasks, and others"
        )
    of_source, of_target = (regime or bench.grid.regimes[0]).split("_")
    with bench.at_work():
        state = None
        for source in sources:
            bench.fine_tune(source, of_source, restart, state)
            state = bench.encoder_state()
        return bench.fine_tune(target, of_target, restart, state)
