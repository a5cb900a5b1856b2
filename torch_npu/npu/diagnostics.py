"""What ran on the CPU instead, and a kernel that only takes time."""

from __future__ import annotations

from torch_npu import _C

__all__ = ["fallback_stats", "reset_fallback_stats"]


def fallback_stats() -> dict[str, int]:
    """How often each operator ran on the CPU because there is no npu kernel for it, by overload name."""
    return _C.fallback_stats()


def reset_fallback_stats() -> None:
    """Set all counts of :func:`fallback_stats` to zero."""
    _C.reset_fallback_stats()


def _sleep(cycles: int) -> None:
    """Keep the current stream of the current device busy for ``cycles`` clock cycles; returns at once.

    Raises:
        ValueError: ``cycles`` is negative.
    """
    _C.sleep(int(cycles))
