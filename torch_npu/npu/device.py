"""Which devices there are, which one is current, and what they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import torch

from torch_npu import _C
from torch_npu.npu._utils import DeviceLike, _existing_device_index, _get_device_index

__all__ = [
    "can_device_access_peer",
    "current_device",
    "device",
    "device_count",
    "device_of",
    "get_device_capability",
    "get_device_name",
    "get_device_properties",
    "init",
    "is_available",
    "is_bf16_supported",
    "is_initialized",
    "set_device",
    "synchronize",
    "utilization",
]

_exchange_device = _C.exchange_device
_maybe_exchange_device = _C.maybe_exchange_device


def is_available() -> bool:
    """Whether there is a usable npu device. Never raises and never initialises one."""
    return _C.device_count() > 0


def device_count() -> int:
    """Number of npu devices that this process may use (``ASCEND_RT_VISIBLE_DEVICES`` selects them).

    Never raises and never initialises a device, so a process may still fork afterwards.
    """
    return _C.device_count()


def is_initialized() -> bool:
    """Whether this process has used an npu device yet; False in a forked child of one that has."""
    return _C.is_initialized()


def init() -> None:
    """Initialise the device runtime now instead of at its first use.

    Raises:
        RuntimeError: there is no device, or this is a forked child of a process that has used one.
    """
    _C.init()


def _lazy_init() -> None:
    """What torch calls before uses and before some questions: the runtime starts by itself, so only refuse."""
    if _C.is_in_bad_fork() or _C.device_count() == 0:
        _C.init()


def _lazy_call(callback: Callable[[], Any], **_: Any) -> None:
    """Run ``callback`` now: what other backends queue until initialisation (seeds) needs no device here."""
    callback()


def _is_in_bad_fork() -> bool:
    return _C.is_in_bad_fork()


def current_device() -> int:
    """Index of the current device of this thread; 0 before any has been chosen. Never initialises one."""
    return _C.current_device()


def set_device(device: DeviceLike) -> None:
    """Make ``device`` the current one of this thread. A negative index does nothing.

    Prefer :class:`torch.npu.device`, or ``ASCEND_RT_VISIBLE_DEVICES`` for a whole process.

    Raises:
        ValueError: not an npu device, or without an index.
        RuntimeError: there is no such device.
    """
    if device is None:
        raise ValueError("torch.npu.set_device needs a device, such as 'npu:0' or 0")
    index = _get_device_index(device, optional=True)
    if index >= 0:
        _C.set_device(index)


def synchronize(device: DeviceLike = None) -> None:
    """Wait until all work queued on ``device`` (default: the current one) is finished.

    Errors of that work are raised here.

    Raises:
        RuntimeError: there is no such device, or work queued on it has failed.
    """
    index = _existing_device_index(device)
    if _C.is_initialized() or _C.is_in_bad_fork():
        _C.synchronize(index)


class device:
    """Context manager that changes the current device of this thread.

    Args:
        device: an npu device or its index; nothing happens for None and negative indices.
    """

    def __init__(self, device: DeviceLike) -> None:
        self.idx = -1 if device is None else _get_device_index(device, optional=True)
        self.prev_idx = -1

    def __enter__(self) -> device:
        if self.idx >= 0:
            self.prev_idx = _C.exchange_device(self.idx)
        return self

    def __exit__(self, *_: object) -> None:
        if self.prev_idx >= 0:
            _C.maybe_exchange_device(self.prev_idx)
            self.prev_idx = -1


class device_of(device):
    """Context manager that makes the device of an npu tensor or storage current; nothing for other objects."""

    def __init__(self, obj: Any) -> None:
        where = getattr(obj, "device", None)
        super().__init__(where.index if isinstance(where, torch.device) and where.type == "npu" else None)


def get_device_name(device: DeviceLike = None) -> str:
    """Name of the chip, such as ``'Ascend910B2'``. Does not initialise the device.

    Raises:
        RuntimeError: there is no such device.
    """
    return _C.device_name(_existing_device_index(device))


def get_device_properties(device: DeviceLike = None) -> _C.NPUDeviceProperties:
    """Name, memory in bytes (``total_memory``) and core counts of a device.

    Raises:
        RuntimeError: there is no such device.
    """
    return _C.device_properties(_existing_device_index(device))


def get_device_capability(device: DeviceLike = None) -> None:
    """None: Ascend chips have no capability number, what they can do follows from their name.

    ``torch.accelerator.get_device_capability()`` lists the supported dtypes.

    Raises:
        RuntimeError: there is no such device.
    """
    _existing_device_index(device)


def is_bf16_supported(including_emulation: bool = True) -> bool:
    """Whether the chip computes in bfloat16: all but the first generation (310, 310P, 910A, 910ProA/B)."""
    if not is_available():
        return False
    return re.match(r"Ascend(310|910(A|B|ProA|ProB|PremiumA)?$)", _C.device_name(0)) is None


def can_device_access_peer(device: DeviceLike, peer_device: DeviceLike) -> bool:
    """Whether ``device`` can read and write the memory of ``peer_device`` directly.

    Raises:
        RuntimeError: one of them does not exist.
    """
    return _C.can_device_access_peer(_existing_device_index(device), _existing_device_index(peer_device))


def utilization(device: DeviceLike = None) -> int:
    """How busy the cube cores of a device are, in per cent.

    Raises:
        RuntimeError: there is no such device.
    """
    return _C.utilization(_existing_device_index(device))
