"""What HCCL lacks and the process group makes of what it has: a test for each row of the table."""

from __future__ import annotations

import pytest
import torch
import torch.distributed as dist
from distributed.values import COMPLEX, FLOATS, SIGNED, UNSIGNED, reduced, same, value
from distributed.world import World

SHAPE = (4, 3)
ReduceOp = dist.ReduceOp


def run_all(rank: int, size: int, op: object, inputs: list[torch.Tensor], expected: torch.Tensor, what: object) -> None:
    """``op`` by all_reduce, reduce and both forms of reduce_scatter; ``inputs`` are those of the ranks."""
    tensor = inputs[rank].npu()
    dist.all_reduce(tensor, op)
    same(tensor, expected, (what, "all_reduce"))
    tensor = inputs[rank].npu()
    dist.reduce(tensor, 1, op)
    if rank == 1:
        same(tensor, expected, (what, "reduce"))
    whole = torch.cat([inputs[rank]] * size).npu()
    before = whole.cpu()
    output = torch.empty_like(tensor)
    dist.reduce_scatter_tensor(output, whole, op)
    same(output, expected, (what, "reduce_scatter_tensor"))
    assert torch.equal(whole.cpu().view(torch.uint8), before.view(torch.uint8)), (what, "the input was changed")
    pieces = [inputs[rank][: other + 1].npu() for other in range(size)]
    output = torch.empty_like(pieces[rank])
    dist.reduce_scatter(output, pieces, op)
    same(output, expected[: rank + 1], (what, "uneven reduce_scatter"))


def arithmetic(rank: int, size: int, op: str, dtype: torch.dtype) -> None:
    inputs = [value(other, SHAPE, dtype, 3) for other in range(size)]
    run_all(rank, size, getattr(ReduceOp, op), inputs, reduced(op, inputs), (op, dtype))


ROWS = [
    *[("AVG", dtype) for dtype in (*FLOATS, *SIGNED, *UNSIGNED)],
    ("PRODUCT", torch.int16),
    ("PRODUCT", torch.bfloat16),
    *[(op, dtype) for op in ("SUM", "PRODUCT", "MIN", "MAX") for dtype in (*UNSIGNED, torch.float64)],
    *[(op, dtype) for op in ("SUM", "AVG") for dtype in (*COMPLEX, torch.complex32)],
]


@pytest.mark.parametrize(("op", "dtype"), ROWS, ids=lambda part: str(part).removeprefix("torch."))
def test_arithmetic(four: World, op: str, dtype: torch.dtype) -> None:
    four.run(arithmetic, op, dtype)


def logic(rank: int, size: int) -> None:
    inputs = [value(other, SHAPE, torch.bool, 4) for other in range(size)]
    inputs[0][0] = True  # so that some elements are true everywhere, and some nowhere
    for other in inputs:
        other[0, 0], other[0, 1] = True, False
    stacked = torch.stack(inputs)
    any_, all_, odd = stacked.any(0), stacked.all(0), stacked.sum(0) % 2 == 1
    expected = {"SUM": any_, "MAX": any_, "BOR": any_, "PRODUCT": all_, "MIN": all_, "BAND": all_, "BXOR": odd}
    for op, result in expected.items():
        run_all(rank, size, getattr(ReduceOp, op), inputs, result, op)


def test_bool(four: World) -> None:
    four.run(logic)


def bits(rank: int, size: int) -> None:
    for dtype in (torch.uint8, *SIGNED):
        inputs = [value(other, SHAPE, dtype, 5) for other in range(size)]
        for op, step in (("BAND", torch.bitwise_and), ("BOR", torch.bitwise_or), ("BXOR", torch.bitwise_xor)):
            expected = inputs[0]
            for other in inputs[1:]:
                expected = step(expected, other)
            run_all(rank, size, getattr(ReduceOp, op), inputs, expected, (op, dtype))


def test_bits(four: World) -> None:
    four.run(bits)


def premultiplied(rank: int, size: int) -> None:
    for dtype in (torch.float32, torch.float16, torch.bfloat16, torch.float64):
        inputs = [value(other, SHAPE, dtype, 6) for other in range(size)]
        expected = reduced("SUM", [tensor * 2 for tensor in inputs])
        for factor in (2.0, torch.tensor([2.0], dtype=dtype, device="npu")):
            run_all(rank, size, dist._make_nccl_premul_sum(factor), inputs, expected, (dtype, factor))


def test_premultiplied_sum(four: World) -> None:
    four.run(premultiplied)


def wraps(rank: int, size: int) -> None:
    tensor = torch.full((2,), 200, dtype=torch.uint8, device="npu")
    dist.all_reduce(tensor)
    assert tensor.tolist() == [200 * size % 256] * 2
    tensor = torch.full((2,), 200, dtype=torch.uint8, device="npu")
    dist.all_reduce(tensor, ReduceOp.AVG)
    assert tensor.tolist() == [200] * 2
    tensor = torch.full((2,), -7 if rank == 0 else 0, device="npu")
    dist.all_reduce(tensor, ReduceOp.AVG)
    assert tensor.tolist() == [-7 // size + 1] * 2  # towards zero, as on CUDA


def test_wrapping_and_rounding(four: World) -> None:
    four.run(wraps)


def in_pieces(rank: int, size: int) -> None:
    """More float64 than is gathered at a time (64 MiB from all ranks)."""
    count = (64 << 20) // (8 * size) + 1000
    tensor = torch.arange(count, dtype=torch.float64, device="npu")
    dist.all_reduce(tensor)
    assert torch.equal(tensor.cpu(), torch.arange(count, dtype=torch.float64) * size)


def test_float64_in_pieces(two: World) -> None:
    two.run(in_pieces)


def no_host_copy(rank: int, size: int) -> None:
    """The CPU has no part in it: nothing falls back."""
    import torch_npu

    torch_npu._C.reset_fallback_stats()
    for dtype in (torch.float64, torch.uint8, torch.bfloat16, torch.bool):
        for op in ("SUM", "PRODUCT", "MIN", "MAX"):
            dist.all_reduce(torch.ones(5, dtype=dtype, device="npu"), getattr(ReduceOp, op))
    assert torch_npu._C.fallback_stats() == {}


def test_nothing_falls_back(two: World) -> None:
    two.run(no_host_copy)
