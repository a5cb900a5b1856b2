"""Device arguments: every function of torch.npu that takes a device goes through here."""

from __future__ import annotations

import operator

import torch

from torch_npu import _C

DeviceLike = torch.device | str | int | None


def _get_device_index(device: DeviceLike, optional: bool = False, allow_cpu: bool = False) -> int:
    """Index of an npu device given as ``torch.device``, string, integer or None.

    Args:
        device: ``"npu:1"``, ``torch.device("npu", 1)``, ``1``; without an index it means the current device.
        optional: accept a device without an index, and None.
        allow_cpu: return -1 for the CPU instead of refusing it.

    Raises:
        ValueError: another device type, or no index although ``optional`` is False.
        TypeError: neither a device, a string nor an integer.
    """
    if isinstance(device, str):
        device = torch.device(device)
    if isinstance(device, torch.device):
        if device.type == "cpu" and allow_cpu:
            return -1
        if device.type != "npu":
            raise ValueError(f"expected an npu device but got '{device}'")
        device = device.index
    if device is None:
        if not optional:
            raise ValueError("expected an npu device with an index, such as 'npu:0', or an integer")
        return _C.current_device()
    return operator.index(device)


def _existing_device_index(device: DeviceLike) -> int:
    """Like :func:`_get_device_index` with ``optional=True``, and checks that there is such a device.

    Raises:
        ValueError: another device type.
        RuntimeError: there is no device of that index.
    """
    index = _get_device_index(device, optional=True)
    _C.check_device(index)
    return index
