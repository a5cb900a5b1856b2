"""Pointwise operators against CPU torch: dtypes, strides, in-place and out, numbers on either side, gradients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from aten.peer import FLOATS, INTS, LAYOUTS, make, same

F = torch.nn.functional
Op = Callable[..., Any]
layouts = pytest.mark.parametrize("layout", LAYOUTS)

UNARY = (
    "abs acos acosh asin asinh atan atanh ceil cos cosh erf erfc erfinv exp exp2 expm1 floor frac log log10 log1p log2 "
    "neg reciprocal round rsqrt sigmoid sign sgn sin sinc sinh sqrt square tan tanh trunc nan_to_num relu "
    "isnan isinf isfinite isposinf isneginf signbit logical_not"
).split()
UNARY_OF_INTS = (
    "abs ceil exp floor neg reciprocal round sigmoid sign sgn sqrt tanh trunc square isnan logical_not relu".split()
)
INPLACE = (
    "abs ceil cos erf exp floor log neg reciprocal round rsqrt sigmoid sign sin sqrt tanh trunc acos sinh relu".split()
)
ACTIVATIONS: dict[str, Op] = {
    "gelu": F.gelu,
    "gelu tanh": lambda x: F.gelu(x, approximate="tanh"),
    "silu": F.silu,
    "elu": lambda x: F.elu(x, 0.7),
    "celu": F.celu,
    "selu": F.selu,
    "leaky_relu": lambda x: F.leaky_relu(x, 0.2),
    "softplus": lambda x: F.softplus(x, 2, 10),
    "softshrink": F.softshrink,
    "hardshrink": F.hardshrink,
    "hardsigmoid": F.hardsigmoid,
    "hardswish": F.hardswish,
    "hardtanh": F.hardtanh,
    "relu6": F.relu6,
    "mish": F.mish,
    "threshold": lambda x: F.threshold(x, 0.1, -3),
    "logsigmoid": F.logsigmoid,
    "clamp": lambda x: x.clamp(-0.5, 0.5),
    "clamp_min": lambda x: x.clamp(min=-0.5),
    "clamp_max": lambda x: x.clamp_max(0.5),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", UNARY)
def test_unary(name: str, dtype: torch.dtype) -> None:
    if name == "nan_to_num" and dtype == torch.float64:  # CANN's limits are floats
        same(lambda x: torch.nan_to_num(x, posinf=1.0, neginf=-1.0), make(3, 4, dtype=dtype))
        return
    same(getattr(torch, name), make(3, 4, dtype=dtype))


@pytest.mark.parametrize("dtype", [*INTS, torch.uint8, torch.bool])
@pytest.mark.parametrize("name", UNARY_OF_INTS)
def test_unary_of_ints(name: str, dtype: torch.dtype) -> None:
    x = make(3, 4, dtype=dtype, low=1)
    try:
        getattr(torch, name)(x)
    except RuntimeError:
        with pytest.raises(RuntimeError):
            getattr(torch, name)(x.npu())
            torch.npu.synchronize()
    else:
        same(getattr(torch, name), x)


@layouts
@pytest.mark.parametrize("name", ["exp", "neg", "abs", "relu", "acos", "isnan", "sigmoid"])
def test_unary_layouts(name: str, layout: str) -> None:
    result = same(getattr(torch, name), make(3, 4, 5), layout=layout)
    assert result.stride() == getattr(torch, name)(LAYOUTS[layout](make(3, 4, 5))).stride()


@layouts
@pytest.mark.parametrize("name", INPLACE)
def test_inplace(name: str, layout: str) -> None:
    same(getattr(torch.Tensor, name + "_"), make(3, 4).abs().add(0.5), layout=layout)


@pytest.mark.parametrize("name", ["exp", "acos", "abs", "neg", "logical_not", "nan_to_num"])
def test_out(name: str) -> None:
    def op(x: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
        getattr(torch, name)(x, out=out.t()[::2])
        return out

    same(op, make(2, 3), torch.zeros(3, 4))


@pytest.mark.parametrize(
    "name", ["exp", "log", "sqrt", "tanh", "sigmoid", "sin", "erf", "reciprocal", "rsqrt", "abs", "relu"]
)
def test_unary_gradients(name: str) -> None:
    same(getattr(torch, name), make(3, 4).abs().add(0.5), grad=True)


@pytest.mark.parametrize("grad", [False, True])
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("op", ACTIVATIONS.values(), ids=ACTIVATIONS.keys())
def test_activations(op: Op, dtype: torch.dtype, grad: bool) -> None:
    same(op, make(5, 7, dtype=dtype), grad=grad)


@layouts
@pytest.mark.parametrize("op", ACTIVATIONS.values(), ids=ACTIVATIONS.keys())
def test_activation_layouts(op: Op, layout: str) -> None:
    same(op, make(3, 4, 5), layout=layout)


ARITHMETIC = "add sub mul div true_divide floor_divide remainder fmod pow maximum minimum atan2".split()
BITS = "bitwise_and bitwise_or bitwise_xor".split()
COMPARE = "eq ne lt le gt ge".split()
LOGIC = "logical_and logical_or logical_xor".split()
MIXED = [
    (torch.float32, torch.float32),
    (torch.float64, torch.float32),
    (torch.float16, torch.float32),
    (torch.bfloat16, torch.float16),
    (torch.int64, torch.float32),
    (torch.int32, torch.int64),
    (torch.bool, torch.float32),
    (torch.uint8, torch.int32),
]


def positive(dtype: torch.dtype, *sizes: int, seed: int = 0) -> torch.Tensor:
    x = make(*sizes, dtype=dtype, low=1, seed=seed)
    return x if dtype == torch.bool else x.abs() + 1


@pytest.mark.parametrize(("left", "right"), MIXED)
@pytest.mark.parametrize("name", ARITHMETIC + COMPARE + LOGIC)
def test_binary(name: str, left: torch.dtype, right: torch.dtype) -> None:
    op = getattr(torch, name)
    if name == "sub" and torch.bool in (left, right):  # refused in upstream's words
        with pytest.raises(RuntimeError, match="with a bool tensor is not supported"):
            op(positive(left, 3, 4).npu(), positive(right, 3, 4).npu())
        return
    same(op, positive(left, 3, 4), positive(right, 3, 4, seed=1))
    same(op, positive(left, 3, 1), positive(right, 2, 1, 4, seed=1))
    same(op, positive(left, 3, 4), positive(right, seed=1))
    same(op, positive(left), positive(right, 3, 4, seed=1))


@pytest.mark.parametrize("dtype", [torch.bool, torch.uint8, torch.int32, torch.int64])
@pytest.mark.parametrize("name", BITS)
def test_bits(name: str, dtype: torch.dtype) -> None:
    op = getattr(torch, name)
    same(op, make(3, 4, dtype=dtype), make(3, 4, dtype=dtype, seed=1))
    same(lambda x: op(x, True), make(3, 4, dtype=dtype))
    same(torch.bitwise_not, make(3, 4, dtype=dtype))
    if dtype != torch.bool:
        same(lambda x: op(x, 5), make(3, 4, dtype=dtype))
        same(lambda x: op(5, x), make(3, 4, dtype=dtype))
        same(lambda x: x.__ilshift__(1), make(3, 4, dtype=dtype, low=0))
        same(lambda x: x << 2, make(3, 4, dtype=dtype, low=0))
        same(lambda x: x >> 1, make(3, 4, dtype=dtype, low=0))
        same(lambda x, y: x >> y, make(3, 4, dtype=dtype, low=0), make(3, 4, dtype=dtype, low=0, high=3, seed=1))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int64, torch.int32])
@pytest.mark.parametrize("number", [2, 2.5, True])
@pytest.mark.parametrize("name", ARITHMETIC[:9] + COMPARE)
def test_a_number_on_either_side(name: str, number: float, dtype: torch.dtype) -> None:
    op = getattr(torch, name)
    for x in (positive(dtype, 3, 4), positive(dtype)):
        if name == "sub" and number is True:
            continue
        same(lambda x: op(x, number), x)
        same(lambda x: op(x, torch.tensor(number)), x)
        same(lambda x: op(torch.tensor(number), x), x)


def test_reflected_operators() -> None:
    x = positive(torch.float32, 3, 4)
    for op in (
        lambda x: 2 - x,
        lambda x: 2 / x,
        lambda x: 2**x,
        lambda x: 7 // x,
        lambda x: 7 % x,
        lambda x: 3 > x,  # noqa: SIM300
        lambda x: torch.rsub(x, 2, alpha=3),
        lambda x: torch.rsub(x, x, alpha=3),
    ):
        same(op, x)


@pytest.mark.parametrize("mode", [None, "trunc", "floor"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.int32])
def test_rounding_division(mode: str | None, dtype: torch.dtype) -> None:
    x, y = make(3, 4, dtype=dtype), positive(dtype, 3, 4)
    same(lambda x, y: torch.div(x, y, rounding_mode=mode), x, y)
    same(lambda x: torch.div(x, 3, rounding_mode=mode), x)
    same(lambda x: torch.div(7, x, rounding_mode=mode), y)


@layouts
@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow", "remainder", "floor_divide"])
def test_binary_inplace(name: str, layout: str) -> None:
    op = getattr(torch.Tensor, name + "_")
    same(op, positive(torch.float32, 3, 4), positive(torch.float32, 3, 4, seed=1), layout=layout)
    same(lambda x: op(x, 2), positive(torch.float32, 3, 4), layout=layout)
    same(lambda x: op(x, torch.tensor(2.0)), positive(torch.float32, 3, 4), layout=layout)


@layouts
@pytest.mark.parametrize("name", ARITHMETIC + COMPARE + LOGIC)
def test_binary_layouts(name: str, layout: str) -> None:
    x, y = positive(torch.float32, 3, 4, 5), positive(torch.float32, 3, 4, 5, seed=1)
    same(getattr(torch, name), x, y, layout=layout)


@pytest.mark.parametrize("name", ["add", "sub", "mul", "div", "pow", "maximum", "atan2", "logaddexp", "logaddexp2"])
def test_binary_gradients(name: str) -> None:
    x, y = positive(torch.float64, 3, 4), positive(torch.float64, 1, 4, seed=1)
    same(getattr(torch, name), x, y, grad=True)


def test_three_operands() -> None:
    x, y, z = (positive(torch.float32, 3, 4, seed=i) for i in range(3))
    for op in (
        lambda x, y, z: torch.addcmul(x, y, z, value=0.5),
        lambda x, y, z: torch.addcdiv(x, y, z, value=0.5),
        lambda x, y, z: x.addcmul_(y, z),
        lambda x, y, z: x.t().addcdiv_(y.t(), z.t(), value=2),
        lambda x, y, z: torch.lerp(x, y, 0.3),
        lambda x, y, z: x.lerp_(y, 0.3),
        torch.lerp,
        lambda x, y, z: torch.clamp(x, y.minimum(z), y.maximum(z)),
        lambda x, y, z: torch.clamp(x, min=y),
        lambda x, y, z: torch.clamp(x, max=z),
        lambda x, y, z: torch.clamp(x, 1.5, None),
        lambda x, y, z: torch.where(x > y, x, z),
        lambda x, y, z: torch.xlogy(x, y),
        lambda x, y, z: torch.xlogy(2.0, y),
        lambda x, y, z: torch.xlogy(x, 2.0),
        lambda x, y, z: torch.round(x, decimals=1),
        lambda x, y, z: x.clamp_(1.2, 1.5),
    ):
        same(op, x, y, z)


def test_special_numbers() -> None:
    x = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1e-40])
    for op in (
        torch.isnan,
        torch.isfinite,
        torch.isinf,
        torch.nan_to_num,
        lambda x: torch.nan_to_num(x, 1.0, 2.0, 3.0),
        torch.sign,
        torch.signbit,
        torch.relu,
        lambda x: x.clamp(-1, 1),
        lambda x: torch.maximum(x, torch.zeros_like(x)),
        lambda x: x == x,
    ):
        same(op, x)


@pytest.mark.parametrize("dtype", [torch.complex64, torch.complex128])
def test_complex(dtype: torch.dtype) -> None:
    x, y = make(3, 4, dtype=dtype), make(3, 4, dtype=dtype, seed=4)
    for op in (torch.add, torch.sub, torch.mul, torch.div, torch.eq):
        same(op, x, y)
    for op in (
        torch.abs,
        torch.exp,
        torch.neg,
        torch.reciprocal,
        torch.angle,
        torch.conj_physical,
        torch.Tensor.conj_physical_,
    ):
        same(op, x)
    same(lambda x: x * (1 + 2j), x)
    same(lambda x: x + 2, x)
    same(lambda x: x * 1j, make(3, 4))


def test_empty_inputs_launch_nothing() -> None:
    for op in (
        torch.exp,
        torch.relu,
        torch.abs,
        lambda x: x + 1,
        lambda x: x * x,
        lambda x: x.gt(0),
        torch.logical_not,
    ):
        same(op, make(0, 3))
