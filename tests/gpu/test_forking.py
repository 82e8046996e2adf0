"""The process that a grid's runs are forked from leaves the GPU to them."""

from __future__ import annotations

import os
import subprocess
import sys

from allennlp_heads.grid.local_executor import _ASK_NVML

# PyTorch with CUDA says of a process that has called this that its forks may not use a GPU
SERVER = """
import torch

def asked():
    raise AssertionError("CUDA was asked")

torch._C._cuda_getDeviceCount = asked
torch._C._cuda_getCurrentRawStream = None  # only imported
torch.cuda._device_count_nvml = lambda: 1
assert torch.cuda.is_available()
import allennlp_heads.grid.preload
assert not torch.cuda.is_initialized()
"""


def test_what_is_imported_first_does_not_ask_cuda() -> None:
    environment = {**os.environ, **_ASK_NVML}
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SERVER],
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert found.returncode == 0, found.stderr[-2000:]
