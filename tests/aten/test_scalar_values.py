"""A number as an argument: every value with every dtype does what CPU torch does, or fails at the call as there.

A value that the kernel cannot take must not reach the stream, where it would fail whatever synchronises next.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

DTYPES = [
    torch.bool,
    torch.uint8,
    torch.int8,
    torch.int16,
    torch.int32,
    torch.int64,
    torch.float16,
    torch.bfloat16,
    torch.float32,
    torch.float64,
    torch.complex64,
]
VALUES = [True, 0, 1, -1, 3, 300, -300, 70000, 2**40, 0.0, 0.5, -2.5, 1e6, 1e30, 1e300, float("inf"), 1 + 2j]

Call = Callable[[torch.Tensor, complex], torch.Tensor]


def index(x: torch.Tensor) -> torch.Tensor:
    return torch.tensor([0, 2], device=x.device)


def rows(x: torch.Tensor) -> torch.Tensor:
    return torch.tensor([[0, 1], [1, 0]], device=x.device)


CALLS: dict[str, Call] = {
    "add": lambda x, v: x + v,
    "radd": lambda x, v: v + x,
    "sub": lambda x, v: x - v,
    "rsub": lambda x, v: v - x,
    "mul": lambda x, v: x * v,
    "div": lambda x, v: x / v,
    "floor_divide": lambda x, v: x // v,
    "div_trunc": lambda x, v: torch.div(x, v, rounding_mode="trunc"),
    "remainder": lambda x, v: x % v,
    "rremainder": lambda x, v: torch.remainder(v, x),
    "fmod": lambda x, v: torch.fmod(x, v),
    "pow": lambda x, v: x**v,
    "rpow": lambda x, v: v**x,
    "add_alpha": lambda x, v: torch.add(x, x, alpha=v),
    "sub_alpha": lambda x, v: torch.sub(x, x, alpha=v),
    "add_": lambda x, v: x.add_(v),
    "mul_": lambda x, v: x.mul_(v),
    "div_": lambda x, v: x.div_(v),
    "remainder_": lambda x, v: x.remainder_(v),
    "pow_": lambda x, v: x.pow_(v),
    "eq": lambda x, v: x == v,
    "ne": lambda x, v: x != v,
    "lt": lambda x, v: x < v,
    "ge": lambda x, v: x >= v,
    "bitwise_and": lambda x, v: x & v,
    "bitwise_or": lambda x, v: x | v,
    "bitwise_xor": lambda x, v: x ^ v,
    "bitwise_left_shift": lambda x, v: x << v,
    "clamp": lambda x, v: torch.clamp(x, v, 100),
    "clamp_min": lambda x, v: torch.clamp(x, min=v),
    "clamp_max": lambda x, v: torch.clamp(x, max=v),
    "clamp_": lambda x, v: x.clamp_(min=v),
    "fill_": lambda x, v: x.fill_(v),
    "full": lambda x, v: torch.full((3, 4), v, dtype=x.dtype, device=x.device),
    "full_like": torch.full_like,
    "masked_fill": lambda x, v: x.masked_fill(x == 1, v),
    "masked_fill_": lambda x, v: x.masked_fill_(x == 1, v),
    "where": lambda x, v: torch.where(x == 1, x, v),
    "index_fill": lambda x, v: x.index_fill(0, index(x), v),
    "index_fill_": lambda x, v: x.index_fill_(0, index(x), v),
    "scatter": lambda x, v: x.scatter(0, rows(x), v),
    "scatter_": lambda x, v: x.scatter_(0, rows(x), v),
    "scatter_add": lambda x, v: x.scatter(0, rows(x), v, reduce="add"),
    "setitem": lambda x, v: x.__setitem__(slice(0, 2), v) or x,
    "pad": lambda x, v: torch.nn.functional.pad(x, (1, 1), value=v),
    "addcmul": lambda x, v: torch.addcmul(x, x, x, value=v),
    "addcdiv": lambda x, v: torch.addcdiv(x, x, x, value=v),
    "lerp": lambda x, v: torch.lerp(x, x + x, v),
    "threshold": lambda x, v: torch.nn.functional.threshold(x, 1, v),
    "fill_diagonal_": lambda x, v: x.fill_diagonal_(v),
    "index_add": lambda x, v: x.index_add(0, index(x), x[:2].clone(), alpha=v),
    "addmm": lambda x, v: torch.addmm(x[:, :3].clone(), x[:, :3].clone(), x[:, :3].clone(), beta=v, alpha=v),
    "addbmm": lambda x, v: torch.addbmm(x[:, :3].clone(), x[None, :, :3].clone(), x[None, :, :3].clone(), alpha=v),
    "addmm_": lambda x, v: x[:, :3].clone().addmm_(x[:, :3].clone(), x[:, :3].clone(), alpha=v),
    "addmv": lambda x, v: torch.addmv(x[:, 0].clone(), x, x[0].clone(), beta=v, alpha=v),
    "baddbmm": lambda x, v: torch.baddbmm(
        x[None, :, :3].clone(), x[None, :, :3].clone(), x[None, :, :3].clone(), beta=v
    ),
    "foreach_add": lambda x, v: torch._foreach_add([x, x], v)[1],
    "foreach_mul": lambda x, v: torch._foreach_mul([x, x], v)[1],
    "foreach_div": lambda x, v: torch._foreach_div([x, x], v)[1],
    "foreach_pow": lambda x, v: torch._foreach_pow([x, x], v)[1],
    "foreach_addcmul": lambda x, v: torch._foreach_addcmul([x, x], [x, x], [x, x], v)[1],
    "foreach_lerp": lambda x, v: torch._foreach_lerp([x, x], [x, x], v)[1],
    "foreach_clamp_min": lambda x, v: torch._foreach_clamp_min([x, x], v)[1],
    "elu": lambda x, v: torch.nn.functional.elu(x, alpha=v),
    "leaky_relu": lambda x, v: torch.nn.functional.leaky_relu(x, v),
    "hardtanh": lambda x, v: torch.nn.functional.hardtanh(x, -1, v),
    "softplus": lambda x, v: torch.nn.functional.softplus(x, beta=v),
    "hardshrink": lambda x, v: torch.nn.functional.hardshrink(x, v),
    "softshrink": lambda x, v: torch.nn.functional.softshrink(x, v),
    "xlogy": lambda x, v: torch.xlogy(x, v),
    "arange": lambda x, v: torch.arange(0, v if abs(v) < 1000 else 4, dtype=x.dtype, device=x.device),
    "searchsorted": lambda x, v: torch.searchsorted(x[0].contiguous(), v),
    "bucketize": lambda x, v: torch.bucketize(v, x[0].contiguous()),
}


def outcome(call: Call, x: torch.Tensor, value: complex) -> torch.Tensor | Exception:
    try:
        return call(x, value)
    except Exception as error:  # noqa: BLE001 (whatever CPU torch raises is what is wanted)
        return error


def alike(expected: torch.Tensor | Exception, actual: torch.Tensor | Exception) -> bool:
    """Both fail, as RuntimeError (of which "not implemented" is one) or as the same Python error."""
    if isinstance(expected, RuntimeError):
        return isinstance(actual, RuntimeError)
    return isinstance(expected, Exception) and type(expected) is type(actual)


def finite_integers(result: torch.Tensor, value: complex) -> bool:
    """Whether C++ defines the result: a real number beyond an integer type has no value in it."""
    return result.is_floating_point() or result.is_complex() or not isinstance(value, float) or abs(value) < 100


@pytest.mark.parametrize("strided", [False, True], ids=["contiguous", "strided"])
@pytest.mark.parametrize("name", CALLS)
def test_values(name: str, strided: bool) -> None:
    call = CALLS[name]
    wrong = []
    for dtype in DTYPES:
        # Without zeros: dividing integers by a zero that is in memory is an error of the stream.
        base = torch.tensor([[4, 1, 2, 3], [1, 2, 1, 4], [2, 1, 3, 1]]).to(dtype)
        for value in VALUES:
            on_cpu = base.t().contiguous().t() if strided else base.clone()
            on_npu = base.npu().t().contiguous().t() if strided else base.npu()
            expected = outcome(call, on_cpu, value)
            actual = outcome(call, on_npu, value)
            torch.npu.synchronize()  # nothing that was refused is left on the stream
            what = f"{name} of {dtype} with {value!r}"
            if isinstance(expected, Exception) or isinstance(actual, Exception):
                if not alike(expected, actual):
                    wrong.append(f"{what}: {str(actual)[:160]} instead of {str(expected)[:160]}")
                continue
            if not finite_integers(expected, value):
                continue
            try:
                torch.testing.assert_close(actual.cpu(), expected, equal_nan=True)
            except AssertionError as error:
                wrong.append(f"{what}: {error}")
    assert not wrong, "\n".join(wrong)
