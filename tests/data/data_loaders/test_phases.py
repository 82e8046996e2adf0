"""What the sampler `phases` deals, against the recipe read step by step."""

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.data_loaders import EpochSampler, Phases, TrainingPhase
from allennlp_heads.data.data_loaders.order import BatchOrder
from tests.data.data_loaders.tasks import keys, loader, write_data

PARTS = st.sampled_from([(0, 1), (0, 0.5), (0.5, 1), (0.2, 0.7)])
COUNTS = st.fixed_dictionaries({"a": st.integers(4, 25), "b": st.integers(4, 25)})
PHASES = st.lists(
    st.builds(
        lambda task, steps, part: {"task": task, "steps": steps, "part": list(part)},
        st.sampled_from("ab"),
        st.integers(1, 40),
        PARTS,
    ),
    min_size=1,
    max_size=5,
)
SEEDS = st.integers(0, 9)

Phase = dict[str, Any]
Step = tuple[str, int]


def sampler(phases: list[Phase], epochs: int = 1, rounds: int = 1) -> Phases:
    return Phases([TrainingPhase(**phase) for phase in phases], epochs, rounds)


def stream(made: Phases, counts: dict[str, int], seed: int) -> list[Step]:
    """Every step of a training, in epochs of the default length."""
    order = BatchOrder(made, counts, made.default_length(counts), seed)
    return [step for epoch in range(made.epochs) for step in order.of_epoch(epoch)]


@given(COUNTS, PHASES, st.integers(1, 7), st.integers(1, 3), SEEDS)
def test_each_phase_has_its_steps_and_its_part(
    counts: dict[str, int], phases: list[Phase], epochs: int, rounds: int, seed: int
) -> None:
    steps = stream(sampler(phases, epochs, rounds), counts, seed)
    total = rounds * sum(phase["steps"] for phase in phases)
    assert total <= len(steps) < total + epochs
    at = 0
    for phase in phases * rounds:
        dealt = steps[at : at + phase["steps"]]
        part = set(TrainingPhase(**phase).batches(counts[phase["task"]], seed))
        assert all(task == phase["task"] and index in part for task, index in dealt)
        at += phase["steps"]
    # the last phase goes on
    assert {task for task, _ in steps[total:]} <= {phases[-1]["task"]}


@given(COUNTS, PHASES, st.integers(1, 7), st.integers(1, 3), SEEDS)
def test_no_batch_of_a_part_comes_again_before_all_others(
    counts: dict[str, int], phases: list[Phase], epochs: int, rounds: int, seed: int
) -> None:
    made = sampler(phases, epochs, rounds)
    steps = stream(made, counts, seed)
    length = made.default_length(counts)
    drawn = [pool for e in range(epochs) for pool in made.tasks(counts, length, e, seed)]
    for name, (task, part) in made.pools(counts, seed).items():
        visits: Counter[int] = Counter()
        for pool, (of_task, index) in zip(drawn, steps, strict=True):
            if pool == name:
                assert of_task == task
                visits[index] += 1
                times = [visits[batch] for batch in part]
                assert max(times) - min(times) <= 1


@given(COUNTS, PHASES, st.integers(1, 7), SEEDS, st.integers(0, 6))
def test_an_epoch_depends_on_the_arguments_only(
    counts: dict[str, int], phases: list[Phase], epochs: int, seed: int, epoch: int
) -> None:
    made = sampler(phases, epochs)
    length = made.default_length(counts)
    steps = stream(made, counts, seed)
    turned = dict(reversed(counts.items()))
    resumed = BatchOrder(sampler(phases, epochs), turned, length, seed)
    now = epoch % epochs
    assert resumed.of_epoch(now) == steps[now * length : (now + 1) * length]


@given(st.integers(2, 60), st.lists(st.integers(1, 99), max_size=4), SEEDS)
def test_parts_are_disjoint_and_cover_the_task(count: int, cuts: list[int], seed: int) -> None:
    bounds = [0.0, *sorted({cut / 100 for cut in cuts}), 1.0]
    parts = [TrainingPhase("a", steps=1, part=list(part)) for part in pairwise(bounds)]
    found = [index for part in parts for index in part.batches(count, seed)]
    assert sorted(found) == list(range(count))
    for part in parts:
        assert len(part.batches(count, seed)) == part.size(count)
        assert abs(part.size(count) - (part.part[1] - part.part[0]) * count) <= 1


