"""Structured rows: add, mm, sum.dim, topk, cat and max.dim through every overload and every kind of input.

Each case runs on CPU and on npu and must agree in values, dtypes, shapes, strides, warnings and errors.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from aten.peer import make
from torch.utils import _pytree as pytree

import torch_npu  # noqa: F401


class On:
    """Makes the same tensors on one device."""

    def __init__(self, device: str) -> None:
        self.device = device

    def __call__(self, *sizes: int, dtype: torch.dtype = torch.float32, seed: int = 0) -> torch.Tensor:
        return make(*sizes, dtype=dtype, seed=seed).to(self.device)

    def empty(self, *sizes: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return torch.empty(sizes, dtype=dtype, device=self.device)

    def zeros(self, *sizes: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return torch.zeros(sizes, dtype=dtype, device=self.device)


Case = Callable[[On], Any]
F16, F32, F64, I32, I64, BOOL = (
    torch.float16,
    torch.float32,
    torch.float64,
    torch.int32,
    torch.int64,
    torch.bool,
)


def last(x: torch.Tensor) -> torch.Tensor:
    return x.contiguous(memory_format=torch.channels_last)


def into(view: Callable[[torch.Tensor], torch.Tensor], base: torch.Tensor, op: Callable[..., Any]) -> tuple:
    """Apply ``op(out=view(base))`` and return result and base, so that writes outside the view are seen."""
    return op(out=view(base)), base


def changed(base: torch.Tensor, view: Callable[[torch.Tensor], torch.Tensor], change: Callable[..., Any]) -> tuple:
    return change(view(base)), base


ADD: dict[str, Case] = {
    "plain": lambda t: t(3, 4) + t(3, 4, seed=1),
    "alpha": lambda t: torch.add(t(3, 4), t(3, 4, seed=1), alpha=-2.5),
    "broadcast": lambda t: t(3, 1, 4) + t(5, 1),
    "transposed": lambda t: t(3, 4).t() + t(4, 3),
    "both transposed": lambda t: t(3, 4).t() + t(3, 4).t(),
    "permuted": lambda t: t(2, 3, 4).permute(2, 0, 1) + t(2, 3, 4).permute(2, 0, 1),
    "step": lambda t: t(3, 8)[:, ::2] + t(3, 4),
    "offset": lambda t: t(4, 4)[1:] + t(3, 4),
    "expanded": lambda t: t(1, 4).expand(3, 4) + t(3, 4),
    "channels_last": lambda t: last(t(2, 3, 4, 5)) + last(t(2, 3, 4, 5, seed=1)),
    "channels_last and contiguous": lambda t: last(t(2, 3, 4, 5)) + t(2, 3, 4, 5),
    "no elements": lambda t: t(0, 4) + t(0, 4),
    "no elements, broadcast": lambda t: t(0, 4) + t(1, 4),
    "0-d": lambda t: t() + t(seed=1),
    "0-d and 2-d": lambda t: t(dtype=F64) + t(3, 4),
    "int and float": lambda t: t(3, 4, dtype=I64) + t(3, 4),
    "half and float": lambda t: t(3, 4, dtype=F16) + t(3, 4),
    "int and long": lambda t: t(3, 4, dtype=I32) + t(3, 4, dtype=I64),
    "bool and int": lambda t: t(3, 4, dtype=BOOL) + t(3, 4, dtype=I32),
    "bool and bool": lambda t: t(3, 4, dtype=BOOL) + t(3, 4, dtype=BOOL, seed=3),
    "python float": lambda t: t(3, 4) + 1.5,
    "python float to int": lambda t: t(3, 4, dtype=I64) + 1.5,
    "python int": lambda t: t(3, 4) + 2,
    "python bool": lambda t: t(3, 4) + True,
    "python float on the left": lambda t: 1.5 + t(3, 4),
    "cpu scalar": lambda t: t(3, 4) + torch.tensor(2.5),
    "cpu double to int": lambda t: t(3, 4, dtype=I32) + torch.tensor(0.1, dtype=F64),
    "cpu double to 0-d float": lambda t: t() + torch.tensor(0.1, dtype=F64),
    "cpu scalar on the left": lambda t: torch.add(torch.tensor(2.5), t(3, 4), alpha=3),
    "functional of a step": lambda t: torch.add(t(3, 8)[:, ::2], t(3, 8)[:, 1::2]),
    "inplace": lambda t: t(3, 4).add_(t(3, 4, seed=1)),
    "inplace scalar": lambda t: t(3, 4).add_(2, alpha=3),
    "inplace with itself": lambda t: (lambda x: x.add_(x))(t(3, 4)),
    "inplace broadcast": lambda t: t(3, 4).add_(t(4)),
    "inplace on a column": lambda t: changed(t(3, 4), lambda x: x[:, 1], lambda x: x.add_(1)),
    "inplace on a transposed": lambda t: changed(t(3, 4), torch.t, lambda x: x.add_(t(4, 3))),
    "inplace half with float": lambda t: t(3, 4, dtype=F16).add_(t(3, 4)),
    "inplace no elements": lambda t: t(0).add_(1),
    "out": lambda t: torch.add(t(3, 4), t(3, 4), out=t.zeros(3, 4)),
    "out empty": lambda t: torch.add(t(3, 4), t(3, 4), out=t.empty(0)),
    "out resized": lambda t: torch.add(t(3, 4), t(3, 4), out=t.zeros(2, 2)),
    "out shrunk": lambda t: torch.add(t(3, 4), t(3, 4), out=t.zeros(9, 9)),
    "out wider dtype": lambda t: torch.add(t(3, 4), t(3, 4), out=t.zeros(3, 4, dtype=F64)),
    "out is an input": lambda t: (lambda x: torch.add(x, t(3, 4), out=x))(t(3, 4)),
    "out strided": lambda t: into(torch.t, t.zeros(4, 3), lambda out: torch.add(t(3, 4), t(3, 4), out=out)),
    "out step": lambda t: into(lambda x: x[:, ::2], t.zeros(3, 8), lambda out: torch.add(t(3, 4), t(3, 4), out=out)),
}

MM: dict[str, Case] = {
    "plain": lambda t: t(3, 4) @ t(4, 5),
    "transposed": lambda t: t(4, 3).t() @ t(5, 4).t(),
    "step": lambda t: t(3, 8)[:, ::2] @ t(4, 5),
    "offset": lambda t: t(4, 4)[1:] @ t(4, 5),
    "vector as matrix": lambda t: t(1, 4) @ t(4, 1),
    "double": lambda t: t(3, 4, dtype=F64) @ t(4, 5, dtype=F64),
    "zero K": lambda t: t(3, 0) @ t(0, 5),
    "no rows": lambda t: t(0, 4) @ t(4, 5),
    "out": lambda t: torch.mm(t(3, 4), t(4, 5), out=t.zeros(3, 5)),
    "out empty": lambda t: torch.mm(t(3, 4), t(4, 5), out=t.empty(0)),
    "out resized": lambda t: torch.mm(t(3, 4), t(4, 5), out=t.zeros(2, 2)),
    "out strided": lambda t: into(torch.t, t.zeros(5, 3), lambda out: torch.mm(t(3, 4), t(4, 5), out=out)),
    "out step": lambda t: into(lambda x: x[:, ::2], t.zeros(3, 10), lambda out: torch.mm(t(3, 4), t(4, 5), out=out)),
    "out zero K": lambda t: torch.mm(t(3, 0), t(0, 5), out=t(3, 5)),
}

SUM: dict[str, Case] = {
    "one dim": lambda t: t(3, 4, 5).sum(1),
    "two dims": lambda t: t(3, 4, 5).sum((0, 2)),
    "negative dim, kept": lambda t: t(3, 4, 5).sum(-1, keepdim=True),
    "all": lambda t: t(3, 4, 5).sum(),
    "0-d": lambda t: t().sum(),
    "transposed": lambda t: t(3, 4, 5).transpose(0, 2).sum(0),
    "step": lambda t: t(3, 8)[:, ::2].sum(1),
    "expanded": lambda t: t(1, 4).expand(3, 4).sum(0),
    "int": lambda t: t(3, 4, dtype=I32).sum(1),
    "bool": lambda t: t(3, 4, dtype=BOOL).sum(1),
    "dtype": lambda t: t(3, 4, dtype=F16).sum(1, dtype=F32),
    "empty sum": lambda t: t(0, 4).sum(0),
    "no elements": lambda t: t(0, 4).sum(1),
    "out": lambda t: torch.sum(t(3, 4), 1, out=t.zeros(3)),
    "out resized": lambda t: torch.sum(t(3, 4), 1, out=t.zeros(2)),
    "out step": lambda t: into(lambda x: x[::2], t.zeros(6), lambda out: torch.sum(t(3, 4), 1, out=out)),
}

TOPK: dict[str, Case] = {
    "plain": lambda t: t(3, 9).topk(4),
    "smallest": lambda t: t(3, 9).topk(2, largest=False),
    "first dim": lambda t: t(9, 3).topk(2, dim=0),
    "transposed": lambda t: t(9, 3).t().topk(4),
    "int": lambda t: torch.randperm(9, generator=torch.Generator().manual_seed(1)).to(t.device).topk(3),
    "k is 0": lambda t: t(3, 4).topk(0),
    "out": lambda t: torch.topk(t(3, 9), 4, out=(t.zeros(3, 4), t.zeros(3, 4, dtype=I64))),
    "out resized": lambda t: torch.topk(t(3, 9), 4, out=(t.zeros(2), t.zeros(2, dtype=I64))),
    "out step": lambda t: into(
        lambda x: x[:, ::2],
        t.zeros(3, 8),
        lambda out: torch.topk(t(3, 9), 4, out=(out, t.zeros(3, 4, dtype=I64))),
    ),
}

CAT: dict[str, Case] = {
    "plain": lambda t: torch.cat([t(2, 3), t(4, 3)]),
    "second dim": lambda t: torch.cat([t(2, 3), t(2, 5)], 1),
    "one": lambda t: torch.cat([t(2, 3)]),
    "many": lambda t: torch.cat([t(2, 3, seed=i) for i in range(40)], -1),
    "mixed dtypes": lambda t: torch.cat([t(2, 3), t(2, 3, dtype=F64), t(2, 3, dtype=I32)]),
    "transposed": lambda t: torch.cat([t(3, 2).t(), t(2, 3)]),
    "channels_last": lambda t: torch.cat([last(t(2, 3, 4, 5)), last(t(2, 3, 4, 5))], 1),
    "legacy empty": lambda t: torch.cat([t(0), t(2, 3)]),
    "no elements": lambda t: torch.cat([t(0, 3), t(0, 3)]),
    "out": lambda t: torch.cat([t(2, 3), t(4, 3)], out=t.zeros(6, 3)),
    "out empty": lambda t: torch.cat([t(2, 3), t(4, 3)], out=t.empty(0)),
    "out strided": lambda t: into(torch.t, t.zeros(3, 6), lambda out: torch.cat([t(2, 3), t(4, 3)], out=out)),
}

MAX: dict[str, Case] = {
    "plain": lambda t: t(3, 4).max(1),
    "kept": lambda t: t(3, 4).max(0, keepdim=True),
    "negative dim": lambda t: t(3, 4, 5).max(-2),
    "transposed": lambda t: t(3, 4).t().max(0),
    "step": lambda t: t(3, 8)[:, ::2].max(1),
    "int": lambda t: torch.arange(12, device=t.device).view(3, 4).max(1),
    "bool": lambda t: t(3, 4, dtype=BOOL).max(1).values,
    "no elements": lambda t: t(0, 4).max(1),
    "out": lambda t: torch.max(t(3, 4), 1, out=(t.zeros(3), t.zeros(3, dtype=I64))),
    "out resized": lambda t: torch.max(t(3, 4), 1, out=(t.zeros(2), t.zeros(2, dtype=I64))),
    "out step": lambda t: into(
        lambda x: x[::2],
        t.zeros(6),
        lambda out: torch.max(t(3, 4), 1, out=(out, t.zeros(3, dtype=I64))),
    ),
}

# Errors with upstream's own words.
ERRORS: dict[str, Case] = {
    "add, shapes": lambda t: t(3, 4) + t(3, 5),
    "add, float alpha of ints": lambda t: torch.add(t(3, dtype=I64), t(3, dtype=I64), alpha=1.5),
    "add, bool alpha": lambda t: torch.add(t(3), t(3), alpha=True),
    "add_, shape": lambda t: t(4).add_(t(3, 4)),
    "add_, dtype": lambda t: t(4, dtype=I64).add_(1.5),
    "add_, expanded": lambda t: t(1).expand(4).add_(1),
    "add_, partial overlap": lambda t: (lambda x: x[1:].add_(x[:-1]))(t(5)),
    "add, out dtype": lambda t: torch.add(t(3), t(3), out=t.zeros(3, dtype=I64)),
    "add, out overlaps": lambda t: (lambda x: torch.add(x[:-1], 1, out=x[1:]))(t(5)),
    "sub of bools": lambda t: t(3, dtype=BOOL) - t(3, dtype=BOOL),
    "mm, shapes": lambda t: torch.mm(t(3, 4), t(3, 4)),
    "mm, rank": lambda t: torch.mm(t(3), t(3, 4)),
    "mm, out dtype": lambda t: torch.mm(t(3, 4), t(4, 5), out=t.zeros(3, 5, dtype=F64)),
    "mm, out expanded": lambda t: torch.mm(t(3, 4), t(4, 5), out=t(1, 1).expand(3, 5)),
    "sum, dim": lambda t: t(3, 4).sum(2),
    "sum, dim twice": lambda t: t(3, 4).sum((0, 0)),
    "topk, k": lambda t: t(3, 4).topk(5),
    "cat, shapes": lambda t: torch.cat([t(2, 3), t(2, 4)]),
    "cat, nothing": lambda t: torch.cat([]),
    "max, dim": lambda t: t(3, 4).max(2),
    "max, no elements": lambda t: t(0, 4).max(0),
}


def run(case: Case, device: str) -> tuple[Any, list[str]]:
    """Return the case's result, or its exception, and the warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = case(On(device))
        except Exception as error:
            result = error
    texts = [str(w.message).split(" (Triggered")[0] for w in caught]
    return result, texts


