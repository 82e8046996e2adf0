"""
The console script `allennlp-heads`: AllenNLP's command line with this plugin loaded, from any
folder, and `allennlp-heads check`, which also works where nothing else does.

A module of its own, outside the package: importing `allennlp_heads` imports AllenNLP and torch, and
where those fail, `check` has to say why. It therefore reaches the package's `installation` folder
by its path and imports no more than that.
"""

from __future__ import annotations

import errno
import gzip
import importlib
import importlib.util
import json
import logging
import os
import re
import sys
import tarfile
import tempfile
import traceback
import warnings
import zlib
from pathlib import Path
from types import ModuleType

PROG = "allennlp-heads"
_ROOM = "Make room there; a training then goes on with --recover, other commands are repeated"
_REFUSED: dict[int | None, str] = {
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: _ROOM,
    errno.EROFS: "Choose another folder",
    errno.EACCES: "Choose another folder, or make this one accessible",
}
"""What to do where the operating system refuses something."""
_NO_CONFIG = re.compile(re.escape(tempfile.gettempdir()) + r"/tmp\w+/config\.json not found")
_IN_WORKER = re.compile(r"^allennlp\.common\.checks\.ConfigurationError: (.*)", re.M | re.S)


def main() -> int:
    """
    Runs `check`, or loads the plugin and hands the command line to AllenNLP. A mistake in a
    configuration, in data, in a path or an archive ends in its message alone; with
    `ALLENNLP_DEBUG` set, in the traceback too.

    # Returns

    `int`
        Exit status.
    """
    arguments = sys.argv[1:]
    if arguments[:1] == ["check"]:
        status: int = _installation().main(arguments[1:])
        return status
    _set_up_logging()
    # `check` knows that the tested torchvision lacks its image operators; nothing here needs them
    warnings.filterwarnings("ignore", message="Failed to load image Python extension")
    try:
        # registers our parts before AllenNLP reads the command line: no plugin file is needed
        importlib.import_module("allennlp_heads")
        allennlp_main = importlib.import_module("allennlp.commands").main
    except Exception as error:
        if not _explain(error):
            raise
        return 1
    importlib.import_module("allennlp.common.util").install_sigterm_handler()
    if arguments[:1] == ["train"]:
        # workers of a distributed training are new processes; any part of the package loads it
        sys.argv = [*sys.argv, "--include-package", "allennlp_heads.distributed"]
    try:
        allennlp_main(prog=PROG)
    except KeyboardInterrupt:
        sys.stderr.write(f"{PROG}: interrupted{_afterwards(arguments)}\n")
        return 130
    except Exception as error:
        if type(error).__name__ == "SigTermReceived":  # AllenNLP's, an ordinary exception there
            sys.stderr.write(f"{PROG}: terminated{_afterwards(arguments)}\n")
            return 143
        message = _mistake(error)
        if message is None or os.environ.get("ALLENNLP_DEBUG"):
            raise
        sys.stderr.write(f"{PROG}: {message}\n(ALLENNLP_DEBUG=1 shows where that was found.)\n")
        return 1
    return 0


def _afterwards(arguments: list[str]) -> str:
    """What to do after an interruption."""
    goes_on = arguments[:1] == ["train"]
    return "; the same command with --recover goes on from the last checkpoint" * goes_on


def _mistake(error: Exception) -> str | None:
    """What is wrong with the user's input, or `None` where something else has failed."""
    mistake = importlib.import_module("allennlp.common.checks").ConfigurationError
    if _NO_CONFIG.search(str(error)):
        return "the archive cannot be read: it has no config.json"
    if isinstance(error, mistake):
        full = "already exists and is not empty" in str(error)
        return f"{error}" + (" Or --force, which deletes it first." if full else "")
    if isinstance(error, (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)):
        return f"the archive cannot be read, it is damaged or no model.tar.gz: {error}"
    if isinstance(error, OSError):
        refused = error.errno in _REFUSED
        return f"{error}" + (f". {_REFUSED[error.errno]}" if refused else "")
    if type(error).__name__ == "ProcessRaisedException":  # with the traceback of a worker
        told = _IN_WORKER.search(str(error))
        return told and told[1].strip()
    if type(error).__name__ == "ProcessExitedException":  # of torch.multiprocessing
        return f"a worker ended: {error}. Repeat the command, a training with --recover"
    if isinstance(error, UnicodeDecodeError):
        return f"the input is not UTF-8: {error}"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error}"
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    loading = [frame for frame in frames if frame.f_code.co_name == "load_archive"]
    changed = any(frame.f_locals.get("overrides") for frame in loading)
    # where AllenNLP makes objects from a configuration, and finds a value of the wrong type
    made = frames[-1].f_code.co_filename.endswith("from_params.py")
    wrong = isinstance(error, TypeError) and (made or "unexpected keyword argument" in str(error))
    if wrong and (changed or not loading):
        return f"the configuration{' with --overrides' * changed} does not fit: {error}"
    if loading:
        return f"the archive is damaged or of another version: {type(error).__name__}: {error}"
    # what the Jsonnet library raises, with file and line
    if isinstance(error, RuntimeError) and str(error).startswith(("STATIC ERROR", "RUNTIME ERROR")):
        return f"the configuration cannot be evaluated: {str(error).strip()}"
    return None


def _installation() -> ModuleType:
    """The package's `installation` folder as a package of its own."""
    spec = importlib.util.find_spec("allennlp_heads")
    folders = list(spec.submodule_search_locations or []) if spec else []
    if not folders:
        raise SystemExit("allennlp_heads is not installed: pip install -e . in its folder")
    folder = Path(folders[0]) / "installation"
    own = importlib.util.spec_from_file_location(
        "allennlp_heads_installation",
        folder / "__init__.py",
        submodule_search_locations=[str(folder)],
    )
    assert own is not None and own.loader is not None, "a path to a .py file always has a loader"
    module = importlib.util.module_from_spec(own)
    sys.modules[own.name] = module
    own.loader.exec_module(module)
    return module


def _explain(error: Exception) -> bool:
    """Says why the stack does not import; `False` where its versions are not the reason."""
    installation = _installation()
    stack = installation.this_stack()
    findings = installation.check(stack)
    if not installation.has_problem(findings):
        return False
    sys.stderr.write(installation.render(stack, findings))
    sys.stderr.write(f"{PROG}: the import ended in {type(error).__name__}: {error}\n")
    return True


def _set_up_logging() -> None:
    """The format and the two variables of AllenNLP's own entry point."""
    name = "DEBUG" if os.environ.get("ALLENNLP_DEBUG") else os.environ.get("ALLENNLP_LOG_LEVEL")
    level = getattr(logging, name or "INFO", logging.INFO)
    logging.basicConfig(format="%(asctime)s - %(levelname)s - %(name)s - %(message)s", level=level)
    logging.getLogger("filelock").setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
