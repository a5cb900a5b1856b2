"""Operators that are made of others, because CANN has none for them, against CPU torch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from aten.peer import LAYOUTS, compare, make, no_fallback, same

NUMBERS = torch.tensor([0.0, -0.0, 1.5, -2.0, math.inf, -math.inf, math.nan, 1e-30, 3e30])
PAIRS = torch.cartesian_prod(NUMBERS, NUMBERS)

BINARY: dict[str, Callable[..., Any]] = {
    "copysign": torch.copysign,
    "fmax": torch.fmax,
    "fmin": torch.fmin,
    "hypot": torch.hypot,
    "heaviside": torch.heaviside,
    "xlog1py": torch.special.xlog1py,
}


@pytest.mark.parametrize("name", BINARY)
def test_numbers_at_the_edge(name: str) -> None:
    same(BINARY[name], PAIRS[:, 0], PAIRS[:, 1])


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("name", BINARY)
def test_binary(name: str, dtype: torch.dtype, layout: str) -> None:
    x, y = make(3, 4, dtype=dtype), make(3, 4, dtype=dtype, seed=1).abs()
    tolerance = 2e-2 if dtype == torch.bfloat16 else None
    gradient = name not in ("heaviside",)
    same(BINARY[name], x, y, layout=layout, grad=gradient, tolerance=tolerance)
    same(lambda x, y: BINARY[name](x, y[:1]), x, y, layout=layout, tolerance=tolerance)


@pytest.mark.parametrize("name", ["fmax", "fmin"])
def test_integers(name: str) -> None:
    same(BINARY[name], make(3, 4, dtype=torch.int64), make(3, 4, dtype=torch.int32, seed=1))


def test_promotion_numbers_and_given_results() -> None:
    same(
        lambda x: (torch.copysign(x, -1.0), torch.special.xlog1py(x, 2), torch.special.xlog1py(3, x.abs())), make(3, 4)
    )
    same(torch.copysign, make(3, 4, dtype=torch.int64), make(4))
    x, y = make(3, 4).npu(), make(3, 4, seed=1).npu()
    out = torch.empty(3, 4, dtype=torch.float64, device="npu")
    with no_fallback():
        assert torch.hypot(x, y, out=out) is out
        x.copysign_(y)
    compare([out, x], [torch.hypot(make(3, 4), make(3, 4, seed=1)).double(), make(3, 4).copysign(make(3, 4, seed=1))])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_entropy(layout: str) -> None:
    same(torch.special.entr, make(5, 4).abs() + 0.1, layout=layout, grad=True)
    same(torch.special.entr, NUMBERS)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [0, 1, 5, 40])
@pytest.mark.parametrize("dtype", [torch.int64, torch.float32])
@pytest.mark.parametrize("invert", [False, True])
def test_membership(invert: bool, dtype: torch.dtype, count: int, layout: str) -> None:
    values = make(count, dtype=dtype, low=-3, high=3).round()
    same(lambda x, v: torch.isin(x, v, invert=invert), make(6, 5, dtype=dtype).round(), values, layout=layout)


def test_membership_of_numbers_and_nan() -> None:
    x = torch.tensor([1.0, math.nan, 3.0])
    same(lambda x: (torch.isin(x, 3.0), torch.isin(x, 3, invert=True), torch.isin(1.0, x)), x)
    same(lambda x, v: torch.isin(x, v), x, torch.full((20,), math.nan))
    same(lambda x, v: torch.isin(x, v), make(9, dtype=torch.int32), make(4, dtype=torch.int64))


@pytest.mark.parametrize("dim", [0, 2])
def test_weight_norm(dim: int) -> None:
    v, g = make(4, 3, 5), make(*(s if i == dim else 1 for i, s in enumerate((4, 3, 5))), seed=1)
    same(lambda v, g: torch._weight_norm(v, g, dim), v, g, grad=True)
    layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(3, 2)).npu()
    with no_fallback():
        layer(make(4, 3).npu()).sum().backward()
    assert all(p.grad is not None for p in layer.parameters())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_channel_shuffle(layout: str) -> None:
    same(lambda x: torch.nn.functional.channel_shuffle(x, 3), make(2, 6, 4, 5), layout=layout)
    with pytest.raises(RuntimeError, match="divisible by groups"):
        torch.nn.functional.channel_shuffle(make(2, 6, 4).npu(), 4)


def test_nonzero_of_a_size() -> None:
    x = torch.tensor([[0, 1, 1], [1, 0, 0]])
    same(lambda x: (torch.nonzero_static(x, size=2), torch.nonzero_static(x, size=5, fill_value=7)), x)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.int64])
def test_mode(dtype: torch.dtype, layout: str) -> None:
    x = make(4, 9, dtype=dtype, low=0, high=4).round()
    same(lambda x: (*torch.mode(x), *torch.mode(x, 0, True)), x, layout=layout)
    same(lambda x: torch.mode(x), torch.tensor(3.0))
    values, indices = torch.empty(0, dtype=dtype, device="npu"), torch.empty(0, dtype=torch.int64, device="npu")
    with no_fallback():
        torch.mode(x.npu(), out=(values, indices))
    compare([values, indices], list(torch.mode(x)))


def test_is_set_to() -> None:
    x = make(4, 3).npu()
    assert x.is_set_to(x.view(4, 3)) and not x.is_set_to(x[1:]) and not x.is_set_to(x.clone())


ARGUMENTS = (make(4, 3, 5), make(3, seed=1), make(3, seed=2), make(3, seed=3), make(3, seed=4).abs())


def test_other_names_of_batch_norm() -> None:
    same(lambda x, w, b, m, v: torch._native_batch_norm_legit(x, w, b, m, v, True, 0.1, 1e-5), *ARGUMENTS)
    same(lambda x, w, b, m, v: torch._native_batch_norm_legit(x, w, b, True, 0.1, 1e-5), *ARGUMENTS)
    same(lambda x, w, b, m, v: torch.batch_norm_update_stats(x, m, v, 0.1), *ARGUMENTS)
    same(lambda x, w, b, m, v: torch.ops.aten._batch_norm_with_update(x, w, b, m, v, 0.1, 1e-5)[:3], *ARGUMENTS)
    same(
        lambda x, w, b, m, v: torch.ops.aten._batch_norm_with_update(x, w, b, m.detach(), v.detach(), 0.1, 1e-5)[0],
        *ARGUMENTS,
        grad=True,
    )
