"""Reductions, cumulative operators, norms, order and search against CPU torch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from aten.peer import FLOATS, LAYOUTS, REALS, compare, make, no_fallback, same

F = Callable[[torch.Tensor], object]
DIMS = (None, 0, -1, (0, 2), (0, 1, 2))
ALL = (*REALS, torch.bool)


def over_dims(op: Callable[..., object], dims: tuple = DIMS) -> list[F]:
    """Return ``op`` over each of ``dims``, with and without keepdim."""
    return [lambda x, d=d, k=k: op(x, dim=d, keepdim=k) for d in dims for k in (False, True)]


SINGLE = (0, 1, -1)
CASES: dict[str, tuple[list[F], tuple[torch.dtype, ...]]] = {
    "sum": ([torch.sum, *over_dims(torch.sum)], ALL),
    "sum dtype": ([lambda x: x.sum(dtype=torch.float64), lambda x: x.sum(1, dtype=torch.float32)], ALL),
    "mean": ([torch.mean, *over_dims(torch.mean)], FLOATS),
    "mean dtype": ([lambda x: x.mean(dtype=torch.float32)], ALL),
    "prod": ([torch.prod, *over_dims(torch.prod, SINGLE)], (torch.float32, torch.float64, *REALS[-2:], torch.bool)),
    "amax": (over_dims(torch.amax, ((), 0, -1, (0, 2))), ALL),
    "amin": (over_dims(torch.amin, ((), 0, -1, (0, 2))), ALL),
    "aminmax": (
        [torch.aminmax, lambda x: torch.aminmax(x, dim=1), lambda x: torch.aminmax(x, dim=0, keepdim=True)],
        REALS,
    ),
    "max": ([torch.max, *over_dims(torch.max, SINGLE)], ALL),
    "min": ([torch.min, *over_dims(torch.min, SINGLE)], ALL),
    "argmax": (over_dims(torch.argmax, (None, *SINGLE)), REALS),
    "argmin": (over_dims(torch.argmin, (None, *SINGLE)), REALS),
    "all": ([torch.all, *over_dims(torch.all, (0, -1, (0, 1)))], (*ALL, torch.uint8)),
    "any": ([torch.any, *over_dims(torch.any, (0, -1, (0, 1)))], (*ALL, torch.uint8)),
    "all of no dimension": ([lambda x: torch.all(x, dim=()), lambda x: torch.any(x, dim=())], ALL),
    "cumsum": ([lambda x: x.cumsum(0), lambda x: x.cumsum(-1), lambda x: x.cumsum(1, dtype=torch.float64)], ALL),
    "cumprod": ([lambda x: x.cumprod(0), lambda x: x.cumprod(-1)], (torch.float32, torch.float64, torch.int64)),
    "cummax": ([lambda x: x.cummax(0), lambda x: x.cummin(-1)], (torch.float32, torch.int64)),
    "var": (
        [torch.var, *over_dims(torch.var), lambda x: x.var(1, correction=0), lambda x: x.var((0, 2), correction=2)],
        FLOATS,
    ),
    "fractional correction": (
        [
            lambda x: x.var(1, correction=0.5),
            lambda x: x.std(1, correction=1.5),
            lambda x: torch.std_mean(x, 1, correction=0.5),
        ],
        (torch.float32, torch.float64),
    ),
    "std": ([torch.std, *over_dims(torch.std), lambda x: x.std(0, correction=0)], FLOATS),
    "var_mean": ([torch.var_mean, lambda x: torch.var_mean(x, (0, 1), keepdim=True)], FLOATS),
    "std_mean": ([torch.std_mean, lambda x: torch.std_mean(x, -1)], FLOATS),
    "norm": (
        [
            torch.norm,
            lambda x: x.norm(1),
            lambda x: x.norm(3, 1),
            lambda x: x.norm(float("inf")),
            lambda x: x.norm(dim=(0, 1)),
        ],
        (torch.float32, torch.float64),
    ),
    "vector_norm": (
        [
            torch.linalg.vector_norm,
            *over_dims(torch.linalg.vector_norm),
            lambda x: torch.linalg.vector_norm(x, 1, 0),
            lambda x: torch.linalg.vector_norm(x, 0),
            lambda x: torch.linalg.vector_norm(x, float("-inf"), (0, 1)),
        ],
        FLOATS,
    ),
    "vector_norm dtype": (
        [lambda x: torch.linalg.vector_norm(x, dtype=torch.float32)],
        (torch.float16, torch.bfloat16),
    ),
    "logsumexp": (
        [lambda x: x.logsumexp(0), lambda x: x.logsumexp((1, 2), keepdim=True)],
        (torch.float32, torch.float64),
    ),
    "nansum": ([torch.nansum, lambda x: x.nansum(1), lambda x: x.nansum((0, 1), keepdim=True)], REALS),
    "count_nonzero": ([torch.count_nonzero, lambda x: torch.count_nonzero(x, (0, 1))], ALL),
    "median": (
        [
            torch.median,
            lambda x: x.median(1),
            lambda x: x.median(0, keepdim=True),
            torch.nanmedian,
            lambda x: x.nanmedian(1),
        ],
        REALS,
    ),
    "kthvalue": ([lambda x: x.kthvalue(2), lambda x: x.kthvalue(1, 0, keepdim=True)], (torch.float32, torch.int64)),
    "sort": (
        [
            torch.sort,
            lambda x: x.sort(0, descending=True),
            lambda x: x.sort(dim=1, stable=True),
            lambda x: torch.msort(x),
        ],
        (torch.float32, torch.float64, torch.bfloat16),
    ),
    "argsort": (
        [lambda x: x.argsort(dim=1, stable=True), lambda x: x.argsort(dim=0, descending=True, stable=True)],
        REALS,
    ),
    "topk": (
        [lambda x: x.topk(2), lambda x: x.topk(2, 0, largest=False), lambda x: x.topk(3, 1)],
        (torch.float32, torch.float64),
    ),
    "unique": (
        [
            torch.unique,
            lambda x: torch.unique(x, return_inverse=True, return_counts=True),
            lambda x: torch.unique(x, dim=1, return_inverse=True, return_counts=True),
            lambda x: torch.unique_consecutive(x, return_inverse=True, return_counts=True),
            lambda x: torch.unique_consecutive(x, dim=1, return_counts=True),
        ],
        REALS[-2:] + (torch.float32,),
    ),
}
TOLERANCE = {torch.float16: 2e-2, torch.bfloat16: 6e-2}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("name", "dtype"), [(name, dtype) for name, (_, dtypes) in CASES.items() for dtype in dtypes], ids=str
)
@pytest.mark.filterwarnings("ignore:.*degrees of freedom")
def test_against_cpu(name: str, dtype: torch.dtype, layout: str) -> None:
    x = make(3, 4, 5, dtype=dtype, low=0 if "prod" in name else -9, high=3 if "prod" in name else 9)
    if name in ("max", "min", "sort", "topk", "kthvalue", "cummax", "argmax", "argmin", "median") and dtype in REALS:
        x = torch.randperm(60, generator=torch.Generator().manual_seed(3)).reshape(3, 4, 5).to(dtype)  # no ties
    for function in CASES[name][0]:
        same(function, x, layout=layout, tolerance=TOLERANCE.get(dtype))


GRADS: list[F] = [
    torch.sum,
    torch.mean,
    torch.prod,
    torch.max,
    torch.median,
    torch.norm,
    torch.std,
    lambda x: x.sum((0, 2)),
    lambda x: x.mean(1),
    lambda x: x.prod(1),
    lambda x: x.amax((0, 1)),
    lambda x: x.max(1)[0],
    lambda x: x.min(0)[0],
    lambda x: x.var(1),
    lambda x: x.var_mean(0) if hasattr(x, "var_mean") else torch.var_mean(x, 0),
    lambda x: x.cumsum(1),
    lambda x: x.cumprod(1),
    lambda x: x.logsumexp(1),
    lambda x: x.norm(dim=1),
    lambda x: x.sort(1)[0],
    lambda x: x.topk(2, 1)[0],
    lambda x: x.kthvalue(2, 1)[0],
    lambda x: torch.linalg.vector_norm(x, 1, 0),
    lambda x: torch.aminmax(x, dim=1),
    lambda x: x.nansum(),
    lambda x: x.cummax(1)[0],
]


@pytest.mark.parametrize("index", range(len(GRADS)))
@pytest.mark.parametrize("layout", LAYOUTS)
def test_gradient(index: int, layout: str) -> None:
    same(GRADS[index], make(3, 4, 5, dtype=torch.float64), layout=layout, grad=True)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), ()])
def test_empty_and_scalar(shape: tuple[int, ...]) -> None:
    x = make(*shape)
    for op in (torch.sum, torch.prod, torch.all, torch.any, torch.nansum, torch.linalg.vector_norm):
        same(op, x)
    if shape != ():
        same(lambda x: (x.sum(0), x.mean(0), x.cumsum(0), x.sort(0), x.any(0), x.all(-1)), x)
    else:
        same(
            lambda x: (x.max(), x.min(), x.argmax(), x.sum(0), x.cumsum(0), x.sort(), x.topk(1), x.max(0), x.mean()), x
        )


@pytest.mark.parametrize(
    ("op", "error"),
    [
        (torch.max, "Expected reduction dim to be specified"),
        (torch.argmax, "Expected reduction dim"),
        (lambda x: x.max(0), "Expected reduction dim 0 to have non-zero size"),
        (lambda x: x.kthvalue(1), "out of range"),
    ],
)
def test_nothing_to_choose_from(op: F, error: str) -> None:
    with pytest.raises((RuntimeError, IndexError), match=error):
        op(torch.empty(0, device="npu"))


def test_out_is_resized_with_a_warning_and_kept_otherwise() -> None:
    x = make(3, 4).npu()
    out = torch.ones(7, device="npu")
    with no_fallback(), pytest.warns(UserWarning, match="was resized"):
        result = torch.sum(x, 0, out=out)
    assert result is out
    compare(out, x.cpu().sum(0))
    strided = torch.zeros(4, 2, device="npu")[:, 0]
    torch.sum(x, 0, out=strided)
    compare(strided, x.cpu().sum(0))
    values, indices = torch.empty(3, device="npu"), torch.empty(3, dtype=torch.long, device="npu")
    torch.max(x, 1, out=(values, indices))
    compare((values, indices), tuple(x.cpu().max(1)))
    for op in (torch.max, torch.min):
        compare(op(x, out=torch.empty(0, device="npu")), op(x.cpu()))
    compare(torch.var(x, 0, out=torch.empty(0, device="npu")), x.cpu().var(0))
    with pytest.raises(RuntimeError, match="dtype"):
        torch.amax(x, 0, out=torch.empty(4, dtype=torch.int64, device="npu"))


def test_wrong_dtype_is_named() -> None:
    with pytest.raises(RuntimeError, match=r"mean\(\).*(Long|dtype)"):
        torch.ones(3, dtype=torch.int64, device="npu").mean()
    with pytest.raises(RuntimeError, match="floating point"):
        torch.ones(3, dtype=torch.int64, device="npu").std()
    with pytest.raises(IndexError, match="Dimension out of range"):
        torch.ones(3, device="npu").sum(2)


def test_search() -> None:
    edges, values = make(9).sort()[0], make(4, 5, seed=1)
    same(
        lambda e, v: (torch.searchsorted(e, v), torch.searchsorted(e, v, right=True), torch.bucketize(v, e)),
        edges,
        values,
    )
    same(lambda e, v: torch.searchsorted(e, v, out_int32=True), make(4, 9).sort(1)[0], values)
    same(lambda e: (torch.searchsorted(e, 0.3), torch.bucketize(e, e)), edges)
    same(lambda e, v, s: torch.searchsorted(e, v, sorter=s), make(9), values, make(9).argsort())
    same(lambda x: (torch.bincount(x), torch.bincount(x, minlength=20)), make(30, dtype=torch.int64, low=0))
    same(lambda x, w: torch.bincount(x, w), make(30, dtype=torch.int64, low=0), make(30))
    same(lambda x: (torch.histc(x, 5), torch.histc(x, 4, -1, 1)), make(30))
    with pytest.raises(RuntimeError, match="same dtype"):
        torch.searchsorted(edges.npu(), values.double().npu())


def test_sums_against_numpy() -> None:
    x = make(50, 70, dtype=torch.float64)
    y = x.npu()
    np.testing.assert_allclose(y.sum(0).cpu().numpy(), x.numpy().sum(0))
    np.testing.assert_allclose(y.std(1).cpu().numpy(), x.numpy().std(1, ddof=1))
    np.testing.assert_array_equal(y.argsort(1).cpu().numpy(), x.numpy().argsort(1))
