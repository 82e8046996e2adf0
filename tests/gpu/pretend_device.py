"""
A GPU that is none: tensors that stay on the CPU but act as on `cuda:0`, so that what would fail on
a GPU fails on any machine.

Meanwhile every storage is on one of two devices, by a mark on it. PyTorch is told of `cuda:0` by
its own means: a `TorchFunctionMode` that answers `tensor.device` and takes `device=...`, and below
it a `TorchDispatchMode` that sees every operation, those of backward passes too, and raises where a
GPU would: tensors of both devices in one operation, `numpy()` of a tensor on the GPU, a matrix
product of integers there, a generator of the CPU for its numbers. Random numbers on the device have
a state of their own, weights are saved as they are from a GPU, and autocast works as on the CPU.
What is tested is no more than that things run: not speed, nor kernels, nor memory.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from tests.gpu.pretend_cuda import pretend_cuda
from tests.gpu.storage_marks import CPU, GPU, DeviceMismatch, device_of, mark

_aten = torch.ops.aten
# what a GPU takes from either device
_BETWEEN_DEVICES = {_aten.copy_, _aten._to_copy, _aten.clone, _aten._foreach_copy_, _aten.set_}
_INDEXING = {_aten.index, _aten.index_put, _aten.index_put_, _aten._index_put_impl_}
_FLOATS_ONLY = {_aten.mm, _aten.bmm, _aten.addmm, _aten.baddbmm, _aten.mv, _aten.dot}
_WAITS = {_aten._local_scalar_dense, _aten.nonzero, _aten.masked_select, _aten.equal}


@contextmanager
def pretend_device() -> Iterator[PretendDevice]:
    """While it is open there is a GPU, `cuda:0`, that checks whatever is done with it."""
    below = PretendDevice()
    with ExitStack() as stack:
        stack.enter_context(pretend_cuda(below.generator))
        stack.enter_context(below)
        stack.enter_context(_Above(below))
        yield below


class PretendDevice(TorchDispatchMode):
    """The mode that sees every operation."""

    def __init__(self) -> None:
        super().__init__()
        self.generator = torch.Generator()
        """The device's generator."""
        self.fresh = CPU
        """Where tensors are made by operations that have none to go by."""
        self.moving = False
        """Whether an operation's result goes to `fresh`, wherever its tensors are."""
        self.waits: Counter[str] = Counter()
        """How often the program waited for the device, by the line that did."""
        self.operations = 0
        """How many operations had a tensor on the device."""

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        with torch._C.DisableTorchFunction():
            given = list(_tensors((args, kwargs)))
            places = {device_of(tensor) for tensor in given}
            packet = func.overloadpacket
            if packet not in _BETWEEN_DEVICES:
                self._check(func, args, kwargs, given)
            if GPU in places:
                if packet in _FLOATS_ONLY and not given[0].is_floating_point():
                    raise DeviceMismatch(f"{func}: no such product of {given[0].dtype} on {GPU}")
                self.operations += 1
                self._wait(packet, args)
            to = self.fresh if self.moving or not given else GPU if GPU in places else CPU
            before = {tensor.untyped_storage()._cdata for tensor in given}
            with self._random(func, to, kwargs):
                result = func(*args, **kwargs)
            for tensor in _tensors(result):
                if packet is not _aten.set_ and tensor.untyped_storage()._cdata not in before:
                    mark(tensor, to)
            return result

    def _check(self, func: Any, args: Any, kwargs: Any, given: list[torch.Tensor]) -> None:
        packet = func.overloadpacket
        if packet in _INDEXING:
            # a GPU's tensors may be indexed by those of the CPU, not the other way round
            values = [
                value for value in args[2:3] if isinstance(value, torch.Tensor) and value.dim()
            ]
            given = [args[0], *values] if device_of(args[0]) == GPU else given
        elif not any(isinstance(value, (list, tuple)) and list(_tensors(value)) for value in args):
            written = _written(func, args, kwargs)
            given = [t for t in given if t.dim() or device_of(t) == GPU or t is written]
        if len({device_of(tensor) for tensor in given}) > 1:
            found = ", ".join(f"{list(t.shape)} on {device_of(t)}" for t in given)
            raise DeviceMismatch(f"{func}: tensors of two devices: {found}")

    def _wait(self, packet: Any, args: Any) -> None:
        masks = packet in _INDEXING and any(t.dtype is torch.bool for t in _tensors(args[1]))
        if packet in _WAITS or masks or (self.moving and self.fresh == CPU):
            self.waits[_place()] += 1

    @contextmanager
    def _random(self, func: Any, to: torch.device, kwargs: dict[str, Any]) -> Iterator[None]:
        """Numbers for the device come from its own generator."""
        if to == CPU or torch.Tag.nondeterministic_seeded not in func.tags:
            yield
            return
        if kwargs.get("generator") is not None:
            raise DeviceMismatch(f"{func}: a generator of the CPU for numbers on {GPU}")
        outside = torch.get_rng_state()
        torch.set_rng_state(self.generator.get_state())
        try:
            yield
        finally:
            self.generator.set_state(torch.get_rng_state())
            torch.set_rng_state(outside)

    @contextmanager
    def making(self, device: torch.device, moving: bool = False) -> Iterator[None]:
        """Meanwhile new tensors are on `device`; with `moving`, copies too."""
        before = self.fresh, self.moving
        self.fresh, self.moving = device, moving
        try:
            yield
        finally:
            self.fresh, self.moving = before


