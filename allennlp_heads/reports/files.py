"""Writing that a kill cannot cut in half, and the two kinds of report files: JSON and arrays."""

from __future__ import annotations

import glob
import json
import math
import os
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any, BinaryIO

import numpy
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from allennlp_heads.data.json_text import load_json
from allennlp_heads.data.lines import one_line
from allennlp_heads.disk.abandoned import runs
from allennlp_heads.disk.zip_files import zip_damage

PathLike = str | os.PathLike[str]

PACKAGES = ("allennlp_heads", "allennlp", "torch", "transformers", "numpy")
"""Distributions whose versions every report names."""

LARGEST = 2**28
"""The most bytes of a JSON report, which is read whole."""

# no line break of a JSON text is inside a string
_PLAIN_LIST = re.compile(r"\[\n([^\[\]{}]+)\n *\]")
_TEMPORARY = re.compile(r"^\..+\.(\d+)\.tmp$")


_AGAIN = "Write it again, or put back a copy"


class DamagedReport(ConfigurationError):
    """A report or its arrays are not as they were written: cut short, or changed since."""


@contextmanager
def atomic_write(path: PathLike) -> Iterator[BinaryIO]:
    """
    Open a file that appears under `path`, complete and on disk, only when the block ends well.

    The bytes go to a temporary file in the same folder, which then takes the place of `path` in one
    step. When the block or the writing fails, `path` is as it was and the temporary file is gone;
    that of a process that was killed goes when `path` is written again.

    # Parameters

    path : `PathLike`
        Missing folders above it are made.

    Raises `ConfigurationError` that names `path` when the file system refuses.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise ConfigurationError(
                f"cannot write {path}: {error.strerror or error}. Free space there or choose "
                "another folder; nothing half-written was left behind"
            ) from error
        raise
    _sync_folder(path.parent)


def _remove_abandoned(path: Path) -> None:
    for name in glob.glob(f".{glob.escape(path.name)}.*.tmp", root_dir=path.parent):
        found = _TEMPORARY.match(name)
        if found and not runs(int(found[1])):
            with suppress(OSError):
                (path.parent / name).unlink()


def _sync_folder(folder: Path) -> None:
    # without this the rename itself may be lost when the machine goes down
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_leftovers(folder: PathLike, prefix: str = "") -> list[Path]:
    """
    Delete the temporary files that a killed `atomic_write` left in `folder`.

    # Parameters

    folder : `PathLike`
    prefix : `str`, optional (default = `""`)
        Only those of files whose name starts like this.

    # Returns

    `List[Path]`
        What was deleted.
    """
    leftovers = [
        path
        for path in sorted(Path(folder).glob(f".{prefix}*.tmp"))
        if _TEMPORARY.match(path.name) and path.is_file()
    ]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return leftovers


def file_stems(names: Iterable[str]) -> list[str]:
    """The names as parts of file names, no two alike even where capitals do not count."""
    stems: list[str] = []
    for name in names:
        stem = plain = re.sub(r"[^\w.+-]+", "_", name)
        number = 1
        while stem.casefold() in map(str.casefold, stems):
            number += 1
            stem = f"{plain}_{number}"
        stems.append(stem)
    return stems


def write_report(
    path: PathLike,
    name: str,
    version: int,
    content: Mapping[str, Any],
    seed: int | None = None,
) -> None:
    """
    Write a JSON report atomically. The same arguments give the same bytes.

    # Parameters

    path : `PathLike`
    name : `str`
        Name of the schema, as `"gates"`.
    version : `int`
        Version of the schema; a reader of another version refuses the file.
    content : `Mapping[str, Any]`
        Further keys. Numpy and torch numbers and arrays become numbers and lists; numbers that are
        not finite become `null`, since JSON has none.
    seed : `int`, optional (default = `None`)
    """
    document: dict[str, Any] = {
        "schema": {"name": name, "version": version},
        "seed": seed,
        "packages": package_versions(),
    }
    clash = sorted(document.keys() & content.keys())
    if clash:
        raise ValueError(f"the report '{name}' may not contain {clash}: they are added here")
    document.update(content)
    text = json.dumps(_jsonable(document), indent=2, ensure_ascii=False, allow_nan=False)
    text = _PLAIN_LIST.sub(_on_one_line, text)
    with atomic_write(path) as file:
        file.write(f"{text}\n".encode())


def read_report(path: PathLike, name: str, version: int) -> dict[str, Any]:
    """
    Read a JSON report back. Raises `ConfigurationError` when it cannot be read or is of another
    schema or version; where the file is damaged a `DamagedReport`.
    """
    try:
        document = load_json(_text(path))
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the report {path}: {error.strerror or error}"
        ) from error
    except (ValueError, RecursionError) as error:
        raise DamagedReport(
            one_line(
                f"cannot read the report {path}: it is damaged, or no report ({error}). {_AGAIN}"
            )
        ) from error
    schema = document.get("schema") if isinstance(document, dict) else None
    found = (schema.get("name"), schema.get("version")) if isinstance(schema, dict) else None
    if found != (name, version):
        shown = f"'{found[0]}' version {found[1]}" if found else "no report of allennlp_heads"
        raise ConfigurationError(
            one_line(
                f"{path} is {shown}, but '{name}' version {version} is wanted here: give the right "
                "file or write it again with this release"
            )
        )
    return document


def _text(path: PathLike) -> str:
    with open(path, "rb") as file:
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise ValueError(f"more than {LARGEST} bytes")
    return text.decode("utf-8")


def package_versions() -> dict[str, str | None]:
    """The installed versions of `PACKAGES`; `None` for one that runs from its source folder."""
    return {package: _version(package) for package in PACKAGES}


@lru_cache(maxsize=16)
def _version(package: str) -> str | None:
    # which reads and parses a file, 4 ms; reports are written every epoch
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def write_arrays(path: PathLike, arrays: Mapping[str, Any]) -> None:
    """Write named arrays as a compressed `.npz`, atomically; equal arrays give equal bytes."""
    ready = {key: numpy.asarray(_to_numpy(value)) for key, value in arrays.items()}
    with atomic_write(path) as file:
        numpy.savez_compressed(file, **ready)  # type: ignore[arg-type]


def read_arrays(path: PathLike) -> dict[str, numpy.ndarray]:
    """
    Read a `.npz` file. Raises `ConfigurationError` when it is missing, and where it is damaged a
    `DamagedReport`.
    """
    try:
        # a file that lacks arrays at its end looks like a smaller one
        _check_size(path)
        if zip_damage(path) is None:
            with numpy.load(path, allow_pickle=False) as file:
                return {key: file[key] for key in file.files}
        cause = None
    except SigTermReceived:  # says nothing about the file
        raise
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the arrays in {path}: {error.strerror or error}"
        ) from error
    except Exception as error:  # whatever the readers of numbers and of archives make of it
        cause = error
    # what NumPy says of other files is how to load them unsafely
    raise DamagedReport(
        f"cannot read the arrays in {path}: it is no .npz file, or damaged. {_AGAIN}"
    ) from cause


def _check_size(path: PathLike) -> None:
    """A small file that unpacks to what fills the memory is not one of ours."""
    with zipfile.ZipFile(path) as file:
        size = sum(part.file_size for part in file.infolist())
    if size > max(LARGEST, 100 * os.stat(path).st_size):
        raise ValueError(f"unpacked it has {size} bytes")


def _to_numpy(value: Any) -> Any:
    return value.detach().cpu().numpy() if isinstance(value, torch.Tensor) else value


def _on_one_line(found: re.Match[str]) -> str:
    return "[" + " ".join(line.strip() for line in found[1].split("\n")) + "]"


def _jsonable(value: Any) -> Any:
    value = _to_numpy(value)
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return os.fspath(value) if isinstance(value, os.PathLike) else value
