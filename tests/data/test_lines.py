import gzip
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError
from hypothesis import given
from hypothesis import strategies as st

from allennlp_heads.data.lines import numbered_lines

LINE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n\ufeff"))


@given(
    lines=st.lists(LINE.filter(bool), min_size=1),
    end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
    last=st.booleans(),
    packed=st.booleans(),
)
def test_round_trip(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[str],
    end: str,
    mark: bool,
    last: bool,
    packed: bool,
) -> None:
    text = end.join(lines) + (end if last else "")
    raw = (b"\xef\xbb\xbf" if mark else b"") + text.encode("utf-8")
    path = tmp_path_factory.getbasetemp() / ("lines.txt.gz" if packed else "lines.txt")
    path.write_bytes(gzip.compress(raw) if packed else raw)
    assert list(numbered_lines(path)) == list(enumerate(lines, start=1))


def test_a_mark_inside_is_text(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes("a\n\ufeffb".encode())
    assert list(numbered_lines(tmp_path / "x")) == [(1, "a"), (2, "\ufeffb")]


def _error(path: Path) -> str:
    with pytest.raises(ConfigurationError) as error:
        list(numbered_lines(path))
    return str(error.value)


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes("gut\nschön\n".encode("latin-1"))
    assert f"{path}:2: not UTF-8" in _error(path)


@pytest.mark.parametrize("keep", [5, 40])
def test_cut_gzip(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(bytes(range(11, 256)) * 9)[:keep])
    assert f"{path}:1: damaged gzip file" in _error(path)


def test_not_gzip(tmp_path: Path) -> None:
    path = tmp_path / "text.gz"
    path.write_text("plain text")
    assert f"{path}:1: damaged gzip file" in _error(path)


def test_unreadable(tmp_path: Path) -> None:
    assert "absent: cannot be read (No such file" in _error(tmp_path / "absent")
    assert f"{tmp_path}: cannot be read (Is a directory" in _error(tmp_path)
