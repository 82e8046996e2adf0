"""Reports that cannot be written, and kills while they are, in a training with each callback."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from allennlp.common.util import SigTermReceived

from allennlp_heads.training import callbacks
from tests.faults.callbacks import CALLBACKS, SILENT, Config, training
from tests.faults.conftest import Noted
from tests.faults.faults import (
    Moments,
    files_below,
    interrupt,
    refuse,
    signals_raise,
    terminate,
)
from tests.training.runs import assert_equal, left_by, train

SIGNALS: dict[str, tuple[Callable[[], None], type[BaseException]]] = {
    "Ctrl-C": (interrupt, KeyboardInterrupt),
    "SIGTERM": (terminate, SigTermReceived),
}


class Usual(NamedTuple):
    """A training to which nothing happens."""

    config: Config
    left: Config
    files: set[str]
    moments: list[str]


@pytest.fixture(scope="module")
def usual(tiny_bert: str, fixtures_root: Path, run: Path) -> Callable[[str], Usual]:
    made: dict[str, Usual] = {}

    def of(name: str) -> Usual:
        if name not in made:
            config = training(tiny_bert, fixtures_root, name)
            with Moments(run) as moments:
                model = train(config, run)
            made[name] = Usual(config, left_by(run, model), set(files_below(run)), moments.seen)
            shutil.rmtree(run)
        return made[name]

    return of


def is_report(moment: str) -> bool:
    """Whether it is one of what the callbacks write, and not of AllenNLP's own."""
    return "heads" in moment or "pruned" in moment


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Always the same place, since reports name it."""
    return tmp_path_factory.mktemp("faults") / "run"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[logging.LogRecord]:
    """Errors; AllenNLP's training takes the handlers of the root logger away."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler(logging.ERROR)
    monkeypatch.setattr(handler, "emit", records.append)
    logger = logging.getLogger("allennlp_heads")
    monkeypatch.setattr(logger, "handlers", [handler])
    return records


def test_no_callback_is_left_out() -> None:
    from allennlp.training.callbacks import TrainerCallback

    ours = {
        name
        for name in TrainerCallback.list_available()
        if TrainerCallback.by_name(name).__module__.startswith(callbacks.__name__)
    }
    assert ours - SILENT == set(CALLBACKS)


class Refused(Moments):
    """
    Reports are refused once on the way, and all that come after the last checkpoint.

    # Parameters

    folder : `Path`
    last : `Path`
        The file of the last checkpoint.
    """

    def __init__(self, folder: Path, last: Path) -> None:
        super().__init__(folder)
        self._last = last
        self._refused = 0

    def notice(self, event: str, args: tuple[Any, ...]) -> None:
        before = len(self.seen)
        super().notice(event, args)
        needs_room = len(self.seen) > before and not event.startswith("os.r")
        if needs_room and is_report(self.seen[-1]) and (not self._refused or self._last.exists()):
            self._refused += 1
            refuse()


@pytest.mark.parametrize("name", CALLBACKS)
def test_reports_that_cannot_be_written(
    name: str,
    usual: Callable[[str], Usual],
    run: Path,
    said: list[logging.LogRecord],
    noted: Noted,
) -> None:
    """The training is unharmed; once there is room, `--recover` writes what is missing."""
    wanted = usual(name)
    last = max(name for name in wanted.files if name.startswith("training_state"))
    try:
        with Refused(run, run / last):
            train(wanted.config, run)
        errors = [record.getMessage() for record in said]
        assert errors and not any(record.exc_info for record in said), errors
        assert "the training is unharmed: cannot write" in errors[0]
        assert all("\n" not in error for error in errors)
        left = set(files_below(run))
        assert "model.tar.gz" in left and not [n for n in left if n.endswith(("tmp", "draft"))]
        model = train(wanted.config, run, recover=True)
        assert_equal(left_by(run, model), wanted.left)
        assert set(files_below(run)) == wanted.files
    finally:
        shutil.rmtree(run, ignore_errors=True)
    noted("disk full", f"`{name}`", "logged, the archive is written; `--recover` adds the report")


@pytest.mark.parametrize("name", CALLBACKS)
@pytest.mark.parametrize("fault", SIGNALS)
def test_signal_while_a_report_is_written(
    name: str,
    fault: str,
    share: float,
    usual: Callable[[str], Usual],
    run: Path,
    noted: Noted,
) -> None:
    if (fault == "Ctrl-C") != (list(CALLBACKS).index(name) % 2 == 0) and share == 0.6:
        pytest.skip("half of them get the other signal, unless HEADS_FAULT_MOMENTS is more")
    wanted, (signal, error) = usual(name), SIGNALS[fault]
    reports = [at for at, one in enumerate(wanted.moments) if is_report(one)]
    at = reports[int(share * len(reports))]
    try:
        with pytest.raises(error), signals_raise(), Moments(run, at, signal):
            train(wanted.config, run)
        model = train(wanted.config, run, recover=True)
        assert_equal(left_by(run, model), wanted.left)
        assert set(files_below(run)) == wanted.files
    finally:
        shutil.rmtree(run, ignore_errors=True)
    noted(fault, f"`{name}`", "`--recover` ends with the same weights, gates, scores and files")
