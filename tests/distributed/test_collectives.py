"""Every collective, dtype and reduction, waited for or asynchronous, in place or not, against the CPU."""

from __future__ import annotations

import pytest
import torch
import torch.distributed as dist
import torch.distributed._functional_collectives as functional
from distributed.values import MOVED, OPS, REDUCED, reduced, same, value
from distributed.world import World
from torch.distributed.distributed_c10d import _coalescing_manager

SHAPE = (3, 5)


def mine(rank: int, shape: tuple[int, ...], dtype: torch.dtype, seed: int = 0) -> torch.Tensor:
    return value(rank, shape, dtype, seed).npu()


def of_all(size: int, shape: tuple[int, ...], dtype: torch.dtype, seed: int = 0) -> list[torch.Tensor]:
    return [value(rank, shape, dtype, seed) for rank in range(size)]


def finish(work: dist.Work | None, asynchronous: bool) -> None:
    assert (work is not None) == asynchronous
    if work is not None:
        assert work.wait()
        work.get_future().wait()


def all_reduce(rank: int, size: int, op: str, asynchronous: bool) -> None:
    for dtype in REDUCED:
        tensor = mine(rank, SHAPE, dtype)
        finish(dist.all_reduce(tensor, OPS[op], async_op=asynchronous), asynchronous)
        same(tensor, reduced(op, of_all(size, SHAPE, dtype)), (op, dtype))


def reduce(rank: int, size: int, op: str, asynchronous: bool) -> None:
    for seed, dtype in enumerate(REDUCED):
        root = seed % size
        tensor = mine(rank, SHAPE, dtype)
        finish(dist.reduce(tensor, root, OPS[op], async_op=asynchronous), asynchronous)
        if rank == root:
            same(tensor, reduced(op, of_all(size, SHAPE, dtype)), (op, dtype))


def reduce_scatter(rank: int, size: int, op: str, asynchronous: bool) -> None:
    for dtype in REDUCED:
        inputs = [mine(rank, SHAPE, dtype, seed) for seed in range(size)]
        expected = reduced(op, of_all(size, SHAPE, dtype, rank))
        output = torch.empty(SHAPE, dtype=dtype, device="npu")
        finish(dist.reduce_scatter(output, inputs, OPS[op], async_op=asynchronous), asynchronous)
        same(output, expected, (op, dtype, "list"))
        whole = torch.cat([tensor.cpu() for tensor in inputs]).npu()
        output = torch.empty(SHAPE, dtype=dtype, device="npu")
        finish(dist.reduce_scatter_tensor(output, whole, OPS[op], async_op=asynchronous), asynchronous)
        same(output, expected, (op, dtype, "tensor"))


def reduce_scatter_in_place(rank: int, size: int, op: str) -> None:
    for dtype in REDUCED:
        whole = torch.cat([value(rank, SHAPE, dtype, seed) for seed in range(size)]).npu()
        part = whole.view(size, *SHAPE)[rank]
        dist.reduce_scatter_tensor(part, whole, OPS[op])
        same(part, reduced(op, of_all(size, SHAPE, dtype, rank)), (op, dtype))


def uneven_reduce_scatter(rank: int, size: int, op: str) -> None:
    for dtype in REDUCED:
        inputs = [mine(rank, (seed, 2), dtype, seed) for seed in range(size)]
        output = torch.empty((rank, 2), dtype=dtype, device="npu")
        dist.reduce_scatter(output, inputs, OPS[op])
        same(output, reduced(op, of_all(size, (rank, 2), dtype, rank)), (op, dtype))


@pytest.mark.parametrize("op", OPS)
def test_reductions(four: World, op: str) -> None:
    for case in (all_reduce, reduce, reduce_scatter):
        for asynchronous in (False, True):
            four.run(case, op, asynchronous)
    four.run(reduce_scatter_in_place, op)
    four.run(uneven_reduce_scatter, op)


def test_reductions_of_two(two: World) -> None:
    two.run(all_reduce, "SUM", True)
    two.run(reduce_scatter, "AVG", False)


