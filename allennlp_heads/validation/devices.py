"""The GPUs that a training asks for."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from allennlp_heads.reports.markup import plural
from allennlp_heads.validation.findings import Findings
from allennlp_heads.validation.written import Config

_CURE = "Train on a machine that has {them}, or write -1 for a CPU."


def without_missing_gpus(config: Config, findings: Findings) -> Config:
    """
    Warn of GPUs that this machine does not have; another one may be meant to train. There AllenNLP
    only quotes torch, which "cannot access accelerator device when none is available".

    # Parameters

    config : `Dict[str, Any]`
    findings : `Findings`
        Gets what is found.

    # Returns

    `Dict[str, Any]`
        The configuration with the CPU in place of the trainer's missing GPU, to be looked at here.
    """
    trainer, distributed = config.get("trainer"), config.get("distributed")
    if isinstance(distributed, Mapping):
        _missing("distributed.cuda_devices", distributed.get("cuda_devices"), findings)
    if isinstance(trainer, Mapping):
        if _missing("trainer.cuda_device", [trainer.get("cuda_device")], findings):
            return {**config, "trainer": {**trainer, "cuda_device": -1}}
    return config


def _missing(key: str, devices: object, findings: Findings) -> bool:
    there = torch.cuda.device_count()
    wanted = devices if isinstance(devices, list) else []
    missing = sorted({one for one in wanted if isinstance(one, int) and one >= there})
    if missing:
        numbers = ", ".join(map(str, missing))
        found = f"it asks for GPU {numbers}, and this machine has {plural(there, 'GPU')}"
        findings.warning(key, found, _CURE.format(them="them" if missing[1:] else "it"))
    return bool(missing)