def agree(case: Case) -> None:
    want, want_warnings = run(case, "cpu")
    got, got_warnings = run(case, "npu")
    if isinstance(want, Exception):
        raise AssertionError("fails on the CPU") from want
    if isinstance(got, Exception):
        raise got
    assert got_warnings == want_warnings
    for left, right in zip(pytree.tree_leaves(got), pytree.tree_leaves(want), strict=True):
        assert left.device.type == "npu"
        assert left.dtype == right.dtype
        assert left.shape == right.shape
        assert left.stride() == right.stride()
        torch.testing.assert_close(left.cpu(), right)


def table(**rows: dict[str, Case]) -> Any:
    cases = {f"{name}, {key}": case for name, row in rows.items() for key, case in row.items()}
    return pytest.mark.parametrize("case", cases.values(), ids=cases.keys())


@table(add=ADD, mm=MM, sum=SUM, topk=TOPK, cat=CAT, max=MAX)
def test_row(case: Case) -> None:
    agree(case)


@pytest.mark.parametrize("case", ERRORS.values(), ids=ERRORS.keys())
def test_error(case: Case) -> None:
    want, _ = run(case, "cpu")
    got, _ = run(case, "npu")
    assert isinstance(want, Exception)
    assert type(got) is type(want)
    plain = [re.sub(r"npu(:0)?", "cpu", str(e)) for e in (got, want)]
    assert plain[0] == plain[1]


