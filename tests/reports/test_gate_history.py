import json
from pathlib import Path

import numpy
import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.reports.files import read_arrays, write_arrays
from allennlp_heads.reports.gate_history import Entry, GateHistory
from allennlp_heads.reports.gate_pictures import MOST_FRAMES, write_best, write_current, write_gif

EXISTS = numpy.array([[1, 1, 1], [1, 1, 0]], dtype=bool)


def history(epochs: int, keys: tuple[str, ...] = ("gates",)) -> GateHistory:
    made = GateHistory(dict.fromkeys(keys, EXISTS), seed=3)
    for epoch in range(-1, epochs):
        grid = numpy.random.default_rng(epoch + 1).random((2, 3)).astype(numpy.float32) * EXISTS
        made.entries.append(
            Entry(epoch, 5 * (epoch + 1), epoch in (0, 2), dict.fromkeys(keys, grid))
        )
    return made


def test_files_hold_what_was_recorded(tmp_path: Path) -> None:
    made = history(4)
    made.entries[1].grids["gates"] = numpy.array([[1, 0, 0.5], [1e-3, 2e-3, 0]], numpy.float32)
    made.final = made.best()
    made.write(tmp_path)
    report = json.loads((tmp_path / "gates.json").read_text())
    assert report["schema"] == {"name": "gates", "version": 1} and report["seed"] == 3
    assert report["sets"]["gates"] == {"layers": 2, "heads_per_layer": [3, 2], "heads": 5}
    assert [entry["epoch"] for entry in report["epochs"]] == [-1, 0, 1, 2, 3]
    assert report["final"]["epoch"] == 2
    first = report["epochs"][1]["sets"]["gates"]
    assert first["open"] == 3 and first["open_share"] == 0.6 and first["open_per_layer"] == [2, 1]
    assert first["min"] == 0 and first["max"] == 1 and first["mean"] == pytest.approx(1.503 / 5)
    arrays = read_arrays(tmp_path / "gates.npz")
    assert arrays["gates/gates"].shape == (5, 2, 3) and arrays["epochs"].tolist() == [
        -1,
        0,
        1,
        2,
        3,
    ]
    assert (arrays["final/gates"] == made.entries[3].grids["gates"]).all()
    assert (arrays["exists/gates"] == EXISTS).all()


def test_best_is_the_last_improvement_or_the_last_epoch() -> None:
    made = history(4)
    best = made.best()
    assert best is not None and best.epoch == 2
    for entry in made.entries:
        entry.best = False
    last = made.best()
    assert last is not None and last.epoch == 3
    assert GateHistory({}).best() is None


def test_reading_back_drops_what_will_be_trained_again(tmp_path: Path) -> None:
    history(4).write(tmp_path)
    resumed = GateHistory({"gates": EXISTS}, seed=3)
    resumed.read_back(tmp_path, before=2)
    assert [entry.epoch for entry in resumed.entries] == [-1, 0, 1]
    resumed.entries += history(4).entries[3:]
    resumed.write(tmp_path / "again")
    for name in ("gates.json", "gates.npz"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_reading_back_after_a_kill_between_the_two_files(tmp_path: Path) -> None:
    history(2).write(tmp_path)
    report = (tmp_path / "gates.json").read_bytes()
    history(3).write(tmp_path)
    (tmp_path / "gates.json").write_bytes(report)
    resumed = GateHistory({"gates": EXISTS})
    resumed.read_back(tmp_path, before=3)
    assert [entry.epoch for entry in resumed.entries] == [-1, 0, 1]


def test_files_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    resumed = GateHistory({"gates": EXISTS})
    with pytest.raises(ConfigurationError, match="gates.json"):
        resumed.read_back(tmp_path, before=2)
    history(2).write(tmp_path)
    with pytest.raises(ConfigurationError, match="another encoder"):
        GateHistory({"gates": EXISTS.T}).read_back(tmp_path, before=2)
    write_arrays(tmp_path / "gates.npz", {"epochs": [-1]})
    with pytest.raises(ConfigurationError, match="does not fit"):
        resumed.read_back(tmp_path, before=2)
    assert resumed.entries == []


def test_pictures_of_one_set_and_of_several(tmp_path: Path) -> None:
    for folder, keys in (("one", ("gates",)), ("two", ("pos", "text/a b"))):
        made = history(2, keys)
        write_current(made, tmp_path / folder)
        write_best(made, tmp_path / folder)
        write_gif(made, tmp_path / folder)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["gates.gif", "gates.png", "gates.svg", "gates_best.png", "gates_best.svg"]
    names = sorted(path.name for path in (tmp_path / "two").iterdir())
    kinds = ("gif", "png", "svg")
    wanted = [f"gates.{key}.{kind}" for key in ("pos", "text_a_b") for kind in kinds]
    wanted += [f"gates_best.{key}.{kind}" for key in ("pos", "text_a_b") for kind in kinds[1:]]
    assert names == sorted(wanted)


def test_long_runs_have_a_limited_number_of_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    monkeypatch.setattr(
        "allennlp_heads.reports.gate_pictures.gate_figure",
        lambda history, key, entry: shown.append(entry.epoch),
    )
    monkeypatch.setattr("allennlp_heads.reports.gate_pictures.figure_to_image", lambda figure: None)
    monkeypatch.setattr(
        "allennlp_heads.reports.gate_pictures.write_animation", lambda path, images: list(images)
    )
    write_gif(history(200), tmp_path)
    assert len(shown) == MOST_FRAMES and shown[0] == -1 and shown[-1] == 199
    assert shown == sorted(set(shown))