def broadcast(rank: int, size: int, asynchronous: bool) -> None:
    for root in range(size):
        for dtype in MOVED:
            tensor = mine(rank, SHAPE, dtype)
            finish(dist.broadcast(tensor, root, async_op=asynchronous), asynchronous)
            same(tensor, value(root, SHAPE, dtype), (root, dtype))


def all_gather(rank: int, size: int, asynchronous: bool) -> None:
    for dtype in MOVED:
        expected = of_all(size, SHAPE, dtype)
        outputs = [torch.empty(SHAPE, dtype=dtype, device="npu") for _ in range(size)]
        finish(dist.all_gather(outputs, mine(rank, SHAPE, dtype), async_op=asynchronous), asynchronous)
        whole = torch.empty((size, *SHAPE), dtype=dtype, device="npu")
        finish(dist.all_gather_into_tensor(whole, mine(rank, SHAPE, dtype), async_op=asynchronous), asynchronous)
        for other in range(size):
            same(outputs[other], expected[other], (other, dtype, "list"))
            same(whole[other], expected[other], (other, dtype, "tensor"))


def all_gather_in_place(rank: int, size: int) -> None:
    for dtype in MOVED:
        whole = torch.empty((size, *SHAPE), dtype=dtype, device="npu")
        whole[rank].copy_(value(rank, SHAPE, dtype))
        dist.all_gather_into_tensor(whole, whole[rank])
        for other in range(size):
            same(whole[other], value(other, SHAPE, dtype), (other, dtype))
        parts = torch.empty((size, *SHAPE), dtype=dtype, device="npu")
        dist.all_gather(list(parts.unbind()), mine(rank, SHAPE, dtype))  # the parts of one tensor are not copied
        for other in range(size):
            same(parts[other], value(other, SHAPE, dtype), (other, dtype))


def uneven_all_gather(rank: int, size: int) -> None:
    for dtype in MOVED:
        outputs = [torch.empty((other, 3), dtype=dtype, device="npu") for other in range(size)]
        dist.all_gather(outputs, mine(rank, (rank, 3), dtype))
        for other in range(size):
            same(outputs[other], value(other, (other, 3), dtype), (other, dtype))


def gather(rank: int, size: int, asynchronous: bool) -> None:
    for seed, dtype in enumerate(MOVED):
        root = seed % size
        outputs = [torch.empty(SHAPE, dtype=dtype, device="npu") for _ in range(size)] if rank == root else None
        finish(dist.gather(mine(rank, SHAPE, dtype), outputs, root, async_op=asynchronous), asynchronous)
        for other, output in enumerate(outputs or []):
            same(output, value(other, SHAPE, dtype), (root, other, dtype))


def scatter(rank: int, size: int, asynchronous: bool) -> None:
    for seed, dtype in enumerate(MOVED):
        root = seed % size
        inputs = [mine(root, SHAPE, dtype, other) for other in range(size)] if rank == root else None
        output = torch.empty(SHAPE, dtype=dtype, device="npu")
        finish(dist.scatter(output, inputs, root, async_op=asynchronous), asynchronous)
        same(output, value(root, SHAPE, dtype, rank), (root, dtype))


def all_to_all(rank: int, size: int, asynchronous: bool) -> None:
    for dtype in MOVED:
        inputs = [mine(rank, SHAPE, dtype, other) for other in range(size)]
        outputs = [torch.empty(SHAPE, dtype=dtype, device="npu") for _ in range(size)]
        finish(dist.all_to_all(outputs, inputs, async_op=asynchronous), asynchronous)
        whole = torch.empty((size, *SHAPE), dtype=dtype, device="npu")
        packed = torch.stack([value(rank, SHAPE, dtype, other) for other in range(size)]).npu()
        finish(dist.all_to_all_single(whole, packed, async_op=asynchronous), asynchronous)
        for other in range(size):
            same(outputs[other], value(other, SHAPE, dtype, rank), (other, dtype, "list"))
            same(whole[other], value(other, SHAPE, dtype, rank), (other, dtype, "tensor"))


