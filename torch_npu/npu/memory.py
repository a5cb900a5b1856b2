"""The caching allocator of device memory: statistics, limits, snapshot. Sizes are in bytes.

Where no device is initialised, statistics are empty and resetting them does nothing.
"""

from __future__ import annotations

import pickle
import sys
import warnings
from collections import OrderedDict
from typing import Any

import torch

from torch_npu import _C
from torch_npu._not_offered import is_vendor_name as _is_vendor_name
from torch_npu.npu._memory_summary import format_summary
from torch_npu.npu._utils import DeviceLike, _existing_device_index

__all__ = [
    "empty_cache",
    "get_per_process_memory_fraction",
    "host_empty_cache",
    "host_memory_stats",
    "host_memory_stats_as_nested_dict",
    "ipc_collect",
    "max_memory_allocated",
    "max_memory_cached",
    "max_memory_reserved",
    "mem_get_info",
    "memory_allocated",
    "memory_cached",
    "memory_reserved",
    "memory_snapshot",
    "memory_stats",
    "memory_stats_as_nested_dict",
    "memory_summary",
    "reset_accumulated_host_memory_stats",
    "reset_accumulated_memory_stats",
    "reset_max_memory_allocated",
    "reset_max_memory_cached",
    "reset_peak_host_memory_stats",
    "reset_peak_memory_stats",
    "set_per_process_memory_fraction",
]


def _flatten(nested: dict[str, Any], prefix: str = "") -> list[tuple[str, int]]:
    flat: list[tuple[str, int]] = []
    for key, value in nested.items():
        name = f"{prefix}.{key}" if prefix else key
        flat.extend(_flatten(value, name) if isinstance(value, dict) else [(name, value)])
    return flat


def memory_stats(device: DeviceLike = None) -> OrderedDict[str, int]:
    """Statistics of the caching allocator, with the keys of ``torch.cuda.memory_stats``.

    Raises:
        RuntimeError: there is no such device.
    """
    return OrderedDict(sorted(_flatten(memory_stats_as_nested_dict(device))))


def memory_stats_as_nested_dict(device: DeviceLike = None) -> dict[str, Any]:
    """The same as :func:`memory_stats`, a dictionary in a dictionary for each dot of a key."""
    index = _existing_device_index(device)
    return _C.memory_stats(index) if _C.is_initialized() else {}


def _total(device: DeviceLike, family: str, column: str) -> int:
    stats = memory_stats_as_nested_dict(device)
    return stats[family]["all"][column] if stats else 0


def memory_allocated(device: DeviceLike = None) -> int:
    """Bytes of device memory in tensors now."""
    return _total(device, "allocated_bytes", "current")


def max_memory_allocated(device: DeviceLike = None) -> int:
    """Most bytes of device memory in tensors since the start or :func:`reset_peak_memory_stats`."""
    return _total(device, "allocated_bytes", "peak")


def memory_reserved(device: DeviceLike = None) -> int:
    """Bytes of device memory that the caching allocator holds now."""
    return _total(device, "reserved_bytes", "current")


def max_memory_reserved(device: DeviceLike = None) -> int:
    """Most bytes that the caching allocator held since the start or :func:`reset_peak_memory_stats`."""
    return _total(device, "reserved_bytes", "peak")


def reset_peak_memory_stats(device: DeviceLike = None) -> None:
    """Let the peaks of :func:`memory_stats` start again from the present values."""
    index = _existing_device_index(device)
    if _C.is_initialized():
        _C.reset_peak_memory_stats(index)


def reset_accumulated_memory_stats(device: DeviceLike = None) -> None:
    """Set the historical totals of :func:`memory_stats` to zero."""
    index = _existing_device_index(device)
    if _C.is_initialized():
        _C.reset_accumulated_memory_stats(index)


def _deprecated(old: str, new: str) -> None:
    warnings.warn(f"torch.npu.{old} is now torch.npu.{new}", FutureWarning, stacklevel=3)


def memory_cached(device: DeviceLike = None) -> int:
    """Old name of :func:`memory_reserved`."""
    _deprecated("memory_cached", "memory_reserved")
    return memory_reserved(device)


def max_memory_cached(device: DeviceLike = None) -> int:
    """Old name of :func:`max_memory_reserved`."""
    _deprecated("max_memory_cached", "max_memory_reserved")
    return max_memory_reserved(device)


def reset_max_memory_allocated(device: DeviceLike = None) -> None:
    """Old name of :func:`reset_peak_memory_stats`, which resets all peaks."""
    _deprecated("reset_max_memory_allocated", "reset_peak_memory_stats")
    reset_peak_memory_stats(device)


def reset_max_memory_cached(device: DeviceLike = None) -> None:
    """Old name of :func:`reset_peak_memory_stats`, which resets all peaks."""
    _deprecated("reset_max_memory_cached", "reset_peak_memory_stats")
    reset_peak_memory_stats(device)


def empty_cache() -> None:
    """Give device memory that no tensor uses back to the device; memory of live tensors stays."""
    if _C.is_initialized():
        _C.empty_cache()


def mem_get_info(device: DeviceLike = None) -> tuple[int, int]:
    """Free and total bytes of a device; other processes' use counts as used. Initialises the device.

    Raises:
        RuntimeError: there is no such device, or this is a forked child.
    """
    return _C.mem_get_info(_existing_device_index(device))