class _Above(TorchFunctionMode):
    """The mode that sees what Python asks of tensors."""

    def __init__(self, below: PretendDevice) -> None:
        super().__init__()
        self._below = below

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = dict(kwargs or {})
        answer = _ANSWERS.get(func)
        if answer is not None:
            return answer(self._below, func, *args, **kwargs)
        if kwargs.get("device") is not None:
            device, kwargs["device"] = _known(kwargs["device"]), CPU
            with self._below.making(device):
                made = func(*args, **kwargs)
            if func in (torch.as_tensor, torch.asarray):
                return _moved(self._below, made, device)
            mark(made, device)
            return made
        on_gpu = any(device_of(tensor) == GPU for tensor in _tensors((args, kwargs)))
        # functions written in Python run without this mode: what they make is where they were asked
        with self._below.making(GPU if on_gpu else CPU):
            return func(*args, **kwargs)


def _moved(below: PretendDevice, tensor: torch.Tensor, device: torch.device) -> torch.Tensor:
    if device_of(tensor) == device:
        return tensor
    with below.making(device, moving=True):
        return tensor.clone()


def _to(below: PretendDevice, func: Any, tensor: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
    other = args[0] if args and isinstance(args[0], torch.Tensor) else kwargs.pop("other", None)
    if other is not None:
        device, dtype, rest = device_of(other), other.dtype, args[1:]
    else:
        named = {key: kwargs.pop(key) for key in ("device", "dtype") if key in kwargs}
        device, dtype, rest = _device_and_dtype(*args)
        device, dtype = named.get("device", device), named.get("dtype", dtype)
    target = device_of(tensor) if device is None else _known(device)
    dtype = tensor.dtype if dtype is None else dtype
    moved = _moved(below, tensor, target)
    if moved is not tensor:
        rest = ()  # whether to wait, and whether to copy
        kwargs.pop("copy", None)
    return func(moved, dtype, *rest, **kwargs)


def _device_and_dtype(*args: Any) -> tuple[Any, Any, tuple[Any, ...]]:
    if not args or isinstance(args[0], torch.dtype):
        return None, args[0] if args else None, args[1:]
    return args[0], args[1] if len(args) > 1 else None, args[2:]


def _cuda(below: PretendDevice, func: Any, tensor: torch.Tensor, *_: Any, **__: Any) -> Any:
    return _moved(below, tensor, GPU)


def _cpu(below: PretendDevice, func: Any, tensor: torch.Tensor, *_: Any, **__: Any) -> Any:
    return _moved(below, tensor, CPU)


def _numbers(below: PretendDevice, func: Any, tensor: torch.Tensor) -> Any:
    if device_of(tensor) == GPU:
        below.waits[_place()] += 1
    return func(tensor)


def _array(below: PretendDevice, func: Any, tensor: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
    if device_of(tensor) == GPU:
        raise DeviceMismatch(
            f"can't convert a tensor on {GPU} to numpy. Use Tensor.cpu() to copy it first"
        )
    return func(tensor, *args, **kwargs)


def _deep_copy(below: PretendDevice, func: Any, tensor: torch.Tensor, memo: Any) -> Any:
    copied = func(tensor, memo)
    mark(copied, device_of(tensor))
    return copied


def _number(args: tuple[Any, ...]) -> bool:
    return isinstance(args[0], int)


def _known(device: Any) -> torch.device:
    found = torch.device("cuda" if isinstance(device, int) else device)
    return GPU if found.type == "cuda" else CPU


_ANSWERS: dict[Any, Callable[..., Any]] = {
    torch.Tensor.device.__get__: lambda below, func, tensor: device_of(tensor),  # type: ignore
    torch.Tensor.is_cuda.__get__: lambda below, func, tensor: device_of(tensor) == GPU,  # type: ignore
    torch.Tensor.is_cpu.__get__: lambda below, func, tensor: device_of(tensor) == CPU,  # type: ignore
    torch.Tensor.get_device: lambda below, func, tensor: 0 if device_of(tensor) == GPU else -1,
    torch.Tensor.to: _to,
    torch.Tensor.type_as: lambda below, func, tensor, other: _to(
        below, torch.Tensor.to, tensor, other
    ),
    torch.Tensor.cuda: _cuda,
    torch.Tensor.cpu: _cpu,
    torch.Tensor.tolist: _numbers,
    torch.Tensor.numpy: _array,
    torch.Tensor.__array__: _array,
    torch.Tensor.__deepcopy__: _deep_copy,
    torch.device: lambda below, func, *args: func(*(("cuda", *args) if _number(args) else args)),
    torch._C._nn._parse_to: lambda below, func, *args, **kwargs: func(*args, **kwargs),
    torch.Tensor.pin_memory: lambda below, func, tensor, *_: tensor,
}


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))


def _written(func: Any, args: Any, kwargs: Any) -> Any:
    """The tensor that an operation writes into, if any."""
    for place, argument in enumerate(func._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            return args[place] if place < len(args) else kwargs.get(argument.name)
    return None


def _place() -> str:
    """The line of the package that asked, or the last one there is."""
    frames = [f for f in traceback.extract_stack() if "tests/gpu/pretend" not in f.filename]
    own = [frame for frame in frames if "/allennlp_heads/" in frame.filename]
    frame = (own or frames)[-1]
    return f"{frame.filename.rpartition('/allennlp_heads/')[-1]}:{frame.lineno}"
