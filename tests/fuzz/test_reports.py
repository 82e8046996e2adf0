"""The verbs that read reports, on reports and arrays of which a part is wrong."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy
import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given, settings
from hypothesis import strategies as st

from allennlp_heads.reports.comparing import choose, compare_settings, notes_of, read_settings
from allennlp_heads.reports.files import read_arrays, read_report, write_arrays, write_report
from allennlp_heads.reports.overlap import measure
from allennlp_heads.reports.overlap_groups import read_groups
from allennlp_heads.reports.page import document
from allennlp_heads.reports.page.pages import page_of
from allennlp_heads.reports.page.run_folder import read_runs
from allennlp_heads.reports.similarity_file import read_similarity
from allennlp_heads.reports.task_similarity import measure_similarity
from allennlp_heads.reports.transfer import measure_evaluation, measure_ranking, read_matrix
from tests.fuzz.mutations import changed_arrays, changed_bytes, changed_json
from tests.reports.page.specimens import Size, write_all

Work = Callable[[], object]
TABLE = b",a,b,c\na,1,0.5,\nb,0.5,1,0.2\nc,,0.2,1\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    write_all(folder, Size(4, 6, 3))
    return folder


@pytest.fixture(autouse=True)
def no_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "vega_bundle", lambda: "/* the bundle */")


def report(folder: Path) -> None:
    page_of(read_runs([str(path) for path in sorted(folder.iterdir())]))


def overlap(folder: Path) -> None:
    measure(read_groups([str(folder / name) for name in ("one", "two")]), draws=20)


def compare(folder: Path) -> None:
    settings, skipped = read_settings([str(folder / name) for name in ("one", "two")])
    tables = compare_settings(choose(settings), 20)
    notes_of(tables, settings, "validation", "best", skipped)


def rank(folder: Path) -> None:
    matrix = read_matrix(str(folder / "transfer"))
    ranking = measure_ranking(folder / "embeddings", None, matrix)
    measure_evaluation(ranking, matrix, draws=20)


def similarity(folder: Path) -> None:
    given_file = folder / "similarity" / "given.csv"
    measure_similarity([str(folder / "one")], str(given_file), alpha=0.3, rounds=20)


VERBS = {
    report: ["*"],
    overlap: ["one/config.json", "one/heads/gates.*"],
    compare: ["one/config.json", "one/heads/scores/*"],
    rank: ["embeddings/*", "transfer/*"],
    similarity: ["one/heads/dissociation*"],
}


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_reports_of_which_a_part_is_wrong(verb: Callable[[Path], None], runs: Path) -> None:
    verb(runs)
    files = sorted(
        path
        for pattern in VERBS[verb]
        for path in (runs.rglob(pattern) if pattern == "*" else runs.glob(pattern))
        if path.suffix in (".json", ".npz")
    )

    @settings(max_examples=settings.default.max_examples // 5)
    @given(file=st.sampled_from(files), data=st.data())
    def check(file: Path, data: st.DataObject) -> None:
        kept = file.read_bytes()
        try:
            _change(file, data)
            verb(runs)
        except ConfigurationError as error:
            assert "\n" not in str(error), str(error)
        finally:
            file.write_bytes(kept)

    check()


def _change(file: Path, data: st.DataObject) -> None:
    if file.suffix == ".json":
        content = json.loads(file.read_text("utf-8"))
        changed = data.draw(changed_json(content, ("schema", "packages")))
        file.write_text(json.dumps(changed), "utf-8")
        return
    with numpy.load(file) as arrays:
        numpy.savez_compressed(file, **data.draw(changed_arrays(dict(arrays))))


def test_bytes_of_reports_that_are_a_little_wrong(tmp_path: Path) -> None:
    content = {"tasks": {"a": [1.5, None]}, "text": "é\u2028"}
    write_report(tmp_path / "x.json", "x", 1, content)
    write_arrays(tmp_path / "x.npz", {"a": numpy.eye(3), "b": numpy.array(["c"])})
    assert content.items() <= read_report(tmp_path / "x.json", "x", 1).items()
    seeds = [(tmp_path / name).read_bytes() for name in ("x.json", "x.npz")]

    @given(report=changed_bytes(seeds[:1]), arrays=changed_bytes(seeds[1:]))
    def check(report: bytes, arrays: bytes) -> None:
        (tmp_path / "x.json").write_bytes(report)
        (tmp_path / "x.npz").write_bytes(arrays)
        for read in (
            lambda: read_report(tmp_path / "x.json", "x", 1),
            lambda: read_arrays(tmp_path / "x.npz"),
        ):
            try:
                read()
            except ConfigurationError as error:
                assert "\n" not in str(error)

    check()


@pytest.mark.parametrize("text", ["[" * 99_999, '{"a": 1, "a": 2}', "9" * 9999, '"\0', "\ufeff{}"])
def test_reports_that_json_would_let_pass_or_fail_of(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(ConfigurationError, match=r"cannot read the report .*x\.json"):
        read_report(tmp_path / "x.json", "x", 1)


def test_arrays_hold_no_pickles_and_no_bombs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.npz"
    pickled, zeros = numpy.array([{}], object), numpy.zeros(2**24)
    for array, largest in ((pickled, 2**28), (zeros, 2**10)):
        monkeypatch.setattr("allennlp_heads.reports.files.LARGEST", largest)
        numpy.savez_compressed(path, a=array)
        with pytest.raises(ConfigurationError, match=r"x\.npz: it is no \.npz file, or damaged"):
            read_arrays(path)


def test_similarities_that_are_a_little_wrong(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(TABLE)
    assert read_similarity(str(path)) == {("a", "b"): 0.5, ("b", "c"): 0.2}

    @given(content=changed_bytes([TABLE, b'{"a": {"b": 0.5}, "b": {"c": 1}}']))
    def check(content: bytes) -> None:
        for name in ("x.csv", "x.json"):
            (tmp_path / name).write_bytes(content)
            try:
                read_similarity(str(tmp_path / name))
            except ConfigurationError as error:
                assert str(error).isprintable() and name in str(error)

    check()
    shutil.rmtree(tmp_path)
