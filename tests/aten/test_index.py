"""Indexing, scattering, arranging and making tensors against CPU torch."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from aten.peer import FLOATS, LAYOUTS, REALS, compare, make, no_fallback, same

ROW, COL = torch.tensor([0, 2, 2]), torch.tensor([3, 1, 0])
COLUMN = torch.tensor([[0], [2]])
MASK = make(4, 5, dtype=torch.bool)
ROWS = torch.tensor([True, False, True, True])

READS: dict[str, Callable[[torch.Tensor], object]] = {
    "int": lambda x: (x[0], x[-1], x[1, 2], x[1][2]),
    "slice": lambda x: (x[1:3], x[:, ::2], x[::3, 1:], x[-2:], x[4:]),
    "none and ellipsis": lambda x: (x[None], x[..., 0], x[:, None, 1], x[..., None], x[True]),
    "index tensor": lambda x: (x[at(x, ROW)], x[:, at(x, COL)], x[at(x, COLUMN)], x[at(x, ROW), at(x, COL)]),
    "broadcast": lambda x: (x[at(x, COLUMN), at(x, COL)], x[at(x, torch.tensor(1)), at(x, COL)]),
    "list": lambda x: (x[[0, 1]], x[[0, 1], [1, 2]], x[:, [2, 0]]),
    "negative index": lambda x: (x[at(x, -1 - ROW)], x[at(x, torch.tensor([-1, 0]))]),
    "int32 index": lambda x: x[at(x, ROW.int())],
    "mask": lambda x: (x[at(x, ROWS)], x[at(x, MASK)], x[x > 0] if not x.is_complex() else x[at(x, MASK)]),
    "mask and index": lambda x: (x[at(x, ROWS), at(x, COL)], x[at(x, ROWS), 1:3]),
    "none found": lambda x: (x[at(x, MASK & False)], x[at(x, ROW[:0])], x[at(x, ROWS & False)]),
    "mixed": lambda x: (x[1, at(x, COL)], x[at(x, ROW), None], x[None, at(x, ROW)], x[..., at(x, COL)]),
    "cpu index": lambda x: (x[ROW], x[:, COL], x[ROWS]),
    "take": lambda x: (
        x.take(at(x, ROW)),
        x.take(at(x, COLUMN)),
        torch.take_along_dim(x, at(x, MASK[:, :2].long()), 1),
    ),
    "index_select": lambda x: (x.index_select(0, at(x, ROW)), x.index_select(1, at(x, COL.int()))),
    "gather": lambda x: (x.gather(1, at(x, COLUMN)), x.gather(0, at(x, MASK[:2].long()))),
    "masked_select": lambda x: (
        x.masked_select(at(x, MASK)),
        x.masked_select(at(x, MASK[0])),
        x.masked_select(at(x, MASK & False)),
    ),
}


def at(x: torch.Tensor, index: torch.Tensor) -> torch.Tensor:
    """Return ``index`` on the device of ``x``."""
    return index.to(x.device)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [*REALS, torch.bool, torch.uint8, torch.complex64])
@pytest.mark.parametrize("name", READS)
def test_read(name: str, dtype: torch.dtype, layout: str) -> None:
    if name == "index tensor" or layout != "offset":
        same(READS[name], make(4, 5, dtype=dtype), layout=layout)


@pytest.mark.parametrize("name", [name for name in READS if name != "none and ellipsis"])
def test_read_gradient(name: str) -> None:
    same(READS[name], make(4, 5, dtype=torch.float64), grad=True)


def test_read_of_more_dimensions() -> None:
    x = make(4, 5, 3, 2)
    same(
        lambda x: (
            x[at(x, ROW), :, at(x, ROW)],
            x[:, at(x, ROW), at(x, ROW[[0, 1, 1]] // 2)],
            x[at(x, MASK)],
            x[:, at(x, COL), :, 1],
        ),
        x,
    )
    same(lambda x: (x[..., at(x, ROW) // 2, :], x[at(x, MASK), 1], x[0, :, at(x, torch.tensor([[0, 1], [2, 1]]))]), x)
    out = torch.empty(3, 5, 3, 2, device="npu")
    with no_fallback():
        torch.ops.aten.index.Tensor_out(x.npu(), [ROW.npu()], out=out)
    compare(out, x[ROW])


def assign(function: Callable[[torch.Tensor], None]) -> Callable[[torch.Tensor], torch.Tensor]:
    def run(x: torch.Tensor) -> torch.Tensor:
        y = x.clone()
        function(y)
        return y

    return run


def write(key: Callable[[torch.Tensor], object], value: Callable[[torch.Tensor], object]) -> Callable:
    return assign(lambda x: x.__setitem__(key(x), value(x)))


WRITES: dict[str, Callable[[torch.Tensor], object]] = {
    "int": write(lambda x: 0, lambda x: 3),
    "element": write(lambda x: (1, 2), lambda x: x[0, 0] + x[0, 0]),
    "slice": write(lambda x: (slice(None), slice(0, 4, 2)), lambda x: x[:, 3:]),
    "ellipsis": write(lambda x: (..., 0), lambda x: 1),
    "all": write(lambda x: ..., lambda x: 2),
    "mask number": write(lambda x: at(x, MASK), lambda x: 2),
    "mask row number": write(lambda x: (slice(None), at(x, MASK[0])), lambda x: 1),
    "mask 0-d": write(lambda x: at(x, MASK), lambda x: x[0, 0].clone()),
    "mask values": write(lambda x: at(x, MASK), lambda x: x[at(x, MASK)].flip(0)),
    "row mask": write(lambda x: at(x, ROWS), lambda x: x[3].clone()),
    "index number": write(lambda x: at(x, ROW), lambda x: 1),
    "index values": write(lambda x: (at(x, ROW[:2]), at(x, COL[:2])), lambda x: x[0, :2].clone()),
    "index row": write(lambda x: at(x, ROW), lambda x: x[3].clone()),
    "index column": write(lambda x: (slice(None), at(x, COL)), lambda x: x[:, :1].clone()),
    "list": write(lambda x: [0, 1], lambda x: 0),
    "none": write(lambda x: at(x, MASK & False), lambda x: 1),
    "accumulate": lambda x: x.index_put((at(x, ROW),), x[:3], accumulate=True),
    "accumulate number": lambda x: x.index_put((at(x, ROW), at(x, COL)), x[0, 0], accumulate=True),
    "masked_fill": lambda x: (x.masked_fill(at(x, MASK), 1), x.masked_fill(at(x, MASK[0]), x[0, 0])),
    "masked_scatter": lambda x: x.masked_scatter(at(x, MASK), x.flip(0)),
    "index_fill": lambda x: (x.index_fill(0, at(x, ROW), 1), x.index_fill(1, at(x, COL), x[0, 0])),
    "index_copy": lambda x: x.index_copy(0, at(x, torch.tensor([3, 0])), x[:2]),
    "index_add": lambda x: (x.index_add(0, at(x, ROW), x[:3]), x.index_add(1, at(x, COL), x[:, :3], alpha=2)),
    "scatter": lambda x: (x.scatter(1, at(x, COL[None]), x[:1, 2:]), x.scatter(0, at(x, ROW[None]), 1)),
    "scatter_add": lambda x: x.scatter_add(0, at(x, MASK.long()), x),
    "scatter in place": assign(lambda x: x.scatter_(1, at(x, COL[None]), x[:1, 2:].clone())),
    "scatter nothing": lambda x: x.scatter(0, at(x, ROW[None, :0]), x),
    "put": assign(lambda x: x.put_(at(x, torch.tensor([1, 7])), x[0, :2].clone())),
    "fill_diagonal": assign(lambda x: x.fill_diagonal_(1)),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [*REALS, torch.complex64])
@pytest.mark.parametrize("name", WRITES)
def test_write(name: str, dtype: torch.dtype, layout: str) -> None:
    if name.startswith(("mask", "scatter")) or layout != "offset":
        same(WRITES[name], make(4, 5, dtype=dtype), layout=layout)


@pytest.mark.parametrize("name", [name for name in WRITES if name not in ("int", "all", "scatter nothing")])
def test_write_gradient(name: str) -> None:
    same(WRITES[name], make(4, 5, dtype=torch.float64), grad=True)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_write_into_a_view(layout: str) -> None:
    """The strided argument itself is written, and what lies between its elements is not."""

    def run(x: torch.Tensor) -> torch.Tensor:
        x[x > 0] = 0.0
        x[at(x, ROW), at(x, COL)] = 5.0
        x.masked_fill_(at(x, MASK), 1.0).index_fill_(0, at(x, ROW[:1]), 7.0)
        x.index_add_(1, at(x, COL), x[:, :3].clone()).scatter_(0, at(x, ROW[None]), 2.0)
        return x

    same(run, make(4, 5), layout=layout)


@pytest.mark.parametrize("reduce", ["sum", "prod", "amax", "amin", "mean"])
@pytest.mark.parametrize("include_self", [True, False])
def test_scatter_reduce(reduce: str, include_self: bool) -> None:
    def run(x: torch.Tensor) -> object:
        index = at(x, MASK.long() * 2)
        inplace = x.clone().scatter_reduce_(0, index, x, reduce, include_self=include_self)
        return inplace, x.scatter_reduce(0, index, x.abs(), reduce, include_self=include_self)

    same(run, make(4, 5), grad=reduce in ("sum", "mean"))
    same(run, make(4, 5, dtype=torch.int64))


@pytest.mark.filterwarnings("ignore:The reduce argument of torch.scatter")
def test_scatter_with_reduce_argument() -> None:
    same(lambda x: x.scatter(0, at(x, MASK.long()), x, reduce="add"), make(4, 5))
    same(lambda x: x.scatter(0, at(x, MASK.long()), 2.0, reduce="multiply"), make(4, 5))


def test_results_in_the_memory_of_arguments_are_refused() -> None:
    x, mask = make(6).npu(), torch.ones(6, dtype=torch.bool, device="npu")
    with pytest.raises(RuntimeError, match="unsupported operation"):
        torch.masked_select(x, mask, out=x)
    with pytest.raises(RuntimeError, match="unsupported operation"):
        torch.index_select(x, 0, torch.arange(3, device="npu"), out=x[:1].expand(3))
    with pytest.raises(RuntimeError, match="unsupported operation"):
        torch.kthvalue(x.view(6, 1), 1, out=(x, torch.empty(0, dtype=torch.long, device="npu")))


def test_masked_fill_refuses_numbers_that_do_not_fit() -> None:
    x, mask = make(6, dtype=torch.int64).npu(), torch.ones(6, dtype=torch.bool, device="npu")
    with pytest.raises(RuntimeError, match="overflow|cannot be converted"):
        x.masked_fill_(mask, math.inf)


def test_nonzero() -> None:
    for dtype in (*REALS, torch.bool):
        x = make(3, 4, dtype=dtype, low=0, high=2)
        same(lambda x: (x.nonzero(), torch.argwhere(x), *x.nonzero(as_tuple=True), *torch.where(x != 0)), x)
    same(lambda x: (x.nonzero(), (x + 1).nonzero(), x[()].nonzero()), torch.tensor(0))
    same(lambda x: x.nonzero(), torch.zeros(0, 3))
    with pytest.warns(UserWarning, match="was resized"):
        compare(
            torch.nonzero(torch.eye(2, device="npu"), out=torch.ones(5, dtype=torch.long, device="npu")),
            torch.eye(2).nonzero(),
        )


@pytest.mark.parametrize(
    ("use", "error", "text"),
    [
        (
            lambda x: x[torch.zeros(3, dtype=torch.long, device="npu"), torch.zeros(2, dtype=torch.long, device="npu")],
            IndexError,
            "shape mismatch",
        ),
        (lambda x: x[(torch.zeros(1, dtype=torch.long, device="npu"),) * 3], IndexError, "too many indices"),
        (lambda x: x[torch.ones(3, dtype=torch.bool, device="npu")], IndexError, "The shape of the mask"),
        (lambda x: x[torch.ones(3, device="npu")], IndexError, "tensors used as indices must be"),
        (
            lambda x: x.__setitem__(torch.zeros(2, dtype=torch.long, device="npu"), torch.ones(3, 5, device="npu")),
            RuntimeError,
            "shape mismatch",
        ),
        (
            lambda x: x.index_put_(
                (torch.zeros(2, dtype=torch.long, device="npu"),), torch.ones(5, device="npu").double()
            ),
            (IndexError, RuntimeError),
            "dtypes match",
        ),
        (lambda x: x.masked_fill_(torch.ones(5, device="npu"), 1), RuntimeError, "boolean mask"),
        (lambda x: x.gather(0, torch.zeros(2, 2, device="npu")), RuntimeError, "int"),
        (lambda x: x.index_select(0, torch.zeros(2, device="npu")), (IndexError, RuntimeError), "int"),
        (lambda x: x.scatter(0, torch.zeros(2, 2, dtype=torch.long, device="npu"), x.double()), RuntimeError, "dtype"),
        (lambda x: torch.cat([x, x.cpu()]), RuntimeError, "same device|npu:0"),
        (lambda x: torch.cat([x, x[:, :2]]), RuntimeError, "Sizes of tensors must match"),
        (lambda x: torch.where(x, x, x), RuntimeError, "boolean"),
    ],
)
def test_wrong_use_is_refused(use: Callable, error: type, text: str) -> None:
    x = torch.ones(4, 5, device="npu")
    with pytest.raises(error, match=text):
        use(x)
    torch.npu.synchronize()
    assert (x + 1).sum().item() == 40


ARRANGE: dict[str, Callable[[torch.Tensor], object]] = {
    "cat": lambda x: (
        torch.cat([x, x]),
        torch.cat([x, x[:, :2]], -1),
        torch.cat([x[:0], x]),
        torch.cat([x.new_empty(0), x]),
    ),
    "stack": lambda x: (
        torch.stack([x, x]),
        torch.stack([x, x], -1),
        torch.hstack([x, x]),
        torch.vstack([x, x]),
        torch.column_stack([x, x]),
    ),
    "split": lambda x: (*x.split(2), *x.chunk(2, 1), *x.tensor_split(3), *x.unbind(0)),
    "flip": lambda x: (x.flip(0), x.flip(0, 1), x.flip(-1), x.rot90()),
    "roll": lambda x: (x.roll(1, 0), x.roll((1, 2), (0, 1)), x.roll(2)),
    "repeat": lambda x: (
        x.repeat(2, 2),
        x.tile(2),
        x.repeat_interleave(2, 0),
        x.repeat_interleave(at(x, torch.tensor([1, 0, 2, 1])), 0),
    ),
    "pad": lambda x: (torch.nn.functional.pad(x, (1, 2)), torch.nn.functional.pad(x, (1, 2, -1, 0), value=3)),
    "triangle": lambda x: (x.tril(), x.triu(1), x.tril(-1)),
    "diagonal": lambda x: (x.diagonal(), x.diag(), torch.diag_embed(x), torch.diag(x[0])),
    "unfold": lambda x: (x.unfold(0, 2, 1), x.unfold(1, 3, 2)),
    "where": lambda x: (
        torch.where(at(x, MASK), x, x.flip(0)),
        torch.where(at(x, MASK), x, 0),
        torch.where(at(x, MASK[0]), 1, x),
    ),
    "copies": lambda x: (x.t().contiguous(), x.clone(), x.expand(2, 4, 5).reshape(8, 5), x.movedim(0, 1).flatten()),
    "scatters": lambda x: (x.select_scatter(x[0], 0, 1), x.slice_scatter(x[:2], 0, 1, 3), x.diagonal_scatter(x[0, :4])),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", [*REALS, torch.bool])
@pytest.mark.parametrize("name", ARRANGE)
def test_arrange(name: str, dtype: torch.dtype, layout: str) -> None:
    same(ARRANGE[name], make(4, 5, dtype=dtype), layout=layout)


@pytest.mark.parametrize("name", ARRANGE)
def test_arrange_gradient(name: str) -> None:
    same(ARRANGE[name], make(4, 5, dtype=torch.float64), grad=True)


def test_cat_and_where_promote() -> None:
    same(
        lambda x, y: (torch.cat([x, y]), torch.where(x > 0, x, y.double()), torch.where(x > 0, x, 2.5)),
        make(4, dtype=torch.int64),
        make(4),
    )
    out = torch.zeros(3, 8, device="npu")[:, ::2]
    x = make(3, 2).npu()
    with no_fallback():
        torch.cat([x, x], 1, out=out)
        compare(out, torch.cat([x.cpu()] * 2, 1))
        compare(torch.where(x > 0, x, torch.tensor(2.0)), torch.where(x.cpu() > 0, x.cpu(), torch.tensor(2.0)))
        with pytest.warns(UserWarning, match="was resized"):
            compare(torch.cat([x, x], out=torch.empty(1, device="npu")), torch.cat([x.cpu()] * 2))


FACTORIES: dict[str, Callable[[str], object]] = {
    "arange": lambda d: (
        torch.arange(5, device=d),
        torch.arange(1, 9, 3, device=d),
        torch.arange(0, 1, 0.1, device=d),
        torch.arange(5, 0, -2, device=d),
        torch.arange(0, device=d),
    ),
    "arange dtype": lambda d: [
        torch.arange(0, 6, 2, dtype=t, device=d) for t in (*REALS, torch.uint8, torch.int8, torch.int16)
    ],
    "linspace": lambda d: (
        torch.linspace(0, 1, 7, device=d),
        torch.linspace(-3, 3, 1, device=d),
        torch.linspace(0, 9, 4, dtype=torch.int64, device=d),
    ),
    "logspace": lambda d: (torch.logspace(0, 2, 5, device=d), torch.logspace(0, 3, 4, base=2, device=d)),
    "eye": lambda d: (
        torch.eye(3, device=d),
        torch.eye(2, 4, device=d),
        torch.eye(0, device=d),
        torch.eye(3, dtype=torch.int64, device=d),
    ),
    "full": lambda d: (
        torch.full((2, 3), 2.5, device=d),
        torch.zeros(2, device=d),
        torch.ones(2, 2, dtype=torch.int64, device=d),
        torch.full((), True, device=d),
    ),
    "like": lambda d: [
        f(torch.ones(2, 3, device=d))
        for f in (torch.zeros_like, torch.ones_like, lambda x: torch.full_like(x, 3), lambda x: x.new_zeros(2))
    ],
    "triangle": lambda d: (torch.tril_indices(3, 4, device=d), torch.triu_indices(3, 3, 1, device=d)),
    "tensor": lambda d: (
        torch.tensor([1, 2], device=d),
        torch.tensor(1.5, device=d),
        torch.tensor([], device=d),
        torch.tensor([[True]], device=d),
    ),
    "grid": lambda d: torch.meshgrid(torch.arange(3, device=d), torch.arange(4, device=d), indexing="ij"),
    "complex": lambda d: (
        torch.complex(torch.ones(2, device=d), torch.arange(2.0, device=d)),
        torch.polar(torch.ones(2, device=d), torch.arange(2.0, device=d)),
    ),
    "window": lambda d: torch.hann_window(8, device=d),
    "one_hot": lambda d: torch.nn.functional.one_hot(torch.tensor([0, 2, 1], device=d), 4),
}


@pytest.mark.parametrize("name", FACTORIES)
def test_factory(name: str) -> None:
    with no_fallback():
        got = FACTORIES[name]("npu")
    compare(got, FACTORIES[name]("cpu"), tolerance=1e-5)


def test_factory_out() -> None:
    with no_fallback():
        out = torch.zeros(2, 3, device="npu").t()
        torch.arange(6, out=out)
        compare(out, torch.arange(6.0).view(3, 2))
        compare(torch.eye(2, out=torch.empty(0, device="npu")), torch.eye(2))


@pytest.mark.parametrize("dtype", FLOATS)
def test_embedding(dtype: torch.dtype) -> None:
    functional = torch.nn.functional
    index = torch.tensor([[0, 3], [3, 1]])
    tolerance = 2e-2 if dtype in (torch.float16, torch.bfloat16) else None
    same(lambda w, i: functional.embedding(i, w), make(5, 4, dtype=dtype), index, grad=True, tolerance=tolerance)
    same(
        lambda w, i: functional.embedding(i.int(), w, padding_idx=3),
        make(5, 4, dtype=dtype),
        index,
        grad=True,
        tolerance=tolerance,
    )
    same(lambda w, i: functional.embedding(i[:0], w), make(5, 4, dtype=dtype), index, grad=True)
    if dtype in (torch.float32, torch.float64):
        same(
            lambda w, i: functional.embedding(i, w, scale_grad_by_freq=True), make(5, 4, dtype=dtype), index, grad=True
        )
        same(lambda w, i: functional.embedding(i, w.clone(), max_norm=0.5), make(5, 4, dtype=dtype), index)
