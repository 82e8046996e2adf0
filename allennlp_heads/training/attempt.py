"""Reports that may fail without taking the training with them."""

import logging
from collections.abc import Callable

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

logger = logging.getLogger(__name__)


def attempt(write: Callable[[], None], what: str) -> bool:
    """
    Run `write`; log an exception instead of raising it. A `ConfigurationError` is logged by its
    message alone.

    # Parameters

    write : `Callable[[], None]`
    what : `str`
        Names what could not be written.

    # Returns

    `bool`
        Whether it went well.
    """
    try:
        write()
    except SigTermReceived:  # an ordinary exception of AllenNLP's, which must end the training
        raise
    except ConfigurationError as error:
        logger.error("%s could not be written; the training is unharmed: %s", what, error)
        return False
    except Exception:
        logger.exception("%s could not be written; the training is unharmed", what)
        return False
    return True
