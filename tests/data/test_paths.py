import gzip
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from allennlp_heads.data import paths
from allennlp_heads.data.paths import data_files, resolve


def test_variable_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADS_DATA", str(tmp_path))
    assert resolve("${HEADS_DATA}/ewt/train.conllu") == f"{tmp_path}/ewt/train.conllu"


def test_other_paths_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADS_DATA", "/no/such/folder")
    assert resolve(Path("a/b.conllu")) == "a/b.conllu"
    assert resolve("a/${OTHER}/b") == "a/${OTHER}/b"


def test_without_variable_the_fixtures_beside_the_package(
    fixtures_root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("HEADS_DATA", raising=False)
    paths._say_once.cache_clear()
    for _ in range(2):
        assert Path(resolve("${HEADS_DATA}/x")) == fixtures_root / "x"
    assert (
        caplog.text.count(
            f"HEADS_DATA is not set: data is read from the small fixtures in {fixtures_root}"
        )
        == 1
    )


def _installed_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "site" / "allennlp_heads" / "data" / "p"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("value", [None, ""])
def test_without_clone_the_fixtures_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    _installed_elsewhere(tmp_path, monkeypatch)
    if value is None:
        monkeypatch.delenv("HEADS_DATA", raising=False)
    else:
        monkeypatch.setenv("HEADS_DATA", value)
    with pytest.raises(ConfigurationError, match="HEADS_DATA is not set.*Set HEADS_DATA"):
        resolve("${HEADS_DATA}/x")
    (tmp_path / "fixtures").mkdir()
    assert resolve("${HEADS_DATA}/x") == str(tmp_path / "fixtures" / "x")


def test_variable_that_names_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADS_DATA", str(tmp_path / "absent"))
    with pytest.raises(ConfigurationError, match="absent', which is no folder"):
        resolve("${HEADS_DATA}/x")


def _touch(folder: Path, *names: str) -> list[str]:
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("")
    return [str(folder / name) for name in names]


def test_file_folder_and_glob(tmp_path: Path) -> None:
    b, a, gz, other, deep = _touch(
        tmp_path, "b.conllu", "a.conll", "c.conllu.gz", "d.txt", "e/f.conllu"
    )
    (tmp_path / "folder.conllu").mkdir()
    suffixes = (".conllu", ".conll")
    assert data_files(other, suffixes) == [other]
    assert data_files(tmp_path, suffixes) == [a, b, gz]
    assert data_files(tmp_path / "*.conllu", suffixes) == [b]
    assert data_files(f"{tmp_path}/**/*.conllu", suffixes) == [b, deep]


def test_a_name_with_glob_characters_is_a_file_first(tmp_path: Path) -> None:
    name, _ = _touch(tmp_path, "a[1].conllu", "a1.conllu")
    assert data_files(name, (".conllu",)) == [name]


def test_nothing_found(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.conllu: no such file or folder"):
        data_files(tmp_path / "absent.conllu", (".conllu",))
    with pytest.raises(ConfigurationError, match=r"\*\.conllu: no such file.*fits it"):
        data_files(tmp_path / "*.conllu", (".conllu",))
    gzip.open(tmp_path / "a.txt.gz", "w").close()
    with pytest.raises(ConfigurationError, match=r"no file that ends in \.conllu, \.conll,"):
        data_files(tmp_path, (".conllu", ".conll"))


def test_folders_in_folders(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    files = _touch(tmp_path, "a.conllu", "b/c/a.conllu.gz", "b/z.conllu")
    _touch(tmp_path, "b/c/notes.md")
    assert data_files(tmp_path, [".conllu"], recursive=True) == files
    assert data_files(tmp_path, [".conllu"]) == files[:1]