def set_per_process_memory_fraction(fraction: float, device: DeviceLike = None) -> None:
    """Limit this process to a part of the device's memory; beyond it torch.OutOfMemoryError is raised.

    Args:
        fraction: of the total memory, above 0 and up to 1.

    Raises:
        TypeError: ``fraction`` is not a number.
        ValueError: ``fraction`` is outside (0, 1].
        RuntimeError: there is no such device.
    """
    if isinstance(fraction, bool) or not isinstance(fraction, (int, float)):
        raise TypeError(f"fraction must be a number above 0 and up to 1 but is a {type(fraction).__name__}")
    if not 0 < fraction <= 1:
        raise ValueError(f"fraction must be above 0 and up to 1 but is {fraction}")
    _C.set_memory_fraction(float(fraction), _existing_device_index(device))


def get_per_process_memory_fraction(device: DeviceLike = None) -> float:
    """The limit set by :func:`set_per_process_memory_fraction`, 1.0 where none is set."""
    return _C.get_memory_fraction(_existing_device_index(device))


def memory_snapshot() -> list[dict[str, Any]]:
    """Every segment that the caching allocator holds, on all devices, with its blocks.

    The keys are those of ``torch.cuda.memory_snapshot``; addresses are device addresses.
    """
    return _snapshot()["segments"]


def _record_memory_history(
    enabled: str | None = "all", context: str | None = "all", stacks: str = "all", max_entries: int = sys.maxsize
) -> None:
    """Keep a history of allocations for :func:`_snapshot`, or stop and forget it.

    Args:
        enabled: None to stop, ``"state"`` for the stacks of live memory only, ``"all"`` for a history too.
        context: when to keep the stack: None, ``"state"``, ``"alloc"`` or ``"all"`` (frees too).
        stacks: ``"python"`` or ``"all"``, which adds C++ frames.
        max_entries: how many actions to keep, the last ones.

    Raises:
        ValueError: another word.
    """
    for value, allowed in (
        (enabled, (None, "state", "all")),
        (context, (None, "state", "alloc", "all")),
        (stacks, ("python", "all")),
    ):
        if value not in allowed:
            raise ValueError(f"expected one of {allowed} but got {value!r}")
    if enabled == "state":
        max_entries = 0
        context = context and "state"
    _C.record_memory_history(enabled is not None, context or "never", stacks == "all", max_entries)


def _snapshot(device: DeviceLike = None) -> dict[str, Any]:
    """Segments and recorded history in the layout of pytorch.org/memory_viz, of one device or of all."""
    if not _C.is_initialized():
        return {"segments": [], "device_traces": [[] for _ in range(_C.device_count())]}
    snapshot = _C.memory_snapshot()
    if device is not None:
        index = _existing_device_index(device)
        snapshot["segments"] = [segment for segment in snapshot["segments"] if segment["device"] == index]
        snapshot["device_traces"] = [trace if i == index else [] for i, trace in enumerate(snapshot["device_traces"])]
    return snapshot


def _dump_snapshot(filename: str = "dump_snapshot.pickle") -> None:
    """Pickle :func:`_snapshot` into a file for pytorch.org/memory_viz."""
    with open(filename, "wb") as file:
        pickle.dump(_snapshot(), file)


def _set_allocator_settings(settings: str) -> None:
    """Change settings of the caching allocator, in the syntax of ``PYTORCH_ALLOC_CONF``."""
    torch._C._accelerator_setAllocatorSettings(settings)


def memory_summary(device: DeviceLike = None, abbreviated: bool = False) -> str:
    """The statistics as a table for people.

    Args:
        abbreviated: leave out the split into small and large pools.
    """
    index = _existing_device_index(device)
    _C.init()
    return format_summary(memory_stats(index), index, abbreviated)


def host_empty_cache() -> None:
    """Give pinned host memory that no tensor uses back to the system."""
    if _C.is_initialized():
        _C.host_empty_cache()


def host_memory_stats() -> OrderedDict[str, int]:
    """Statistics of the pinned host memory; times in microseconds. Keys as ``torch.cuda.host_memory_stats``."""
    return OrderedDict(sorted(_flatten(host_memory_stats_as_nested_dict())))


def host_memory_stats_as_nested_dict() -> dict[str, Any]:
    """The same as :func:`host_memory_stats`, a dictionary in a dictionary for each dot of a key."""
    return _C.host_memory_stats() if _C.is_initialized() else {}


def reset_accumulated_host_memory_stats() -> None:
    """Set the historical totals of :func:`host_memory_stats` to zero."""
    if _C.is_initialized():
        _C.reset_accumulated_host_memory_stats()


def reset_peak_host_memory_stats() -> None:
    """Let the peaks of :func:`host_memory_stats` start again from the present values."""
    if _C.is_initialized():
        _C.reset_peak_host_memory_stats()


def ipc_collect() -> None:
    """Does nothing: device memory is not shared between processes through torch yet, so none is left over."""


def __getattr__(name: str) -> object:
    if _is_vendor_name(name):
        raise AttributeError(f"torch.npu.memory.{name} exists in the vendor's plugin and is not offered here yet")
    raise AttributeError(f"module 'torch.npu.memory' has no attribute '{name}'")