@pytest.mark.parametrize(
    "case",
    [
        lambda t: torch.mm(t(3, 4), t(4, 5, dtype=F64)),
        lambda t: torch.mm(t(3, 4, dtype=F64), t(4, 5, dtype=I64)),
        lambda t: torch.softmax(t(3, 4, dtype=I64), 1),
        lambda t: torch.bitwise_and(t(3, 4), t(3, 4)),
        lambda t: torch.special.erfinv(t(3, 4, dtype=torch.complex64)),
    ],
)
def test_dtypes_are_refused_at_the_call(case: Case) -> None:
    with pytest.raises(RuntimeError, match="(dtype|floating-point|refused).* npu:0"):
        case(On("npu"))
    torch.npu.synchronize()


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (
            lambda x, y: x + y,
            "Expected all tensors to be on the same device, but found at least two devices, npu:0 and cpu!",
        ),
        (lambda x, y: torch.mm(x, y), "but got mat2 is on cpu, different from other tensors on npu:0"),
        (lambda x, y: torch.mm(y, x), "but got mat2 is on npu:0, different from other tensors on cpu"),
        (lambda x, y: torch.cat([x, y]), "but got tensors is on cpu, different from other tensors on npu:0"),
        (lambda x, y: torch.add(x, x, out=y), "npu:0.*cpu|cpu.*npu:0"),
        (lambda x, y: torch.mm(x, x, out=y), "npu:0.*cpu|cpu.*npu:0"),
        (lambda x, y: torch.mm(x, y[0, 0]), "npu:0.*cpu|cpu.*npu:0"),
        (lambda x, y: x.relu_().add_(y), "npu:0.*cpu|cpu.*npu:0"),
    ],
)
def test_a_cpu_operand_is_refused_with_both_devices(call: Callable[..., Any], text: str) -> None:
    x, y = torch.ones(4, 4, device="npu"), torch.ones(4, 4)
    with pytest.raises(RuntimeError, match=text):
        call(x, y)


