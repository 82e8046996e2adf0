"""Reports of probes that outlive pictures which cannot be drawn."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import SigTermReceived

from allennlp_heads.analysis.probing.result import ProbeResult
from allennlp_heads.reports.probing.files import PathLike, write_probe

logger = logging.getLogger(__name__)


def write_with_or_without_pictures(
    folder: PathLike,
    results: Mapping[str, ProbeResult],
    about: Mapping[str, Any],
    seed: int | None = None,
) -> None:
    """
    `write_probe`, and once more without pictures where something goes wrong while they are drawn,
    such as a package that is not installed: what took hours to find is not lost for them. One line
    in the log says so.

    Raises `ConfigurationError` when the folder cannot be written.
    """
    try:
        write_probe(folder, results, about, seed)
    except (ConfigurationError, OSError, SigTermReceived):  # nothing that pictures do
        raise
    except Exception as error:
        write_probe(folder, results, about, seed, figures=False)
        logger.error(
            "The report in %s is without pictures, which cannot be drawn (%s: %s): 'allennlp-heads "
            "check' names packages that are missing",
            folder,
            type(error).__name__,
            error,
        )
