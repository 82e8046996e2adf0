"""Where data lies: `${HEADS_DATA}` in paths, and files, folders and globs as one list of files."""

import glob
import logging
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from allennlp.common.checks import ConfigurationError

logger = logging.getLogger(__name__)

VARIABLE = "HEADS_DATA"
_PLACEHOLDER = "${" + VARIABLE + "}"


def data_folder() -> Path:
    """
    The folder that `${HEADS_DATA}` stands for.

    # Returns

    `Path`
        The folder named by the environment variable `HEADS_DATA`; when it is not set, the project's
        own small data: `fixtures/` beside the package, else `fixtures/` in the working directory.

    Raises `ConfigurationError` when there is no such folder.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not Path(named).is_dir():
            raise ConfigurationError(
                f"The environment variable {VARIABLE} names '{named}', which is no folder. "
                "Set it to the folder that holds the data, or unset it to use the fixtures."
            )
        return Path(named)
    clone = Path(__file__).resolve().parents[2]
    for folder in (clone / "fixtures", Path.cwd() / "fixtures"):
        if folder.is_dir():
            _say_once(folder)
            return folder
    raise ConfigurationError(
        f"The environment variable {VARIABLE} is not set, and there is no folder 'fixtures' "
        f"beside the package or in the working directory. Set {VARIABLE} to the data folder."
    )


@lru_cache(maxsize=64)
def _say_once(folder: Path) -> None:
    """A forgotten variable would silently give scores on a few generated sentences."""
    logger.warning("%s is not set: data is read from the small fixtures in %s", VARIABLE, folder)


def resolve(path: str | os.PathLike[str]) -> str:
    """
    The path with `${HEADS_DATA}` replaced, see `data_folder`. Other paths come back as they are.

    # Parameters

    path : `Union[str, PathLike]`
        A path as written in a configuration, for example `${HEADS_DATA}/ewt/train.conllu`.

    # Returns

    `str`
        The path of the file, folder or glob. Whether it exists is not checked here.
    """
    text = os.fspath(path)
    if _PLACEHOLDER not in text:
        return text
    return text.replace(_PLACEHOLDER, str(data_folder()))


def data_files(
    path: str | os.PathLike[str], suffixes: Sequence[str], recursive: bool = False
) -> list[str]:
    """
    The files that a data path means, in a fixed order.

    # Parameters

    path : `Union[str, PathLike]`
        A file (any name), a folder (all files directly in it that end in one of `suffixes`, or in
        one of them and `.gz`), or a glob pattern (`**` reaches into folders). `${HEADS_DATA}` is
        replaced.
    suffixes : `Sequence[str]`
        The endings that count in a folder, with their dots.
    recursive : `bool`, optional (default = `False`)
        Whether the folders in a folder are searched too. Links to folders are not followed.

    # Returns

    `List[str]`
        Paths sorted by name, at least one.

    Raises `ConfigurationError` when nothing is found.
    """
    resolved = resolve(path)
    if os.path.isfile(resolved):
        return [resolved]
    if os.path.isdir(resolved):
        return _files_in_folder(resolved, suffixes, recursive)
    files = sorted(name for name in glob.glob(resolved, recursive=True) if os.path.isfile(name))
    if not files:
        raise ConfigurationError(
            f"{resolved}: no such file or folder, and no file fits it as a pattern."
        )
    return files


def _files_in_folder(folder: str, suffixes: Sequence[str], recursive: bool) -> list[str]:
    endings = (*suffixes, *(suffix + ".gz" for suffix in suffixes))
    files = []
    for inner, folders, names in os.walk(folder):
        if not recursive:
            folders.clear()
        files += [os.path.join(inner, name) for name in names if name.endswith(endings)]
    files = sorted(file for file in files if os.path.isfile(file))
    if not files:
        raise ConfigurationError(
            f"{folder}: this folder has no file that ends in {', '.join(suffixes)}, gzipped or not."
        )
    return files