def test_two_devices_are_refused() -> None:
    if torch.npu.device_count() < 2:
        pytest.skip("needs two devices")
    x, y = torch.ones(4, 4, device="npu:0"), torch.ones(4, 4, device="npu:1")
    for call in (lambda: x + y, lambda: torch.mm(x, y), lambda: torch.cat([x, y]), lambda: x.add_(y)):
        with pytest.raises(RuntimeError, match="npu:0.*npu:1|npu:1.*npu:0"):
            call()


def test_a_row_runs_on_the_device_of_its_tensors() -> None:
    if torch.npu.device_count() < 2:
        pytest.skip("needs two devices")
    x = make(3, 4).to("npu:1")
    assert torch.npu.current_device() == 0
    for result in (x + x, x @ x.t(), x.sum(1), torch.cat([x, x]), x.clone().add_(1), x.topk(2).values):
        assert result.device == torch.device("npu:1")
    torch.testing.assert_close((x + x).cpu(), make(3, 4) * 2)


@pytest.mark.parametrize("dtype", [F32, F16, torch.bfloat16, I32, I64])
def test_the_fast_path_agrees_with_the_iterator(dtype: torch.dtype) -> None:
    # An expanded operand of the same numbers takes the iterator.
    x, y = make(3, 4, dtype=dtype).npu(), make(3, 4, dtype=dtype, seed=1).npu()
    slow = x.unsqueeze(0).expand(2, 3, 4)
    for op in (torch.add, torch.sub, torch.mul, torch.eq, torch.lt, torch.maximum, torch.remainder, torch.div):
        fast_result, slow_result = op(x, y), op(slow, y)[0]
        assert fast_result.dtype == slow_result.dtype
        torch.testing.assert_close(fast_result.cpu(), slow_result.cpu(), equal_nan=True)
