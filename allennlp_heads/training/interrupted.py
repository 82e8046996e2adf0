"""The archive of a run that did not end as it should."""

import atexit
import json
import logging
import os
import sys
from pathlib import Path

from allennlp.common.util import SigTermReceived
from allennlp.models.archival import CONFIG_NAME, archive_model

from allennlp_heads.disk.archives import archive_damage

logger = logging.getLogger(__name__)

_ARCHIVE, _DRAFT = "model.tar.gz", "model.tar.gz.draft"


def complete_archive_at_exit(serialization_dir: str) -> None:
    """
    See to it that the archive has all its files in the end, or is none.

    AllenNLP archives the best weights of an interrupted run, but without what the configuration
    names in `include_in_archive`. It writes the archive in its place, so that a full disk leaves
    half of one. Both comes after the callbacks' `on_end`; hence at exit.
    """
    (Path(serialization_dir) / _DRAFT).unlink(missing_ok=True)  # of a process that was killed
    interrupted = isinstance(sys.exc_info()[1], (KeyboardInterrupt, SigTermReceived))
    atexit.register(_archive_at_exit, serialization_dir, interrupted)


def _archive_at_exit(serialization_dir: str, interrupted: bool) -> None:
    remove_half_archive(serialization_dir)
    if interrupted:
        complete_archive(serialization_dir)


def remove_half_archive(serialization_dir: str) -> bool:
    """
    Delete `model.tar.gz` where it breaks off: no other program should take it for complete.

    # Returns

    `bool`
        Whether there was one.
    """
    archive = Path(serialization_dir) / _ARCHIVE
    damage = archive_damage(archive) if archive.is_file() else None
    if damage is None:
        return False
    archive.unlink()
    logger.error(
        "%s was cut short (%s) and is deleted; the weights and checkpoints are whole. Make room "
        "for it, then write it with 'allennlp train' and --recover, as before",
        archive,
        damage,
    )
    return True


def complete_archive(serialization_dir: str) -> None:
    """
    Write `model.tar.gz` anew with the files of `include_in_archive`; does nothing where there is no
    archive or nothing to include. The old archive stays until the new one is whole, and where that
    cannot be written.
    """
    folder = Path(serialization_dir)
    archive, draft = folder / _ARCHIVE, folder / _DRAFT
    if not archive.is_file():
        return
    include = json.loads((folder / CONFIG_NAME).read_text()).get("include_in_archive")
    if not include:
        return
    try:
        archive_model(folder, archive_path=draft, include_in_archive=include)
        os.replace(draft, archive)
    except OSError as error:
        logger.error(
            "The archive of the interrupted run lacks its files %s: %s. Make room, then go on with "
            "--recover",
            include,
            error.strerror or error,
        )
        return
    finally:
        draft.unlink(missing_ok=True)
    logger.info("The archive of the interrupted run now has its files %s too.", include)
