"""The vendor's process group on our libhccl: one rank, run by test_vendor_wheel.py with RANK, WORLD_SIZE and a file.

Every case raises when a result differs from what the host computes. All run in one process for each rank, because the
vendor's plugin takes seconds to import.
"""

from __future__ import annotations

import os
import sys
import traceback

import torch
import torch.distributed as dist
from torch import nn
from torch.testing import assert_close

import torch_npu  # noqa: F401

RANK, SIZE = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])


def mine(count: int = 1000, rank: int = RANK, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """What a rank brings, on the CPU: small integers, exact in every dtype."""
    return ((torch.arange(count) * 7 + rank * 5) % 11 - 5).to(dtype)


def everyone(count: int = 1000, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.stack([mine(count, rank, dtype) for rank in range(SIZE)])


def all_reduce() -> None:
    for dtype in (torch.float32, torch.bfloat16, torch.float16, torch.int32, torch.int64, torch.int8):
        for count in (1, 1000, 100_003):
            for op, reduced in (
                (dist.ReduceOp.SUM, everyone(count, dtype).sum(0)),
                (dist.ReduceOp.MAX, everyone(count, dtype).amax(0)),
                (dist.ReduceOp.MIN, everyone(count, dtype).amin(0)),
            ):
                x = mine(count, dtype=dtype).npu()
                dist.all_reduce(x, op)
                assert_close(x.cpu(), reduced.to(dtype))


def average_and_bytes() -> None:
    x = mine().npu()
    dist.all_reduce(x, dist.ReduceOp.AVG)
    assert_close(x.cpu(), everyone().mean(0))
    flags = (mine() > 0).to(torch.uint8).npu()  # sent as int32
    dist.all_reduce(flags)
    assert_close(flags.cpu(), (everyone() > 0).sum(0).to(torch.uint8))


def broadcast_and_reduce() -> None:
    for root in range(SIZE):
        x = mine().npu()
        dist.broadcast(x, root)
        assert_close(x.cpu(), mine(rank=root))
        x = mine().npu()
        dist.reduce(x, root)
        if root == RANK:
            assert_close(x.cpu(), everyone().sum(0))


def gather_and_scatter() -> None:
    parts = [torch.empty(1000).npu() for _ in range(SIZE)]
    dist.all_gather(parts, mine().npu())
    assert_close(torch.stack(parts).cpu(), everyone())
    whole = torch.empty(SIZE * 1000).npu()
    dist.all_gather_into_tensor(whole, mine().npu())
    assert_close(whole.cpu(), everyone().flatten())
    part = torch.empty(1000).npu()
    dist.reduce_scatter_tensor(part, mine(SIZE * 1000).npu())
    assert_close(part.cpu(), everyone(SIZE * 1000).sum(0)[RANK * 1000 :][:1000])
    dist.reduce_scatter(part, list(mine(SIZE * 1000).npu().chunk(SIZE)))
    assert_close(part.cpu(), everyone(SIZE * 1000).sum(0)[RANK * 1000 :][:1000])
    dist.scatter(part, list(mine(SIZE * 1000).npu().chunk(SIZE)) if RANK == 0 else None, src=0)
    assert_close(part.cpu(), mine(SIZE * 1000, rank=0)[RANK * 1000 :][:1000])


def all_to_all() -> None:
    out = torch.empty(SIZE * 10).npu()
    dist.all_to_all_single(out, mine(SIZE * 10).npu())
    assert_close(out.cpu(), torch.cat([mine(SIZE * 10, rank)[RANK * 10 :][:10] for rank in range(SIZE)]))
    sends, receives = [RANK + to + 1 for to in range(SIZE)], [rank + RANK + 1 for rank in range(SIZE)]
    out = torch.empty(sum(receives)).npu()
    dist.all_to_all_single(out, mine(sum(sends)).npu(), receives, sends)
    expected = [mine(50, rank)[sum(rank + to + 1 for to in range(RANK)) :][: rank + RANK + 1] for rank in range(SIZE)]
    assert_close(out.cpu(), torch.cat(expected))


def messages() -> None:
    other = torch.empty(1000).npu()
    if RANK == 0:
        dist.send(mine().npu(), 1)
        dist.recv(other, 1)
    elif RANK == 1:
        dist.recv(other, 0)
        dist.send(mine().npu(), 0)
    if RANK < 2:
        assert_close(other.cpu(), mine(rank=1 - RANK))
    there, back = (RANK + 1) % SIZE, (RANK - 1) % SIZE
    ops = [dist.P2POp(dist.isend, mine().npu(), there), dist.P2POp(dist.irecv, other, back)]
    for work in dist.batch_isend_irecv(ops):
        work.wait()
    assert_close(other.cpu(), mine(rank=back))


def groups_and_async() -> None:
    pair = dist.new_group(list(range(SIZE)))
    alone = [dist.new_group([rank]) for rank in range(SIZE)]
    x, y, z = mine().npu(), mine().npu(), mine().npu()
    works = [
        dist.all_reduce(x, async_op=True),
        dist.all_reduce(y, group=pair, async_op=True),
        dist.all_reduce(z, group=alone[RANK], async_op=True),
    ]
    for work in works:
        work.wait()
    assert_close(x.cpu(), everyone().sum(0))
    assert_close(y.cpu(), everyone().sum(0))
    assert_close(z.cpu(), mine())
    dist.barrier()


def ddp() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 5))
    twin = nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 5))
    twin.load_state_dict(model.state_dict())
    ours = nn.parallel.DistributedDataParallel(model.npu())
    optimizer = torch.optim.SGD(ours.parameters(), lr=0.1)
    reference = torch.optim.SGD(twin.parameters(), lr=0.1)
    inputs, targets = torch.randn(10, SIZE * 4, 20), torch.randn(10, SIZE * 4, 5)
    for x, y in zip(inputs, targets):
        loss = nn.functional.mse_loss(ours(x.chunk(SIZE)[RANK].npu()), y.chunk(SIZE)[RANK].npu())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        reference.zero_grad()
        nn.functional.mse_loss(twin(x), y).backward()
        reference.step()
    for one, other in zip(model.parameters(), twin.parameters()):
        assert_close(one.detach().cpu(), other.detach())


CASES = (
    all_reduce,
    average_and_bytes,
    broadcast_and_reduce,
    gather_and_scatter,
    all_to_all,
    messages,
    groups_and_async,
    ddp,
)


def main() -> int:
    torch.npu.set_device(RANK)
    store = dist.FileStore(sys.argv[1], SIZE)
    dist.init_process_group("hccl", store=store, rank=RANK, world_size=SIZE)
    for case in CASES:
        try:
            case()
        except Exception:
            traceback.print_exc()
            print(f"{case.__name__} failed on rank {RANK}", flush=True)
            os._exit(1)  # the others would wait
        print(f"{case.__name__} ok", flush=True)
    dist.destroy_process_group()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
