"""Embeddings of tasks as files: exact, small, and never two halves of different ones."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path

import numpy
import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from allennlp_heads.reports.embeddings import (
    Embedding,
    read_embedding,
    read_embeddings,
    write_embedding,
)
from tests.reports.embeddings.made import embedding


def test_written_and_read(tmp_path: Path) -> None:
    written = embedding()
    path = write_embedding(tmp_path / "new", written)
    for given_path in (path, path.with_suffix(".npz")):
        read = read_embedding(given_path)
        assert read.task == "pos" and read.kinds == ["text", "task", "heads"]
        assert list(read.components) == list(written.components) and read.path == path
        for name, array in read.components.items():
            assert array.dtype == numpy.float32
            numpy.testing.assert_array_equal(array, written.components[name])
    assert read.manifest["encoder"] == written.manifest["encoder"] and read.manifest["seed"] == 3
    assert read.said("options", "mode") == "per_example"
    assert read.said("options", "no", "such") is None
    assert read.manifest["components"]["heads.importance"] == [2, 3]
    assert read.manifest["packages"]["torch"]


def test_equal_embeddings_give_equal_bytes(tmp_path: Path) -> None:
    first = write_embedding(tmp_path / "a", embedding())
    again = write_embedding(tmp_path / "b", read_embedding(first))
    other = write_embedding(tmp_path / "c", embedding(seed=1))
    for kind in (".json", ".npz"):
        contents = [path.with_suffix(kind).read_bytes() for path in (first, again, other)]
        assert contents[0] == contents[1] != contents[2]


def test_fits_into_200_kilobytes(tmp_path: Path) -> None:
    """All that is kept by default of an encoder of 12 layers of 12 heads of 64."""
    random = numpy.random.default_rng(0)
    components = {
        f"{name}.{layer}": random.lognormal(-20, 3, 768)
        for name in ("layer_output", "head_context")
        for layer in range(12)
    }
    components |= {"text": random.normal(size=768), "pooled": random.random(768)}
    for name in ("importance", "gate_fisher", "learned_gates"):
        components[f"heads.{name}"] = random.random((12, 12))
    path = write_embedding(tmp_path, Embedding("mnli", components, {}))
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 200_000
    assert len(read_embedding(path).components) == 29


@given(values=arrays(numpy.float64, st.integers(1, 6), elements=st.floats(-1e30, 1e30)))
def test_any_finite_numbers_are_kept(
    values: numpy.ndarray, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write_embedding(tmp_path_factory.mktemp("any"), Embedding("a", {"text": values}, {}))
    with numpy.errstate(under="ignore"):
        wanted = values.astype(numpy.float32)
    numpy.testing.assert_array_equal(read_embedding(path).components["text"], wanted)


def test_a_folder_is_read_by_task(tmp_path: Path) -> None:
    for task in ("sst2", "dep", "mnli"):
        write_embedding(tmp_path, embedding(task))
    assert [found.task for found in read_embeddings(tmp_path)] == ["dep", "mnli", "sst2"]
    (tmp_path / "copy.npz").write_bytes((tmp_path / "dep.npz").read_bytes())
    (tmp_path / "copy.json").write_bytes((tmp_path / "dep.json").read_bytes())
    with pytest.raises(ConfigurationError, match=r"copy.json and .*dep.json .* the task 'dep'"):
        read_embeddings(tmp_path)


def test_of_another_task_nothing_is_replaced(tmp_path: Path) -> None:
    path = write_embedding(tmp_path, embedding("a b"))
    write_embedding(tmp_path, embedding("a b", seed=1))
    before = path.read_bytes()
    with pytest.raises(ConfigurationError, match="is of the task 'a b', and the file of 'a/b'"):
        write_embedding(tmp_path, embedding("a/b"))
    assert path.read_bytes() == before
    (tmp_path / "pos.json").write_text("{}")
    with pytest.raises(ConfigurationError, match="pos.json is no report of allennlp_heads"):
        write_embedding(tmp_path, embedding("pos"))


@pytest.mark.parametrize(
    "components, message",
    [
        ({}, "the task 'pos' has no component"),
        ({"text": [1.0, numpy.nan, numpy.inf]}, "2 of the 3 numbers of the component 'text'"),
        ({"pooled": [1e39]}, "1 of the 1 numbers of the component 'pooled'"),
        ({"layer_output.0": [[1.0]]}, r"'layer_output.0' has the shape \[1, 1\]"),
        ({"heads.importance": [1.0]}, r"'heads.importance' has the shape \[1\]"),
        ({"text": []}, r"'text' has the shape \[0\]"),
    ],
)
def test_what_is_no_embedding(
    components: dict[str, list[float]], message: str, tmp_path: Path
) -> None:
    values = {name: numpy.array(one) for name, one in components.items()}
    with pytest.raises(ConfigurationError, match=message):
        write_embedding(tmp_path, Embedding("pos", values, {}))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_truncated_arrays(tmp_path: Path, share: float) -> None:
    path = write_embedding(tmp_path, embedding()).with_suffix(".npz")
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ConfigurationError, match=r"pos.npz: it is no .npz file, or damaged"):
        read_embeddings(tmp_path)


def test_numbers_that_are_not_finite_are_found_in_a_file(tmp_path: Path) -> None:
    path = write_embedding(tmp_path, embedding())
    arrays = dict(read_embedding(path).components)
    arrays["text"] = numpy.full(3, numpy.nan, numpy.float32)
    numpy.savez_compressed(path.with_suffix(".npz"), **arrays)
    with pytest.raises(ConfigurationError, match="pos.npz is not the file that pos.json describes"):
        read_embedding(path)
    manifest = json.loads(path.read_text())
    content = path.with_suffix(".npz").read_bytes()
    manifest["arrays_sha256"] = hashlib.sha256(content).hexdigest()
    path.write_text(json.dumps(manifest))
    with pytest.raises(ConfigurationError, match=r"pos.json: 3 of the 3 .* 'text' are not finite"):
        read_embedding(path)


def test_a_missing_half(tmp_path: Path) -> None:
    path = write_embedding(tmp_path, embedding())
    path.with_suffix(".npz").unlink()
    with pytest.raises(ConfigurationError, match=r"cannot read the arrays in .*pos.npz"):
        read_embedding(path)
    path.unlink()
    with pytest.raises(ConfigurationError, match=r"cannot read the report .*pos.json"):
        read_embedding(path.with_suffix(".npz"))
    with pytest.raises(ConfigurationError, match="is no embedding of a task: give its .json"):
        read_embedding(tmp_path / "pos")
    with pytest.raises(ConfigurationError, match="holds no embedding of a task"):
        read_embeddings(tmp_path)
    with pytest.raises(ConfigurationError, match="there is no folder of embeddings"):
        read_embeddings(tmp_path / "nowhere")


def test_zero_vectors_are_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    arrays = {"text": numpy.ones(3), "pooled": numpy.zeros(3), "layer_output.0": numpy.zeros(2)}
    path = write_embedding(tmp_path, Embedding("qa", arrays, {}))
    with caplog.at_level(logging.WARNING):
        assert read_embedding(path).zeros == ["pooled", "layer_output.0"]
    assert "qa.json: zero throughout" in caplog.text and "pooled, layer_output.0" in caplog.text
