import json
from pathlib import Path

from allennlp_heads.reports.sparsity_history import SparsityHistory
from allennlp_heads.reports.sparsity_picture import sparsity_figure


def history() -> SparsityHistory:
    about = {"target": 0.5, "threshold": 0.5, "control": "lagrangian"}
    made = SparsityHistory({"pos": 12, "dep": 12}, {"pos": 6, "dep": 6}, about, seed=3)
    for epoch, (pos, dep) in enumerate([(0, 1), (3, 9), (5, 6)]):
        sets = {
            key: {
                "closed": closed,
                "share": closed / 12,
                "expected_share": closed / 12,
                "coefficient": 0.1 * epoch,
                "reached": abs(closed - 6) <= 1,
            }
            for key, closed in (("pos", pos), ("dep", dep))
        }
        made.entries.append({"epoch": epoch, "updates": 10 * epoch, "sets": sets})
    made.best_epoch = 2
    return made


def test_report(tmp_path: Path) -> None:
    history().write(tmp_path)
    found = json.loads((tmp_path / "sparsity.json").read_text())
    assert found["schema"] == {"name": "sparsity", "version": 1} and found["seed"] == 3
    assert found["sets"]["pos"] == {"heads": 12, "wanted": 6}
    assert (found["target"], found["best_epoch"]) == (0.5, 2)
    assert [entry["sets"]["dep"]["closed"] for entry in found["epochs"]] == [1, 9, 6]


def test_nearest_and_reached() -> None:
    made = history()
    assert made.reached()
    assert made.nearest("pos") == (5, 2) and made.nearest("dep") == (6, 2)
    made.entries.pop()
    assert not made.reached()
    assert made.nearest("pos") == (3, 1) and made.nearest("dep") == (9, 1)


def test_picture_shows_every_set_and_the_target(tmp_path: Path) -> None:
    made = history()
    axes = sparsity_figure(made).axes[0]
    lines = {str(line.get_label()): line for line in axes.lines}
    assert lines.keys() == {"pos", "dep", "target", "best epoch"}
    assert list(lines["pos"].get_xdata()) == [1, 2, 3]
    assert list(lines["dep"].get_ydata()) == [1 / 12, 9 / 12, 6 / 12]
    assert set(lines["target"].get_ydata()) == {0.5}
    assert set(lines["best epoch"].get_xdata()) == {3}
    paths = made.write_picture(tmp_path)
    first = [path.read_bytes() for path in paths]
    assert [path.name for path in paths] == ["sparsity.png", "sparsity.svg"]
    assert [path.read_bytes() for path in history().write_picture(tmp_path)] == first
