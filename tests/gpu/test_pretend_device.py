"""The pretended GPU refuses what a GPU refuses, and nothing else."""

from __future__ import annotations

import copy
import io
from collections.abc import Callable, Iterator

import numpy
import pytest
import torch

from tests.gpu.pretend_device import PretendDevice, pretend_device
from tests.gpu.storage_marks import GPU, DeviceMismatch

Tensors = tuple[torch.Tensor, torch.Tensor]
REFUSED: dict[str, Callable[[torch.Tensor, torch.Tensor], object]] = {
    "sum": lambda here, there: here + there,
    "product": lambda here, there: torch.nn.Linear(3, 2)(there),
    "joined": lambda here, there: torch.cat([here, there]),
    "stacked numbers": lambda here, there: torch.stack([here.sum(), there.sum()]),
    "a mask of the GPU": lambda here, there: here[there > 0],
    "chosen": lambda here, there: torch.where(here > 0, there, 0.0),
    "written into": lambda here, there: here.sum().add_(there.sum()),
    "an array": lambda here, there: there.numpy(),
    "an array of NumPy": lambda here, there: numpy.asarray(there),
    "generator": lambda here, there: torch.rand(3, device="cuda", generator=torch.Generator()),
    "a product of integers": lambda here, there: there.long()[None] @ there.long(),
    "gradients": lambda here, there: _with_hook(there, here),
}
ALLOWED: dict[str, Callable[[torch.Tensor, torch.Tensor], object]] = {
    "a number of the CPU": lambda here, there: there + here.sum(),
    "a mask of the CPU": lambda here, there: there[here > 0],
    "a number put in": lambda here, there: there.index_put_((there > 0,), torch.tensor(2.0)),
    "copied into": lambda here, there: there.copy_(here),
    "moved": lambda here, there: there.cpu() + here,
    "a list": lambda here, there: there.tolist(),
}


def _with_hook(there: torch.Tensor, here: torch.Tensor) -> None:
    there = there.requires_grad_()
    twice = 2 * there
    twice.register_hook(lambda gradient: gradient * here)
    twice.sum().backward()


@pytest.fixture
def device() -> Iterator[PretendDevice]:
    with pretend_device() as watching:
        yield watching


@pytest.fixture
def tensors(device: PretendDevice) -> Tensors:
    return torch.ones(3), torch.ones(3, device="cuda")


@pytest.mark.parametrize("name", REFUSED)
def test_refused(tensors: Tensors, name: str) -> None:
    with pytest.raises(DeviceMismatch):
        REFUSED[name](*tensors)


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(tensors: Tensors, name: str) -> None:
    ALLOWED[name](*tensors)


def test_devices_of_what_is_made(tensors: Tensors) -> None:
    here, there = tensors
    one = torch.zeros((), device=there.device)
    assert one.is_cuda and not here.is_cuda and there.get_device() == 0
    made = [
        2 * there,
        there[1:],
        there.new_zeros(2),
        torch.zeros_like(there),
        torch.tensor([1], device=there.device),
        torch.arange(3, device="cuda:0"),
        here.to(there),
        here.cuda().double(),
        copy.deepcopy(there),
        there.detach().requires_grad_().sum(),
    ]
    assert {tensor.device for tensor in made} == {GPU}
    assert {tensor.device.type for tensor in (there.cpu(), there.new_zeros(2).to("cpu"))} == {"cpu"}
    assert here.device.type == "cpu" and here.to("cpu") is here


@pytest.mark.parametrize("fused", [False, True])
def test_a_module_is_moved_trained_and_saved(device: PretendDevice, fused: bool) -> None:
    module = torch.nn.Linear(3, 2).to(device="cuda:0", dtype=torch.float32)
    optimizer = torch.optim.AdamW(module.parameters(), fused=fused)
    before = module.weight.detach().clone()
    module(torch.ones(1, 3, device="cuda")).sum().backward()
    torch.nn.utils.clip_grad_norm_(module.parameters(), 1.0)
    optimizer.step()
    assert module.weight.grad is not None and module.weight.grad.device == GPU
    assert not torch.equal(before, module.weight) and copy.deepcopy(module).weight.is_cuda
    file = io.BytesIO()
    torch.save(module.state_dict(), file)
    for place, found in ((None, GPU), ("cpu", torch.device("cpu"))):
        file.seek(0)
        assert torch.load(file, map_location=place)["weight"].device == found
    assert device.operations > 10


def test_numbers_at_random_are_the_devices_own(device: PretendDevice) -> None:
    torch.manual_seed(1)
    state = torch.cuda.get_rng_state()
    here = torch.rand(2)
    there = torch.rand(2, device="cuda")
    torch.manual_seed(1)
    assert torch.equal(torch.rand(2), here)  # whatever the device has drawn
    torch.cuda.set_rng_state(state)
    assert torch.equal(torch.rand(2, device="cuda").cpu(), there.cpu())
    with torch.random.fork_rng():
        torch.rand(2, device="cuda")
    assert not torch.equal(torch.rand(2, device="cuda").cpu(), there.cpu())


def test_autocast_and_scaled_gradients(device: PretendDevice) -> None:
    module = torch.nn.Linear(3, 2).cuda()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    with torch.autocast("cuda", torch.bfloat16):
        assert torch.is_autocast_enabled("cuda")
        output = module(torch.ones(1, 3, device="cuda"))
    assert output.dtype == torch.bfloat16 and output.is_cuda
    scaler.scale(output.float().sum()).backward()
    before = module.bias.detach().clone()
    scaler.step(optimizer)
    scaler.update()
    torch.testing.assert_close(module.bias.detach(), before - 0.1)


def test_waits_are_counted(tensors: Tensors, device: PretendDevice) -> None:
    _, there = tensors
    before = sum(device.waits.values())
    there.sum().item()
    there[there > 0]
    assert sum(device.waits.values()) == before + 2
    _ = there * 2 + 1
    assert sum(device.waits.values()) == before + 2


def test_nothing_is_left_behind() -> None:
    with pretend_device():
        there = torch.ones(2, device="cuda")
    assert there.device.type == "cpu" and there.numpy().sum() == 2
    assert not torch.cuda.is_initialized() or torch.cuda.is_available()
