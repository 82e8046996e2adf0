"""The archive of a run that was ended by Ctrl-C or SIGTERM."""

import atexit
import json
import logging
import os
import sys
from pathlib import Path

from allennlp.common.util import SigTermReceived
from allennlp.models.archival import CONFIG_NAME, archive_model

logger = logging.getLogger(__name__)


def complete_archive_at_exit(serialization_dir: str) -> None:
    """
    When training is being interrupted, see to it that the archive has all its files in the end.

    AllenNLP archives the best weights of an interrupted run, but without what the configuration
    names in `include_in_archive`, and only after the callbacks' `on_end`; hence at exit.
    """
    if isinstance(sys.exc_info()[1], (KeyboardInterrupt, SigTermReceived)):
        atexit.register(complete_archive, serialization_dir)


def complete_archive(serialization_dir: str) -> None:
    """
    Write `model.tar.gz` anew with the files of `include_in_archive`; does nothing where there is no
    archive or nothing to include. The old archive stays until the new one is whole.
    """
    folder = Path(serialization_dir)
    archive, draft = folder / "model.tar.gz", folder / "model.tar.gz.draft"
    include = json.loads((folder / CONFIG_NAME).read_text()).get("include_in_archive")
    if not include or not archive.is_file():
        return
    try:
        archive_model(folder, archive_path=draft, include_in_archive=include)
        os.replace(draft, archive)
    finally:
        draft.unlink(missing_ok=True)
    logger.info("The archive of the interrupted run now has its files %s too.", include)
