"""Products of matrices and vectors against CPU torch and NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from aten.peer import FLOATS, LAYOUTS, compare, make, no_fallback, same

A, B, C = make(3, 4), make(4, 5, seed=1), make(3, 5, seed=2)
P, Q, R = make(2, 3, 4), make(2, 4, 5, seed=1), make(2, 3, 5, seed=2)
V, W = make(4, seed=3), make(3, seed=4)
SQUARE = make(4, 4)

CASES: dict[str, tuple[Callable[..., object], tuple[torch.Tensor, ...]]] = {
    "mm": (torch.mm, (A, B)),
    "matmul": (torch.matmul, (P, B)),
    "bmm": (torch.bmm, (P, Q)),
    "addmm": (torch.addmm, (C, A, B)),
    "addmm with factors": (lambda c, a, b: torch.addmm(c, a, b, beta=0.5, alpha=2), (C, A, B)),
    "addmm of a row": (torch.addmm, (make(5), A, B)),
    "baddbmm": (lambda r, p, q: torch.baddbmm(r, p, q, beta=2, alpha=0.5), (R, P, Q)),
    "addbmm": (lambda c, p, q: torch.addbmm(c, p, q, beta=2, alpha=0.5), (C, P, Q)),
    "mv": (torch.mv, (A, V)),
    "addmv": (lambda w, a, v: torch.addmv(w, a, v, beta=0.5, alpha=2), (W, A, V)),
    "dot": (torch.dot, (V, make(4))),
    "vdot": (torch.vdot, (V, make(4))),
    "outer": (torch.outer, (V, W)),
    "addr": (torch.addr, (A, W, V)),
    "linear": (torch.nn.functional.linear, (P, make(6, 4), make(6))),
    "linear without bias": (torch.nn.functional.linear, (P, make(6, 4))),
    "einsum": (lambda p, q: torch.einsum("bij,bjk->bik", p, q), (P, Q)),
    "einsum transposed": (lambda a, c: torch.einsum("ij,ik->jk", a, c), (A, C)),
    "tensordot": (lambda p, b: torch.tensordot(p, b, 1), (P, B)),
    "multi_dot": (lambda a, b, c: torch.linalg.multi_dot([a, b, c.t()]), (A, B, C)),
    "matrix_power": (lambda s: torch.matrix_power(s, 3), (SQUARE,)),
    "kron": (torch.kron, (A, B)),
    "cross": (lambda x, y: torch.linalg.cross(x, y), (make(5, 3), make(5, 3, seed=1))),
    "tril": (lambda a: (a.tril(), a.tril(1), a.triu(), a.triu(-1)), (A,)),
    "trace": (torch.trace, (SQUARE,)),
    "diag": (lambda s: (s.diag(), s.diagonal(1), torch.diag(s[0])), (SQUARE,)),
    "renorm": (lambda a: torch.renorm(a, 2, 0, 0.5), (A,)),
}
TOLERANCE = {torch.float16: 3e-2, torch.bfloat16: 2e-1}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name", CASES)
def test_against_cpu(name: str, dtype: torch.dtype, layout: str) -> None:
    function, args = CASES[name]
    if name == "renorm" and dtype in (torch.float16, torch.bfloat16):
        args = (args[0] * 0.1,)
    same(function, *(a.to(dtype) for a in args), layout=layout, tolerance=TOLERANCE.get(dtype, 1e-5))


@pytest.mark.parametrize("name", CASES)
def test_gradient(name: str) -> None:
    function, args = CASES[name]
    same(function, *(a.double() for a in args), grad=True)


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32])
def test_integers(dtype: torch.dtype) -> None:
    same(torch.mm, make(3, 4, dtype=dtype), make(4, 5, dtype=dtype))
    same(torch.bmm, make(2, 3, 4, dtype=dtype), make(2, 4, 5, dtype=dtype))
    same(torch.dot, make(4, dtype=dtype), make(4, dtype=dtype))


def test_in_place_and_out() -> None:
    same(lambda c, a, b: c.addmm_(a, b, alpha=2), C, A, B)
    same(lambda r, p, q: r.baddbmm_(p, q), R, P, Q)
    same(lambda c, p, q: c.addbmm_(p, q, beta=0), C, P, Q)
    same(lambda w, a, v: w.addmv_(a, v), W, A, V)
    same(lambda a: a.tril_(), A)
    a, b = A.npu(), B.npu()
    with no_fallback():
        out = torch.empty(5, 3, device="npu").t()
        assert torch.mm(a, b, out=out) is out and out.stride() == (1, 3)
        compare(out, A @ B)
        with pytest.warns(UserWarning, match="was resized"):
            compare(torch.mm(a, b, out=torch.empty(2, device="npu")), A @ B)


@pytest.mark.parametrize(("rows", "inner", "columns"), [(0, 4, 5), (3, 0, 5), (3, 4, 0), (0, 0, 0)])
def test_nothing(rows: int, inner: int, columns: int) -> None:
    """A product over no elements is zero, not what was in memory."""
    a, b = torch.ones(rows, inner), torch.ones(inner, columns)
    same(torch.mm, a, b)
    same(lambda a, b: torch.bmm(a[None], b[None]), a, b)
    same(lambda c, a, b: torch.addmm(c, a, b, beta=2), torch.ones(rows, columns), a, b)
    same(lambda a: torch.dot(a.flatten()[:0], a.flatten()[:0]), a)


def test_beta_zero_ignores_what_is_there() -> None:
    same(lambda c, a, b: torch.addmm(c, a, b, beta=0), torch.full((3, 5), float("nan")), A, B)


def test_dtypes_are_checked_before_the_launch() -> None:
    a, b = A.npu(), B.npu()
    for op in (torch.mm, lambda a, b: torch.bmm(a[None], b[None]), lambda a, b: torch.addmm(a @ b.float(), a, b)):
        with pytest.raises(RuntimeError, match="same dtype"):
            op(a, b.double())
    with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
        a.mm(a)
    with pytest.raises(RuntimeError, match=r"npu:0.*cpu|cpu.*npu:0"):
        a.mm(B)
    torch.npu.synchronize()
    compare(a.mm(b), A @ B)


def test_against_numpy() -> None:
    a, b = make(33, 17, dtype=torch.float64), make(17, 29, dtype=torch.float64, seed=1)
    np.testing.assert_allclose((a.npu() @ b.npu()).cpu().numpy(), a.numpy() @ b.numpy())
    q, r = torch.linalg.qr(a.npu())
    np.testing.assert_allclose((q @ r).cpu().numpy(), a.numpy(), atol=1e-12)
    np.testing.assert_allclose((q.mT @ q).cpu().numpy(), np.eye(17), atol=1e-12)


def test_complex() -> None:
    a, b = make(3, 4, dtype=torch.complex64), make(4, 5, dtype=torch.complex64, seed=5)
    same(torch.mm, a, b)
    same(lambda a, b: a.conj() @ b.mH.mT, a, b)
    same(lambda a: torch.vdot(a[0], a[1]), a)