def uneven_all_to_all(rank: int, size: int) -> None:
    for dtype in MOVED:
        shapes = [((rank + other) % 3, 2) for other in range(size)]
        inputs = [mine(rank, shape, dtype, other) for other, shape in enumerate(shapes)]
        outputs = [torch.empty(shape, dtype=dtype, device="npu") for shape in shapes]
        dist.all_to_all(outputs, inputs)
        rows = [shape[0] for shape in shapes]
        whole = torch.empty((sum(rows), 2), dtype=dtype, device="npu")
        dist.all_to_all_single(whole, torch.cat([tensor.cpu() for tensor in inputs]).npu(), rows, rows)
        for other, piece in enumerate(whole.split(rows)):
            same(outputs[other], value(other, shapes[other], dtype, rank), (other, dtype, "list"))
            same(piece, value(other, shapes[other], dtype, rank), (other, dtype, "tensor"))


@pytest.mark.parametrize("case", [broadcast, all_gather, gather, scatter, all_to_all])
def test_moves(four: World, case: object) -> None:
    for asynchronous in (False, True):
        four.run(case, asynchronous)


def test_moves_in_place_and_uneven(four: World) -> None:
    for case in (all_gather_in_place, uneven_all_gather, uneven_all_to_all):
        four.run(case)


def large(rank: int, size: int) -> None:
    count = 3_000_001
    tensor = torch.full((count,), float(rank + 1), device="npu")
    dist.all_reduce(tensor)
    assert tensor.eq(size * (size + 1) / 2).all().item()
    outputs = [torch.empty(count, device="npu") for _ in range(size)]
    dist.all_gather(outputs, torch.full((count,), float(rank), device="npu"))
    assert all(output.eq(other).all().item() for other, output in enumerate(outputs))


def no_elements(rank: int, size: int) -> None:
    empty, whole = torch.empty((0, 3), device="npu"), torch.empty((0,), device="npu")
    dist.all_reduce(empty)
    dist.all_reduce(empty.bool())
    dist.all_reduce(empty.double())
    dist.broadcast(empty, 1)
    dist.reduce(empty, 0)
    dist.all_gather([empty.clone() for _ in range(size)], empty)
    dist.all_gather_into_tensor(whole, empty)
    dist.gather(empty, [empty.clone() for _ in range(size)] if rank == 0 else None, 0)
    dist.scatter(empty, [empty.clone() for _ in range(size)] if rank == 0 else None, 0)
    dist.reduce_scatter(empty, [empty.clone() for _ in range(size)])
    dist.reduce_scatter_tensor(empty, whole)
    dist.all_to_all_single(whole, empty.view(-1))
    dist.all_to_all_single(whole, whole.clone(), [0] * size, [0] * size)
    dist.all_to_all([empty.clone() for _ in range(size)], [empty.clone() for _ in range(size)])
    torch.npu.synchronize()


def layouts(rank: int, size: int) -> None:
    tensor = value(rank, (2, 3, 4, 5), torch.float32).npu().to(memory_format=torch.channels_last)
    dist.all_reduce(tensor)
    same(tensor, reduced("SUM", of_all(size, (2, 3, 4, 5), torch.float32)))
    scalar = torch.tensor(float(rank), device="npu")
    dist.all_reduce(scalar)
    assert scalar.item() == size * (size - 1) / 2
    parameter = torch.nn.Parameter(torch.ones(3, device="npu"))
    dist.all_reduce(parameter)
    dist.all_reduce(parameter, dist.ReduceOp.AVG)
    assert parameter.tolist() == [size] * 3 and parameter.grad_fn is None
    part = torch.arange(12.0, device="npu")[4:8]
    dist.all_reduce(part)
    assert part.tolist() == [size * number for number in range(4, 8)]


def test_large_empty_and_other_layouts(four: World) -> None:
    for case in (large, no_elements, layouts):
        four.run(case)


