"""What a failing report does to the training: nothing, unless the training is to end."""

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from allennlp_heads.training.attempt import attempt
from allennlp_heads.training.state_files import load_state


def fail(error: BaseException) -> None:
    raise error


def test_failures_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert attempt(lambda: None, "A report")
    assert not attempt(lambda: fail(OSError("disk full")), "A report")
    assert "A report could not be written" in caplog.text


def test_what_the_user_can_mend_is_said_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not attempt(lambda: fail(ConfigurationError("no head is open")), "A report")
    assert "A report could not be written; the training is unharmed: no head is open" in caplog.text
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize("signal", [SigTermReceived(), KeyboardInterrupt()])
def test_a_signal_is_not_lost(signal: BaseException) -> None:
    with pytest.raises(type(signal)):
        attempt(lambda: fail(signal), "A report")


def test_a_signal_does_not_make_a_checkpoint_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "load", lambda *args, **kwargs: fail(SigTermReceived()))
    with pytest.raises(SigTermReceived):
        load_state("model_state_e1_b0.th")