@given(st.integers(2, 60), st.integers(0, 20), st.integers(1, 20), st.integers(1, 5))
def test_a_share_as_wide_as_the_part_is_one_pass(
    count: int, first: int, width: int, passes: int
) -> None:
    part = [first / 40, (first + width) / 40]
    share = TrainingPhase("a", share=passes * width / 40, part=part)
    assert share.length(count) == passes * share.size(count)
    # a pass more is a pass more, whatever else there is
    more = TrainingPhase("a", share=width / 40 + 0.01, part=part)
    less = TrainingPhase("a", share=0.01, part=part)
    assert more.length(count) == less.length(count) + share.size(count)
    assert abs(TrainingPhase("a", share=width / 7).length(count) - width / 7 * count) <= 0.5


def test_parts_are_drawn_by_the_seed_and_not_by_length() -> None:
    half = TrainingPhase("a", steps=1, part=[0, 0.5])
    drawn = [tuple(half.batches(40, seed)) for seed in range(3)]
    assert len(set(drawn)) == 3
    assert all(5 < sum(index < 20 for index in part) < 15 for part in drawn)


@pytest.mark.parametrize("last", ["squad", "sst2"])
@pytest.mark.parametrize("rounds", [1, 2])
def test_the_recipe_in_both_final_orders(last: str, rounds: int) -> None:
    """Half of one task, the other one, the other half: every batch once a round."""
    other = "sst2" if last == "squad" else "squad"
    counts = {"squad": 11, "sst2": 8}
    made = sampler(
        [
            {"task": last, "share": 0.5, "part": [0, 0.5]},
            {"task": other, "share": 1.0},
            {"task": last, "share": 0.5, "part": [0.5, 1]},
        ],
        epochs=1,
        rounds=rounds,
    )
    steps = stream(made, counts, seed=3)
    assert len(steps) == rounds * 19
    for start in range(0, len(steps), 19):
        assert set(steps[start : start + 19]) == {(t, i) for t in counts for i in range(counts[t])}
    changes = [one for one, two in pairwise([task for task, _ in steps]) if one != two]
    assert changes == [last, other] * rounds
    assert steps[-1][0] == last


def test_epochs_of_a_configured_length() -> None:
    counts = {"a": 4, "b": 4}
    phases = [{"task": "a", "steps": 5}, {"task": "b", "steps": 4}]
    made = sampler(phases, epochs=2)
    order = BatchOrder(made, counts, 6, seed=0)
    tasks = [task for epoch in range(3) for task, _ in order.of_epoch(epoch)]
    assert tasks == ["a"] * 5 + ["b"] * 13
    with pytest.raises(ConfigurationError, match="9 steps, but 2 epochs of 4 have only 8"):
        BatchOrder(made, counts, 4, seed=0).of_epoch(0)


def test_in_the_loader(tmp_path: Path) -> None:
    """The default length, and halves of real batches."""
    phases = [
        {"task": "pos", "share": 0.5, "part": [0, 0.5]},
        {"task": "dep", "share": 1.0},
        {"task": "pos", "share": 0.5, "part": [0.5, 1]},
    ]
    made = loader(write_data(tmp_path), sampler=sampler(phases, epochs=2))
    assert made.batch_counts() == {"dep": 3, "pos": 5}
    assert len(made) == 4
    found = [key for _ in range(2) for key in keys(made)]
    assert [task for task, _ in found] == ["pos"] * 3 + ["dep"] * 3 + ["pos"] * 2
    assert len(set(found)) == 8
    resumed = loader(tmp_path_paths(tmp_path), sampler=sampler(phases, epochs=2))
    resumed.epoch = 1
    assert keys(resumed) == found[4:]


def tmp_path_paths(folder: Path) -> dict[str, str]:
    return {task: str(folder / f"{task}.conllu") for task in ("pos", "dep")}


def test_resets_need_the_callback(tmp_path: Path) -> None:
    phases = [{"task": "pos", "steps": 1}, {"task": "dep", "steps": 1, "head": "reset"}]
    made = loader(write_data(tmp_path), sampler=sampler(phases))
    with pytest.raises(ConfigurationError, match=r"phases\.1 resets .* add 'phases' to trainer"):
        iter(made)
    assert made.epoch == 0
    made.sampler.has_callback = True  # type: ignore[attr-defined]
    assert len(list(made)) == 2