def coalesced(rank: int, size: int) -> None:
    tensors = [mine(rank, (seed + 1, 2), torch.int64, seed) for seed in range(3)]
    dist.all_reduce_coalesced(tensors)
    for seed in range(3):
        same(tensors[seed], reduced("SUM", of_all(size, (seed + 1, 2), torch.int64, seed)))

    tensors = [mine(rank, SHAPE, torch.float32, seed) for seed in range(3)]
    gathered = [torch.empty((size, *SHAPE), device="npu") for _ in range(3)]
    scattered = [torch.empty(SHAPE, device="npu") for _ in range(3)]
    with _coalescing_manager(async_ops=True) as manager:
        for tensor in tensors:
            dist.all_reduce(tensor)
    manager.wait()
    with _coalescing_manager():
        for seed in range(3):
            dist.all_gather_into_tensor(gathered[seed], mine(rank, SHAPE, torch.float32, seed))
    with _coalescing_manager():
        for seed in range(3):
            dist.reduce_scatter_tensor(scattered[seed], torch.cat([mine(rank, SHAPE, torch.float32, seed)] * size))
    for seed in range(3):
        every = of_all(size, SHAPE, torch.float32, seed)
        same(tensors[seed], reduced("SUM", every))
        same(gathered[seed], torch.stack(every))
        same(scattered[seed], reduced("SUM", every))

    one, two = mine(rank, SHAPE, torch.float32, 1), [torch.empty(SHAPE, device="npu") for _ in range(size)]
    with _coalescing_manager(device=torch.device("npu", rank), async_ops=True) as manager:
        dist.broadcast(one, 0)
        dist.all_gather(two, mine(rank, SHAPE, torch.float32, 2))
    manager.wait()
    same(one, value(0, SHAPE, torch.float32, 1))
    same(two[-1], value(size - 1, SHAPE, torch.float32, 2))

    lists = [[torch.empty(SHAPE, device="npu"), torch.empty(2, device="npu")] for _ in range(size)]
    dist.all_gather_coalesced(lists, [mine(rank, SHAPE, torch.float32), mine(rank, (2,), torch.float32)])
    for other in range(size):
        same(lists[other][0], value(other, SHAPE, torch.float32))
        same(lists[other][1], value(other, (2,), torch.float32))


def objects(rank: int, size: int) -> None:
    everything = [None] * size
    dist.all_gather_object(everything, {"rank": rank, "text": "x" * rank})
    assert everything == [{"rank": other, "text": "x" * other} for other in range(size)]
    some = [rank, str(rank), None] if rank == 1 else [None] * 3
    dist.broadcast_object_list(some, 1)
    assert some == [1, "1", None]
    gathered = [None] * size if rank == 0 else None
    dist.gather_object(rank * "y", gathered, 0)
    assert rank != 0 or gathered == ["y" * other for other in range(size)]
    mine_only = [None]
    dist.scatter_object_list(mine_only, [[other] for other in range(size)] if rank == 0 else None, 0)
    assert mine_only == [[rank]]
    if rank == 0:
        dist.send_object_list([{"a": 1}], 1)
    elif rank == 1:
        received = [None]
        dist.recv_object_list(received, 0)
        assert received == [{"a": 1}]


def functional_collectives(rank: int, size: int) -> None:
    tensor = mine(rank, (size, 2), torch.float32)
    every = of_all(size, (size, 2), torch.float32)
    same(functional.all_reduce(tensor, "sum", dist.group.WORLD).clone(), reduced("SUM", every))
    same(functional.all_gather_tensor(tensor, 0, dist.group.WORLD).clone(), torch.cat(every))
    scattered = functional.reduce_scatter_tensor(tensor, "avg", 0, dist.group.WORLD).clone()
    same(scattered, reduced("AVG", every)[rank : rank + 1])
    same(functional.broadcast(tensor, 1, dist.group.WORLD).clone(), every[1])


def test_coalesced(four: World) -> None:
    four.run(coalesced)


def test_objects(four: World) -> None:
    four.run(objects)


def test_functional(four: World) -> None:
    four.run(functional_collectives)
