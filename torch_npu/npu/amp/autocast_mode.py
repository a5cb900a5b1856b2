"""torch.autocast with the device filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

__all__ = ["autocast", "custom_bwd", "custom_fwd"]


class autocast(torch.autocast):
    """``torch.autocast("npu", ...)``, as a context manager or a decorator.

    Args:
        enabled: False makes it do nothing.
        dtype: float16 or bfloat16.
        cache_enabled: keep the casts of parameters until the end of the context.
    """

    def __init__(self, enabled: bool = True, dtype: torch.dtype = torch.float16, cache_enabled: bool = True) -> None:
        super().__init__("npu", dtype=dtype, enabled=enabled, cache_enabled=cache_enabled)


def custom_fwd(fwd: Callable[..., Any] | None = None, *, cast_inputs: torch.dtype | None = None) -> Any:
    """``torch.amp.custom_fwd(device_type="npu")`` for the forward of an autograd.Function."""
    return torch.amp.custom_fwd(fwd, device_type="npu", cast_inputs=cast_inputs)


def custom_bwd(bwd: Callable[..., Any]) -> Any:
    """``torch.amp.custom_bwd(device_type="npu")`` for the backward of an autograd.Function."""
    return torch.amp.custom_bwd(bwd, device_type="npu")
