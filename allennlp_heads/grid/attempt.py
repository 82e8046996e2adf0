"""One attempt at one run: what the process that trains it does."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from copy import deepcopy
from datetime import datetime
from pathlib import Path

import torch
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.common.plugins import import_plugins
from allennlp.common.util import import_module_and_submodules
from filelock import FileLock, Timeout

from allennlp_heads.grid.executor import BEGINS, DONE, FAILED, MISTAKEN, PlannedRun
from allennlp_heads.grid.folders import Progress, prepare_to_recover, progress_of

logger = logging.getLogger(__name__)

_FORMAT = "%(asctime)s - %(levelname)s - %(name)s - %(message)s"  # AllenNLP's
_PATIENCE = 60.0  # seconds until an earlier process must have noticed that its grid was killed


def attempt_run(run: PlannedRun, anew: bool = False) -> int:
    """
    Train a run, or go on with it, as `allennlp train` does; to be called in a fresh process, which
    has the run's environment. All that is said goes to the run's log.

    # Parameters

    run : `PlannedRun`
    anew : `bool`, optional (default = `False`)
        From scratch, even if it could be recovered. What lies in the folder is put aside, and put
        back when the configuration turns out to be wrong.

    # Returns

    `int`
        `DONE`, `FAILED` or `MISTAKEN`.
    """
    with _said_to(run.log):
        try:
            for folder in (run.lock, run.aside):
                Path(folder).parent.mkdir(parents=True, exist_ok=True)
            with FileLock(run.lock, timeout=_PATIENCE):
                _train(run, anew)
            return DONE
        except Timeout:
            logger.error("Another process still works in %s.", run.folder)
            return FAILED
        except Exception as error:
            traceback.print_exc()
            if not _is_mistake(error):
                return FAILED
            logger.error("%s", error)
            return MISTAKEN


def _is_mistake(error: Exception) -> bool:
    """Of the user's: also where AllenNLP finds a value of the wrong type in the configuration."""
    *_, (frame, _) = traceback.walk_tb(error.__traceback__)
    made = frame.f_code.co_filename.endswith("from_params.py")
    return isinstance(error, ConfigurationError) or (made and isinstance(error, TypeError))


def _train(run: PlannedRun, anew: bool) -> None:
    import_plugins()
    for package in run.packages:
        import_module_and_submodules(package)
    torch.set_num_threads(run.threads)
    progress = progress_of(run)
    if progress is Progress.COMPLETE:  # by an earlier process, while this one waited
        return
    recover = progress is Progress.BEGUN and not anew
    if recover:
        prepare_to_recover(run)
        _train_here(run, recover)
        return
    with _put_aside(run):
        _train_here(run, recover)


def _train_here(run: PlannedRun, recover: bool) -> None:
    train_model(
        Params(deepcopy(dict(run.config))),
        run.folder,
        recover=recover,
        include_package=list(run.packages),
        file_friendly_logging=True,
        return_model=False,
    )


@contextmanager
def _put_aside(run: PlannedRun) -> Iterator[None]:
    """Room for a new folder; a mistake of the user must not cost what the old one holds."""
    folder = Path(run.folder)
    there = folder.is_dir() and any(folder.iterdir())
    aside = _free(Path(run.aside))
    if there:
        folder.rename(aside)
        logger.warning("What was in %s is now in %s.", folder, aside)
    try:
        yield
    except Exception as error:
        if there and _is_mistake(error):
            shutil.rmtree(folder, ignore_errors=True)
            aside.rename(folder)
            logger.warning("%s has been put back.", folder)
        raise


def _free(path: Path) -> Path:
    """With a number where something of that name was put aside before, which may be worth more."""
    names = itertools.chain(
        [path], (path.with_name(f"{path.name}.{n}") for n in itertools.count(2))
    )
    return next(name for name in names if not name.exists())


@contextmanager
def _said_to(log: str) -> Iterator[None]:
    """Both outputs, also of libraries below Python, go to the end of a file."""
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    with open(log, "a", buffering=1, encoding="utf-8", errors="replace") as file:
        file.write(f"{BEGINS} {datetime.now().isoformat(' ', 'seconds')}\n")
        _flush()
        kept = [(number, os.dup(number)) for number in (1, 2)]
        root, handlers, level = logging.root, list(logging.root.handlers), logging.root.level
        for number, _ in kept:
            os.dup2(file.fileno(), number)
        # until AllenNLP puts its own in this place
        root.handlers[:] = [logging.StreamHandler(file)]
        root.handlers[0].setFormatter(logging.Formatter(_FORMAT))
        root.setLevel(logging.INFO)
        try:
            with redirect_stdout(file), redirect_stderr(file):
                yield
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)
            _flush()
            for number, copy in kept:
                os.dup2(copy, number)
                os.close(copy)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(ValueError, OSError, AttributeError):
            stream.flush()
