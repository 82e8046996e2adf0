"""In which order runs are done, what is repeated and what is given up."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.grid.executor import DONE, FAILED, MISTAKEN, PlannedRun, RunEnd
from allennlp_heads.grid.scheduling import Schedule
from allennlp_heads.grid.state import RunState, State
from tests.grid.fake import FakeExecutor, begin, finish, planned

Graph = dict[str, tuple[str, ...]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Up to eight runs, each after some of those before it, in a drawn order."""
    names = [f"run{number}" for number in range(draw(st.integers(1, 8)))]
    graph = {
        name: tuple(draw(st.lists(st.sampled_from(names[:place]), unique=True)) if place else ())
        for place, name in enumerate(names)
    }
    return {name: graph[name] for name in draw(st.permutations(names))}


def worked(
    out: Path, graph: Graph, executor: FakeExecutor, retries: int = 0
) -> dict[str, RunState]:
    states = [RunState(planned(out, name, after)) for name, after in graph.items()]
    Schedule(states, executor, retries).work()
    assert executor.closed and not executor.going
    return {one.run.name: one for one in states}


def above(graph: Graph, name: str) -> set[str]:
    """All that a run comes after, found without the schedule."""
    return set(graph[name]).union(*(above(graph, other) for other in graph[name]))


@settings(deadline=None, max_examples=60)
@given(graphs(), st.integers(1, 3), st.integers(0, 1000), st.data())
def test_every_run_comes_after_what_it_needs(
    graph: Graph, at_once: int, seed: int, data: st.DataObject
) -> None:
    broken = data.draw(st.sets(st.sampled_from(sorted(graph)), max_size=2))
    executor = FakeExecutor(
        lambda run, attempt: MISTAKEN if run.name in broken else DONE, at_once, seed
    )
    with tempfile.TemporaryDirectory() as out:
        states = worked(Path(out), graph, executor)
    assert executor.most <= at_once
    for name, one in states.items():
        blocked = bool(above(graph, name) & broken)
        wanted = State.BLOCKED if blocked else State.FAILED if name in broken else State.COMPLETE
        assert one.state is wanted
        assert executor.started.count(name) == int(not blocked)
        if not blocked:
            first = executor.started.index(name)
            assert all(executor.ended.index(other) < first for other in graph[name])


def test_an_order_is_kept_even_when_everything_would_fit(tmp_path: Path) -> None:
    executor = FakeExecutor(at_once=9)
    worked(tmp_path, {"target": ("source",), "source": ()}, executor)
    assert executor.started == ["source", "target"]


@pytest.mark.parametrize("status", [FAILED, -9])
def test_a_run_that_was_killed_is_tried_again(tmp_path: Path, status: int) -> None:
    executor = FakeExecutor(lambda run, attempt: status if attempt < 3 else DONE)
    states = worked(tmp_path, {"one": (), "two": ("one",)}, executor, retries=2)
    assert executor.started == ["one"] * 3 + ["two"] * 3
    assert {one.state for one in states.values()} == {State.COMPLETE}
    assert states["one"].attempts == 3 and not states["one"].reason


def test_it_is_given_up_and_the_others_go_on(tmp_path: Path) -> None:
    executor = FakeExecutor(lambda run, attempt: -9 if run.name == "bad" else DONE)
    graph: Graph = {"bad": (), "good": (), "after": ("bad",), "later": ("after",)}
    states = worked(tmp_path, graph, executor, retries=1)
    assert executor.started.count("bad") == 2
    assert states["good"].state is State.COMPLETE
    assert states["bad"].reason == "was killed by signal 9, after 2 attempts"
    assert [states[name].state for name in ("after", "later")] == [State.BLOCKED] * 2
    assert states["later"].reason == "comes after after"


def test_a_mistake_is_not_made_again(tmp_path: Path) -> None:
    executor = FakeExecutor(lambda run, attempt: MISTAKEN)
    states = worked(tmp_path, {"one": ()}, executor, retries=5)
    assert executor.started == ["one"] and states["one"].state is State.FAILED


def test_what_cannot_be_recovered_is_begun_anew(tmp_path: Path) -> None:
    begin(planned(tmp_path, "one"))
    executor = FakeExecutor(lambda run, attempt: MISTAKEN if attempt == 1 else DONE)
    states = worked(tmp_path, {"one": ()}, executor, retries=2)
    assert executor.started == ["one"] * 2 and executor.anew == ["one"]
    assert states["one"].state is State.COMPLETE


def test_what_gains_something_is_recovered_again(tmp_path: Path) -> None:
    begin(planned(tmp_path, "one"))

    def gains(run: PlannedRun, attempt: int) -> int:
        begin(run, attempt + 1)
        return FAILED if attempt < 3 else DONE

    executor = FakeExecutor(gains)
    worked(tmp_path, {"one": ()}, executor, retries=2)
    assert executor.started == ["one"] * 3 and not executor.anew


def test_complete_runs_are_left_alone(tmp_path: Path) -> None:
    finish(planned(tmp_path, "source"))
    executor = FakeExecutor()
    states = worked(tmp_path, {"source": (), "target": ("source",)}, executor)
    assert executor.started == ["target"] and states["source"].attempts == 0


def test_an_archive_that_is_cut_off_is_not_complete(tmp_path: Path) -> None:
    run = planned(tmp_path, "one")
    finish(run)
    archive = tmp_path / "one" / "model.tar.gz"
    archive.write_bytes(archive.read_bytes()[:-8])
    executor = FakeExecutor()
    worked(tmp_path, {"one": ()}, executor)
    assert executor.started == ["one"]


def test_another_configuration_is_an_error_before_anything_begins(tmp_path: Path) -> None:
    begin(planned(tmp_path, "two", trainer={"num_epochs": 3}))
    executor = FakeExecutor()
    with pytest.raises(ConfigurationError, match=r"two: 'trainer\.num_epochs' is not what it was"):
        worked(tmp_path, {"one": (), "two": ()}, executor)
    assert not executor.started and executor.closed


class Interrupted(FakeExecutor):
    """Ctrl-C comes while runs are going."""

    def poll(self, timeout: float) -> list[RunEnd]:
        if self.ended:
            raise KeyboardInterrupt
        return super().poll(timeout)


def test_an_interruption_leaves_nothing_running(tmp_path: Path) -> None:
    executor = Interrupted()
    states = [RunState(planned(tmp_path, name)) for name in ("one", "two", "three")]
    seen: list[State] = []
    schedule = Schedule(states, executor, 2, lambda one: seen.append(one.state))
    with pytest.raises(KeyboardInterrupt):
        schedule.work()
    assert executor.closed
    assert sorted(one.state.value for one in states) == ["complete", "waiting", "waiting"]
    assert seen[-1] is State.WAITING
