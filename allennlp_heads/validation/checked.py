"""What can be said of a configuration as it is written, before anything of it is built."""

from __future__ import annotations

from typing import NamedTuple

from allennlp_heads.validation.data_checks import check_same_paths
from allennlp_heads.validation.encoders import check_same_encoder, on_this_machine
from allennlp_heads.validation.files import check_files
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.top_keys import check_top_keys
from allennlp_heads.validation.trainer_keys import (
    check_callback_order,
    check_patience,
    check_trainer_keys,
)
from allennlp_heads.validation.written import Config


class Checked(NamedTuple):
    """
    # Parameters

    missing : `List[str]`
        The keys of files that are not here.
    complete : `bool`
        Whether it has the keys that a training needs.
    here : `Dict[str, Any]`, optional
        The configuration with encoders that are on this machine; `None` where one is not.
    """

    missing: list[str]
    complete: bool
    here: Config | None


def check_written(config: Config, findings: Findings, training: bool = True) -> Checked:
    """
    Check files, encoders and, of a training, its keys.

    # Parameters

    config : `Dict[str, Any]`
    findings : `Findings`
        Gets what is found.
    training : `bool`, optional (default = `True`)
        Whether `allennlp train` reads it.
    """
    missing = check_files(config, findings)
    check_same_encoder(config, findings)
    complete = training and check_top_keys(config, findings)
    if training:
        check_trainer_keys(config, findings)
        check_patience(config, findings)
        check_callback_order(config, findings)
        check_same_paths(config, findings)
    return Checked(missing, complete, on_this_machine(config, findings))
