"""What a failing report does to the training: nothing, unless the training is to end."""

import pytest
from allennlp.common.util import SigTermReceived

from allennlp_heads.training.attempt import attempt


def fail(error: BaseException) -> None:
    raise error


def test_failures_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert attempt(lambda: None, "A report")
    assert not attempt(lambda: fail(OSError("disk full")), "A report")
    assert "A report could not be written" in caplog.text


@pytest.mark.parametrize("signal", [SigTermReceived(), KeyboardInterrupt()])
def test_a_signal_is_not_lost(signal: BaseException) -> None:
    with pytest.raises(type(signal)):
        attempt(lambda: fail(signal), "A report")