@pytest.mark.parametrize(
    "phase, message",
    [
        ({}, "1 has neither of 'share' and 'steps'"),
        ({"share": 1.0, "steps": 3}, "1 has both of 'share' and 'steps'"),
        ({"steps": 0}, "1.steps is 0"),
        ({"share": 0.0}, "1.share is 0.0"),
        ({"share": float("inf")}, "1.share is inf"),
        ({"share": float("nan")}, "1.share is nan"),
        ({"share": 1e300}, r"1.share is 1e\+300: give a number above 0, at most 1000"),
        ({"steps": 1, "part": [0.5, 0.5]}, r"1.part is \[0.5, 0.5\]"),
        ({"steps": 1, "part": [0, 1.5]}, r"1.part is \[0.0, 1.5\]"),
        ({"steps": 1, "part": [-0.5, 1]}, r"1.part is \[-0.5, 1.0\]"),
        ({"steps": 1, "part": [0.5]}, r"1.part is \[0.5\]"),
        ({"steps": 1, "head": "drop"}, "1.head is 'drop': give 'keep' or 'reset'"),
        ({"steps": 1, "optimizer": "none"}, "1.optimizer is 'none'"),
    ],
)
def test_bad_phases(phase: Phase, message: str) -> None:
    phases = [{"task": "a", "steps": 1}, {"task": "a", **phase}]
    with pytest.raises(ConfigurationError, match=rf"data_loader\.sampler\.phases\.{message}"):
        EpochSampler.from_params(Params({"type": "phases", "phases": phases, "epochs": 1}))


@pytest.mark.parametrize(
    "phase", [{"part": "half"}, {"share": "half"}, {"steps": [3]}, {"part": [0, "half"]}]
)
def test_phases_of_wrong_types(phase: Phase) -> None:
    phases = [{"task": "a", "steps": 1}, {"task": "b", **phase}]
    message = r"phases: in the phase .*'b'.* Expected .* 'part' a list of two numbers"
    with pytest.raises(ConfigurationError, match=message):
        EpochSampler.from_params(Params({"type": "phases", "phases": phases, "epochs": 1}))
    with pytest.raises(ConfigurationError):
        EpochSampler.from_params(Params({"type": "phases", "phases": ["a"], "epochs": 1}))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"phases": []}, r"sampler\.phases is empty"),
        ({"epochs": 0}, r"sampler\.epochs is 0"),
        ({"rounds": 0}, r"sampler\.rounds is 0"),
    ],
)
def test_bad_options(options: dict[str, Any], message: str) -> None:
    params = {"type": "phases", "phases": [{"task": "a", "steps": 1}], "epochs": 1, **options}
    with pytest.raises(ConfigurationError, match=message):
        EpochSampler.from_params(Params(params))


def test_bad_tasks_are_found_before_their_data_is_read(tmp_path: Path) -> None:
    nowhere = {"pos": str(tmp_path / "none"), "dep": str(tmp_path / "none")}
    unknown = sampler([{"task": "pso", "steps": 1}, {"task": "dep", "steps": 1}])
    with pytest.raises(ConfigurationError, match=r"phases\.0\.task is 'pso'.*\['dep', 'pos'\]"):
        loader(nowhere, sampler=unknown)
    with pytest.raises(ConfigurationError, match=r"phases never train \['pos'\]"):
        loader(nowhere, sampler=sampler([{"task": "dep", "steps": 1}]))


def test_phases_and_parts_without_a_batch() -> None:
    counts = {"a": 4}
    with pytest.raises(ConfigurationError, match=r"phases\.0\.share is 0\.1.* of the 4 batches"):
        sampler([{"task": "a", "share": 0.1}]).default_length(counts)
    narrow = {"task": "a", "steps": 3, "part": [0.3, 0.35]}
    with pytest.raises(ConfigurationError, match=r"phases\.0\.part is .*none of the 4 batches"):
        sampler([narrow]).default_length(counts)
    nothing = {"task": "a", "share": 1.5, "part": [0, 1e-12]}
    with pytest.raises(ConfigurationError, match=r"phases\.0\.part is .*none of the 4 batches"):
        sampler([nothing]).default_length(counts)
