"""Streams and events: torch.Stream and torch.Event with the device filled in."""

from __future__ import annotations

import ctypes
from typing import Any

import torch

from torch_npu import _C
from torch_npu.npu._utils import DeviceLike, _existing_device_index, _get_device_index

__all__ = [
    "Event",
    "ExternalStream",
    "Stream",
    "StreamContext",
    "current_stream",
    "default_stream",
    "set_stream",
    "stream",
]


class Stream(torch.Stream):
    """A queue of work on one device: in order within a stream, independent between streams.

    Args:
        device: the device of the stream (default: the current one).
        priority: negative for high, 0 for normal; other values are mapped to the nearest.

    A stream is also a context manager, see :func:`stream`.

    Raises:
        RuntimeError: there is no such device.
    """

    def __new__(cls, device: DeviceLike = None, priority: int = 0, **ids: int) -> Stream:
        if ids:
            return super().__new__(cls, **ids)
        index = _existing_device_index(device)
        return super().__new__(cls, device=torch.device("npu", index), priority=priority)

    def record_event(self, event: torch.Event | None = None) -> torch.Event:
        """Record ``event`` (a new one by default) behind the work queued so far, and return it."""
        event = Event() if event is None else event
        event.record(self)
        return event

    @property
    def npu_stream(self) -> int:
        """The ``aclrtStream`` as an integer, for calls into C libraries."""
        return _C.stream_handle(self.stream_id, self.device_index)

    @property
    def _as_parameter_(self) -> ctypes.c_void_p:
        return ctypes.c_void_p(self.npu_stream)

    def __repr__(self) -> str:
        return f"<torch.npu.Stream device={self.device} npu_stream={self.npu_stream:#x}>"


class ExternalStream(Stream):
    """A stream made elsewhere, by its ``aclrtStream`` handle; its maker keeps it alive.

    Args:
        stream_ptr: the handle as an integer.
        device: the device that the stream belongs to (default: the current one).
    """

    def __new__(cls, stream_ptr: int, device: DeviceLike = None) -> ExternalStream:
        index = _existing_device_index(device)
        return super().__new__(cls, **_stream_ids(_C.external_stream(stream_ptr, index)))


class Event(torch.Event):
    """A mark in a stream: for waiting, for asking whether work is done, and for timing.

    Args:
        enable_timing: allow :meth:`elapsed_time`, which returns milliseconds.
        blocking: let :meth:`synchronize` sleep instead of poll.
        interprocess: not offered, must be False.

    Raises:
        NotImplementedError: ``interprocess`` is True.
    """

    def __new__(cls, enable_timing: bool = False, blocking: bool = False, interprocess: bool = False) -> Event:
        if interprocess:
            raise NotImplementedError("torch.npu.Event(interprocess=True) is not offered yet")
        return super().__new__(cls, device="npu", enable_timing=enable_timing, blocking=blocking)

    def elapsed_time(self, end_event: torch.Event) -> float:
        """Milliseconds between this event and ``end_event``, both recorded and completed, with timing.

        Raises:
            ValueError, RuntimeError: one of them has no timing, is not recorded or is not completed.
        """
        return _C.elapsed_time(self, end_event)

    def __repr__(self) -> str:
        return f"<torch.npu.Event npu_event={self.event_id or 0:#x}>"


def _stream_ids(ids: tuple[int, int, int]) -> dict[str, int]:
    return dict(zip(("stream_id", "device_index", "device_type"), ids, strict=True))


def _index_or_current(device: DeviceLike) -> int:
    return -1 if device is None else _existing_device_index(device)


def current_stream(device: DeviceLike = None) -> Stream:
    """The current stream of ``device`` (default: the current one) in this thread."""
    return Stream(**_stream_ids(_C.current_stream(_index_or_current(device))))


def default_stream(device: DeviceLike = None) -> Stream:
    """The stream that ``device`` (default: the current one) uses until another is chosen."""
    return Stream(**_stream_ids(_C.default_stream(_index_or_current(device))))


def set_stream(stream: torch.Stream | None) -> None:
    """Make ``stream`` the current one of its device, and its device the current one; None does nothing."""
    if stream is not None:
        _require_npu(stream)
        _C.set_stream(stream.stream_id, stream.device_index)


class StreamContext:
    """Context manager behind :func:`stream`: on leaving, the former device and streams are current again."""

    def __init__(self, stream: torch.Stream | None) -> None:
        if stream is not None:
            _require_npu(stream)
        self.stream = stream
        self._previous: list[tuple[int, int]] = []

    def __enter__(self) -> StreamContext:
        if self.stream is not None:
            here, there = _C.current_device(), self.stream.device_index
            self._previous = [(_C.current_stream(index)[0], index) for index in {there, here}]
            self._previous.sort(key=lambda pair: pair[1] == here)  # set_stream also selects the device
            _C.set_stream(self.stream.stream_id, there)
        return self

    def __exit__(self, *_: object) -> None:
        for stream_id, index in self._previous:
            _C.set_stream(stream_id, index)
        self._previous = []


def stream(stream: torch.Stream | None) -> StreamContext:
    """Context manager that runs the work of its body on ``stream``; None does nothing.

    Raises:
        ValueError: a stream of another device type.
    """
    return StreamContext(stream)


def _require_npu(stream: Any) -> None:
    if not isinstance(stream, torch.Stream) or stream.device.type != "npu":
        found = f"of '{stream.device}'" if isinstance(stream, torch.Stream) else f"a {type(stream).__name__}"
        raise ValueError(f"expected a stream of an npu device but got {found}")


def _set_stream_by_id(stream_id: int, device_index: int, device_type: int) -> None:
    _C.set_stream(stream_id, device_index)


def _get_current_raw_stream(device: DeviceLike = None) -> int:
    index = _get_device_index(device, optional=True)
    return _C.stream_handle(_C.current_stream(index)[0], index)
