"""Tensors that every rank can make for every other rank, what a reduction gives on the CPU, and what a call raises."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.distributed as dist

FLOATS = (torch.float32, torch.float16, torch.bfloat16, torch.float64)
SIGNED = (torch.int8, torch.int16, torch.int32, torch.int64)
UNSIGNED = (torch.uint8, torch.uint16, torch.uint32)
COMPLEX = (torch.complex64, torch.complex128)
REDUCED = (*FLOATS, *SIGNED, *UNSIGNED)
MOVED = (*REDUCED, torch.uint64, torch.bool, *COMPLEX, torch.float8_e4m3fn, torch.float8_e5m2)
OPS = {name: getattr(dist.ReduceOp, name) for name in ("SUM", "AVG", "PRODUCT", "MIN", "MAX")}


def value(rank: int, shape: tuple[int, ...], dtype: torch.dtype, seed: int = 0) -> torch.Tensor:
    """The tensor of ``rank``, on the CPU: small whole numbers, so that sums are exact in every dtype."""
    numbers = torch.randint(1, 6, shape, generator=torch.Generator().manual_seed(1000 * seed + rank))
    if dtype == torch.bool:
        return numbers > 3
    if dtype.is_complex:
        return torch.complex(numbers.double(), numbers.double().neg()).to(dtype)
    return numbers.to(dtype)


def reduced(op: str, tensors: list[torch.Tensor]) -> torch.Tensor:
    """``op`` of CPU tensors in the order of the ranks, as hccl promises it."""
    dtype = tensors[0].dtype
    wide = torch.float64 if dtype.is_floating_point else torch.complex128 if dtype.is_complex else torch.int64
    result = tensors[0].to(wide)
    for other in tensors[1:]:
        other = other.to(wide)
        if op in ("SUM", "AVG"):
            result = result + other
        elif op == "PRODUCT":
            result = result * other
        else:
            result = {"MIN": torch.minimum, "MAX": torch.maximum}[op](result, other)
    if op == "AVG":
        whole = not dtype.is_floating_point and not dtype.is_complex
        result = torch.div(result, len(tensors), rounding_mode="trunc" if whole else None)
    return result.to(dtype)


def same(found: torch.Tensor, expected: torch.Tensor, what: object = "") -> None:
    """Assert that a tensor of npu holds ``expected``; fractions may differ in the last digit."""
    assert found.device.type == "npu" and found.dtype == expected.dtype and found.shape == expected.shape, what
    left, right = found.cpu(), expected
    if found.dtype.itemsize == 1 and found.dtype.is_floating_point:
        left, right = left.view(torch.uint8), right.view(torch.uint8)
    if found.dtype == torch.complex32:
        left, right = left.to(torch.complex64), right.to(torch.complex64)
    exact = not (found.dtype.is_floating_point or found.dtype.is_complex)
    if exact or left.dtype == torch.uint8:
        assert left.tolist() == right.tolist(), f"{what}: {left} instead of {right}"
    else:
        torch.testing.assert_close(left, right, msg=lambda text: f"{what}: {text}")


def raises(error: type[Exception], text: str, call: Callable[[], object]) -> None:
    """Assert that ``call`` raises exactly ``error``, with every part of ``text`` (separated by bars)."""
    with pytest.raises(error) as caught:
        call()
    missing = [part for part in text.split("|") if part not in str(caught.value)]
    assert not missing, f"{missing} not in: {caught.value}"
    assert caught.type is error
