"""
The memory that `allennlp heads validate` expects of a training, against what its largest batch
really takes: on a GPU by torch's own count, else by the growth of the process.
"""

import os
import re
import tempfile
from multiprocessing import get_context
from pathlib import Path

import torch

from allennlp_heads.validation import Findings, training
from allennlp_heads.validation.batches import Batches, batches_of
from allennlp_heads.validation.stages import Stages, stages_of
from benchmarks.configured import configuration

CONFIGS = ("stem_cell/gate/pos_dep.jsonnet", "functional_specialization/pair/qnli_sst2.jsonnet")
STEPS = 2
"""The second one finds the optimizer's numbers there."""


def main() -> dict[str, float]:
    """Ratios of bytes; 1.1 is a tenth too much."""
    # each in a process of its own, which has nothing to use again
    with get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        ratios = pool.map(share_expected, CONFIGS, chunksize=1)
    return {f"memory, expected / taken: {name}": one for name, one in zip(CONFIGS, ratios)}


def share_expected(name: str) -> float:
    """The expected bytes of a shipped configuration, as a share of those that it takes."""
    config, findings = configuration(name), Findings()
    with tempfile.TemporaryDirectory() as folder:
        stages = stages_of(config, f"{folder}/run", findings)
        assert stages is not None and stages.read(findings)
        before = _resident()
        assert stages.build(findings), findings
        stages.close()
        batches = batches_of(stages.loaders["train"])
        taken = max(_taken(stages, largest, before) for largest in batches.values())
    memory = training.look_at(config, findings)["memory"]
    assert not findings.failed, findings
    return float(memory["total"] / taken)


def _taken(stages: Stages, largest: Batches, before: int) -> int:
    trainer = stages.trainer
    assert trainer is not None, "built"
    device = trainer.cuda_device
    _forget_peak(device)
    trainer.model.train()
    for _ in range(STEPS):
        trainer.optimizer.zero_grad(set_to_none=True)
        batch = largest.sample(largest.examples)
        trainer.batch_outputs(batch, for_training=True)["loss"].backward()
        trainer.optimizer.step()
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return _resident("VmHWM") - before


def _forget_peak(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    else:
        Path("/proc/self/clear_refs").write_text("5")  # Linux: the peak starts anew


def _resident(kind: str = "VmRSS") -> int:
    """Bytes of memory of this process."""
    found = re.search(rf"{kind}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None, os.name
    return 1024 * int(found[1])


if __name__ == "__main__":
    for name, ratio in main().items():
        print(f"{ratio:8.3f}  {name}")
